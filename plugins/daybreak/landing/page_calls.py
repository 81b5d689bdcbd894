"""The document of a look at pages: one JSON line for its plan, then one for each call with the answer as received."""

from collections.abc import Iterator
from datetime import date, datetime

import msgspec

from daybreak.landing.documents import Document
from daybreak.landing.failures import UnreadableDocument
from daybreak.landing.rejections import ROW_ERRORS

BATCH_SIZE = 20
NO_ANSWER = msgspec.Raw(b"null")
_NEXT_STEP = "Nothing is published and the bytes stay as landed; a later run of the same day looks anew"


class PagePlan(msgspec.Struct, tag_field="operation", tag="plan", kw_only=True, frozen=True):
    """What is looked at on ``observed_date``: the account's own ``asins``, and ``competitors``, whose A+ content is
    nobody's to see."""

    observed_date: date
    planned_at: datetime
    asins: tuple[str, ...]
    competitors: tuple[str, ...] = ()

    @property
    def batches(self) -> list[tuple[str, ...]]:
        """Every product once, in the batches in which they are asked for."""
        wanted = self.asins + self.competitors
        return [wanted[first : first + BATCH_SIZE] for first in range(0, len(wanted), BATCH_SIZE)]


class PageCall(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A call about the pages of ``asins`` or the A+ document ``content_key``: its ``answer``, or why there is none."""

    operation: str
    requested_at: datetime
    answered_at: datetime
    asins: tuple[str, ...] = ()
    content_key: str | None = None
    answer: msgspec.Raw = NO_ANSWER
    refused: str | None = None
    is_absent: bool = False
    """Refused because what was asked about does not exist, or no more."""


class _Pagination(msgspec.Struct, rename="camel"):
    next_token: str | None = None


class _Paged(msgspec.Struct):
    pagination: _Pagination | None = None


def encode_line(line: PagePlan | PageCall) -> bytes:
    """``line`` as JSON without a line break: in JSON a bare one means nothing, and strings hold none."""
    return msgspec.json.encode(line).replace(b"\r", b" ").replace(b"\n", b" ")


def decode_plan(line: bytes | memoryview) -> PagePlan:
    """The plan in the first line.

    Raises:
        msgspec.MsgspecError: it is none.
    """
    return msgspec.json.decode(line, type=PagePlan)


def decode_call(line: bytes | memoryview) -> PageCall:
    """A later line; its answer is a view into it.

    Raises:
        msgspec.MsgspecError: it is no call.
    """
    return msgspec.json.decode(line, type=PageCall)


def next_token(call: PageCall) -> str | None:
    """The token of the page behind the answer of a search of the catalogue, if it tells one."""
    try:
        paged = msgspec.json.decode(call.answer, type=_Paged | None)
    except ROW_ERRORS:
        return None
    return paged.pagination.next_token if paged is not None and paged.pagination is not None else None


def read_calls(data: Document, file_name: str) -> tuple[PagePlan, list[PageCall]]:
    """The plan and every call of the document, in order; the answers are views into ``data``.

    Raises:
        UnreadableDocument: it does not begin with a plan, or a line cannot be read.
    """
    lines = _lines(data)
    try:
        plan = decode_plan(next(lines, memoryview(b"")))
    except ROW_ERRORS as error:
        raise UnreadableDocument(file_name, f"line 1 is no plan of a look at pages: {error}", _NEXT_STEP) from None
    calls: list[PageCall] = []
    for number, line in enumerate(lines, 2):
        try:
            calls.append(decode_call(line))
        except ROW_ERRORS as error:
            raise UnreadableDocument(file_name, f"line {number} is no call: {error}", _NEXT_STEP) from None
    return plan, calls


def _lines(data: Document) -> Iterator[memoryview]:
    """The lines without a copy of them: a large account's answers are hundreds of megabytes."""
    content = bytes(data) if isinstance(data, memoryview) else data
    view = memoryview(content)
    start = 0
    while start < len(content):
        end = content.find(b"\n", start)
        end = len(content) if end < 0 else end
        yield view[start:end]
        start = end + 1
