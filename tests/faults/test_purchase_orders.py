"""Purchase orders from the simulator to the facts, with the real client: complete, once, whatever happens between."""

import dataclasses
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from daybreak.landing.parts import Parts
from daybreak.spapi import orders as order_calls
from daybreak.steps import order_collecting
from tests.morning import Morning

SMALL_PAGE = 3


@pytest.fixture
def orders(morning: Morning, monkeypatch: pytest.MonkeyPatch) -> Morning:
    """A morning of orders only, with pages so small that each window has several."""
    monkeypatch.setattr(order_calls, "PAGE_SIZE", SMALL_PAGE)
    return dataclasses.replace(morning, dataset_codes=frozenset({"purchase_order_line"}))


def told_by_amazon(morning: Morning) -> dict[str, Any]:
    """Every order of the last 15 UTC days by number, read without Daybreak's client, one day a call."""
    headers = {"x-amz-access-token": morning.simulator.access_token("demo_it")}
    today = datetime.combine(morning.instant.date(), datetime.min.time(), UTC)
    found = {}
    for age in range(15):
        day = today - timedelta(days=age)
        answer = httpx.get(
            f"{morning.simulator.base_url}/vendor/orders/v1/purchaseOrders",
            headers=headers,
            params={"createdAfter": day.isoformat(), "createdBefore": (day + timedelta(days=1)).isoformat()},
        )
        found |= {
            order["purchaseOrderNumber"]: order for order in answer.raise_for_status().json()["payload"]["orders"]
        }
    return found


def stored(morning: Morning) -> list[tuple[Any, ...]]:
    return morning.rows("select *, xmin from core.purchase_order_line order by po_number, asin")


def facts(morning: Morning) -> list[tuple[Any, ...]]:
    """All that is said of orders, without which load said it and when."""
    return [row[:-3] for row in stored(morning)]


def test_a_morning_publishes_every_line_of_every_order_of_the_gap(orders: Morning) -> None:
    progress = orders.run()
    assert progress.failures == []
    told = told_by_amazon(orders)
    expected = {
        (number, item["amazonProductIdentifier"]): item["orderedQuantity"]["amount"]
        * item["orderedQuantity"]["unitSize"]
        for number, order in told.items()
        for item in order["orderDetails"]["items"]
    }
    rows = orders.rows("select po_number, asin, ordered_units from core.purchase_order_line")
    assert {row[:2]: row[2] for row in rows} == expected
    assert len(told) > 3 * SMALL_PAGE
    [[days]] = orders.rows("select count(*) from ops.slice where status_code = 'published'")
    assert days == 15
    assert orders.rows("select 1 from core.purchase_order_line where confirmation_code is null") == []
    assert orders.rows("select 1 from ops.quarantine") == []


def test_the_same_morning_again_changes_no_row(orders: Morning) -> None:
    orders.simulator.control("PUT", "/clock", {"now": orders.instant.isoformat(), "speed": 1.0})
    orders.run()
    before = stored(orders)
    assert before
    orders.run(refetch=True)
    assert stored(orders) == before


class Killed(BaseException):
    """Stands for a kill -9: nothing in the code may catch it."""


def test_a_kill_between_two_pages_repeats_no_page_that_is_on_disk(
    orders: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, Any, Any]] = []
    written = 0
    write = Parts.write

    def noted(name: str, fetch: Any) -> Any:
        def ask(session: Any, begin: Any, end: Any, token: Any = None) -> Any:
            asked.append((name, begin, token))
            return fetch(session, begin, end, token)

        return ask

    def die_after(parts: Parts, number: int, lines: list[bytes]) -> None:
        nonlocal written
        write(parts, number, lines)
        written += 1
        if written % 4 == 0:
            raise Killed

    monkeypatch.setattr(order_collecting, "fetch_orders", noted("orders", order_calls.fetch_orders))
    monkeypatch.setattr(order_collecting, "fetch_statuses", noted("statuses", order_calls.fetch_statuses))
    monkeypatch.setattr(Parts, "write", die_after)
    orders.plan()
    kills = 0
    while kills < 100:
        try:
            orders.extract()
            break
        except Killed:
            kills += 1
    orders.gate_and_publish()
    assert kills > 2
    assert [again for again, times in Counter(asked).items() if times > 1] == []
    rows = orders.rows("select distinct po_number from core.purchase_order_line")
    assert {number for [number] in rows} == told_by_amazon(orders).keys()
    assert list((orders.settings.landing / ".collections").rglob("*.gz")) == []


