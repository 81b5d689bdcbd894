"""The parameters of getPurchaseOrders and getPurchaseOrdersStatus, and what they select."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec
import numpy as np

from simulator.refusals import invalid_order_request
from simulator.world.catalogue import Bools
from simulator.world.order_weeks import NEVER, OrderWeek

_LARGEST_PAGE = 100
_LONGEST_RANGE = int(timedelta(days=7).total_seconds())
_STATES = ("New", "Acknowledged", "Closed")
_CONFIRMATIONS = ("ACCEPTED", "PARTIALLY_ACCEPTED", "REJECTED", "UNCONFIRMED")
_RECEIPTS = ("NOT_RECEIVED", "PARTIALLY_RECEIVED", "RECEIVED")
_ALL = slice(None)
Operation = Literal["getPurchaseOrders", "getPurchaseOrdersStatus"]


class Range(msgspec.Struct, frozen=True):
    """Unix seconds, the first included, the second not."""

    after: int
    before: int

    def holds(self, times: np.ndarray) -> Bools:
        return np.asarray((self.after <= times) & (times < self.before))


class OrderQuery(msgspec.Struct, frozen=True):
    """What a call selects, and after which order the next page begins. It is its own page token."""

    operation: Operation
    limit: int = _LARGEST_PAGE
    is_descending: bool = False
    created: Range | None = None
    touched: Range | None = None
    """Changed by Amazon, or for the status updated by anybody."""
    number: str | None = None
    state: str | None = None
    is_changed: bool = False
    is_cancelled: bool = False
    vendor_code: str | None = None
    warehouse: str | None = None
    confirmation: str | None = None
    receipt: str | None = None
    has_details: bool = True
    after: tuple[int, str] | None = None

    def token(self, after: tuple[int, str]) -> str:
        return base64.urlsafe_b64encode(msgspec.json.encode(msgspec.structs.replace(self, after=after))).decode()

    def selects(self, week: OrderWeek, now: int) -> Bools:
        """Which orders of ``week`` belong to the answer at ``now``, whatever their page."""
        chosen = week.placed_at <= now
        if self.created is not None:
            chosen &= self.created.holds(week.placed_at)
        changed_at = week.changed_at(now)
        if self.touched is not None:
            is_status = self.operation == "getPurchaseOrdersStatus"
            chosen &= self.touched.holds(week.updated_at(now) if is_status else changed_at)
        if self.is_changed or self.is_cancelled:
            chosen &= changed_at != NEVER
        if self.number is not None:
            chosen &= np.array(week.numbers) == self.number
        if self.warehouse is not None:
            chosen &= np.array(week.warehouses) == self.warehouse
        if self.state is not None:
            chosen &= _states(week, now, self.operation) == self.state
        if self.confirmation is not None:
            chosen &= week.any_line(confirmations(week, now) == self.confirmation)
        if self.receipt is not None:
            chosen &= week.any_line(receipts(week, now) == self.receipt)
        return np.asarray(chosen)


def confirmations(week: OrderWeek, now: int, lines: slice = _ALL) -> np.ndarray:
    """The confirmation status of each of the ``lines``."""
    accepted = week.accepted[lines]
    answered = np.where(accepted == week.asked[lines], "ACCEPTED", "PARTIALLY_ACCEPTED")
    answered = np.where(accepted == 0, "REJECTED", answered)
    return np.asarray(np.where(week.confirmed_at[lines] <= now, answered, "UNCONFIRMED"))


def receipts(week: OrderWeek, now: int, lines: slice = _ALL) -> np.ndarray:
    """The receive status of each of the ``lines``."""
    received = week.received[lines]
    arrived = np.where(received >= week.accepted[lines], "RECEIVED", "PARTIALLY_RECEIVED")
    return np.asarray(np.where((week.received_at[lines] <= now) & (received > 0), arrived, "NOT_RECEIVED"))


def states(week: OrderWeek, now: int) -> np.ndarray:
    """Each order's state: new until the vendor has answered for a line, closed when nothing more is to come."""
    answered = np.where(week.any_line(week.confirmed_at <= now), "Acknowledged", "New")
    return np.asarray(np.where(week.closed_at <= now, "Closed", answered))


