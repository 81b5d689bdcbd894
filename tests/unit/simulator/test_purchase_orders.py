"""Purchase orders tell the world's supply figures line by line, from the order to its end."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.order_queries import OrderQuery, Range, confirmations, read_query, receipts, states
from simulator.order_shapes import write_order, write_status
from simulator.refusals import Refusal
from simulator.world.history import AccountWorld
from simulator.world.kinds import Kind
from simulator.world.order_numbers import OrderPlace, order_number, order_place
from simulator.world.order_weeks import NEVER, OrderWeek
from simulator.world.purchase_orders import LINES_PER_ORDER, LONGEST_LIFE_DAYS, PurchaseOrders

from .conftest import START_DATE, MakeAccount

ROME = ZoneInfo("Europe/Rome")
NOW = int(datetime(2026, 11, 23, 4, 15, tzinfo=UTC).timestamp())
DAY = 86_400


def end_of(day: date) -> int:
    return int(datetime.combine(day + timedelta(days=1), time(), ROME).timestamp())


@pytest.fixture(scope="module")
def book(make_account: MakeAccount) -> PurchaseOrders:
    return PurchaseOrders(AccountWorld(make_account(asins=240), 7, START_DATE))


@pytest.fixture(scope="module")
def quarter(book: PurchaseOrders) -> list[OrderWeek]:
    """The orders of the last thirteen weeks."""
    today = book.day_of(NOW)
    return book.weeks(today - 91, today, NOW)


def per_line(week: OrderWeek, values: np.ndarray) -> np.ndarray:
    return np.repeat(values, np.diff(week.first_line))


@given(
    key=st.integers(0, 2**64 - 1),
    place=st.builds(OrderPlace, st.integers(0, 2**14 - 1), st.integers(0, 31), st.integers(0, 511)),
)
def test_a_number_is_eight_letters_or_digits_and_leads_back_to_its_place(key: int, place: OrderPlace) -> None:
    number = order_number(key, place)
    assert len(number) == 8
    assert number.isascii()
    assert number.isalnum()
    assert number == number.upper()
    assert order_place(key, number) == place


@pytest.mark.parametrize("text", ["", "ABC", "abcdefgh", "ABCDEFG!", "ZZZZZZZZ"])
def test_what_is_no_number_has_no_place(text: str) -> None:
    assert order_place(1, text) is None


@pytest.mark.parametrize("days_back", [4, 40, 400, 740])
def test_open_lines_add_up_to_the_open_units_of_the_inventory(book: PurchaseOrders, days_back: int) -> None:
    day = datetime.fromtimestamp(NOW, ROME).date() - timedelta(days=days_back)
    index, end = book.world.index_of(day), end_of(day)
    open_units = np.zeros(book.world.catalogue.size, dtype=np.int64)
    for week in book.weeks(index - LONGEST_LIFE_DAYS, index, NOW):
        is_open = (per_line(week, week.placed_at) < end) & (week.received_at >= end) & (week.accepted > 0)
        np.add.at(open_units, week.asin[is_open], week.accepted[is_open])
    reported = book.world.span(day, day)["open_units"][0]
    assert open_units.tolist() == reported.tolist()
    assert open_units.sum() > 0


def test_lines_are_what_was_asked_and_confirmed_on_each_day(book: PurchaseOrders, quarter: list[OrderWeek]) -> None:
    first = datetime.fromtimestamp(int(quarter[0].placed_at[0]), ROME).date()
    last = datetime.fromtimestamp(int(quarter[-1].placed_at[-1]), ROME).date()
    span = book.world.span(first, last)
    asked, accepted = np.zeros_like(span["asked"]), np.zeros_like(span["confirmed"])
    for week in quarter:
        days = np.array([book.day_of(int(second)) for second in per_line(week, week.placed_at)]) - span.first_index
        asked[days, week.asin] += week.asked
        accepted[days, week.asin] += week.accepted
    assert (asked == span["asked"]).all()
    assert (accepted == span["confirmed"]).all()


def test_an_order_has_no_product_twice_and_most_have_several(quarter: list[OrderWeek]) -> None:
    seen: set[str] = set()
    for week in quarter:
        for order, number in enumerate(week.numbers):
            lines = week.asin[week.lines(order)]
            assert 1 <= len(lines) <= LINES_PER_ORDER
            assert len(set(lines.tolist())) == len(lines)
            seen.add(number)
    assert len(seen) == sum(len(week.numbers) for week in quarter)
    assert max(np.diff(week.first_line).max() for week in quarter) > 3


def test_a_large_day_is_split_into_orders_of_bearable_length(make_account: MakeAccount) -> None:
    book = PurchaseOrders(AccountWorld(make_account(asins=4000), 7, date(2026, 10, 1)))
    today = book.day_of(NOW)
    sizes = np.concatenate([np.diff(week.first_line) for week in book.weeks(today - 7, today, NOW)])
    assert sizes.max() == LINES_PER_ORDER


def test_things_happen_in_their_order_and_every_order_ends(quarter: list[OrderWeek]) -> None:
    for week in quarter:
        placed = per_line(week, week.placed_at)
        assert (week.confirmed_at > placed).all()
        assert (week.received_at > placed).all()
        assert (week.window_start <= week.window_end).all()
        assert (week.window_start > week.placed_at).all()
        assert (week.closed_at - week.placed_at <= LONGEST_LIFE_DAYS * DAY).all()
        closed = per_line(week, week.closed_at)
        for times in (week.received_at, week.cancelled_at):
            assert (times[times < NEVER] <= closed[times < NEVER]).all()
        assert (week.received <= week.accepted).all()
        assert (week.accepted <= week.asked).all()


def test_late_is_what_arrives_after_its_window(book: PurchaseOrders, quarter: list[OrderWeek]) -> None:
    lead = book.world.catalogue.lead_days
    found = {True: 0, False: 0}
    for week in quarter:
        ended = per_line(week, week.window_end)
        for line in np.flatnonzero(week.accepted > 0):
            placed = per_line(week, week.placed_at)[line]
            way = book.day_of(int(week.received_at[line])) - book.day_of(int(placed))
            is_late = bool(week.received_at[line] > ended[line])
            assert is_late == (way >= lead[week.asin[line]] + 3)
            found[is_late] += 1
    assert found[False] > 10 * found[True] > 0


def test_every_fate_of_a_line_occurs(quarter: list[OrderWeek]) -> None:
    assert {str(word) for week in quarter for word in states(week, NOW)} == {"New", "Acknowledged", "Closed"}
    assert {str(word) for week in quarter for word in confirmations(week, NOW)} == {
        "ACCEPTED", "PARTIALLY_ACCEPTED", "REJECTED", "UNCONFIRMED",
    }  # fmt: skip
    assert {str(word) for week in quarter for word in receipts(week, NOW)} == {
        "NOT_RECEIVED", "PARTIALLY_RECEIVED", "RECEIVED",
    }  # fmt: skip
    assert any((week.cancelled_at <= NOW).any() for week in quarter)


def units(quantity: dict[str, Any]) -> int:
    return int(quantity["amount"] * quantity["unitSize"])


def test_shapes_carry_the_units_of_the_columns_whatever_they_are_counted_in(
    book: PurchaseOrders, quarter: list[OrderWeek]
) -> None:
    measures = set()
    for week in quarter:
        for order in range(len(week.numbers)):
            lines = range(week.lines(order).start, week.lines(order).stop)
            shown = write_order(book, week, order, NOW, has_details=True)["orderDetails"]
            status = write_status(book, week, order, NOW)
            assert shown["deliveryWindow"].count("--") == 1
            for line, item, item_status in zip(lines, shown["items"], status["itemStatus"], strict=True):
                measures.add(item["orderedQuantity"]["unitOfMeasure"])
                is_cancelled = week.cancelled_at[line] <= NOW
                assert units(item["orderedQuantity"]) == (0 if is_cancelled else week.asked[line])
                assert float(item["netCost"]["amount"]) == pytest.approx(float(week.cost[line]), abs=0.005)
                answer = item_status["acknowledgementStatus"]
                assert ("acceptedQuantity" in answer) == (week.confirmed_at[line] <= NOW)
                if "acceptedQuantity" in answer:
                    assert units(answer["acceptedQuantity"]) == week.accepted[line]
                    assert units(answer["rejectedQuantity"]) == week.asked[line] - week.accepted[line]
                receipt = item_status["receivingStatus"]
                assert units(receipt.get("receivedQuantity", {"amount": 0, "unitSize": 1})) == (
                    week.received[line] if week.received_at[line] <= NOW else 0
                )
    assert measures == {"Cases", "Eaches"}


def test_an_order_grows_as_time_goes_on_and_nothing_of_tomorrow_shows(book: PurchaseOrders) -> None:
    today = book.day_of(NOW)
    week = book.weeks(today - 60, today - 54, NOW)[0]
    order = 0
    before = int(week.placed_at[order])
    fresh = write_status(book, week, order, before)
    assert fresh["purchaseOrderStatus"] == "OPEN"
    assert fresh["lastUpdatedDate"] == fresh["purchaseOrderDate"]
    assert {item["acknowledgementStatus"]["confirmationStatus"] for item in fresh["itemStatus"]} == {"UNCONFIRMED"}
    assert {item["receivingStatus"]["receiveStatus"] for item in fresh["itemStatus"]} == {"NOT_RECEIVED"}
    done = write_status(book, week, order, int(week.closed_at[order]))
    assert done["purchaseOrderStatus"] == "CLOSED"
    assert done["lastUpdatedDate"] > fresh["lastUpdatedDate"]


def test_the_same_week_is_the_same_in_another_process_and_order(make_account: MakeAccount) -> None:
    account = make_account(asins=60)
    one, two = (PurchaseOrders(AccountWorld(account, 7, date(2026, 7, 1))) for _ in range(2))
    today = one.day_of(NOW)
    two.weeks(today - 100, today - 90, NOW)
    for mine, theirs in zip(one.weeks(today - 40, today, NOW), two.weeks(today - 40, today, NOW), strict=True):
        assert mine.numbers == theirs.numbers
        for name in ("placed_at", "closed_at", "asked", "accepted", "received", "received_at", "cost"):
            assert (getattr(mine, name) == getattr(theirs, name)).all()


def test_without_a_time_the_last_seven_days_are_meant() -> None:
    query = read_query("getPurchaseOrders", {}, NOW)
    assert query.created == Range(NOW + 1 - 7 * DAY, NOW + 1)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"createdAfter": "2026-11-20T00:00:00Z"}, Range(1_795_132_800, NOW + 1)),
        ({"createdBefore": "2026-11-20T00:00:00Z"}, Range(1_795_132_800 - 7 * DAY, 1_795_132_800)),
        (
            {"createdAfter": "2026-11-13T00:00:00", "createdBefore": "2026-11-20T00:00:00"},
            Range(1_795_132_800 - 7 * DAY, 1_795_132_800),
        ),
    ],
)
def test_half_a_range_is_completed(given: dict[str, str], expected: Range) -> None:
    assert read_query("getPurchaseOrders", given, NOW).created == expected


@pytest.mark.parametrize(
    "given",
    [
        {"createdAfter": "2026-11-10T00:00:00Z", "createdBefore": "2026-11-17T00:00:01Z"},
        {"changedAfter": "2026-11-10T00:00:00Z"},
        {"createdAfter": "2026-11-20T00:00:00Z", "createdBefore": "2026-11-19T00:00:00Z"},
        {"createdAfter": "2026-11-2000:00:00"},
        {"limit": "101"},
        {"limit": "0"},
        {"sortOrder": "UP"},
        {"purchaseOrderState": "OPEN"},
        {"poItemState": "cancelled"},
        {"nextToken": "not-a-token"},
        {"nextToken": OrderQuery("getPurchaseOrdersStatus").token((1, "A"))},
    ],
)
def test_wrong_parameters_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(Refusal) as refused:
        read_query("getPurchaseOrders", given, NOW)
    assert (refused.value.status, refused.value.code) == (400, "InvalidRequest")


@pytest.mark.parametrize("wanted", ["ACCEPTED", "PARTIALLY_ACCEPTED", "REJECTED", "UNCONFIRMED"])
def test_a_filter_by_line_keeps_orders_with_such_a_line(quarter: list[OrderWeek], wanted: str) -> None:
    query = read_query("getPurchaseOrdersStatus", {"itemConfirmationStatus": wanted, "purchaseOrderNumber": "X"}, NOW)
    query = OrderQuery("getPurchaseOrdersStatus", confirmation=query.confirmation)
    for week in quarter:
        chosen = query.selects(week, NOW)
        for order in range(len(week.numbers)):
            has_line = wanted in confirmations(week, NOW, week.lines(order)).tolist()
            assert chosen[order] == (has_line and week.placed_at[order] <= NOW)


def test_changed_orders_are_those_with_a_cancelled_line(quarter: list[OrderWeek]) -> None:
    query = read_query("getPurchaseOrders", {"isPOChanged": "true", "poItemState": "Cancelled"}, NOW)
    query = OrderQuery("getPurchaseOrders", is_changed=query.is_changed, is_cancelled=query.is_cancelled)
    found = 0
    for week in quarter:
        chosen = query.selects(week, NOW)
        expected = [bool((week.cancelled_at[week.lines(order)] <= NOW).any()) for order in range(len(week.numbers))]
        assert chosen.tolist() == expected
        found += sum(expected)
    assert found > 0


@pytest.fixture(scope="module")
def troubled(make_account: MakeAccount) -> PurchaseOrders:
    return PurchaseOrders(AccountWorld(make_account(asins=1500), 7, date(2026, 5, 1)))


@pytest.mark.parametrize("kind", [Kind.PO_UNCONFIRMED, Kind.PO_REJECTED, Kind.PO_OVERDUE])
def test_lines_suffer_what_the_script_says_and_only_then(troubled: PurchaseOrders, kind: Kind) -> None:
    today = troubled.day_of(NOW)
    incidents = [one for one in troubled.world.script.between(today - 90, today - 30) if one.kind == kind]
    struck = {(one.index, day) for one in incidents for day in range(one.first_day, one.last_day + 1)}
    hit = spared = 0
    for week in troubled.weeks(today - 90, today - 30, NOW):
        days = np.repeat([troubled.day_of(int(second)) for second in week.placed_at], np.diff(week.first_line))
        fates = {
            Kind.PO_UNCONFIRMED: week.confirmed_at == NEVER,
            Kind.PO_REJECTED: (week.confirmed_at < NEVER) & (week.accepted == 0),
            Kind.PO_OVERDUE: (week.accepted > 0) & (week.received_at > per_line(week, week.window_end)),
        }
        # A single unit cannot be confirmed in part; of those nothing is left to deliver now and then.
        told = (days >= today - 90) & (days <= today - 30) & (week.asked > 1)
        lines = zip(days[told].tolist(), week.asin[told].tolist(), fates[kind][told].tolist(), strict=True)
        for day, asin, suffers in lines:
            assert suffers == ((asin, day) in struck)
            hit += suffers
            spared += not suffers
    assert spared > 5 * hit > 0
