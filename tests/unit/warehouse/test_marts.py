"""Publishing a build: only what passed its gate, only its account and days, and only the rows that differ."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import psycopg
import pytest

from daybreak.accounts import Account
from daybreak.warehouse.account_registry import sync_accounts
from daybreak.warehouse.marts import PublishedCounts, publish_build, read_dates_to_change, run_build

MART = "stock_coverage_daily"
IT = Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_brand_it")
DE = Account(account_id="brand_de", name="Brand DE", marketplace_code="DE", vendor_connection_id="spapi_brand_de")
FIRST, LAST = date(2026, 6, 29), date(2026, 7, 2)
Cover = dict[tuple[date, str], int]


@pytest.fixture
def accounts(connection: psycopg.Connection) -> psycopg.Connection:
    sync_accounts(connection, [IT, DE])
    return connection


def start(connection: psycopg.Connection, account_id: str, first: date, last: date, cover: Cover) -> int:
    """A build whose candidate holds these days of cover."""
    (build_id,) = run_build(connection, MART, [(account_id, first, last)])
    rows = [
        {"build_id": build_id, "account_id": account_id, "business_date": day, "asin": asin, "cover": figure}
        for (day, asin), figure in cover.items()
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"insert into candidate.{MART} (build_id, account_id, business_date, asin, currency_code,"
            " demand_basis_code, demand_day_count, lead_time_days, stock_status_code, data_status_code, days_of_cover)"
            " values (%(build_id)s, %(account_id)s, %(business_date)s, %(asin)s, 'EUR', 'none', 0, 14, 'healthy',"
            " 'published', %(cover)s)",
            rows,
        )
    return build_id


def gate(connection: psycopg.Connection, build_id: int, status: str = "gated") -> None:
    connection.execute("update ops.build set status_code = %(s)s where build_id = %(b)s", {"s": status, "b": build_id})


def publish(
    connection: psycopg.Connection, cover: Cover, account_id: str = "brand_it", span: tuple[date, date] = (FIRST, LAST)
) -> PublishedCounts:
    build_id = start(connection, account_id, *span, cover)
    gate(connection, build_id)
    return publish_build(connection, account_id, build_id)


def mart(connection: psycopg.Connection, account_id: str = "brand_it") -> dict[tuple[date, str], Decimal]:
    rows = connection.execute(
        f"select business_date, asin, days_of_cover from mart.{MART} where account_id = %(a)s", {"a": account_id}
    )
    return {(day, asin): figure for day, asin, figure in rows}


def versions(connection: psycopg.Connection) -> Sequence[tuple[object, ...]]:
    """Each row with the transaction that wrote it and the build that it stands since."""
    return connection.execute(f"select business_date, asin, xmin, built_at from mart.{MART} order by 1, 2").fetchall()


def build_row(connection: psycopg.Connection, build_id: int) -> tuple[object, ...]:
    row = connection.execute(
        "select status_code, inserted_row_count, updated_row_count, removed_row_count, published_at is not null"
        " from ops.build where build_id = %(b)s",
        {"b": build_id},
    ).fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize("status", ["built", "blocked", "published"])
def test_a_build_that_is_not_gated_is_refused_and_nothing_changes(accounts: psycopg.Connection, status: str) -> None:
    publish(accounts, {(FIRST, "A"): 1})
    build_id = start(accounts, "brand_it", FIRST, LAST, {(FIRST, "A"): 2})
    gate(accounts, build_id, status)
    with pytest.raises(psycopg.errors.RaiseException, match=f"build {build_id} of brand_it is {status}"):
        publish_build(accounts, "brand_it", build_id)
    assert mart(accounts) == {(FIRST, "A"): 1}
    assert build_row(accounts, build_id) == (status, None, None, None, False)


def test_a_build_of_another_account_is_refused(accounts: psycopg.Connection) -> None:
    build_id = start(accounts, "brand_it", FIRST, LAST, {(FIRST, "A"): 2})
    gate(accounts, build_id)
    with pytest.raises(psycopg.errors.RaiseException, match="is not there"):
        publish_build(accounts, "brand_de", build_id)
    assert mart(accounts) == mart(accounts, "brand_de") == {}


def test_a_published_build_cannot_be_published_again(accounts: psycopg.Connection) -> None:
    build_id = start(accounts, "brand_it", FIRST, LAST, {(FIRST, "A"): 2})
    gate(accounts, build_id)
    publish_build(accounts, "brand_it", build_id)
    with pytest.raises(psycopg.errors.RaiseException, match="is published"):
        publish_build(accounts, "brand_it", build_id)
    assert mart(accounts) == {(FIRST, "A"): 2}


def test_rows_that_the_candidate_lacks_go_only_within_its_account_and_days(accounts: psycopg.Connection) -> None:
    day = timedelta(days=1)
    before = {(FIRST + offset * day, asin): 1 for offset in range(4) for asin in ("A", "B")}
    publish(accounts, before)
    publish(accounts, before, "brand_de")
    counts = publish(accounts, {(FIRST + day, "A"): 1}, span=(FIRST + day, FIRST + 2 * day))
    assert counts == PublishedCounts(0, 0, 3)
    gone = {(FIRST + day, "B"), (FIRST + 2 * day, "A"), (FIRST + 2 * day, "B")}
    assert mart(accounts) == dict.fromkeys(before.keys() - gone, 1)
    assert mart(accounts, "brand_de") == before


def test_an_empty_candidate_empties_its_days(accounts: psycopg.Connection) -> None:
    publish(accounts, {(FIRST, "A"): 1, (LAST, "A"): 1})
    assert publish(accounts, {}, span=(FIRST, FIRST)) == PublishedCounts(0, 0, 1)
    assert mart(accounts) == {(LAST, "A"): 1}


def test_equal_rows_stay_untouched_and_keep_their_instant(accounts: psycopg.Connection) -> None:
    cover = {(FIRST, "A"): 1, (FIRST, "B"): 2, (LAST, "A"): 3}
    publish(accounts, cover)
    before = versions(accounts)
    assert publish(accounts, cover) == PublishedCounts(0, 0, 0)
    assert versions(accounts) == before
    publish(accounts, {**cover, (FIRST, "B"): 5})
    after = versions(accounts)
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, True]


def test_the_counts_say_what_changed_and_stand_in_the_ledger(accounts: psycopg.Connection) -> None:
    assert publish(accounts, {(FIRST, "A"): 1, (FIRST, "B"): 2, (FIRST, "C"): 3}) == PublishedCounts(3, 0, 0)
    build_id = start(accounts, "brand_it", FIRST, LAST, {(FIRST, "A"): 1, (FIRST, "B"): 9, (LAST, "D"): 4})
    gate(accounts, build_id)
    counts = publish_build(accounts, "brand_it", build_id)
    assert counts == PublishedCounts(inserted=1, updated=1, removed=1)
    assert counts.changed_rows == 3
    assert build_row(accounts, build_id) == ("published", 1, 1, 1, True)
    assert mart(accounts) == {(FIRST, "A"): 1, (FIRST, "B"): 9, (LAST, "D"): 4}


def test_only_days_with_a_row_that_comes_changes_or_goes_are_dates_to_change(accounts: psycopg.Connection) -> None:
    days = [FIRST + timedelta(days=offset) for offset in range(4)]
    same, gone, changed, new = days
    publish(accounts, {(same, "A"): 1, (same, "B"): 2, (gone, "A"): 1, (gone, "B"): 1, (changed, "A"): 1})
    publish(accounts, {(same, "A"): 7}, "brand_de")
    cover = {(same, "A"): 1, (same, "B"): 2, (gone, "A"): 1, (changed, "A"): 9, (new, "A"): 1}
    build_id = start(accounts, "brand_it", FIRST, LAST, cover)
    assert read_dates_to_change(accounts, "brand_it", build_id) == [gone, changed, new]
    gate(accounts, build_id)
    publish_build(accounts, "brand_it", build_id)
    assert read_dates_to_change(accounts, "brand_it", start(accounts, "brand_it", FIRST, LAST, cover)) == []


def test_the_candidate_rows_of_a_published_build_are_gone_and_those_of_others_stay(
    accounts: psycopg.Connection,
) -> None:
    waiting = start(accounts, "brand_it", FIRST, LAST, {(FIRST, "A"): 1})
    publish(accounts, {(FIRST, "A"): 2})
    assert accounts.execute(f"select distinct build_id from candidate.{MART}").fetchall() == [(waiting,)]
    assert mart(accounts) == {(FIRST, "A"): 2}


def test_a_build_over_a_month_end_makes_the_partitions_that_it_needs(accounts: psycopg.Connection) -> None:
    publish(accounts, {(FIRST, "A"): 1, (LAST, "A"): 2})
    rows = accounts.execute(f"select tableoid::regclass::text, business_date from mart.{MART} order by 2").fetchall()
    assert rows == [(f"mart.{MART}_202606", FIRST), (f"mart.{MART}_202607", LAST)]


def test_builds_of_several_accounts_are_started_in_the_order_asked(accounts: psycopg.Connection) -> None:
    spans = [("brand_it", FIRST, LAST), ("brand_de", LAST, LAST)]
    build_ids = run_build(accounts, MART, spans)
    rows = accounts.execute(
        "select account_id, from_date, to_date from ops.build where mart_code = %(m)s and status_code = 'built'"
        " order by array_position(%(ids)s::bigint [], build_id)",
        {"m": MART, "ids": build_ids},
    ).fetchall()
    assert rows == spans
