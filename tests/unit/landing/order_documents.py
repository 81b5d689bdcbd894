"""Documents of collected purchase orders for tests: Amazon's answers in the lines in which they are landed."""

import json
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from daybreak.datasets import DATASETS
from daybreak.landing.order_pages import ORDERS, STATUSES, OrderCall, OrderOperation, Window, encode_call
from daybreak.landing.purchase_orders import decode_purchase_orders
from daybreak.landing.records import Records
from daybreak.landing.specifications import ExpectedReport

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 7)
FILE_NAME = "acme/purchase_order_line/2026/03/collection-1-0123456789ab.bin"
AT = datetime(2026, 3, 8, 4, tzinfo=UTC)
Json = dict[str, Any]


def quantity(amount: int | None, measure: str = "Eaches", size: int = 1) -> Json:
    return {"amount": amount, "unitOfMeasure": measure, "unitSize": size}


def item(sequence: str = "1", asin: str | None = "B000000001", **changes: Any) -> Json:
    return {
        "itemSequenceNumber": sequence,
        "amazonProductIdentifier": asin,
        "vendorProductIdentifier": "0012",
        "orderedQuantity": quantity(40),
        "isBackOrderAllowed": False,
        "netCost": {"amount": "7.50", "currencyCode": "EUR"},
    } | changes


def order(number: str = "2JK3S9VC", *items: Json, state: str = "Acknowledged", **details: Any) -> Json:
    return {
        "purchaseOrderNumber": number,
        "purchaseOrderState": state,
        "orderDetails": {
            "purchaseOrderDate": "2026-03-02T08:00:00Z",
            "deliveryWindow": "2026-03-09T23:00:00Z--2026-03-14T22:59:59Z",
            "items": list(items) or [item()],
        }
        | details,
    }


def line_status(sequence: str | None = "1", asin: str = "B000000001", **changes: Any) -> Json:
    return {
        "itemSequenceNumber": sequence,
        "buyerProductIdentifier": asin,
        "netCost": {"amount": "7.50", "currencyCode": "EUR"},
        "orderedQuantity": {"orderedQuantity": quantity(40)},
        "acknowledgementStatus": {
            "confirmationStatus": "PARTIALLY_ACCEPTED",
            "acceptedQuantity": quantity(36),
            "rejectedQuantity": quantity(4),
        },
        "receivingStatus": {"receiveStatus": "PARTIALLY_RECEIVED", "receivedQuantity": quantity(12)},
    } | changes


def status(number: str = "2JK3S9VC", *lines: Json, state: str = "OPEN") -> Json:
    return {
        "purchaseOrderNumber": number,
        "purchaseOrderStatus": state,
        "purchaseOrderDate": "2026-03-02T08:00:00Z",
        "itemStatus": list(lines) or [line_status()],
    }


def call(operation: OrderOperation, *told: Json, first: date = FIRST, last: date = LAST) -> bytes:
    """A line of the document: the page of ``operation`` that holds ``told``."""
    member = "orders" if operation == ORDERS else "ordersStatus"
    answer = json.dumps({"payload": {"pagination": {}, member: list(told)}}).encode()
    made = OrderCall(
        operation=operation,
        window=Window(first, last),
        requested_at=AT,
        answered_at=AT,
        answer=msgspec.Raw(answer),
    )
    return encode_call(made)


def document(*orders: Json, statuses: tuple[Json, ...] = ()) -> bytes:
    return b"\n".join([call(ORDERS, *orders), call(STATUSES, *statuses)]) + b"\n"


def decode(data: bytes, **changes: Any) -> Records:
    usual = {
        "account_id": "acme_it",
        "marketplace_id": "APJ6JRA9NG5V4",
        "currency_code": "EUR",
        "variant": "",
        "window_start": FIRST,
        "window_end": LAST,
        "time_zone": "Europe/Rome",
    }
    expected = ExpectedReport(**(usual | changes))
    return decode_purchase_orders(data, DATASETS["purchase_order_line"], expected, FILE_NAME)  # type: ignore[arg-type]
