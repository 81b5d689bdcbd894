"""Building an account's marts: each after those that it reads, and a change in one makes its readers owe the days."""

from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from daybreak.accounts import Account
from daybreak.settings import Settings
from daybreak.steps import mart_building
from daybreak.warehouse import mart_reach, marts
from daybreak.warehouse.account_registry import sync_accounts
from daybreak.warehouse.builds import read_dirty_dates
from daybreak.warehouse.mart_reach import build_order

IT = Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_brand_it")
LAST = date(2026, 7, 2)
COVERAGE = "stock_coverage_daily"


@pytest.fixture
def stocked(connection: psycopg.Connection) -> psycopg.Connection:
    """An account whose catalogue has one product since ever."""
    sync_accounts(connection, [IT])
    connection.execute(
        "insert into core.product (account_id, asin, valid_from_date, lifecycle_code, priority_code)"
        " values ('brand_it', 'B000000001', '1970-01-01', 'active', 'B')"
    )
    return connection


def test_every_mart_is_built_after_those_that_it_reads() -> None:
    order = build_order()
    assert COVERAGE in order
    for place, mart in enumerate(order):
        for reader, _ in mart_reach.dependent_marts(f"mart.{mart}"):
            assert order.index(reader) > place


def test_what_is_owed_is_built_once_and_nothing_is_owed_then(
    stocked: psycopg.Connection, warehouse: str, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, mart_days=3)
    first = mart_building.build_due(IT, LAST, settings, warehouse)
    assert [each.is_published for each in first] == [True] * len(build_order())
    assert stocked.execute(f"select count(*) from mart.{COVERAGE}").fetchone() == (3,)
    assert mart_building.build_due(IT, LAST, settings, warehouse) == []


def test_a_mart_that_changed_makes_its_readers_owe_the_days_that_it_reaches(
    stocked: psycopg.Connection, warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marts, "dependent_marts", lambda table: (("reader_daily", 2),) if COVERAGE in table else ())
    mart_building.build_span([IT], COVERAGE, LAST - timedelta(days=4), LAST - timedelta(days=4), warehouse)
    assert read_dirty_dates(stocked, "brand_it", "reader_daily", date(2026, 1, 1), LAST) == {LAST - timedelta(days=4)}
    mart_building.build_span(
        [IT], COVERAGE, LAST - timedelta(days=3), LAST - timedelta(days=3), warehouse, last_date=LAST
    )
    assert read_dirty_dates(stocked, "brand_it", "reader_daily", date(2026, 1, 1), LAST) == {
        LAST - timedelta(days=days) for days in (1, 2, 3, 4)
    }
    stocked.execute("delete from ops.dirty_mart")
    mart_building.build_span([IT], COVERAGE, LAST - timedelta(days=3), LAST - timedelta(days=3), warehouse)
    assert read_dirty_dates(stocked, "brand_it", "reader_daily", date(2026, 1, 1), LAST) == set(), "nothing changed"
    stocked.execute(f"delete from mart.{COVERAGE} where business_date = %(d)s", {"d": LAST - timedelta(days=3)})
    mart_building.build_span([IT], COVERAGE, LAST - timedelta(days=4), LAST - timedelta(days=3), warehouse)
    assert read_dirty_dates(stocked, "brand_it", "reader_daily", date(2026, 1, 1), LAST) == {
        LAST - timedelta(days=3)
    }, "of the two days built only one changed"


def test_what_a_process_left_half_done_is_abandoned_and_built_anew(
    stocked: psycopg.Connection, warehouse: str, tmp_path: Path
) -> None:
    (left,) = marts.run_build(stocked, COVERAGE, [("brand_it", LAST, LAST)])
    mart_building.build_due(IT, LAST, Settings(home=tmp_path, mart_days=1), warehouse)
    found = stocked.execute("select status_code from ops.build where build_id = %(b)s", {"b": left}).fetchone()
    assert found == ("abandoned",)
    assert stocked.execute(f"select count(*) from candidate.{COVERAGE}").fetchone() == (0,)
    assert stocked.execute(f"select count(*) from mart.{COVERAGE}").fetchone() == (1,)
