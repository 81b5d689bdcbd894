"""The document of a sweep: one JSON line for its plan, then one for each call with Amazon's answer as received."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import msgspec

from daybreak.landing.documents import Document
from daybreak.landing.failures import UnreadableDocument, WrongDocument
from daybreak.landing.rejections import ROW_ERRORS
from daybreak.landing.specifications import ExpectedReport

_NEXT_STEP = "Nothing is published and the bytes stay as landed; the next sweep looks anew"


NO_ANSWER = msgspec.Raw(b"null")


class Plan(msgspec.Struct, tag_field="operation", tag="plan", kw_only=True, frozen=True):
    """What a sweep looks at: ``asins`` in the order of their urgency, until ``until``, for ``business_date``."""

    business_date: date
    planned_at: datetime
    until: datetime
    asins: tuple[str, ...]


class AnsweredCall(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One call about ``asins``: Amazon's ``answer``, or in words why there is none."""

    operation: Literal["getItemOffersBatch", "getCompetitiveSummary"]
    requested_at: datetime
    answered_at: datetime
    asins: tuple[str, ...]
    answer: msgspec.Raw = NO_ANSWER
    refused: str | None = None


@dataclass(frozen=True)
class SweepDocument:
    """A whole document, its lines read and the answers in them still as received."""

    plan: Plan
    calls: tuple[AnsweredCall, ...]


def encode_line(line: Plan | AnsweredCall) -> bytes:
    """``line`` as JSON without a line break: in JSON a bare one means nothing, and strings hold none."""
    return msgspec.json.encode(line).replace(b"\r", b" ").replace(b"\n", b" ")


def decode_plan(line: bytes) -> Plan:
    """The plan in the first line of a sweep.

    Raises:
        msgspec.MsgspecError: it is none.
    """
    return msgspec.json.decode(line, type=Plan)


def decode_call(line: bytes) -> AnsweredCall:
    """A later line.

    Raises:
        msgspec.MsgspecError: it is no call of a sweep.
    """
    return msgspec.json.decode(line, type=AnsweredCall)


def read_sweep(data: Document, dataset_key: str, expected: ExpectedReport, file_name: str) -> SweepDocument:
    """The lines of a sweep's document.

    Raises:
        UnreadableDocument: it does not begin with a plan, or a line cannot be read.
        WrongDocument: it is the sweep of another day.
    """
    first, *others = bytes(data).splitlines() or [b""]
    try:
        plan = decode_plan(first)
    except ROW_ERRORS as error:
        raise UnreadableDocument(file_name, f"line 1 is no plan of a sweep: {error}", _NEXT_STEP) from None
    asked = expected.window_start
    if asked is not None and asked != plan.business_date:
        difference = f"day: asked {asked}, got {plan.business_date}"
        raise WrongDocument(file_name, expected.account_id, dataset_key, [difference])
    calls: list[AnsweredCall] = []
    for number, line in enumerate(others, 2):
        try:
            calls.append(decode_call(line))
        except ROW_ERRORS as error:
            raise UnreadableDocument(file_name, f"line {number} is no call of a sweep: {error}", _NEXT_STEP) from None
    return SweepDocument(plan, tuple(calls))
