"""Vendor Orders v1: purchase orders joined with what became of them, as a row per order and ASIN."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from daybreak.landing.csv_text import Value
from daybreak.landing.documents import Document
from daybreak.landing.echoes import parse_instant
from daybreak.landing.failures import WrongDocument
from daybreak.landing.order_lines import LineReader, add_up
from daybreak.landing.order_pages import ORDERS, OrderCall, number_of, read_calls
from daybreak.landing.order_quantities import window_dates
from daybreak.landing.records import Records
from daybreak.landing.rejections import RowProblem
from daybreak.landing.row_reading import ROW_ERRORS, problem_of, refuse
from daybreak.landing.specifications import ExpectedReport
from daybreak.sources import Collection

COLUMNS = (
    "po_number", "asin", "ordered_at", "ordered_units", "accepted_units", "rejected_units", "received_units",
    "net_cost_amount", "currency_code", "confirmation_code", "window_start_date", "window_end_date", "status_code",
)  # fmt: skip


class _Details(msgspec.Struct):
    purchaseOrderDate: str  # noqa: N815 - Amazon's own field names, so that errors name them
    items: list[msgspec.Raw]
    deliveryWindow: str | None = None  # noqa: N815
    shipWindow: str | None = None  # noqa: N815


class _Order(msgspec.Struct):
    purchaseOrderNumber: str  # noqa: N815
    orderDetails: _Details  # noqa: N815
    purchaseOrderState: str | None = None  # noqa: N815


class _Status(msgspec.Struct):
    purchaseOrderStatus: str | None = None  # noqa: N815
    itemStatus: list[msgspec.Raw] | None = None  # noqa: N815


class _Key(msgspec.Struct):
    """What a line of an order, or of a status, is known by; the typed reading says what is wrong with either."""

    itemSequenceNumber: Any = None  # noqa: N815
    amazonProductIdentifier: Any = None  # noqa: N815
    buyerProductIdentifier: Any = None  # noqa: N815

    @property
    def asin(self) -> str | None:
        name = self.amazonProductIdentifier or self.buyerProductIdentifier
        return name if isinstance(name, str) else None


_KeyedLine = tuple[_Key, msgspec.Raw]
_Line = tuple[msgspec.Raw, msgspec.Raw | None]


def decode_purchase_orders(data: Document, dataset: Collection, expected: ExpectedReport, file_name: str) -> Records:
    """The document as a row per order and ASIN; the ledger's dates are the UTC days on which orders were placed.

    Lines of one order about one ASIN are added up. Orders placed outside the collection's days are left out: they
    belong to other collections, which hold all of their day.

    Raises:
        UnreadableDocument: a line is no answer about purchase orders.
        WrongDocument: the days are not those that were asked for.
    """
    calls = read_calls(data, file_name)
    told = (calls[0].window.first, calls[0].window.last)
    asked = (expected.window_start, expected.window_end)
    if expected.window_start is not None and asked != told:
        difference = f"days: asked {asked[0]} to {asked[1]}, got {told[0]} to {told[1]}"
        raise WrongDocument(file_name, expected.account_id, dataset.key, [difference])
    records = Records(file_name, COLUMNS, *told)
    for day in dataset.calendar.dates(*told):
        records.deliver(day)
    orders = _newest(call for call in calls if call.operation == ORDERS)
    statuses = _newest(call for call in calls if call.operation != ORDERS)
    decoder = _Decoder(records, expected)
    for number, order in sorted(orders.items()):
        decoder.add(order, statuses.get(number))
    return decoder.finish()


def _newest(calls: Iterable[OrderCall]) -> dict[str, msgspec.Raw]:
    """Every order, or status, once by its number: one that moved to a later page holds as it was told last."""
    return {number_of(item) or "": item for call in calls for item in call.items}


class _Decoder:
    """Decodes one order after the other into ``records``."""

    def __init__(self, records: Records, expected: ExpectedReport) -> None:
        self._records = records
        self._expected = expected
        self._lines = LineReader(expected.currency_code)

    def finish(self) -> Records:
        self._records.unknown_names |= self._lines.unknown_names
        return self._records

    def add(self, raw_order: msgspec.Raw, raw_status: msgspec.Raw | None) -> None:
        """Afterwards each ASIN of the order is accepted or rejected, or the order lies outside the days."""
        try:
            order = msgspec.json.decode(raw_order, type=_Order)
            if not order.purchaseOrderNumber:
                refuse("purchaseOrderNumber", "an order without its number")
            ordered_at = parse_instant(order.orderDetails.purchaseOrderDate)
            if ordered_at is None:
                refuse("orderDetails.purchaseOrderDate", "not an instant of ISO 8601 with its zone")
            status = _Status() if raw_status is None else msgspec.json.decode(raw_status, type=_Status)
            lines = _by_asin(order.orderDetails.items, status.itemStatus or [])
        except ROW_ERRORS as error:
            self._records.reject(bytes(raw_order), self._problem(error))
            return
        if self._records.first_date <= ordered_at.date() <= self._records.last_date:
            for asin, found in lines.items():
                self._add_row(order, status, ordered_at, asin, found)

    def _add_row(
        self, order: _Order, status: _Status, ordered_at: datetime, asin: str | None, lines: list[_Line]
    ) -> None:
        content = msgspec.json.encode(
            {
                "asin": asin,
                "order": {"purchaseOrderNumber": order.purchaseOrderNumber, "state": order.purchaseOrderState},
                "orderDetails": {
                    "purchaseOrderDate": order.orderDetails.purchaseOrderDate,
                    "deliveryWindow": order.orderDetails.deliveryWindow,
                    "shipWindow": order.orderDetails.shipWindow,
                    "items": [item for item, _ in lines],
                },
                "purchaseOrderStatus": status.purchaseOrderStatus,
                "itemStatus": [state for _, state in lines],
            }
        )
        try:
            values = self._values(order, status, ordered_at, asin, lines)
        except ROW_ERRORS as error:
            self._records.reject(content, self._problem(error), day=ordered_at.date())
            return
        self._records.accept(ordered_at.date(), values, content)

    def _values(
        self, order: _Order, status: _Status, ordered_at: datetime, asin: str | None, lines: list[_Line]
    ) -> tuple[Value, ...]:
        line = add_up([self._lines.read(*each) for each in lines])
        first, last = _window(order.orderDetails, self._expected.time_zone)
        return (
            order.purchaseOrderNumber,
            asin,
            ordered_at.astimezone(UTC).isoformat(),
            line.ordered,
            line.accepted,
            line.rejected,
            line.received,
            line.net_cost,
            self._expected.currency_code,
            line.confirmation_code,
            first.isoformat() if first else None,
            last.isoformat() if last else None,
            _status_code(order, status, line.ordered),
        )

    def _problem(self, error: Exception) -> RowProblem:
        return problem_of(error, self._expected.currency_code)


def _by_asin(items: Sequence[msgspec.Raw], states: Sequence[msgspec.Raw]) -> dict[str | None, list[_Line]]:
    """The lines of an order by ASIN, each with its status; a line that stands there twice is one line."""
    keyed_states = [(msgspec.json.decode(raw, type=_Key), raw) for raw in states]
    by_asin: dict[str | None, dict[Any, _KeyedLine]] = {}
    for place, raw in enumerate(items):
        key = msgspec.json.decode(raw, type=_Key)
        number = key.itemSequenceNumber if isinstance(key.itemSequenceNumber, str) else place
        by_asin.setdefault(key.asin, {})[number] = (key, raw)
    return {
        asin: [(raw, _status_of(key, keyed_states, is_alone=len(lines) == 1)) for key, raw in lines.values()]
        for asin, lines in by_asin.items()
    }


def _status_of(key: _Key, states: Sequence[_KeyedLine], *, is_alone: bool) -> msgspec.Raw | None:
    """The status with the line's number and ASIN, else the only one about an ASIN that stands in one line only."""
    same = [(other, raw) for other, raw in states if other.asin == key.asin]
    exact = [raw for other, raw in same if other.itemSequenceNumber == key.itemSequenceNumber]
    if exact:
        return exact[-1]
    return same[0][1] if is_alone and len(same) == 1 else None


def _window(details: _Details, time_zone: str) -> tuple[date | None, date | None]:
    """Where the vendor brings the goods Amazon tells a delivery window, where it fetches them a shipping window."""
    if details.deliveryWindow:
        return window_dates(details.deliveryWindow, "orderDetails.deliveryWindow", time_zone)
    return window_dates(details.shipWindow, "orderDetails.shipWindow", time_zone)


def _status_code(order: _Order, status: _Status, ordered: int | None) -> str:
    """Amazon cancels a line by ordering it zero times."""
    if ordered == 0:
        return "cancelled"
    is_closed = status.purchaseOrderStatus == "CLOSED" or order.purchaseOrderState == "Closed"
    return "closed" if is_closed else "open"
