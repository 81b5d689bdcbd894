"""Page and Buy Box marts agree with the independent computations on three accounts of a simulated world."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.independent.account_tables import Warehouse, read_warehouse
from tests.independent.buy_box_incidents import BuyBoxIncidents
from tests.independent.buy_box_recoveries import first_recovery_date, recovery_rows
from tests.independent.buy_box_weeks import BuyBoxWeeks
from tests.independent.conftest import SimulatedWorld
from tests.independent.page_rules import rule_rows
from tests.independent.page_scores import score_rows
from tests.independent.written_figures import differences
from tests.sql.mart_cases import row_key

pytestmark = pytest.mark.long  # living through the world takes two minutes and a half

FEWEST_ROWS = {
    "content_rule_result": 10_000, "content_score_daily": 1000,
    "buy_box_weekly": 500, "buy_box_incident": 30, "buy_box_recovery": 5,
}  # fmt: skip
"""So many rows at least of all accounts together, so that something is compared."""
Row = dict[str, Any]


@pytest.fixture(scope="module")
def warehouses(simulated_world: SimulatedWorld) -> Iterator[list[Warehouse]]:
    with psycopg.connect(simulated_world.dsn) as connection:
        yield [read_warehouse(connection, account_id) for account_id in simulated_world.account_ids]


def reference(mart: str, warehouse: Warehouse, world: SimulatedWorld) -> list[Row]:
    first, last = world.days[0], world.days[-1]
    if mart == "buy_box_weekly":
        return BuyBoxWeeks(warehouse).rows(first, last)
    if mart.startswith("buy_box"):
        incidents = BuyBoxIncidents(warehouse)
        if mart == "buy_box_incident":
            return incidents.rows(incidents.first_date(first), last)
        return recovery_rows(incidents, first_recovery_date(incidents, first), last)
    looks = warehouse.rows("core.content_snapshot")
    if mart == "content_rule_result":
        return rule_rows(look for look in looks if first <= look["observed_date"] <= last)
    known = warehouse.rows("core.product"), warehouse.rows("core.forecast_weekly")
    return score_rows(looks, warehouse.rows("mart.content_rule_result"), *known, first, last)


@pytest.mark.parametrize("mart", FEWEST_ROWS)
def test_every_cell_of_60_days_equals_the_independent_computation(
    warehouses: list[Warehouse], simulated_world: SimulatedWorld, mart: str
) -> None:
    compared, wrong = 0, []
    for warehouse in warehouses:
        rows = warehouse.rows(f"mart.{mart}")
        compared += len(rows)
        found = differences(rows, reference(mart, warehouse, simulated_world), row_key(mart))
        wrong += [f"{warehouse.account['account_id']} {line}" for line in found]
    assert wrong[:20] == []
    assert compared >= FEWEST_ROWS[mart]
