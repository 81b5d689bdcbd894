"""Prices, orders and what moved sales agree with the independent computations on a simulated world."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

import psycopg
import pytest

from tests.independent.account_book import AccountBook
from tests.independent.account_tables import read_warehouse
from tests.independent.born_to_run import order_rows
from tests.independent.conftest import SimulatedWorld
from tests.independent.price_gaps import price_rows
from tests.independent.sales_drivers import driver_rows
from tests.independent.written_figures import differences
from tests.sql.mart_cases import row_key

pytestmark = pytest.mark.long  # living through the world takes a minute and a half

REFERENCES: dict[str, Callable[[AccountBook, Iterable[date]], Iterator[dict[str, Any]]]] = {
    "price_gap_daily": price_rows, "born_to_run_daily": order_rows, "sales_driver_daily": driver_rows,
}  # fmt: skip
FEWEST_ROWS = {"price_gap_daily": 3000, "born_to_run_daily": 300, "sales_driver_daily": 5000}
"""So many rows at least of all accounts together, so that something is compared."""


@pytest.fixture(scope="module")
def books(simulated_world: SimulatedWorld) -> Iterator[list[AccountBook]]:
    with psycopg.connect(simulated_world.dsn) as connection:
        yield [AccountBook(read_warehouse(connection, account_id)) for account_id in simulated_world.account_ids]


@pytest.mark.parametrize("mart", REFERENCES)
def test_every_cell_of_60_days_equals_the_independent_computation(
    books: list[AccountBook], simulated_world: SimulatedWorld, mart: str
) -> None:
    compared, wrong = 0, []
    for book in books:
        rows = book.warehouse.rows(f"mart.{mart}")
        compared += len(rows)
        found = differences(rows, list(REFERENCES[mart](book, simulated_world.days)), row_key(mart))
        wrong += [f"{book.warehouse.account['account_id']} {line}" for line in found]
    assert wrong[:20] == []
    assert compared >= FEWEST_ROWS[mart]
