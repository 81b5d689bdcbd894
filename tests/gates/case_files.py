"""The cases of ``tests/gates/<layer>/<table>/<case>.yml``: given rows, which expectations fail, and the verdict.

Each row is the first row of the table's ``clean.yml`` with what the case changes; ``times`` repeats it. Rows that do
not name their ASIN get one each.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import yaml
from psycopg import sql
from psycopg.types.json import Jsonb

from daybreak.quality.gate import CandidateBuild, GateQuery, StagedLoad

CASES_DIR = Path(__file__).parent
LOAD_ID = 7


@dataclass(frozen=True)
class Case:
    """One case: the table's name with its layer, the words that say what it shows, and the expected outcome."""

    table: str
    path: Path
    says: str
    rows: list[dict[str, Any]]
    fails: dict[str, int | None]
    """By the expectation's title, how many rows or findings fail; null where the expectation counts none."""
    verdict: str

    @property
    def name(self) -> str:
        return f"{self.table}/{self.path.stem}"


def read_cases() -> list[Case]:
    """All cases, sorted by table and name."""
    return [_read(path) for path in sorted(CASES_DIR.glob("*/*/*.yml"))]


def _read(path: Path) -> Case:
    raw = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
    template = yaml.load((path.parent / "clean.yml").read_text(), Loader=yaml.CSafeLoader)["rows"][0]
    rows: list[dict[str, Any]] = []
    for change in raw["rows"]:
        for _ in range(change.get("times", 1)):
            row = {**template, **change, "row_number": len(rows) + 1}
            row.pop("times", None)
            if "asin" not in change:
                row["asin"] = f"B{len(rows) + 1:09d}"
            rows.append(row)
    fails = {_title(entry): entry["rows"] for entry in raw["fails"]}
    table = f"{path.parent.parent.name}.{path.parent.name}"
    return Case(table, path, raw["says"], rows, fails, raw["verdict"])


def _title(entry: dict[str, Any]) -> str:
    columns = entry.get("columns", [])
    named = ", ".join([columns] if isinstance(columns, str) else columns)
    return f"{entry['type']} ({named or entry['description']}), {entry['severity']}"


def prepare_batch(connection: psycopg.Connection, table: str, rows: list[dict[str, Any]]) -> GateQuery:
    """Puts ``rows``, and nothing of an earlier case, where the gate of ``table`` looks, beside another batch's row."""
    layer, _, name = table.partition(".")
    if layer == "core":
        for load_id in (LOAD_ID, LOAD_ID + 1):
            connection.execute(sql.SQL("drop table if exists staging.{}").format(sql.Identifier(f"{name}_{load_id}")))
            connection.execute(
                "select ops.make_staging_table(%(name)s, %(load_id)s)", {"name": name, "load_id": load_id}
            )
        _lift_constraints(connection, "staging", f"{name}_{LOAD_ID}")
        _insert(connection, "staging", f"{name}_{LOAD_ID}", rows)
        return StagedLoad(name, LOAD_ID)
    connection.execute(sql.SQL("truncate candidate.{}").format(sql.Identifier(name)))
    _lift_constraints(connection, "candidate", name)
    columns = _columns(connection, "candidate", name)
    stranger = {"build_id": LOAD_ID + 1}
    _insert(connection, "candidate", name, [{**_known(row, columns), "build_id": LOAD_ID} for row in rows] + [stranger])
    return CandidateBuild(name, LOAD_ID)


def _columns(connection: psycopg.Connection, schema: str, table: str, condition: LiteralString = "true") -> set[str]:
    query = sql.SQL(
        "select column_name from information_schema.columns where table_schema = %(s)s and table_name = %(t)s and {}"
    ).format(sql.SQL(condition))
    return {name for (name,) in connection.execute(query, {"s": schema, "t": table})}


def _known(row: dict[str, Any], columns: set[str]) -> dict[str, Any]:
    given_to_all = {"row_number", "asin"}
    return {name: value for name, value in row.items() if name in columns or name not in given_to_all}


def _lift_constraints(connection: psycopg.Connection, schema: str, table: str) -> None:
    """The gate must hold by itself: what it refuses must not depend on what the table refuses already."""
    qualified = sql.Identifier(schema, table)
    found = connection.execute(
        "select conname from pg_constraint where conrelid = %(t)s::regclass and contype <> 'n'",
        {"t": f"{schema}.{table}"},
    )
    for (constraint,) in found.fetchall():
        connection.execute(sql.SQL("alter table {} drop constraint {}").format(qualified, sql.Identifier(constraint)))
    for column in _columns(connection, schema, table):
        connection.execute(sql.SQL("alter table {} alter {} drop not null").format(qualified, sql.Identifier(column)))


def _insert(connection: psycopg.Connection, schema: str, table: str, rows: list[dict[str, Any]]) -> None:
    arrays = _columns(connection, schema, table, "data_type = 'ARRAY'")
    for row in rows:
        values = {
            name: Jsonb(value) if isinstance(value, dict | list) and name not in arrays else value
            for name, value in row.items()
        }
        statement = sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(schema, table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(sql.Placeholder() * len(values)),
        )
        connection.execute(statement, list(values.values()))
