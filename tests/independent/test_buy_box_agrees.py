"""The Buy Box marts and the independent computation agree, cell by cell, on small random worlds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from daybreak.stack.postgres import EmbeddedPostgres
from tests.independent.account_tables import read_warehouse
from tests.independent.buy_box_incidents import BuyBoxIncidents
from tests.independent.buy_box_recoveries import first_recovery_date, recovery_rows
from tests.independent.buy_box_weeks import BuyBoxWeeks
from tests.independent.buy_box_worlds import BuyBoxWorld, draw_world
from tests.independent.written_figures import differences
from tests.postgres_server import database_clone
from tests.sql.mart_cases import build_and_publish, read_mart, row_key
from tests.sql.worlds import insert_world

SEEDS = range(28)
"""The worlds that are built. Another range finds other worlds."""
MARTS = ("buy_box_weekly", "buy_box_incident", "buy_box_recovery")
SHOWN = 20
QUOTED = re.compile(r"'([^']*)'::text")
Row = dict[str, Any]


@dataclass(frozen=True)
class BuiltWorld:
    """One world by mart: as the mart holds it, and as the reference computes it from the same rows."""

    seed: int
    mart: dict[str, list[Row]]
    reference: dict[str, list[Row]]

    def differences(self) -> list[str]:
        return [
            f"seed {self.seed} {mart} {line}"
            for mart in MARTS
            for line in differences(self.mart[mart], self.reference[mart], row_key(mart))
        ]


@pytest.fixture(scope="module")
def built_worlds(postgres: EmbeddedPostgres, warehouse_template: str) -> Iterator[list[BuiltWorld]]:
    """The worlds of ``SEEDS``, each built alone in a transaction that is rolled back."""
    with (
        database_clone(postgres, warehouse_template) as name,
        psycopg.connect(postgres.url(name), options="-c timezone=UTC -c jit=off") as connection,
    ):
        yield [built(connection, draw_world(seed)) for seed in SEEDS]


def built(connection: psycopg.Connection, drawn: BuyBoxWorld) -> BuiltWorld:
    try:
        insert_world(connection, drawn.world)
        for mart in MARTS:
            first = drawn.first_incident if mart == "buy_box_incident" else drawn.first
            build_and_publish(connection, mart, [("brand", first, drawn.last)])
        warehouse = read_warehouse(connection, "brand")
        incidents = BuyBoxIncidents(warehouse)
        reference = {
            "buy_box_weekly": BuyBoxWeeks(warehouse).rows(drawn.first, drawn.last),
            "buy_box_incident": incidents.rows(incidents.first_date(drawn.first_incident), drawn.last),
            "buy_box_recovery": recovery_rows(incidents, first_recovery_date(incidents, drawn.first), drawn.last),
        }
        return BuiltWorld(drawn.seed, {mart: read_mart(connection, mart) for mart in MARTS}, reference)
    finally:
        connection.rollback()


def test_every_cell_equals_the_independent_computation(built_worlds: list[BuiltWorld]) -> None:
    wrong = [line for world in built_worlds for line in world.differences()]
    if wrong:
        pytest.fail("\n".join([f"{len(wrong)} differences, the first of them:", *wrong[:SHOWN]]), pytrace=False)


def shown_values(built_worlds: list[BuiltWorld], mart: str) -> dict[str, set[Any]]:
    """By column, every value that the mart holds in some world."""
    rows = [row for world in built_worlds for row in world.mart[mart]]
    return {column: {row[column] for row in rows} for column in rows[0]}


@pytest.mark.parametrize("mart", MARTS)
def test_the_worlds_show_every_code_and_every_nullable_column_null_and_known(
    built_worlds: list[BuiltWorld], connection: psycopg.Connection, mart: str
) -> None:
    shown = shown_values(built_worlds, mart)
    constraints = connection.execute(
        "select a.attname, pg_get_constraintdef(c.oid) from pg_constraint as c"
        " inner join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]"
        " where c.conrelid = %(m)s::regclass and c.contype = 'c'",
        {"m": f"mart.{mart}"},
    ).fetchall()
    codes = {column: set(QUOTED.findall(definition)) for column, definition in constraints}
    nullable = connection.execute(
        "select attname from pg_attribute where attrelid = %(m)s::regclass"
        " and attnum > 0 and not attisdropped and not attnotnull",
        {"m": f"mart.{mart}"},
    ).fetchall()
    assert len(codes) >= 2
    assert len(nullable) >= 5
    assert {column: each - shown[column] for column, each in codes.items()} == {column: set() for column in codes}
    assert {name for (name,) in nullable if None not in shown[name] or shown[name] == {None}} == set()
