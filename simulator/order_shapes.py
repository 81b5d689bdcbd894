"""One purchase order as the Vendor Orders API writes it."""

from datetime import UTC, datetime
from typing import Any

from simulator.order_queries import confirmations, receipts, states
from simulator.world.order_weeks import NEVER, OrderWeek
from simulator.world.purchase_orders import PurchaseOrders

Json = dict[str, Any]


def write_order(book: PurchaseOrders, week: OrderWeek, order: int, now: int, *, has_details: bool) -> Json:
    """An ``Order`` as it stands ``now``. A line that Amazon cancelled is ordered zero times."""
    head: Json = {"purchaseOrderNumber": week.numbers[order], "purchaseOrderState": str(states(week, now)[order])}
    if not has_details:
        return head
    changed_at = int(week.changed_at(now)[order])
    buyer = {"partyId": week.warehouses[order]}
    details: Json = {
        "purchaseOrderDate": _instant(week.placed_at[order]),
        **({"purchaseOrderChangedDate": _instant(changed_at)} if changed_at != NEVER else {}),
        "purchaseOrderStateChangedDate": _instant(_state_changed_at(week, order, now)),
        "purchaseOrderType": "RegularOrder",
        "paymentMethod": "Invoice",
        "buyingParty": buyer,
        "sellingParty": {"partyId": book.vendor_code},
        "shipToParty": buyer,
        "billToParty": buyer,
        "deliveryWindow": f"{_instant(week.window_start[order])}--{_instant(week.window_end[order])}",
        "items": [_item(book, week, order, line, now) for line in _lines(week, order)],
    }
    return head | {"orderDetails": details}


def write_status(book: PurchaseOrders, week: OrderWeek, order: int, now: int) -> Json:
    """An ``OrderStatus`` as it stands ``now``."""
    lines = week.lines(order)
    found = zip(_lines(week, order), confirmations(week, now, lines), receipts(week, now, lines), strict=True)
    return {
        "purchaseOrderNumber": week.numbers[order],
        "purchaseOrderStatus": "CLOSED" if week.closed_at[order] <= now else "OPEN",
        "purchaseOrderDate": _instant(week.placed_at[order]),
        "lastUpdatedDate": _instant(week.updated_at(now)[order]),
        "sellingParty": {"partyId": book.vendor_code},
        "shipToParty": {"partyId": week.warehouses[order]},
        "itemStatus": [
            {
                "itemSequenceNumber": _sequence(week, order, line),
                "buyerProductIdentifier": book.world.catalogue.asins[week.asin[line]],
                "vendorProductIdentifier": _vendor_product(book, week, line),
                "netCost": _money(book, week.cost[line]),
                "orderedQuantity": _ordered(week, order, line, now),
                "acknowledgementStatus": _acknowledgement(week, line, now, str(confirmed)),
                "receivingStatus": _receiving(week, line, now, str(arrived)),
            }
            for line, confirmed, arrived in found
        ],
    }


def _item(book: PurchaseOrders, week: OrderWeek, order: int, line: int, now: int) -> Json:
    is_cancelled = week.cancelled_at[line] <= now
    return {
        "itemSequenceNumber": _sequence(week, order, line),
        "amazonProductIdentifier": book.world.catalogue.asins[week.asin[line]],
        "vendorProductIdentifier": _vendor_product(book, week, line),
        "orderedQuantity": _quantity(week, line, 0 if is_cancelled else int(week.asked[line])),
        "isBackOrderAllowed": False,
        "netCost": _money(book, week.cost[line]),
    }


def _ordered(week: OrderWeek, order: int, line: int, now: int) -> Json:
    asked = _quantity(week, line, int(week.asked[line]))
    details = [{"updatedDate": _instant(week.placed_at[order]), "orderedQuantity": asked}]
    if week.cancelled_at[line] > now:
        return {"orderedQuantity": asked, "orderedQuantityDetails": details}
    cancelled = {"updatedDate": _instant(week.cancelled_at[line]), "cancelledQuantity": asked}
    return {"orderedQuantity": _quantity(week, line, 0), "orderedQuantityDetails": [cancelled, *details]}


def _acknowledgement(week: OrderWeek, line: int, now: int, status: str) -> Json:
    """Quantities stand there only once the vendor has answered."""
    if week.confirmed_at[line] > now:
        return {"confirmationStatus": status}
    accepted = int(week.accepted[line])
    quantities = {
        "acceptedQuantity": _quantity(week, line, accepted),
        "rejectedQuantity": _quantity(week, line, int(week.asked[line]) - accepted),
    }
    detail = {"acknowledgementDate": _instant(week.confirmed_at[line])} | quantities
    return {"confirmationStatus": status} | quantities | {"acknowledgementStatusDetails": [detail]}


def _receiving(week: OrderWeek, line: int, now: int, status: str) -> Json:
    if status == "NOT_RECEIVED":
        return {"receiveStatus": status}
    return {
        "receiveStatus": status,
        "receivedQuantity": _quantity(week, line, int(week.received[line])),
        "lastReceiveDate": _instant(week.received_at[line]),
    }


def _quantity(week: OrderWeek, line: int, units: int) -> Json:
    """Two lines in three are ordered in cases; what does not fill whole cases is always counted in eaches."""
    case_units = int(week.case_units[line])
    if case_units > 1 and int(week.asin[line]) % 3 and units % case_units == 0:
        return {"amount": units // case_units, "unitOfMeasure": "Cases", "unitSize": case_units}
    return {"amount": units, "unitOfMeasure": "Eaches", "unitSize": 1}


def _money(book: PurchaseOrders, amount: float) -> Json:
    return {"currencyCode": book.world.account.currency_code, "amount": f"{amount:.{book.world.catalogue.decimals}f}"}


def _vendor_product(book: PurchaseOrders, week: OrderWeek, line: int) -> str:
    return f"{book.vendor_code}-{int(week.asin[line]):06d}"


def _sequence(week: OrderWeek, order: int, line: int) -> str:
    return str(line - int(week.first_line[order]) + 1)


def _lines(week: OrderWeek, order: int) -> range:
    return range(int(week.first_line[order]), int(week.first_line[order + 1]))


def _state_changed_at(week: OrderWeek, order: int, now: int) -> int:
    if week.closed_at[order] <= now:
        return int(week.closed_at[order])
    first_answer = min(int(week.confirmed_at[line]) for line in _lines(week, order))
    return first_answer if first_answer <= now else int(week.placed_at[order])


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
