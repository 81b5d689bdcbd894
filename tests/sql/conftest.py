"""One warehouse for all SQL cases of a module: each test works in a transaction that is rolled back."""

from collections.abc import Iterator

import psycopg
import pytest

from daybreak.stack.postgres import EmbeddedPostgres
from tests.postgres_server import database_clone

PARTITIONED = (
    "core.sales_daily",
    "core.inventory_daily",
    "core.traffic_daily",
    "core.forecast_weekly",
    "core.inventory_hourly",
    "core.offer_snapshot",
    "mart.stock_coverage_daily",
    "core.featured_offer_loss_daily",
    "mart.sales_driver_daily",
    "mart.sales_signal_daily",
)


@pytest.fixture(scope="module")
def shared_connection(postgres: EmbeddedPostgres, warehouse_template: str) -> Iterator[psycopg.Connection]:
    """A connection to a warehouse of this module's own, with the partitions that most cases need."""
    with (
        database_clone(postgres, warehouse_template) as name,
        psycopg.connect(postgres.url(name), options="-c timezone=UTC -c jit=off") as opened,
    ):
        for table in PARTITIONED:
            opened.execute(
                "select ops.make_partitions(%(table)s::regclass, '2026-03-01', '2026-07-01')", {"table": table}
            )
        opened.commit()
        yield opened


@pytest.fixture
def empty_warehouse(shared_connection: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The module's connection in a transaction of this test's own, nothing of which is kept."""
    yield shared_connection
    shared_connection.rollback()
