"""Reads the lines of a morning from ``mart.daily_control``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import class_row

from daybreak.warehouse.statements import statement


@dataclass(frozen=True)
class ControlLine:
    """One line of a morning. ``client_sku`` and ``name`` are those of the first of ``asins``; None is unknown.

    ``stake_amount`` is what the cause costs in a week, in ``currency_code``; ``evidence`` the figures by ASIN.
    """

    account_id: str
    control_date: date
    control_id: str
    business_date: date
    family_code: str
    cause_code: str
    action_code: str
    bundle_code: str | None
    asins: list[str]
    client_sku: str | None
    name: str | None
    symptoms: list[str]
    opened_date: date
    age_days: int
    reopened_count: int
    is_new: bool
    is_worsened: bool
    due_at: datetime | None
    lane_code: str
    lane_place: int
    human_status_code: str
    follow_up_date: date | None
    stake_amount: Decimal | None
    priority_score: Decimal | None
    currency_code: str
    evidence: dict[str, Any]
    data_status_code: str


def read_control_lines(
    connection: psycopg.Connection, account_ids: Sequence[str], control_date: date
) -> list[ControlLine]:
    """The lines of the morning of ``control_date``, by account, today's first, each lane in its order."""
    with connection.cursor(row_factory=class_row(ControlLine)) as cursor:
        return cursor.execute(
            statement("mart/daily_control/read_lines"),
            {"account_ids": list(account_ids), "control_date": control_date},
        ).fetchall()


def read_missing_inputs(connection: psycopg.Connection, account_id: str) -> list[str]:
    """Codes of what the account could supply to get more controls: cost_file, watch_list, offers, pages, orders."""
    found = connection.execute(statement("mart/daily_control/read_missing_inputs"), {"account_id": account_id})
    return [row[0] for row in found]


def read_revenue(
    connection: psycopg.Connection, account_id: str, last_date: date, days: int
) -> list[tuple[date, Decimal | None]]:
    """What the account sold on each of the ``days`` days up to the newest published one; None of a missing day."""
    return connection.execute(
        statement("core/sales_daily/read_revenue"), {"account_id": account_id, "last_date": last_date, "days": days}
    ).fetchall()


def read_control(connection: psycopg.Connection, control_id: str, control_date: date | None = None) -> ControlLine:
    """The line of that name: of the morning of ``control_date``, by default the newest.

    Raises:
        LookupError: no morning has such a line.
    """
    place = connection.execute(
        statement("mart/daily_control/read_control"), {"control_id": control_id, "control_date": control_date}
    ).fetchone()
    if place is None:
        of = "" if control_date is None else f" of {control_date}"
        raise LookupError(f"no morning{of} has a control {control_id}; 'daybreak controls' names them")
    lines = read_control_lines(connection, [place[0]], place[1])
    return next(line for line in lines if line.control_id == control_id)


@dataclass(frozen=True)
class FactSource:
    """The newest fact of a dataset about a product, and the landed document that it was read from (None: by hand)."""

    dataset_code: str
    fact_date: date
    load_id: int
    published_at: datetime | None
    path: str | None
    sha256: str | None
    received_at: datetime | None


def read_sources(connection: psycopg.Connection, account_id: str, asin: str, business_date: date) -> list[FactSource]:
    """For each dataset the newest fact about ``asin`` on or before ``business_date``, with where it came from."""
    with connection.cursor(row_factory=class_row(FactSource)) as cursor:
        return cursor.execute(
            statement("mart/daily_control/read_sources"),
            {"account_id": account_id, "asin": asin, "business_date": business_date},
        ).fetchall()


def read_mart_row(
    connection: psycopg.Connection, mart: str, account_id: str, asin: str, business_date: date
) -> dict[str, Any] | None:
    """The newest row of ``mart`` for ``asin`` on or before ``business_date``; None when there is none."""
    found = connection.execute(
        statement("mart/daily_control/read_mart_row"),
        {"mart_code": mart, "account_id": account_id, "asin": asin, "business_date": business_date},
    ).fetchone()
    return found[0] if found else None
