"""A warehouse as an account of a given size has it: every fact that the marts read, written by Postgres itself."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import psycopg

from daybreak.accounts import Account
from daybreak.warehouse.account_registry import register_account

_FACTS = Path(__file__).parent / "facts"
# In this order: each file reads what the ones before it left in the session.
_FILES = ("noise", "product", "daily", "forecast", "order", "offer", "page", "ledger")
_TABLES = (
    "core.sales_daily",
    "core.inventory_daily",
    "core.traffic_daily",
    "core.margin_daily",
    "core.featured_offer_loss_daily",
    "core.forecast_weekly",
    "core.offer_snapshot",
    "core.offer",
    "core.content_snapshot",
)


@dataclass(frozen=True)
class World:
    """How large an account is: its products, and the days of its history, both ends included."""

    asin_count: int
    first: date
    last: date

    @property
    def day_count(self) -> int:
        return (self.last - self.first).days + 1


def account_named(account_id: str) -> Account:
    return Account(account_id=account_id, name=account_id, marketplace_code="IT", vendor_connection_id="spapi_bench_it")


def write_world(dsn: str, account: Account, world: World) -> None:
    """Afterwards the warehouse ``dsn`` holds the facts of ``world`` as published, with fresh statistics.

    The same products, days and figures on every machine; a day's figures do not depend on how long the history is.
    """
    values = {
        "account_id": account.account_id,
        "asin_count": world.asin_count,
        "first_date": world.first,
        "last_date": world.last,
    }
    options = "-c timezone=UTC -c jit=off -c work_mem=128MB -c synchronous_commit=off"
    with psycopg.connect(dsn, options=options, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute("set role daybreak_owner")
        register_account(connection, account)
        for table in _TABLES:
            connection.execute(
                "select ops.make_partitions(%(table)s::regclass, %(first)s, %(last)s)",
                {"table": table, "first": world.first - timedelta(days=7), "last": world.last},
            )
        for name in _FILES:
            connection.execute((_FACTS / f"{name}.sql").read_text(), values)
        connection.execute("analyze")
