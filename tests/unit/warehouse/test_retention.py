"""Months are made ahead and dropped whole, of the one table that was named; what finished work left behind goes too."""

import secrets
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from daybreak.contracts import read_contracts
from daybreak.stack.postgres import EmbeddedPostgres
from daybreak.warehouse.migrations import MIGRATIONS_DIR, migrate_warehouse
from daybreak.warehouse.retention import keep_months
from daybreak.warehouse.roles import make_roles

GROWING = sorted(contract.table for contract in read_contracts() if contract.kept)
MAY_15 = date(2026, 5, 15)


def partitions(connection: psycopg.Connection, table: str) -> list[str]:
    rows = connection.execute(
        "select partition_name from ops.list_partitions(%(t)s::regclass)", {"t": table}
    ).fetchall()
    return [name.rpartition("_")[2] for (name,) in rows]


@pytest.mark.parametrize("table", GROWING)
@pytest.mark.parametrize("time_zone", ["UTC", "America/Los_Angeles", "Asia/Tokyo"])
def test_every_growing_table_gets_its_months_ahead_whatever_the_sessions_time_zone(
    connection: psycopg.Connection, table: str, time_zone: str
) -> None:
    connection.execute("select set_config('timezone', %(zone)s, false)", {"zone": time_zone})
    assert keep_months(connection, table, MAY_15, 2, date(2020, 1, 1)).made_count == 3
    assert partitions(connection, table) == ["202605", "202606", "202607"]
    bounds = connection.execute(
        "select end_date from ops.list_partitions(%(t)s::regclass) order by 1 limit 1", {"t": table}
    ).fetchone()
    assert bounds == (date(2026, 6, 1),)
    assert keep_months(connection, table, MAY_15, 2, date(2020, 1, 1)).made_count == 0


@pytest.mark.parametrize(
    ("keep_from", "left"),
    [
        (date(2026, 3, 31), ["202603", "202604", "202605"]),
        (date(2026, 4, 1), ["202604", "202605"]),
        (date(2026, 4, 30), ["202604", "202605"]),
        (date(2026, 5, 1), ["202605"]),
    ],
)
def test_a_month_goes_when_its_last_day_is_expired_and_not_before(
    connection: psycopg.Connection, keep_from: date, left: list[str]
) -> None:
    keep_months(connection, "core.sales_hourly", date(2026, 3, 1), 2, date(2020, 1, 1))
    dropped = keep_months(connection, "core.sales_hourly", MAY_15, 1, keep_from).dropped
    assert partitions(connection, "core.sales_hourly") == [*left, "202606"]
    assert dropped == tuple(f"core.sales_hourly_{m}" for m in ("202603", "202604", "202605") if m not in left)
    assert keep_months(connection, "core.sales_hourly", MAY_15, 1, keep_from).dropped == ()


def test_an_hour_at_the_seam_of_two_months_lies_in_its_month_in_utc(connection: psycopg.Connection) -> None:
    connection.execute("set timezone to 'America/Los_Angeles'")
    keep_months(connection, "core.traffic_hourly", MAY_15, 1, date(2020, 1, 1))
    connection.execute(
        "insert into ops.account values ('a', 'A', 'US', 'M', 'USD', 'UTC', 'c', 'SOURCING', '{}', true, now())"
    )
    for hour in ("2026-05-31T23:00Z", "2026-06-01T00:00Z"):
        connection.execute("insert into core.traffic_hourly values ('a', %(hour)s, 'X', 1, 1, now())", {"hour": hour})
    months = "select tableoid::regclass::text from core.traffic_hourly order by hour_start_at"
    assert [name[-6:] for (name,) in connection.execute(months)] == ["202605", "202606"]


def test_dropping_one_tables_months_touches_no_other_table(connection: psycopg.Connection) -> None:
    for table in GROWING:
        keep_months(connection, table, date(2026, 3, 1), 2, date(2020, 1, 1))
    # Looks like a partition of core.sales_daily and is none.
    connection.execute("create table core.sales_daily_202602 (business_date date)")
    keep_months(connection, "core.sales_daily", MAY_15, 1, date(2026, 5, 1))
    assert partitions(connection, "core.sales_daily") == ["202605", "202606"]
    for table in GROWING:
        if table != "core.sales_daily":
            assert partitions(connection, table) == ["202603", "202604", "202605"], table
    assert connection.execute("select count(*) from core.sales_daily_202602").fetchone() == (0,)


def test_a_table_that_somebody_reads_is_left_and_nothing_is_half_done(
    connection: psycopg.Connection, warehouse: str
) -> None:
    keep_months(connection, "core.sales_daily", date(2026, 3, 1), 2, date(2020, 1, 1))
    connection.execute("alter function ops.keep_months set lock_timeout to '100ms'")
    with psycopg.connect(warehouse) as reader:
        reader.execute("select count(*) from core.sales_daily")
        for today in (date(2026, 5, 1), date(2026, 4, 1)):  # with a month to make, and with months to drop only
            with pytest.raises(psycopg.errors.LockNotAvailable):
                keep_months(connection, "core.sales_daily", today, 1, date(2026, 5, 1))
    assert partitions(connection, "core.sales_daily") == ["202603", "202604", "202605"]
    assert keep_months(connection, "core.sales_daily", MAY_15, 1, date(2026, 5, 1)).dropped != ()


