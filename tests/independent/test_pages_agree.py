"""The page marts and the independent computation agree, cell by cell, on small random worlds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from daybreak.stack.postgres import EmbeddedPostgres
from tests.independent.account_tables import read_warehouse
from tests.independent.page_rules import WEIGHTS, rule_rows
from tests.independent.page_scores import score_rows
from tests.independent.page_worlds import PageWorld, draw_world
from tests.independent.written_figures import differences
from tests.postgres_server import database_clone
from tests.sql.mart_cases import build_and_publish, read_mart, row_key
from tests.sql.worlds import insert_world

SEEDS = range(20)
"""The worlds that are built. Another range finds other worlds."""
RULES, SCORES = "content_rule_result", "content_score_daily"
CHANGES = {"not_found", "left_parent", "classification", "brand", "title", "images", "bullets", "a_plus"}
SHOWN = 20
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
            for mart in (RULES, SCORES)
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


def built(connection: psycopg.Connection, drawn: PageWorld) -> BuiltWorld:
    try:
        insert_world(connection, drawn.world)
        build_and_publish(connection, RULES, [("brand", drawn.first_judged, drawn.last)])
        build_and_publish(connection, SCORES, [("brand", drawn.first, drawn.last)])
        warehouse = read_warehouse(connection, "brand")
        looks, mart = (
            warehouse.rows("core.content_snapshot"),
            {name: read_mart(connection, name) for name in (RULES, SCORES)},
        )
        known = warehouse.rows("core.product"), warehouse.rows("core.forecast_weekly")
        judged = [look for look in looks if drawn.first_judged <= look["observed_date"] <= drawn.last]
        reference = {RULES: rule_rows(judged), SCORES: score_rows(looks, mart[RULES], *known, drawn.first, drawn.last)}
        return BuiltWorld(drawn.seed, mart, reference)
    finally:
        connection.rollback()


def test_every_cell_equals_the_independent_computation(built_worlds: list[BuiltWorld]) -> None:
    wrong = [line for world in built_worlds for line in world.differences()]
    if wrong:
        pytest.fail("\n".join([f"{len(wrong)} differences, the first of them:", *wrong[:SHOWN]]), pytrace=False)


def test_the_worlds_show_every_rule_with_everything_nothing_and_unknown(built_worlds: list[BuiltWorld]) -> None:
    rows = [row for world in built_worlds for row in world.mart[RULES]]
    shown = {rule: {row["points_ratio"] for row in rows if row["rule_code"] == rule} for rule in WEIGHTS}
    assert [rule for rule, points in shown.items() if not {0, 1, None} <= points] == []


def test_the_worlds_show_every_change_and_every_figure_null_and_known(built_worlds: list[BuiltWorld]) -> None:
    rows = [row for world in built_worlds for row in world.mart[SCORES]]
    assert {row["page_change_code"] for row in rows} == {None, *CHANGES}
    figures = ("score", "previous_observed_date", "score_change", "moved_rules", "page_changes", "peer_median_score")
    assert [name for name in figures if {True, False} != {row[name] is None for row in rows}] == []
