"""The document of a collection of purchase orders: one JSON line for each call, with Amazon's answer as received."""

from datetime import date, datetime
from typing import Any, Literal

import msgspec

from daybreak.landing.documents import Document
from daybreak.landing.failures import UnreadableDocument

OrderOperation = Literal["getPurchaseOrders", "getPurchaseOrdersStatus"]
ORDERS: OrderOperation = "getPurchaseOrders"
STATUSES: OrderOperation = "getPurchaseOrdersStatus"
NO_ANSWER = msgspec.Raw(b"null")
_NEXT_STEP = "Nothing is published and the bytes stay as landed; the next run of the morning asks anew"


class Window(msgspec.Struct, frozen=True):
    """The UTC days of ordering that the collection speaks of, both included."""

    first: date
    last: date


class OrderCall(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One call for ``window``; ``number`` where it asked for one order. ``refused`` says why there is no answer."""

    operation: OrderOperation
    window: Window
    requested_at: datetime
    answered_at: datetime
    number: str | None = None
    answer: msgspec.Raw = NO_ANSWER
    refused: str | None = None

    @property
    def items(self) -> list[msgspec.Raw]:
        """The orders, or the statuses, of this page.

        Raises:
            msgspec.MsgspecError: the answer is no page.
        """
        if self.refused is not None:
            return []
        payload = self._page.payload
        return (payload.orders if self.operation == ORDERS else payload.ordersStatus) or []

    @property
    def next_token(self) -> str | None:
        """What leads to the next page; None on the last one.

        Raises:
            msgspec.MsgspecError: the answer is no page.
        """
        pagination = None if self.refused is not None else self._page.payload.pagination
        return (pagination.nextToken or None) if pagination else None

    @property
    def _page(self) -> "_Page":
        return msgspec.json.decode(self.answer, type=_Page)


class _Pagination(msgspec.Struct):
    nextToken: str | None = None  # noqa: N815 - Amazon's own field names, so that errors name them


class _Payload(msgspec.Struct):
    pagination: _Pagination | None = None
    orders: list[msgspec.Raw] | None = None
    ordersStatus: list[msgspec.Raw] | None = None  # noqa: N815


class _Page(msgspec.Struct):
    payload: _Payload


class _Numbered(msgspec.Struct):
    purchaseOrderNumber: Any = None  # noqa: N815


def number_of(item: msgspec.Raw) -> str | None:
    """The number of an order or of a status; None where it has none."""
    try:
        number = msgspec.json.decode(item, type=_Numbered).purchaseOrderNumber
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return number if isinstance(number, str) and number else None


def encode_call(call: OrderCall) -> bytes:
    """``call`` as JSON without a line break: in JSON a bare one means nothing, and strings hold none."""
    return msgspec.json.encode(call).replace(b"\r", b" ").replace(b"\n", b" ")


def decode_call(line: bytes) -> OrderCall:
    """A line of the document.

    Raises:
        msgspec.MsgspecError: it is no call of a collection of orders.
    """
    return msgspec.json.decode(line, type=OrderCall)


def read_calls(data: Document, file_name: str) -> list[OrderCall]:
    """The calls of a whole document, in their order.

    Raises:
        UnreadableDocument: a line cannot be read, there is none, or they speak of several windows.
    """
    calls: list[OrderCall] = []
    for number, line in enumerate(bytes(data).splitlines(), 1):
        try:
            call = decode_call(line)
            _ = call.items
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            words = str(error).replace("`", "")
            raise UnreadableDocument(
                file_name, f"line {number} is no answer about purchase orders: {words}", _NEXT_STEP
            ) from None
        calls.append(call)
    if len({call.window for call in calls}) != 1:
        raise UnreadableDocument(file_name, "it has no line, or lines about several spans of days", _NEXT_STEP)
    return calls
