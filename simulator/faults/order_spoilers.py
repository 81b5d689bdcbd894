"""Purchase orders spoilt on purpose."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

Json = dict[str, Any]
_QUANTITIES = frozenset(
    {"orderedQuantity", "acceptedQuantity", "rejectedQuantity", "receivedQuantity", "cancelledQuantity"}
)


def _orders(answer: Json) -> list[Json]:
    """The orders or statuses of a page, or the one of a get."""
    payload: Json = answer["payload"]
    for name in ("orders", "ordersStatus"):
        if name in payload:
            found: list[Json] = payload[name]
            return found
    return [payload]


def _lines(order: Json) -> list[Json]:
    """The lines of an order or of a status; none of an order without details."""
    lines: list[Json] = order["itemStatus"] if "itemStatus" in order else order.get("orderDetails", {}).get("items", [])
    return lines


def _null_amounts(value: Any) -> None:
    """Every quantity within ``value`` loses its amount."""
    for item in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        _null_amounts(item)
    if isinstance(value, dict):
        for name in _QUANTITIES & value.keys():
            if isinstance(value[name], dict) and "amount" in value[name]:
                value[name]["amount"] = None


def _null_quantities(answer: Json) -> None:
    """The middle order has no amount in any quantity."""
    orders = _orders(answer)
    if orders:
        _null_amounts(_lines(orders[len(orders) // 2]))


def _duplicate_order(answer: Json) -> None:
    """The first order stands on the page twice."""
    orders = _orders(answer)
    orders.extend(deepcopy(orders[:1]))


def _duplicate_line(answer: Json) -> None:
    """The first line of the middle order comes again, with a sequence number of its own."""
    orders = _orders(answer)
    lines = _lines(orders[len(orders) // 2]) if orders else []
    lines.extend([deepcopy(line) | {"itemSequenceNumber": str(len(lines) + 1)} for line in lines[:1]])


ORDER_SPOILERS: dict[str, Callable[[Json], None]] = {
    "answer_null_quantities": _null_quantities,
    "answer_duplicate_order": _duplicate_order,
    "answer_duplicate_line": _duplicate_line,
}
