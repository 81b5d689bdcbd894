"""Dates that change long after they were published are asked for anew, also where no gap is looked for any more."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from daybreak.accounts import Account
from daybreak.business_dates import days
from daybreak.settings import Settings
from daybreak.steps.planning import plan_morning

DAWN = datetime(2026, 11, 23, 4, 15, tzinfo=UTC)
TODAY = date(2026, 11, 23)
ITALY = Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_it")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, gap_days=60)


def plan(connection: psycopg.Connection, settings: Settings, dataset: str, at: datetime = DAWN) -> set[date]:
    """The dates that a plan asks for."""
    plan_morning(connection, [ITALY], at, "run", settings, dataset_codes={dataset})
    query = "select window_start_date, window_end_date from ops.report_request where status_code = 'asked'"
    windows = connection.execute(query).fetchall()
    connection.execute("update ops.report_request set status_code = 'done', finished_at = now()")
    return {day for first, last in windows for day in days(first, last)}


def publish(connection: psycopg.Connection, dataset: str, variant: str, published: list[date], at: datetime) -> None:
    """The ledger after ``published`` were asked for and published at ``at``."""
    row = connection.execute(
        "insert into ops.load (account_id, dataset_code, variant_code, status_code, requested_at) "
        "values ('brand_it', %s, %s, 'published', %s) returning load_id",
        (dataset, variant, at),
    ).fetchone()
    assert row is not None
    for day in published:
        connection.execute(
            "insert into ops.slice values ('brand_it', %s, %s, %s, 'published', %s, null, %s, 'x', 1, 1, %s, %s, %s)",
            (dataset, variant, day, row[0], at, at, at, at),
        )


def back(count: int) -> date:
    return TODAY - timedelta(days=count)


def test_a_first_morning_asks_for_orders_of_the_gap_only(connection: psycopg.Connection, settings: Settings) -> None:
    assert plan(connection, settings, "purchase_order_line") == set(days(back(59), TODAY))


def test_windows_of_orders_leave_room_for_the_day_around_them(
    connection: psycopg.Connection, settings: Settings
) -> None:
    plan(connection, settings, "purchase_order_line")
    query = "select max(window_end_date - window_start_date + 1), count(*) from ops.report_request"
    assert connection.execute(query).fetchall() == [(6, 10)]


def test_orders_of_90_days_are_read_anew_each_morning_once_they_were_published(
    connection: psycopg.Connection, settings: Settings
) -> None:
    plan(connection, settings, "purchase_order_line")
    publish(connection, "purchase_order_line", "", days(back(100), back(1)), DAWN - timedelta(days=1))
    assert plan(connection, settings, "purchase_order_line") == set(days(back(89), TODAY))


def test_old_orders_that_were_never_published_are_not_asked_for(
    connection: psycopg.Connection, settings: Settings
) -> None:
    plan(connection, settings, "purchase_order_line")
    known = [*days(back(80), back(75)), *days(back(59), back(1))]
    publish(connection, "purchase_order_line", "", known, DAWN - timedelta(days=1))
    assert plan(connection, settings, "purchase_order_line") == {*known, TODAY}


def test_what_this_morning_has_read_is_not_asked_for_again_before_the_next_one(
    connection: psycopg.Connection, settings: Settings
) -> None:
    plan(connection, settings, "purchase_order_line")
    publish(connection, "purchase_order_line", "", days(back(89), TODAY), DAWN)
    assert plan(connection, settings, "purchase_order_line", DAWN) == set()
    assert plan(connection, settings, "purchase_order_line", DAWN + timedelta(hours=5)) == set()
    assert TODAY in plan(connection, settings, "purchase_order_line", DAWN + timedelta(days=1))


def test_campaigns_of_four_months_are_read_anew_whatever_gap_is_looked_for(
    connection: psycopg.Connection, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, gap_days=15)
    months = [date(2026, month, 1) for month in (8, 9, 10, 11, 12)]
    plan(connection, settings, "promotion")
    for variant in ("DEAL", "COUPON"):
        publish(connection, "promotion", variant, months, DAWN - timedelta(days=1))
    asked = plan(connection, settings, "promotion")
    assert {day for day in asked if day.day == 1} == set(months[1:])
