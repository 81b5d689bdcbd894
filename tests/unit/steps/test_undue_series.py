"""What status tells of datasets that no morning owes: a row per account with its newest date, or why it has none."""

from datetime import UTC, date, datetime, timedelta
from typing import Literal

import psycopg
import pytest

from daybreak.accounts import Account
from daybreak.datasets import DATASETS, DAWN_DATASETS
from daybreak.steps.undue_series import UndueSeries, read_undue_series
from daybreak.warehouse.account_registry import sync_accounts
from daybreak.warehouse.missing_access import note_missing_access
from daybreak.warehouse.report_requests import finish_request, insert_request
from daybreak.warehouse.sweeps import replace_gaps

DAY = date(2026, 3, 20)
NOON = datetime(2026, 3, 20, 12, 30, tzinfo=UTC)
SWEPT = Account(
    account_id="acme_it", name="Acme", marketplace_code="IT", vendor_connection_id="v", seller_connection_id="s"
)
VENDOR_ONLY = SWEPT.model_copy(update={"account_id": "acme_de", "marketplace_code": "DE", "seller_connection_id": None})


@pytest.fixture
def ledger(connection: psycopg.Connection) -> psycopg.Connection:
    sync_accounts(connection, [SWEPT, VENDOR_ONLY])
    return connection


def publish(ledger: psycopg.Connection, dataset: str, variant: str, day: date, at: datetime) -> None:
    [load_id] = ledger.execute(
        "insert into ops.load (account_id, dataset_code, variant_code, status_code, requested_at) "
        "values ('acme_it', %s, %s, 'published', %s) returning load_id",
        (dataset, variant, at),
    ).fetchone()
    ledger.execute(
        "insert into ops.slice values ('acme_it', %s, %s, %s, 'published', %s, null, %s, 'x', 1, 1, %s, %s, %s)",
        (dataset, variant, day, load_id, at, at, at, at),
    )


Ended = Literal["done", "no_data", "failed"]


def sweep(
    ledger: psycopg.Connection, slot: str, at: datetime, status: Ended = "done", reason: str | None = None
) -> int:
    request_id = insert_request(ledger, "acme_it", "offer_snapshot", slot, (DAY, DAY), "run")
    finish_request(ledger, "acme_it", request_id, status, None, reason)
    ledger.execute("update ops.report_request set planned_at = %s where request_id = %s", (at, request_id))
    return request_id


def states(ledger: psycopg.Connection, account: Account = SWEPT, at: datetime = NOON) -> dict[str, UndueSeries]:
    found = read_undue_series(ledger, [account], at)
    return {f"{each.dataset_code} {each.variant_code}".strip(): each for each in found}


def test_with_what_a_morning_owes_every_dataset_of_the_registry_has_a_row(ledger: psycopg.Connection) -> None:
    told = {each.dataset_code for each in read_undue_series(ledger, [SWEPT], NOON)}
    assert told | DAWN_DATASETS == set(DATASETS)
    idle = SWEPT.model_copy(update={"is_active": False})
    assert read_undue_series(ledger, [idle], NOON) == []


def test_offers_show_their_newest_sweep_and_what_it_left_out(ledger: psycopg.Connection) -> None:
    publish(ledger, "offer_snapshot", "0400", DAY, NOON - timedelta(hours=8))
    publish(ledger, "offer_snapshot", "0800", DAY, NOON - timedelta(hours=4))
    sweep(ledger, "0400", NOON - timedelta(hours=8))
    newest = sweep(ledger, "0800", NOON - timedelta(hours=4))
    complete = states(ledger)["offer_snapshot 0800"]
    assert (complete.status, complete.newest_published_date, complete.left_out_count) == ("complete", DAY, 0)
    replace_gaps(ledger, "acme_it", newest, {"B1": ("refused", "gone"), "B2": ("not_reached", "the window ended")})
    gaps = states(ledger)["offer_snapshot 0800"]
    assert (gaps.status, gaps.left_out_count) == ("incomplete", 2)
    assert "did not reach 1 products (the window ended): B2" in gaps.why
    assert "was refused 1 products (gone): B1" in gaps.why


def test_offers_that_were_not_looked_at_for_a_day_are_missing_with_the_reason_of_the_last_try(
    ledger: psycopg.Connection,
) -> None:
    assert states(ledger)["offer_snapshot"].why == "never looked at"
    publish(ledger, "offer_snapshot", "0800", DAY, NOON - timedelta(hours=25))
    sweep(ledger, "0400", NOON - timedelta(hours=8), "failed", "Amazon answered for no product")
    told = states(ledger)["offer_snapshot 0800"]
    assert told.status == "missing"
    assert told.why == (
        "not looked at since 2026-03-19 11:30 UTC; its newest sweep is failed: Amazon answered for no product"
    )
    assert states(ledger, at=NOON - timedelta(hours=9))["offer_snapshot 0800"].status == "complete"


def test_an_account_without_a_second_credential_and_one_without_the_role_say_so(ledger: psycopg.Connection) -> None:
    assert states(ledger, VENDOR_ONLY)["offer"].status == "not swept"
    publish(ledger, "offer", "0800", DAY, NOON - timedelta(hours=4))
    note_missing_access(ledger, "acme_it", DATASETS["offer"], "role_missing", "403")
    told = states(ledger)["offer 0800"]
    assert (told.status, told.newest_published_date) == ("no access", DAY)
    assert "role Pricing is missing; costs the controls Buy Box" in told.why


def test_what_the_client_supplies_has_its_newest_date_or_says_how_to_supply_it(ledger: psycopg.Connection) -> None:
    publish(ledger, "promotion", "PLANNED", date(2026, 4, 1), NOON - timedelta(days=90))
    publish(ledger, "promotion", "DEAL", date(2026, 5, 1), NOON)
    told = states(ledger)
    assert (told["promotion PLANNED"].status, told["promotion PLANNED"].newest_published_date) == (
        "complete",
        date(2026, 4, 1),
    )
    assert told["product"].status == "not supplied"
    assert "daybreak load FILE --account acme_it --dataset product" in told["product"].why