def read_query(operation: Operation, given: dict[str, str], now: int) -> OrderQuery:
    """The query of ``operation``; parameters that it does not know are ignored, as Amazon does.

    A call without any time asks for the last seven days; one with half a range for the seven days before its end, or
    for what is left until ``now``.

    Raises:
        Refusal: 400 for a bad time, number or word, a range over seven days or backwards, or a token not of ours.
    """
    token = given.get("nextToken")
    if token:
        return _from_token(operation, token)
    is_status = operation == "getPurchaseOrdersStatus"
    created = _range(given, "created", now)
    touched = _range(given, "updated" if is_status else "changed", now)
    number = given.get("purchaseOrderNumber") if is_status else None
    if created is None and touched is None and number is None:
        created = Range(now + 1 - _LONGEST_RANGE, now + 1)
    return OrderQuery(
        operation=operation,
        limit=_limit(given.get("limit", str(_LARGEST_PAGE))),
        is_descending=_word(given, "sortOrder", ("ASC", "DESC")) == "DESC",
        created=created,
        touched=touched,
        number=number,
        state=_word(given, "purchaseOrderStatus", ("OPEN", "CLOSED"))
        if is_status
        else _word(given, "purchaseOrderState", _STATES),
        is_changed=not is_status and _word(given, "isPOChanged", ("true", "false")) == "true",
        is_cancelled=not is_status and _word(given, "poItemState", ("Cancelled",)) is not None,
        vendor_code=given.get("orderingVendorCode"),
        warehouse=given.get("shipToPartyId") if is_status else None,
        confirmation=_word(given, "itemConfirmationStatus", _CONFIRMATIONS) if is_status else None,
        receipt=_word(given, "itemReceiveStatus", _RECEIPTS) if is_status else None,
        has_details=_word(given, "includeDetails", ("true", "false")) != "false",
    )


def _states(week: OrderWeek, now: int, operation: Operation) -> np.ndarray:
    if operation == "getPurchaseOrders":
        return states(week, now)
    return np.asarray(np.where(week.closed_at <= now, "CLOSED", "OPEN"))


def _from_token(operation: Operation, token: str) -> OrderQuery:
    try:
        query = msgspec.json.decode(base64.urlsafe_b64decode(token), type=OrderQuery)
    except (ValueError, msgspec.DecodeError):
        raise invalid_order_request("nextToken") from None
    if query.operation != operation:
        raise invalid_order_request("nextToken")
    return query


def _range(given: dict[str, str], name: str, now: int) -> Range | None:
    texts = {end: given.get(f"{name}{end}") for end in ("After", "Before")}
    if not any(texts.values()):
        return None
    before = _seconds(texts["Before"], f"{name}Before") if texts["Before"] else now + 1
    after = _seconds(texts["After"], f"{name}After") if texts["After"] else before - _LONGEST_RANGE
    if not 0 <= before - after <= _LONGEST_RANGE + (0 if texts["Before"] else 1):
        raise invalid_order_request(f"{name}After and {name}Before must not be more than 7 days apart")
    return Range(after, before)


def _seconds(text: str, name: str) -> int:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise invalid_order_request(name) from None
    return int((instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant).timestamp())


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _LARGEST_PAGE:
        raise invalid_order_request("limit")
    return int(text)


def _word(given: dict[str, str], name: str, known: tuple[str, ...]) -> str | None:
    """The parameter's value, upper and lower case as Amazon writes it; booleans in any case."""
    value = given.get(name)
    if value is None:
        return None
    value = value.lower() if "true" in known else value
    if value not in known:
        raise invalid_order_request(name)
    return value
