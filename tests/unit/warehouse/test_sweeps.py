"""What sweeps read from the warehouse and write to it."""

from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest

from daybreak.accounts import Account
from daybreak.warehouse.account_registry import register_account, sync_accounts
from daybreak.warehouse.report_requests import insert_request
from daybreak.warehouse.sweeps import (
    SweepProduct,
    is_requested,
    read_candidates,
    read_gaps_of_run,
    read_sweeps_of_run,
    read_troubles_of_run,
    replace_gaps,
)
from daybreak.warehouse.troubles import read_troubles

TODAY = date(2026, 3, 20)
ACCOUNT = Account(
    account_id="acme_it",
    name="Acme",
    marketplace_code="IT",
    vendor_connection_id="vendor",
    seller_connection_id="seller",
    watch_list={"B000000001": {"B0RIVAL001": 2, "B000000002": 1}},
)


@pytest.fixture
def warehouse_of_acme(connection: psycopg.Connection) -> psycopg.Connection:
    register_account(connection, ACCOUNT)
    return connection


def add(connection: psycopg.Connection, table: str, **values: Any) -> None:
    values = {"account_id": "acme_it", **values}
    names = ", ".join(values)
    connection.execute(f"insert into {table} ({names}) values ({', '.join(f'%({n})s' for n in values)})", values)


def add_snapshot(connection: psycopg.Connection, asin: str, observed_at: datetime, owner_code: str) -> None:
    connection.execute("select ops.make_partitions('core.offer_snapshot', %(d)s, %(d)s)", {"d": observed_at.date()})
    add(
        connection,
        "core.offer_snapshot",
        asin=asin,
        observed_at=observed_at,
        owner_code=owner_code,
        offer_count=1,
        is_split=False,
        has_amazon_offer=False,
        currency_code="EUR",
        load_id=1,
        known_from=observed_at,
    )


def test_candidates_are_the_catalogue_and_the_watch_list_with_their_newest_snapshot_of_the_week(
    warehouse_of_acme: psycopg.Connection,
) -> None:
    connection = warehouse_of_acme
    add(connection, "core.product", asin="B000000001", valid_from_date="1970-01-01", priority_code="C")
    add(connection, "core.product", asin="B000000001", valid_from_date="2026-03-01", priority_code="A")
    add(connection, "core.product", asin="B000000001", valid_from_date="2026-04-01", priority_code="B")
    add(connection, "core.product", asin="B000000002", valid_from_date="1970-01-01", priority_code="C")
    add(connection, "core.product", asin="no asin", valid_from_date="1970-01-01")
    connection.execute("select ops.make_partitions('core.forecast_weekly', '2026-02-01', '2026-03-15')")
    for generation, asin in (("2026-03-15", "B000000003"), ("2026-02-01", "B000000004")):
        add(
            connection,
            "core.forecast_weekly",
            generation_date=generation,
            week_start_date=generation,
            asin=asin,
            mean_units=1,
            load_id=1,
            known_from=datetime.now(UTC),
        )
    new, old, ancient = (datetime(2026, 3, day, 12, tzinfo=UTC) for day in (19, 18, 9))
    add_snapshot(connection, "B000000001", old, "amazon")
    add_snapshot(connection, "B000000001", new, "other")
    add_snapshot(connection, "B000000002", ancient, "other")
    add_snapshot(connection, "B0RIVAL001", new, "other")
    assert read_candidates(connection, "acme_it", TODAY) == [
        SweepProduct("B000000001", False, "A", new, True),
        SweepProduct("B000000002", False, "C", None, False),
        SweepProduct("B000000003", False, "B", None, False),
        SweepProduct("B0RIVAL001", True, "B", new, False),
    ]


@pytest.mark.parametrize(
    ("owner_code", "is_lost"),
    [("amazon", False), ("own", False), ("other", True), ("suppressed", True), ("none", True)],
)
def test_a_loss_is_open_when_the_last_snapshot_is_not_ours(
    warehouse_of_acme: psycopg.Connection, owner_code: str, is_lost: bool
) -> None:
    add(warehouse_of_acme, "core.product", asin="B000000001", valid_from_date="1970-01-01")
    add_snapshot(warehouse_of_acme, "B000000001", datetime(2026, 3, 19, tzinfo=UTC), owner_code)
    [product, *_] = read_candidates(warehouse_of_acme, "acme_it", TODAY)
    assert product.is_lost is is_lost


