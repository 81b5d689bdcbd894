"""Whole report documents: the JSON that a vendor downloads, as bytes.

The same world, question and day give the same bytes, in any process.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import msgspec

from simulator.periods import Period, split
from simulator.world.history import AccountWorld
from simulator.world.publication import Program, View, publish_period
from simulator.world.sections import SECTIONS, Scope


@dataclass(frozen=True)
class Question:
    """What a document answers: a valid report request, and the world's date when it was asked."""

    report_type: str
    options: tuple[tuple[str, str], ...]
    first: date
    last: date
    today: date

    def option(self, name: str, default: str) -> str:
        return dict(self.options).get(name, default)


def has_data(world: AccountWorld, question: Question) -> bool:
    """Whether there is anything to return: days of this world, and a selling programme that the vendor is in."""
    return question.last >= world.start_date and question.option("sellingProgram", "RETAIL") != "FRESH"


def write_document(world: AccountWorld, question: Question) -> Iterator[bytes]:
    """The document's JSON in pieces; rows one period after the other, so that a large one is never whole in memory."""
    sections = SECTIONS[question.report_type]
    period_code = cast("Period", question.option("reportPeriod", "DAY"))
    program = cast("Program", question.option("sellingProgram", "RETAIL"))
    view = cast("View", question.option("distributorView", "MANUFACTURING"))
    scope = Scope(world, view, program, is_daily=period_code == "DAY")
    spans = split(period_code, question.first, question.last)
    periods = [
        publish_period(world, first, last, question.today, program) for first, last in spans if last >= world.start_date
    ]
    aggregates = [sections.aggregate(scope, period) for period in periods]
    yield b'{"reportSpecification":' + msgspec.json.encode(_specification(world, question))
    yield f',"{sections.aggregate_member}":'.encode() + msgspec.json.encode(aggregates)
    yield f',"{sections.rows_member}":['.encode()
    is_first = True
    for period in periods:
        rows = sections.rows(scope, period)
        if rows:
            yield (b"" if is_first else b",") + msgspec.json.encode(rows)[1:-1]
            is_first = False
    yield b"]}"


def compress(pieces: Iterable[bytes]) -> bytes:
    """``pieces`` as one gzip member without a timestamp."""
    packer = zlib.compressobj(4, zlib.DEFLATED, 31)
    packed = [packer.compress(piece) for piece in pieces]
    return b"".join([*packed, packer.flush()])


def _specification(world: AccountWorld, question: Question) -> dict[str, Any]:
    return {
        "reportType": question.report_type,
        "reportOptions": dict(question.options),
        "lastUpdatedDate": question.today.isoformat(),
        "dataStartTime": question.first.isoformat(),
        "dataEndTime": question.last.isoformat(),
        "marketplaceIds": [world.account.marketplace_id],
    }
