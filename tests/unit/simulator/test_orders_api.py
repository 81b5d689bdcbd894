"""Purchase orders over HTTP: pages, single orders, statuses, and what belongs to whom."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from .conftest import NOW, MakeAccount
from .partners import Partners, make_partners

ORDERS = "/vendor/orders/v1/purchaseOrders"
STATUSES = "/vendor/orders/v1/purchaseOrdersStatus"
WEEK = {"createdAfter": "2026-11-15T00:00:00Z", "createdBefore": "2026-11-22T00:00:00Z"}


@pytest.fixture(scope="module")
def partners(make_account: MakeAccount) -> Partners:
    return make_partners(make_account, asins=240)


def payload(partners: Partners, path: str, **query: str) -> dict[str, Any]:
    partners.wait(1)
    answer = partners.client.get(path, params=query, headers=partners.vendor)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["payload"]
    return found


def pages(partners: Partners, path: str, member: str, **query: str) -> list[list[dict[str, Any]]]:
    found, page = [], payload(partners, path, **query)
    while True:
        found.append(page[member])
        token = page["pagination"].get("nextToken")
        if token is None:
            return found
        page = payload(partners, path, nextToken=token)


@pytest.mark.parametrize(("path", "member"), [(ORDERS, "orders"), (STATUSES, "ordersStatus")])
@pytest.mark.parametrize("order", ["ASC", "DESC"])
def test_pages_hold_every_order_once_and_in_order(partners: Partners, path: str, member: str, order: str) -> None:
    whole = payload(partners, path, **WEEK, sortOrder=order)[member]
    paged = pages(partners, path, member, **WEEK, sortOrder=order, limit="4")
    assert [len(page) for page in paged[:-1]] == [4] * (len(paged) - 1)
    flat = [entry for page in paged for entry in page]
    assert [entry["purchaseOrderNumber"] for entry in flat] == [entry["purchaseOrderNumber"] for entry in whole]
    assert len({entry["purchaseOrderNumber"] for entry in flat}) == len(flat) > 8
    placed = [entry.get("orderDetails", entry)["purchaseOrderDate"] for entry in flat]
    assert placed == sorted(placed, reverse=order == "DESC")
    assert all(WEEK["createdAfter"] <= instant < WEEK["createdBefore"] for instant in placed)


def test_every_order_is_found_by_its_number_alone(partners: Partners) -> None:
    for order in payload(partners, ORDERS, **WEEK)["orders"]:
        number = order["purchaseOrderNumber"]
        assert payload(partners, f"{ORDERS}/{number}") == order
        (status,) = payload(partners, STATUSES, purchaseOrderNumber=number)["ordersStatus"]
        assert status["purchaseOrderDate"] == order["orderDetails"]["purchaseOrderDate"]


@pytest.mark.parametrize(("number", "status"), [("ABC", 400), ("AB-D1234", 400), ("ZZZZZZZZ", 404), ("00000000", 404)])
def test_numbers_of_nobody_are_refused(partners: Partners, number: str, status: int) -> None:
    assert partners.client.get(f"{ORDERS}/{number}", headers=partners.vendor).status_code == status


def test_orders_of_two_years_ago_are_there_too(partners: Partners) -> None:
    old = {"createdAfter": "2024-12-01T00:00:00Z", "createdBefore": "2024-12-08T00:00:00Z"}
    statuses = payload(partners, STATUSES, **old)["ordersStatus"]
    assert len(statuses) > 5
    assert {status["purchaseOrderStatus"] for status in statuses} == {"CLOSED"}


def test_what_was_updated_lately_may_have_been_ordered_long_ago(partners: Partners) -> None:
    after = NOW - timedelta(days=7)
    query = {"updatedAfter": after.isoformat(), "updatedBefore": NOW.isoformat()}
    found = [entry for page in pages(partners, STATUSES, "ordersStatus", **query) for entry in page]
    assert all(after.strftime("%Y-%m-%dT%H:%M:%SZ") <= entry["lastUpdatedDate"] for entry in found)
    assert min(entry["purchaseOrderDate"] for entry in found) < "2026-11-09"
    kept = {entry["purchaseOrderNumber"] for entry in found}
    for days in range(0, 70, 7):
        ended = NOW - timedelta(days=days)
        window = {"createdAfter": (ended - timedelta(days=7)).isoformat(), "createdBefore": ended.isoformat()}
        for entry in payload(partners, STATUSES, **window)["ordersStatus"]:
            instant = datetime.fromisoformat(entry["lastUpdatedDate"])
            assert (entry["purchaseOrderNumber"] in kept) == (instant >= after and instant < NOW)


def test_filters_leave_what_they_name(partners: Partners) -> None:
    every = payload(partners, STATUSES, **WEEK)["ordersStatus"]
    vendor, warehouse = every[0]["sellingParty"]["partyId"], every[0]["shipToParty"]["partyId"]
    assert payload(partners, STATUSES, **WEEK, orderingVendorCode=vendor)["ordersStatus"] == every
    assert payload(partners, STATUSES, **WEEK, orderingVendorCode="OTHER")["ordersStatus"] == []
    assert payload(partners, STATUSES, **WEEK, shipToPartyId=warehouse)["ordersStatus"] == [
        entry for entry in every if entry["shipToParty"]["partyId"] == warehouse
    ]
    opened = payload(partners, STATUSES, **WEEK, purchaseOrderStatus="OPEN")["ordersStatus"]
    assert opened == [entry for entry in every if entry["purchaseOrderStatus"] == "OPEN"]
    fresh = payload(partners, ORDERS, purchaseOrderState="New")["orders"]
    assert {entry["purchaseOrderState"] for entry in fresh} == {"New"}


def test_without_details_only_number_and_state_are_told(partners: Partners) -> None:
    for order in payload(partners, ORDERS, **WEEK, includeDetails="false")["orders"]:
        assert order.keys() == {"purchaseOrderNumber", "purchaseOrderState"}


def test_more_than_seven_days_are_refused(partners: Partners) -> None:
    partners.wait(1)
    window = {"createdAfter": "2026-11-01T00:00:00Z", "createdBefore": "2026-11-09T00:00:00Z"}
    answer = partners.client.get(ORDERS, params=window, headers=partners.vendor)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["code"], error["message"]) == ("InvalidRequest", "The request is invalid.")


def test_the_eleventh_call_of_a_moment_is_throttled(partners: Partners) -> None:
    partners.wait(10)
    answers = [partners.client.get(f"{ORDERS}/ABC", headers=partners.vendor) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [400] * 10 + [429]


def test_two_accounts_of_one_token_show_the_orders_of_both_and_of_nobody_else(make_account: MakeAccount) -> None:
    token = {"refresh_token": "one-token-for-two", "client_id": "one", "client_secret": "one"}
    germany = {"marketplace_id": "A1PA6795UKMFR9", "time_zone": "Europe/Berlin", "asins": 60}
    partners = Partners(
        make_account(asins=60, **token),
        make_account("demo_de", **germany, **token),
        make_account("demo_at", **germany),
    )
    orders = [order for page in pages(partners, ORDERS, "orders", **WEEK, limit="3") for order in page]
    vendors = {order["orderDetails"]["sellingParty"]["partyId"] for order in orders}
    assert len(vendors) == 2
    stranger = partners.log_in(partners.simulation.config.accounts[2])
    number = orders[0]["purchaseOrderNumber"]
    assert partners.client.get(f"{ORDERS}/{number}", headers=stranger).status_code == 404


def test_tomorrows_order_is_not_told_today(partners: Partners) -> None:
    now = partners.simulation.clock.now()
    query = {"createdAfter": now.isoformat(), "createdBefore": (now + timedelta(days=7)).isoformat()}
    assert payload(partners, ORDERS, **query)["orders"] == []
    newest = payload(partners, ORDERS, sortOrder="DESC")["orders"][0]["orderDetails"]
    assert datetime.fromisoformat(newest["purchaseOrderDate"]) <= now.astimezone(UTC) + timedelta(seconds=2)