def test_the_watch_list_and_both_credentials_follow_the_accounts_file(connection: psycopg.Connection) -> None:
    sync_accounts(connection, [ACCOUNT])
    watched = "select asin, competitor_asin, pack_units from ops.watched_competitor order by 2"
    assert connection.execute(watched).fetchall() == [("B000000001", "B000000002", 1), ("B000000001", "B0RIVAL001", 2)]
    kinds = "select credential_id, kind_code from ops.credential order by 1"
    assert connection.execute(kinds).fetchall() == [("seller", "seller"), ("vendor", "vendor")]
    sync_accounts(connection, [ACCOUNT.model_copy(update={"watch_list": {"B000000001": {"B0RIVAL001": 3}}})])
    assert connection.execute(watched).fetchall() == [("B000000001", "B0RIVAL001", 3)]


def test_what_a_run_left_out_is_told_by_sweep_and_reason(warehouse_of_acme: psycopg.Connection) -> None:
    connection = warehouse_of_acme
    request_id = insert_request(connection, "acme_it", "offer_snapshot", "1200", (TODAY, TODAY), "run 1")
    insert_request(connection, "acme_it", "offer_snapshot", "1600", (TODAY, TODAY), "run 2")
    replace_gaps(connection, "acme_it", request_id, {"B000000009": ("refused", "gone")})
    late = {f"B{number:09d}": ("not_reached", "too late") for number in range(25)}
    replace_gaps(connection, "acme_it", request_id, {**late, "B0REFUSED1": ("refused", "never heard of")})
    late_gap, refused_gap = read_gaps_of_run(connection, "run 1")
    assert (late_gap.reason_code, late_gap.asin_count, late_gap.asins) == ("not_reached", 25, sorted(late)[:20])
    assert (refused_gap.asins, refused_gap.reason, refused_gap.variant_code) == (
        ["B0REFUSED1"],
        "never heard of",
        "1200",
    )
    assert read_gaps_of_run(connection, "run 2") == []
    [sweep] = read_sweeps_of_run(connection, "run 1")
    assert (sweep.request_id, sweep.status_code, sweep.published_row_count) == (request_id, "asked", None)
    assert is_requested(connection, "acme_it", "offer_snapshot", "1200", TODAY)
    assert not is_requested(connection, "acme_it", "offer_snapshot", "2000", TODAY)


def add_load(connection: psycopg.Connection, status: str, dataset: str, variant: str, day: str, **more: Any) -> None:
    add(
        connection,
        "ops.load",
        dataset_code=dataset,
        variant_code=variant,
        window_start_date=day,
        window_end_date=day,
        status_code=status,
        requested_at=datetime.now(UTC),
        reason="odd",
        **more,
    )


@pytest.mark.parametrize(("dataset", "is_made_good"), [("offer_snapshot", True), ("traffic_daily", False)])
def test_a_blocked_sweep_is_made_good_by_the_next_one_and_a_report_only_by_its_own_days(
    warehouse_of_acme: psycopg.Connection, dataset: str, is_made_good: bool
) -> None:
    add_load(warehouse_of_acme, "blocked", dataset, "1200", "2026-03-19")
    assert len(read_troubles(warehouse_of_acme, "acme_it")) == 1
    add_load(warehouse_of_acme, "published", dataset, "1600", "2026-03-20")
    assert (read_troubles(warehouse_of_acme, "acme_it") == []) is is_made_good


def test_a_runs_blocked_loads_are_told_with_their_reason(warehouse_of_acme: psycopg.Connection) -> None:
    request_id = insert_request(warehouse_of_acme, "acme_it", "offer_snapshot", "1200", (TODAY, TODAY), "run 1")
    add_load(warehouse_of_acme, "blocked", "offer", "1200", "2026-03-20", request_id=request_id)
    [told] = read_troubles_of_run(warehouse_of_acme, "run 1")
    assert told.endswith("(offer) is blocked: odd")
    assert read_troubles_of_run(warehouse_of_acme, "run 2") == []