def load_of(connection: psycopg.Connection, load_id: int, status: str, days_ago: int) -> str:
    """A load with a staging table; returns the table's name."""
    landed_at = datetime.now(UTC) - timedelta(days=days_ago)
    connection.execute(
        "insert into ops.load (account_id, load_id, dataset_code, variant_code, status_code, requested_at, landed_at,"
        " gated_at) overriding system value values ('a', %(l)s, 'traffic_daily', '', %(s)s, now(), %(t)s, %(t)s)",
        {"l": load_id, "s": status, "t": landed_at},
    )
    row = connection.execute("select ops.make_staging_table('traffic_daily', %(l)s)", {"l": load_id}).fetchone()
    assert row is not None
    return str(row[0])


def test_staging_keeps_what_still_waits_and_loses_what_is_over_or_was_blocked_long_ago(
    connection: psycopg.Connection,
) -> None:
    connection.execute(
        "insert into ops.account values ('a', 'A', 'US', 'M', 'USD', 'UTC', 'c', 'SOURCING', '{}', true, now())"
    )
    for load_id, status in enumerate(("landed", "staged", "gated", "released", "published", "superseded", "rejected")):
        load_of(connection, load_id, status, days_ago=90)
    load_of(connection, 20, "blocked", days_ago=13)
    load_of(connection, 21, "blocked", days_ago=15)
    connection.execute("create table staging.of_somebody_else (a integer)")
    before = datetime.now(UTC) - timedelta(days=14)
    dropped = connection.execute("select ops.drop_left_staging(%(b)s)", {"b": before}).fetchone()
    assert dropped == ([f"staging.traffic_daily_{n}" for n in (21, 4, 5, 6)],)
    left = connection.execute("select tablename from pg_tables where schemaname = 'staging' order by 1").fetchall()
    assert [name for (name,) in left] == ["of_somebody_else", *(f"traffic_daily_{n}" for n in (0, 1, 2, 20, 3))]


def test_candidate_rows_of_published_and_of_long_blocked_builds_go(connection: psycopg.Connection) -> None:
    connection.execute(
        "insert into ops.account values ('a', 'A', 'US', 'M', 'USD', 'UTC', 'c', 'SOURCING', '{}', true, now())"
    )
    for build_id, (status, days_ago) in enumerate(
        [("built", 90), ("gated", 90), ("published", 1), ("blocked", 1), ("blocked", 90)], start=1
    ):
        connection.execute(
            "insert into ops.build (account_id, build_id, mart_code, from_date, to_date, status_code, built_at)"
            " overriding system value values ('a', %(b)s, 'stock_coverage_daily', '2026-05-01', '2026-05-01', %(s)s,"
            " now() - make_interval(days => %(d)s))",
            {"b": build_id, "s": status, "d": days_ago},
        )
        connection.execute(
            "insert into candidate.stock_coverage_daily (build_id, account_id, business_date, asin, currency_code,"
            " demand_basis_code, demand_day_count, lead_time_days, stock_status_code, data_status_code)"
            " values (%(b)s, 'a', '2026-05-01', 'X', 'USD', 'none', 0, 7, 'unknown', 'missing')",
            {"b": build_id},
        )
    before = datetime.now(UTC) - timedelta(days=14)
    assert connection.execute("select ops.delete_left_candidates(%(b)s)", {"b": before}).fetchone() == (2,)
    left = connection.execute("select build_id from candidate.stock_coverage_daily order by 1").fetchall()
    assert left == [(1,), (2,), (4,)]


def test_readings_that_a_warehouse_already_holds_move_into_its_months(
    postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    name = f"older_{secrets.token_hex(4)}"
    url = postgres.ensure_database(name, "warehouse_login", secrets.token_urlsafe(16))
    make_roles(postgres.url(name), login="warehouse_login")
    admin_url = postgres.url(name)
    files = sorted(MIGRATIONS_DIR.glob("*.sql"))
    (place,) = [n for n, path in enumerate(files) if path.name.endswith("_retention.sql")]
    for path in files[:place]:
        shutil.copy(path, tmp_path)
    migrate_warehouse(url, tmp_path)
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(
            "insert into core.inventory_hourly select 'a', h, 'X', 1, 1, now() from unnest(array["
            "'2026-05-31T23:00Z', '2026-06-01T00:00Z']::timestamptz[]) as h"
        )
        before = connection.execute("select * from core.inventory_hourly order by 2").fetchall()
        migrate_warehouse(url)
        assert connection.execute("select * from core.inventory_hourly order by 2").fetchall() == before
        assert partitions(connection, "core.inventory_hourly") == ["202605", "202606"]
