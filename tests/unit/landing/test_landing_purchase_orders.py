"""Purchase orders and their statuses come out as rows, value for value; what is wrong with one costs only itself."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daybreak.landing.failures import UnreadableDocument, WrongDocument
from daybreak.landing.order_pages import ORDERS, STATUSES
from tests.unit.landing.order_documents import (
    FIRST,
    call,
    decode,
    document,
    item,
    line_status,
    order,
    quantity,
    status,
)
from tests.unit.landing.report_documents import Json, staged


def rows(*orders: Json, statuses: tuple[Json, ...] = ()) -> list[dict[str, str | None]]:
    return staged(decode(document(*orders, statuses=statuses)))


def row(*lines: Json, told: tuple[Json, ...] = (), **how: Any) -> dict[str, str | None]:
    """The one row of one order with these lines and statuses."""
    found = rows(order("PO1", *lines, **how), statuses=(status("PO1", *told),) if told else ())
    assert len(found) == 1
    return found[0]


def refusals(*orders: Json, statuses: tuple[Json, ...] = ()) -> list[tuple[str | None, str | None, str]]:
    records = decode(document(*orders, statuses=statuses))
    list(records.csv_chunks())
    return [(each.asin, each.field, each.reason) for each in records.rejected]


def test_an_order_and_its_status_come_out_value_for_value() -> None:
    assert rows(order(), statuses=(status(),)) == [
        {
            "row_number": "1",
            "business_date": "2026-03-02",
            "po_number": "2JK3S9VC",
            "asin": "B000000001",
            "ordered_at": "2026-03-02T08:00:00+00:00",
            "ordered_units": "40",
            "accepted_units": "36",
            "rejected_units": "4",
            "received_units": "12",
            "net_cost_amount": "7.50",
            "currency_code": "EUR",
            "confirmation_code": "partially_accepted",
            "window_start_date": "2026-03-10",  # in Rome, where 23:00 UTC is the next day's midnight
            "window_end_date": "2026-03-14",
            "status_code": "open",
        }
    ]


def test_every_day_of_the_window_is_delivered_also_without_an_order() -> None:
    records = decode(document(order(), statuses=(status(),)))
    assert {day: digest.row_count for day, digest in records.slices.items()} == {
        FIRST: 1,
        **{date(2026, 3, day): 0 for day in range(3, 8)},
    }


def test_orders_of_other_days_are_left_to_the_collections_of_these_days() -> None:
    neighbours = [
        order("PO0", purchaseOrderDate="2026-03-01T23:59:59Z"),
        order("PO8", purchaseOrderDate="2026-03-08T00:00:00Z"),
    ]
    found = rows(*neighbours, order("PO1", purchaseOrderDate="2026-03-07T23:59:59Z"))
    assert [each["po_number"] for each in found] == ["PO1"]
    assert refusals(*neighbours) == []


@pytest.mark.parametrize("measure", ["Cases", "CASES"])
def test_cases_are_counted_in_units_by_their_size(measure: str) -> None:
    told = line_status(
        orderedQuantity={"orderedQuantity": quantity(5, measure, 10)},
        acknowledgementStatus={"confirmationStatus": "ACCEPTED", "acceptedQuantity": quantity(4, measure, 10)},
        receivingStatus={"receiveStatus": "RECEIVED", "receivedQuantity": quantity(7)},
    )
    found = row(item(orderedQuantity=quantity(5, measure, 10)), told=(told,))
    assert (found["ordered_units"], found["accepted_units"], found["received_units"]) == ("50", "40", "7")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (quantity(5, "Pallets"), "orderedQuantity.unitOfMeasure"),
        (quantity(5) | {"unitOfMeasure": None}, "orderedQuantity.unitOfMeasure"),
        (quantity(5, "Cases", 0), "orderedQuantity.unitSize"),
        (quantity(5, "Cases") | {"unitSize": None}, "orderedQuantity.unitSize"),
        (quantity(2**31 - 1, "Cases", 2), "orderedQuantity.amount"),
        (quantity(5) | {"amount": "five"}, "orderedQuantity.amount"),
    ],
)
def test_a_quantity_that_cannot_be_counted_is_refused_and_costs_only_its_line(wrong: Json, field: str) -> None:
    both = order("PO1", item(orderedQuantity=wrong), item("2", "B000000002"))
    assert [(asin, where) for asin, where, _ in refusals(both)] == [("B000000001", field)]
    assert [each["asin"] for each in rows(both)] == ["B000000002"]


def test_what_amazon_does_not_tell_stays_null() -> None:
    nothing = {"confirmationStatus": "UNCONFIRMED"}
    found = row(
        item(orderedQuantity=quantity(None), netCost=None),
        told=(line_status(orderedQuantity=None, acknowledgementStatus=nothing, receivingStatus=None),),
        deliveryWindow=None,
    )
    unknown = (
        "ordered_units accepted_units rejected_units received_units net_cost_amount window_start_date window_end_date"
    )
    assert {name: found[name] for name in unknown.split()} == dict.fromkeys(unknown.split())
    assert found["confirmation_code"] == "unconfirmed"


def test_not_received_is_0_unless_a_quantity_stands_beside_it() -> None:
    plain = row(told=(line_status(receivingStatus={"receiveStatus": "NOT_RECEIVED"}),))
    beside = {"receiveStatus": "NOT_RECEIVED", "receivedQuantity": quantity(None)}
    assert plain["received_units"] == "0"
    assert row(told=(line_status(receivingStatus=beside),))["received_units"] is None


def test_an_order_without_its_status_is_taken_with_what_it_says_itself() -> None:
    found = row()
    assert (found["ordered_units"], found["accepted_units"], found["received_units"]) == ("40", None, None)
    assert (found["confirmation_code"], found["status_code"]) == (None, "open")


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("UNCONFIRMED", "unconfirmed"),
        ("ACCEPTED", "accepted"),
        ("PARTIALLY_ACCEPTED", "partially_accepted"),
        ("REJECTED", "rejected"),
        (None, None),
    ],
)
def test_confirmations_have_our_codes(word: str | None, code: str | None) -> None:
    assert row(told=(line_status(acknowledgementStatus={"confirmationStatus": word}),))["confirmation_code"] == code


def test_a_confirmation_that_nobody_knows_is_refused() -> None:
    told = status("PO1", line_status(acknowledgementStatus={"confirmationStatus": "MAYBE"}))
    [(_, field, reason)] = refusals(order("PO1"), statuses=(told,))
    assert field == "acknowledgementStatus.confirmationStatus"
    assert "'MAYBE'" in reason


@pytest.mark.parametrize(
    ("order_state", "status_state", "ordered", "code"),
    [
        ("New", "OPEN", 40, "open"),
        ("Acknowledged", "OPEN", 40, "open"),
        ("Closed", "OPEN", 40, "closed"),
        ("Acknowledged", "CLOSED", 40, "closed"),
        ("Closed", "CLOSED", 0, "cancelled"),
        ("New", "OPEN", 0, "cancelled"),
    ],
)
def test_an_order_is_open_closed_or_cancelled(order_state: str, status_state: str, ordered: int, code: str) -> None:
    told = status("PO1", line_status(orderedQuantity={"orderedQuantity": quantity(ordered)}), state=status_state)
    [found] = rows(order("PO1", state=order_state), statuses=(told,))
    assert found["status_code"] == code


def test_the_status_is_asked_for_later_and_its_quantity_counts() -> None:
    cancelled = line_status(orderedQuantity={"orderedQuantity": quantity(0)})
    assert row(told=(cancelled,))["ordered_units"] == "0"


def test_two_lines_of_one_asin_are_added_up_and_their_cost_is_weighted() -> None:
    found = row(
        item("1", orderedQuantity=quantity(30), netCost={"amount": "6", "currencyCode": "EUR"}),
        item("2", orderedQuantity=quantity(10), netCost={"amount": "8", "currencyCode": "EUR"}),
        told=(
            line_status("1", orderedQuantity=None, receivingStatus={"receiveStatus": "NOT_RECEIVED"}),
            line_status("2", orderedQuantity=None, acknowledgementStatus={"confirmationStatus": "UNCONFIRMED"}),
        ),
    )
    assert (found["ordered_units"], found["received_units"]) == ("40", "12")
    assert found["accepted_units"] is None  # of one line it is unknown
    assert (found["confirmation_code"], found["net_cost_amount"]) == ("unconfirmed", "6.500000")


def test_lines_that_were_answered_differently_are_accepted_in_part() -> None:
    told = (
        line_status("1", acknowledgementStatus={"confirmationStatus": "ACCEPTED"}),
        line_status("2", acknowledgementStatus={"confirmationStatus": "REJECTED"}),
    )
    assert row(item("1"), item("2"), told=told)["confirmation_code"] == "partially_accepted"


def test_a_line_that_stands_twice_under_one_number_is_one_line() -> None:
    assert row(item("1"), item("1"), told=(line_status("1"), line_status("1")))["ordered_units"] == "40"


def test_a_status_finds_its_line_by_asin_where_the_numbers_differ() -> None:
    assert row(item("1"), told=(line_status("001"),))["accepted_units"] == "36"
    assert row(item("1"), item("2"), told=(line_status("7"),))["accepted_units"] is None


def test_an_order_on_two_pages_holds_as_it_was_told_last() -> None:
    lines = [
        call(ORDERS, order("PO1", item(orderedQuantity=quantity(1)))),
        call(ORDERS, order("PO1", item(orderedQuantity=quantity(2)))),
        call(STATUSES),
    ]
    [found] = staged(decode(b"\n".join(lines)))
    assert found["ordered_units"] == "2"


def test_costs_by_weight_are_no_cost_of_a_unit_and_foreign_money_is_refused() -> None:
    by_weight = {"amount": "94.97", "currencyCode": "EUR", "unitOfMeasure": "KILOGRAMS"}
    assert row(item(netCost=by_weight))["net_cost_amount"] is None
    [(_, field, reason)] = refusals(order("PO1", item(netCost={"amount": "9", "currencyCode": "USD"})))
    assert field == "netCost.currencyCode"
    assert "the account's currency is EUR, got 'USD'" in reason


def test_where_amazon_fetches_the_goods_the_shipping_window_counts() -> None:
    found = row(deliveryWindow=None, shipWindow="2026-03-10T00:00:00Z--2026-03-12T00:00:00Z")
    assert (found["window_start_date"], found["window_end_date"]) == ("2026-03-10", "2026-03-12")


@pytest.mark.parametrize("text", ["soon", "2026-03-10T00:00:00Z", "2026-03-12T00:00:00Z--2026-03-10T00:00:00Z", "--"])
def test_a_window_that_is_none_is_refused(text: str) -> None:
    assert [field for _, field, _ in refusals(order("PO1", deliveryWindow=text))] == ["orderDetails.deliveryWindow"]


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        (order("", item()), "purchaseOrderNumber"),
        ({"purchaseOrderNumber": "PO1"}, "orderDetails"),
        (order("PO1", purchaseOrderDate="yesterday"), "orderDetails.purchaseOrderDate"),
        (order("PO1", purchaseOrderDate="2026-03-02T08:00:00"), "orderDetails.purchaseOrderDate"),
        (order("PO1", item(asin=None)), "amazonProductIdentifier"),
    ],
)
def test_an_order_that_cannot_be_placed_is_refused_and_the_others_stay(broken: Json, field: str) -> None:
    assert [where for _, where, _ in refusals(broken, order("PO2"))] == [field]
    assert [each["po_number"] for each in rows(broken, order("PO2"))] == ["PO2"]


def test_fields_that_no_model_has_are_named() -> None:
    told = status("PO1", line_status(colour="red"))
    assert decode(document(order("PO1", item(scent="rose")), statuses=(told,))).unknown_fields == ("colour", "scent")


def test_a_line_that_is_no_answer_makes_the_document_unreadable() -> None:
    with pytest.raises(UnreadableDocument, match="line 2 is no answer about purchase orders"):
        decode(call(ORDERS) + b'\n{"operation": "getReport"}\n')
    with pytest.raises(UnreadableDocument, match="no line"):
        decode(b"")
    with pytest.raises(UnreadableDocument, match="several spans"):
        decode(call(ORDERS) + b"\n" + call(STATUSES, last=date(2026, 3, 6)))


def test_the_orders_of_other_days_are_not_what_was_asked_for() -> None:
    with pytest.raises(WrongDocument, match="asked 2026-03-02 to 2026-03-06, got 2026-03-02 to 2026-03-07"):
        decode(document(order()), window_end=date(2026, 3, 6))


@given(st.permutations(["PO1", "PO2", "PO3", "PO4"]))
def test_the_order_of_orders_and_statuses_on_the_pages_changes_nothing(numbers: list[str]) -> None:
    usual = ["PO1", "PO2", "PO3", "PO4"]
    expected = decode(document(*map(order, usual), statuses=tuple(map(status, usual))))
    found = decode(document(*map(order, numbers), statuses=tuple(map(status, reversed(numbers)))))
    assert staged(found) == staged(expected)
    assert found.slices == expected.slices
