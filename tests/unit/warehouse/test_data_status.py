"""What mart.data_status calls due and missing is what the plan asks for and the verdict names."""

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from daybreak.accounts import MARKETPLACES, Account
from daybreak.business_dates import days, newest_due_date, start_of_day
from daybreak.datasets import DATASETS
from daybreak.settings import Settings
from daybreak.steps.planning import plan_morning
from daybreak.steps.verdict import read_series

LAG = timedelta(hours=72)
DAWN = datetime(2026, 11, 2, 4, 30, tzinfo=UTC)
ACCOUNTS = [
    Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_brand"),
    Account(
        account_id="brand_us", name="Brand US", marketplace_code="US", vendor_connection_id="spapi_brand",
        distributor_views=("MANUFACTURING", "SOURCING"),
    ),
]  # fmt: skip


def test_the_daily_datasets_of_the_warehouse_are_those_of_the_registry(connection: psycopg.Connection) -> None:
    rows = connection.execute("select * from mart.daily_datasets()").fetchall()
    daily = [d for d in DATASETS.values() if d.calendar.code == "day"]
    assert {row[0]: row[1:] for row in rows} == {
        d.key: (d.has_distributor_view, d.calendar.lag, d.lookback_days) for d in daily
    }


@pytest.mark.parametrize("time_zone", sorted({each.time_zone for each in MARKETPLACES.values()} | {"Australia/Sydney"}))
def test_every_hour_of_three_years_has_the_same_newest_due_date_in_sql_and_in_python(
    connection: psycopg.Connection, time_zone: str
) -> None:
    first = datetime(2025, 1, 1, tzinfo=UTC)
    hours = [first + timedelta(hours=n) for n in range(3 * 365 * 24)]
    rows = connection.execute(
        "select mart.newest_due_date(t, %(lag)s, %(zone)s) from unnest(%(hours)s::timestamptz[]) as t",
        {"lag": LAG, "zone": time_zone, "hours": hours},
    ).fetchall()
    differing = [hour for hour, (got,) in zip(hours, rows, strict=True) if got != newest_due_date(hour, LAG, time_zone)]
    assert differing == []


@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8), date(2026, 11, 1)])
@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.account_id)
def test_around_a_clock_change_a_day_is_due_from_due_at_on_and_not_a_moment_before(
    connection: psycopg.Connection, account: Account, change: date
) -> None:
    zone = account.marketplace.time_zone
    with connection.transaction():
        plan_morning(connection, [account], start_of_day(change + timedelta(days=9), zone), "run", Settings())
    for day in days(change - timedelta(days=4), change + timedelta(days=1)):
        due_at = start_of_day(day + timedelta(days=1), zone) + LAG
        for instant, expected in ((due_at - timedelta(microseconds=1), "not_due"), (due_at, "missing")):
            rows = connection.execute(
                "select distinct data_status_code, due_at from mart.data_status_at(%(at)s) "
                "where business_date = %(day)s",
                {"at": instant, "day": day},
            ).fetchall()
            assert rows == [(expected, due_at)], day


def test_the_verdict_and_the_status_name_the_same_missing_days(connection: psycopg.Connection) -> None:
    settings = Settings(gap_days=20)
    with connection.transaction():
        plan_morning(connection, ACCOUNTS, DAWN, "run", settings)
    connection.execute(
        "insert into ops.load (account_id, dataset_code, variant_code, status_code, requested_at) "
        "values ('brand_us', 'sales_daily', 'SOURCING', 'published', now())"
    )
    connection.execute(
        "insert into ops.slice select 'brand_us', 'sales_daily', 'SOURCING', d::date, s, "
        "(select max(load_id) from ops.load), null, now(), '', 0, 1, now(), now(), now() "
        "from (values ('2026-10-20'::timestamp, 'published'), ('2026-10-25', 'no_data')) as v (d, s)"
    )
    series = [
        each
        for each in read_series(connection, ACCOUNTS, DAWN, settings)
        if DATASETS[each.dataset_code].calendar.code == "day"  # the others have dates of their own
    ]
    named = {(each.account_id, each.dataset_code, each.variant_code, day) for each in series for day in each.missing}
    rows = connection.execute(
        "select account_id, dataset_code, variant_code, business_date from mart.data_status_at(%(at)s) "
        "where data_status_code = 'missing'",
        {"at": DAWN},
    ).fetchall()
    assert len(rows) == 5 * 20 + 7 * 20 - 2
    assert set(rows) == named
