"""The mart and the independent computation agree, cell by cell, on small random worlds with every fact table filled."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
import pytest

from daybreak.stack.postgres import EmbeddedPostgres
from tests.independent import rounding_ties
from tests.independent.random_worlds import RandomWorld, draw_world
from tests.independent.stock_coverage import COLUMNS, AccountFacts, Coverage, Facts, compute, read_facts
from tests.independent.stock_index import index_facts
from tests.postgres_server import database_clone
from tests.sql.mart_cases import build_and_publish
from tests.sql.worlds import insert_world

SEEDS = range(25)
"""The worlds that are built. Another range finds other worlds; a second builds about two of them."""
SHOWN = 20
QUOTED = re.compile(r"'([^']*)'::text")
Key = tuple[date, str]
Cells = dict[str, Any]


@dataclass(frozen=True)
class BuiltWorld:
    """One world as the mart holds it, and as the reference computes it from the same facts."""

    seed: int
    mart: dict[Key, Cells]
    reference: dict[Key, Cells]
    facts: Facts
    account: AccountFacts


@pytest.fixture(scope="module")
def built_worlds(postgres: EmbeddedPostgres, warehouse_template: str) -> Iterator[list[BuiltWorld]]:
    """The worlds of ``SEEDS``, each built alone in a transaction that is rolled back."""
    with (
        database_clone(postgres, warehouse_template) as name,
        psycopg.connect(postgres.url(name), options="-c timezone=UTC -c jit=off") as connection,
    ):
        yield [built(connection, draw_world(seed)) for seed in SEEDS]


def built(connection: psycopg.Connection, drawn: RandomWorld) -> BuiltWorld:
    account_id = drawn.world.account["account_id"]
    insert_world(connection, drawn.world)
    build_and_publish(connection, "stock_coverage_daily", [(account_id, drawn.days[0], drawn.days[-1])])
    mart = connection.execute(f"select {', '.join(COLUMNS)} from mart.stock_coverage_daily").fetchall()
    facts, account = read_facts(connection, account_id)
    connection.rollback()
    reference = compute(facts, account, drawn.days)[list(COLUMNS)].itertuples(index=False, name=None)
    return BuiltWorld(drawn.seed, by_key(mart), by_key(reference), facts, account)


def by_key(rows: Any) -> dict[Key, Cells]:
    cells = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    return {(row["business_date"], row["asin"]): row for row in cells}


def differences(world: BuiltWorld) -> list[str]:
    """One line per row that only one side has, and per cell that differs by more than a rounding tie may."""
    lines = [f"seed {world.seed} {day} {asin}: only in the mart" for day, asin in world.mart.keys() - world.reference]
    lines += [
        f"seed {world.seed} {day} {asin}: only in the reference" for day, asin in world.reference.keys() - world.mart
    ]
    lines += [
        f"seed {world.seed} {day} {asin} {column}: the mart has {world.mart[day, asin][column]}, the reference {value}"
        for (day, asin), row in world.reference.items()
        if (day, asin) in world.mart
        for column, value in row.items()
        if world.mart[day, asin][column] != value and not is_tie(world, (day, asin), column)
    ]
    return sorted(lines)


def is_tie(world: BuiltWorld, key: Key, column: str) -> bool:
    history = index_facts(world.facts, world.account)
    ours, theirs = world.mart[key][column], world.reference[key][column]
    return rounding_ties.is_tie(column, ours, theirs, lambda: Coverage(history, history.asins[key[1]], key[0]))


def test_every_cell_equals_the_independent_computation(built_worlds: list[BuiltWorld]) -> None:
    wrong = [line for world in built_worlds for line in differences(world)]
    if wrong:
        pytest.fail("\n".join([f"{len(wrong)} differences, the first of them:", *wrong[:SHOWN]]), pytrace=False)


def shown_values(built_worlds: list[BuiltWorld]) -> dict[str, set[Any]]:
    """By column, every value that the mart holds in some world."""
    rows = [row for world in built_worlds for row in world.mart.values()]
    return {column: {row[column] for row in rows} for column in COLUMNS}


def test_the_worlds_show_every_code_of_every_closed_list(
    built_worlds: list[BuiltWorld], connection: psycopg.Connection
) -> None:
    constraints = connection.execute(
        "select a.attname, pg_get_constraintdef(c.oid) from pg_constraint as c"
        " inner join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]"
        " where c.conrelid = 'mart.stock_coverage_daily'::regclass and c.contype = 'c'"
    ).fetchall()
    lists = {column: set(QUOTED.findall(definition)) for column, definition in constraints}
    assert len(lists) >= 5
    shown = shown_values(built_worlds)
    assert {column: codes - shown[column] for column, codes in lists.items()} == {column: set() for column in lists}


def test_the_worlds_show_every_nullable_column_null_and_known(
    built_worlds: list[BuiltWorld], connection: psycopg.Connection
) -> None:
    nullable = connection.execute(
        "select attname from pg_attribute where attrelid = 'mart.stock_coverage_daily'::regclass"
        " and attnum > 0 and not attisdropped and not attnotnull"
    ).fetchall()
    assert len(nullable) >= 20
    shown = shown_values(built_worlds)
    assert {name for (name,) in nullable if None not in shown[name] or shown[name] == {None}} == set()


def test_a_world_is_drawn_from_its_seed_alone() -> None:
    assert draw_world(7) == draw_world(7)
    assert draw_world(7) != draw_world(8)
