"""The cases of ``tests/sql/mart/<table>/<case>/``: ``given.yml`` holds facts, ``expect.yml`` the rows they must make.

``given.yml`` has ``why`` (one sentence), ``build: {from, to}``, ``published`` and optionally ``no_data`` (dataset ->
spans of days that become ``ops.slice`` rows), optionally ``account`` (what differs from the usual account), and rows
per fact table. A row with ``from`` and ``to`` stands for one row per step of its table (a day, a week, an hour), both
ends included; a later row replaces an earlier one of the same key. A row names only the columns that matter.

What is usual and need not be said stands in ``tests/sql/worlds.py``.

``expect.yml`` lists every row that the build must make, each with the columns to compare; null is written ``null``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import yaml
from psycopg import sql
from psycopg.rows import dict_row

from daybreak.contracts import read_contracts
from daybreak.warehouse.marts import publish_build, run_build
from tests.sql.worlds import Row, World, read_world

CASES_DIR = Path(__file__).parent / "mart"
Span = tuple[date, date]


@dataclass(frozen=True)
class Case:
    """One folder: the mart, why the case stands, the world it builds from, the days built and the expected rows."""

    mart: str
    name: str
    why: str
    world: World
    days: Span
    expected: list[Row]


def read_cases(mart: str) -> list[Case]:
    """All cases of a mart, sorted by name."""
    return [_read_case(mart, path.parent) for path in sorted((CASES_DIR / mart).glob("*/given.yml"))]


def _read_case(mart: str, folder: Path) -> Case:
    given = yaml.load((folder / "given.yml").read_text(), Loader=yaml.CSafeLoader)
    expected = yaml.load((folder / "expect.yml").read_text(), Loader=yaml.CSafeLoader)["rows"]
    why, build = given.pop("why"), given.pop("build")
    return Case(mart, folder.name, why, read_world(given), (build["from"], build["to"]), expected)


def build_and_publish(connection: psycopg.Connection, mart: str, spans: Sequence[tuple[str, date, date]]) -> None:
    """Builds the mart for each (account, first day, last day) at once and publishes, as if every gate passed."""
    for (account_id, _, _), build_id in zip(spans, run_build(connection, mart, spans), strict=True):
        connection.execute("update ops.build set status_code = 'gated' where build_id = %(b)s", {"b": build_id})
        publish_build(connection, account_id, build_id)


def row_key(mart: str) -> tuple[str, ...]:
    """What tells two rows of one account apart in the mart."""
    return next(contract.key[1:] for contract in read_contracts() if contract.table == f"mart.{mart}")


def read_mart(connection: psycopg.Connection, mart: str) -> list[Row]:
    """All rows of the mart by their key."""
    query = sql.SQL("select * from {} order by {}").format(
        sql.Identifier("mart", mart), sql.SQL(", ").join(map(sql.Identifier, ("account_id", *row_key(mart))))
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query).fetchall()


def differences(case: Case, got: Sequence[Row]) -> list[str]:
    """One line per expected figure that is not there, per row that is missing, and per row too many."""
    key = row_key(case.mart)
    by_key = {tuple(_plain(row[name]) for name in key): row for row in got}
    lines: list[str] = []
    for expected in case.expected:
        named = tuple(expected[name] for name in key)
        found = by_key.pop(tuple(map(_plain, named)), None)
        subject = f"{case.name} {' '.join(map(str, named))}"
        if found is None:
            lines.append(f"{subject}: expected a row, got none")
            continue
        lines += [
            f"{subject} {column}: expected {_plain(value)}, got {_plain(found[column])}"
            for column, value in expected.items()
            if _plain(found[column]) != _plain(value)
        ]
    return lines + [f"{case.name} {' '.join(map(str, named))}: expected no row, got one" for named in by_key]


def _plain(value: Any) -> Any:
    """Numbers by value whatever their type, instants in UTC, everything else as it is."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return Decimal(str(value)).normalize()
    if isinstance(value, datetime):
        return value.timestamp()
    return value