@pytest.mark.parametrize("operation", ["getPurchaseOrders", "getPurchaseOrdersStatus"])
def test_a_page_token_that_repeats_ends_the_request_in_words_and_the_next_plan_asks_anew(
    orders: Morning, operation: str
) -> None:
    orders.plan()
    orders.fault("answer_page_token_repeats", operation=operation)
    progress = orders.extract()
    [failure] = progress.failures
    assert "its pages go in a circle" in failure
    assert "purchase_order_line" in failure
    assert list((orders.settings.landing / ".collections").rglob("*.gz")) == []
    orders.gate_and_publish()
    [[before]] = orders.rows("select count(*) from ops.slice where status_code = 'published'")
    assert before in {9, 12}  # of windows of 6, 6 and 3 days one is missing
    orders.run()
    assert orders.rows("select count(*) from ops.slice where status_code = 'published'") == [(15,)]


def test_a_quota_that_ends_between_pages_is_waited_for_and_nothing_is_asked_twice(orders: Morning) -> None:
    orders.plan()
    orders.fault("http_429", operation="getPurchaseOrdersStatus", times=3)
    assert orders.extract().failures == []
    orders.gate_and_publish()
    rows = orders.rows("select distinct po_number from core.purchase_order_line")
    assert {number for [number] in rows} == told_by_amazon(orders).keys()


def test_a_status_that_is_on_no_page_is_asked_for_by_its_number(
    orders: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    single: list[str] = []
    fetch_status = order_calls.fetch_status

    def noted(session: Any, number: str) -> Any:
        single.append(number)
        return fetch_status(session, number)

    def without_first(*of: Any) -> Any:
        page = order_calls.fetch_statuses(*of)
        del page["payload"]["ordersStatus"][:1]
        return page

    monkeypatch.setattr(order_collecting, "fetch_status", noted)
    monkeypatch.setattr(order_collecting, "fetch_statuses", without_first)
    orders.run()
    assert single
    assert orders.rows("select 1 from core.purchase_order_line where confirmation_code is null") == []


def test_orders_move_on_from_morning_to_morning_and_a_late_older_answer_changes_nothing(orders: Morning) -> None:
    orders.run()
    older = facts(orders)
    orders.simulator.control(
        "PUT", "/clock", {"now": (orders.instant + timedelta(days=6)).isoformat(), "speed": 2000.0}
    )
    orders.run(refetch=True)
    newer = facts(orders)
    assert {row[:3] for row in newer} == {row[:3] for row in older}
    assert newer != older
    [[first, last]] = orders.rows("select min(load_id), max(load_id) from ops.load")
    with_older = "update ops.load set status_code = 'gated' where load_id = %(load)s returning 1"
    assert last > first
    assert orders.rows(with_older, load=first) == [(1,)]
    orders.gate_and_publish()
    assert facts(orders) == newer


@pytest.mark.parametrize("kind", ["answer_null_quantities", "answer_duplicate_order", "answer_duplicate_line"])
def test_a_spoilt_page_costs_at_most_what_it_spoils(orders: Morning, kind: str) -> None:
    orders.plan()
    orders.fault(kind, operation="getPurchaseOrders")
    orders.fault(kind, operation="getPurchaseOrdersStatus")
    assert orders.extract().failures == []
    blocked, _ = orders.gate_and_publish()
    assert blocked == []
    rows = orders.rows("select distinct po_number from core.purchase_order_line")
    assert {number for [number] in rows} == told_by_amazon(orders).keys()
    assert orders.rows("select po_number, asin from core.purchase_order_line group by 1, 2 having count(*) > 1") == []


@pytest.mark.parametrize("kind", ["answer_cut", "answer_html", "http_500"])
def test_an_answer_that_is_none_is_asked_for_again(orders: Morning, kind: str) -> None:
    orders.plan()
    orders.fault(kind, operation="getPurchaseOrders")
    progress = orders.extract()
    orders.gate_and_publish()
    if progress.failures:
        orders.run()
    assert orders.rows("select count(*) from ops.slice where status_code = 'published'") == [(15,)]
