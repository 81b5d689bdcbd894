"""Reads the stock lines that people act on from ``mart.stock_coverage_daily``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import psycopg
from psycopg.rows import class_row

from daybreak.warehouse.statements import statement


@dataclass(frozen=True)
class StockControl:
    """One ASIN whose stock needs somebody. Units are pieces, amounts are in ``currency_code``; None is unknown."""

    account_id: str
    business_date: date
    asin: str
    stock_status_code: str
    stock_source_code: str | None
    stock_as_of_at: datetime | None
    sellable_on_hand_units: Decimal | None
    expected_units_per_day: Decimal | None
    days_of_cover: Decimal | None
    projected_stockout_date: date | None
    supply_cause_code: str | None
    excess_units: Decimal | None
    excess_cost_amount: Decimal | None
    revenue_at_risk_amount: Decimal | None
    currency_code: str
    data_status_code: str


def read_stock_controls(
    connection: psycopg.Connection, account_ids: Sequence[str], business_date: date
) -> list[StockControl]:
    """The stock controls of ``business_date``, by account, the most urgent first."""
    with connection.cursor(row_factory=class_row(StockControl)) as cursor:
        return cursor.execute(
            statement("mart/stock_coverage_daily/read_controls"),
            {"account_ids": list(account_ids), "business_date": business_date},
        ).fetchall()


def count_stock_statuses(
    connection: psycopg.Connection, account_ids: Sequence[str], business_date: date
) -> dict[str, dict[str, int]]:
    """For each account the number of ASINs by stock status on ``business_date``."""
    counts: dict[str, dict[str, int]] = {}
    rows = connection.execute(
        statement("mart/stock_coverage_daily/count_statuses"),
        {"account_ids": list(account_ids), "business_date": business_date},
    )
    for account_id, status, asin_count in rows:
        counts.setdefault(account_id, {})[status] = asin_count
    return counts
