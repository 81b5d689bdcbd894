"""Data Kiosk's queries name no marketplace: accounts of one credential and currency ask in the same words.

What holds: each account's request has an order of its own. If one is lost, it may be taken for another account's: both
have the same words and the same credential, so the same document, of which each account reads its own marketplace.
"""

from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest

from daybreak.accounts import Account
from daybreak.datasets import DATASETS
from daybreak.spapi.queries import QueryState
from daybreak.steps import desks
from daybreak.steps.desks import desk_for
from daybreak.warehouse.account_registry import sync_accounts
from daybreak.warehouse.report_requests import (
    OpenRequest,
    insert_request,
    mark_asking,
    mark_waiting,
    read_open_requests,
    unknown_report_ids,
)
from tests.unit.landing.source_documents import MARKETPLACE_ID, analytics, day_line, decode, entry, staged

LOSS = "featured_offer_loss_daily"
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 3)
ITALY, GERMANY = (
    Account(account_id=f"acme_{code.lower()}", name=code, marketplace_code=code, vendor_connection_id="spapi_vendor_eu")
    for code in ("IT", "DE")
)
GERMAN = GERMANY.marketplace.marketplace_id


@pytest.fixture
def requests(connection: psycopg.Connection) -> dict[str, OpenRequest]:
    """By account its begun request for the same three days."""
    sync_accounts(connection, [ITALY, GERMANY])
    for account in (ITALY, GERMANY):
        mark_asking(
            connection,
            account.account_id,
            insert_request(connection, account.account_id, LOSS, "", (FIRST, LAST), "run"),
        )
    return {each.account_id: read_open_requests(connection, each.account_id)[0] for each in (ITALY, GERMANY)}


def test_each_account_s_request_is_ordered_by_itself_in_the_same_words(
    requests: dict[str, OpenRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted: list[str] = []

    def create(_: object, query: str) -> str:
        submitted.append(query)
        return f"query {len(submitted)}"

    monkeypatch.setattr(desks, "create_query", create)
    session: Any = object()
    desk = desk_for(DATASETS[LOSS])
    ids = [desk.ask(session, account, requests[account.account_id]) for account in (ITALY, GERMANY)]
    assert ids == ["query 1", "query 2"]
    assert submitted[0] == submitted[1]


def test_a_lost_order_may_be_another_account_s_and_both_may_hold_it(
    connection: psycopg.Connection, requests: dict[str, OpenRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    mark_waiting(connection, "acme_de", requests["acme_de"].request_id, "query 2")
    desk: Any = desk_for(DATASETS[LOSS])
    now = datetime.now(UTC)
    text = desk.dataset.query((FIRST, LAST), "EUR")
    monkeypatch.setattr(desks, "find_queries", lambda *_: [QueryState("query 2", text, "IN_PROGRESS", None, None, now)])
    found = desk.find_lost(object(), ITALY, requests["acme_it"], now)
    assert unknown_report_ids(connection, "acme_it", LOSS, found) == {"query 2"}
    mark_waiting(connection, "acme_it", requests["acme_it"].request_id, "query 2")
    for account in (ITALY, GERMANY):
        [request] = read_open_requests(connection, account.account_id)
        assert (request.status_code, request.amazon_report_id) == ("waiting", "query 2")


DOCUMENT = analytics(
    day_line("2026-11-01", [entry("B0ITALY001")]),
    day_line("2026-11-01", [entry("B0GERMAN01")], marketplaceId=GERMAN),
    day_line("2026-11-02", [entry("B0GERMAN01")], marketplaceId=GERMAN),
)


@pytest.mark.parametrize(
    ("account", "rows"),
    [
        (ITALY, [("2026-11-01", "B0ITALY001")]),
        (GERMANY, [("2026-11-01", "B0GERMAN01"), ("2026-11-02", "B0GERMAN01")]),
    ],
    ids=["italy", "germany"],
)
def test_each_account_reads_its_own_marketplace_of_the_document(account: Account, rows: list[tuple[str, str]]) -> None:
    decoded = decode(DOCUMENT, LOSS, marketplace_id=account.marketplace.marketplace_id)
    assert [(row["business_date"], row["asin"]) for row in staged(decoded)] == rows
    # A day of which the document says nothing for this marketplace is not delivered, and stays owed.
    assert [str(day) for day in decoded.slices] == [day for day, _ in rows]
    assert ITALY.marketplace.marketplace_id == MARKETPLACE_ID
