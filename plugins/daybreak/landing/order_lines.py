"""One line of a purchase order with its status: read, in units, and added up where an order has several for an ASIN."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from daybreak.landing.layouts import Asin
from daybreak.landing.order_quantities import Money, Quantity, mean_cost, total, unit_cost, units
from daybreak.landing.row_reading import RowReader, refuse

_CONFIRMATIONS = {
    "UNCONFIRMED": "unconfirmed",
    "ACCEPTED": "accepted",
    "PARTIALLY_ACCEPTED": "partially_accepted",
    "REJECTED": "rejected",
}
_NOT_RECEIVED = "NOT_RECEIVED"


class _OrderedNow(msgspec.Struct):
    orderedQuantity: Quantity | None = None  # noqa: N815 - Amazon's own field names, so that errors name them


class _Acknowledged(msgspec.Struct):
    confirmationStatus: str | None = None  # noqa: N815
    acceptedQuantity: Quantity | None = None  # noqa: N815
    rejectedQuantity: Quantity | None = None  # noqa: N815


class _Received(msgspec.Struct):
    receiveStatus: str | None = None  # noqa: N815
    receivedQuantity: Quantity | None = None  # noqa: N815


_ITEM_FIELDS: list[tuple[str, Any] | tuple[str, Any, Any]] = [
    ("itemSequenceNumber", str | None, None),
    ("amazonProductIdentifier", Asin),
    ("orderedQuantity", Quantity | None, None),
    ("netCost", Money | None, None),
    *((name, msgspec.Raw, msgspec.Raw()) for name in ("vendorProductIdentifier", "isBackOrderAllowed", "listPrice")),
]
_STATUS_FIELDS: list[tuple[str, Any] | tuple[str, Any, Any]] = [
    ("itemSequenceNumber", str | None, None),
    ("buyerProductIdentifier", str | None, None),
    ("orderedQuantity", _OrderedNow | None, None),
    ("acknowledgementStatus", _Acknowledged | None, None),
    ("receivingStatus", _Received | None, None),
    *((name, msgspec.Raw, msgspec.Raw()) for name in ("vendorProductIdentifier", "netCost", "listPrice")),
]


@dataclass(frozen=True)
class OrderLine:
    """What was ordered of one ASIN and what became of it, in units; None where Amazon does not tell it.

    ``net_cost`` is that of one unit; ``confirmation_code`` as in ``core.purchase_order_line``.
    """

    ordered: int | None
    accepted: int | None
    rejected: int | None
    received: int | None
    net_cost: Decimal | None
    confirmation_code: str | None


class LineReader:
    """Reads lines of one currency; ``unknown_names`` are the fields met that no model has."""

    def __init__(self, currency_code: str) -> None:
        self._currency_code = currency_code
        self._items = RowReader("purchase_order_item", _ITEM_FIELDS)
        self._states = RowReader("purchase_order_status", _STATUS_FIELDS)

    @property
    def unknown_names(self) -> set[str]:
        return self._items.unknown_names | self._states.unknown_names

    def read(self, raw_item: msgspec.Raw, raw_state: msgspec.Raw | None) -> OrderLine:
        """A line with its status. What the status tells anew counts: it is asked for later than the order.

        Raises:
            one of ``ROW_ERRORS``: the line or its status cannot be accepted.
        """
        item = self._items.read(raw_item)
        cost = unit_cost(item.netCost, self._currency_code, "netCost")
        ordered = units(item.orderedQuantity, "orderedQuantity")
        if raw_state is None:
            return OrderLine(ordered, None, None, None, cost, None)
        state = self._states.read(raw_state)
        now = units((state.orderedQuantity or _OrderedNow()).orderedQuantity, "orderedQuantity.orderedQuantity")
        answer = state.acknowledgementStatus or _Acknowledged()
        return OrderLine(
            ordered if now is None else now,
            units(answer.acceptedQuantity, "acknowledgementStatus.acceptedQuantity"),
            units(answer.rejectedQuantity, "acknowledgementStatus.rejectedQuantity"),
            _received_units(state.receivingStatus or _Received()),
            cost,
            _confirmation(answer.confirmationStatus),
        )


def add_up(lines: Sequence[OrderLine]) -> OrderLine:
    """Several lines of one order about one ASIN as one: a sum with an unknown part is unknown."""
    ordered = [line.ordered for line in lines]
    return OrderLine(
        total(ordered),
        total([line.accepted for line in lines]),
        total([line.rejected for line in lines]),
        total([line.received for line in lines]),
        mean_cost([line.net_cost for line in lines], ordered),
        _joint_confirmation([line.confirmation_code for line in lines]),
    )


def _received_units(receipt: _Received) -> int | None:
    """Amazon leaves the quantity out while it says that nothing was received."""
    if receipt.receiveStatus == _NOT_RECEIVED and receipt.receivedQuantity is None:
        return 0
    return units(receipt.receivedQuantity, "receivingStatus.receivedQuantity")


def _confirmation(text: str | None) -> str | None:
    if text is None:
        return None
    if text not in _CONFIRMATIONS:
        refuse("acknowledgementStatus.confirmationStatus", f"none of {', '.join(_CONFIRMATIONS)}, got {text[:40]!r}")
    return _CONFIRMATIONS[text]


def _joint_confirmation(codes: list[str | None]) -> str | None:
    """Unconfirmed or unknown as soon as one is, theirs when all agree, else accepted in part."""
    for waiting in ("unconfirmed", None):
        if waiting in codes:
            return waiting
    return codes[0] if len(set(codes)) == 1 else "partially_accepted"
