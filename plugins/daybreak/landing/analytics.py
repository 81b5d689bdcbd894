"""Data Kiosk's vendor analytics: one line per day, in it a row per ASIN."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from daybreak.landing.documents import Document
from daybreak.landing.failures import UnreadableDocument, WrongDocument
from daybreak.landing.layouts import Asin, Units
from daybreak.landing.records import Records
from daybreak.landing.row_reading import ROW_ERRORS, RowReader, problem_of, refuse
from daybreak.landing.specifications import ExpectedReport, parse_date
from daybreak.sources import KioskQuery

_COLUMNS = ("asin", "glance_views", "lost_featured_offer_ratio")
_NEXT_STEP = "Nothing is published and the bytes stay as landed; submit the query again"


class _Line(msgspec.Struct, rename="camel"):
    start_date: str
    end_date: str
    marketplace_id: str
    metrics: list[msgspec.Raw]


class _Key(msgspec.Struct):
    asin: Asin


class _Traffic(msgspec.Struct):
    glanceViews: Units | None = None  # noqa: N815 - Amazon's own field names, so that errors name them
    lostFeaturedOffer: Decimal | None = None  # noqa: N815


class _Metrics(msgspec.Struct):
    traffic: _Traffic | None = None


def decode_featured_offer_loss(
    data: Document, dataset: KioskQuery, expected: ExpectedReport, file_name: str
) -> Records:
    """The document as rows per day and ASIN; nulls stay null: Amazon writes them where it counted nothing.

    A query names no marketplace: for a credential of several Amazon may tell of each of them, a line per day. Those of
    the account's own count, so that accounts of one credential may read one query's document each for itself.

    Raises:
        UnreadableDocument: a line is no line of the query's answer.
        WrongDocument: other marketplaces only, a period that is no day, or a day that was not asked for.
    """
    told = [_read_line(number, line, file_name) for number, line in enumerate(_lines(data), 1)]
    lines = [line for line in told if line.marketplace_id == expected.marketplace_id] or told
    days = [_day(line, dataset, expected, file_name) for line in lines]
    if not days or len(set(days)) < len(days):
        raise UnreadableDocument(file_name, "it has no line, or two for one day", _NEXT_STEP)
    reader = RowReader("analytics_row", [("groupByKey", _Key), ("metrics", _Metrics)])
    records = Records(file_name, _COLUMNS, expected.window_start or min(days), expected.window_end or max(days))
    for day, line in sorted(zip(days, lines, strict=True), key=lambda pair: pair[0]):
        records.deliver(day)
        for raw in line.metrics:
            content = bytes(raw)
            try:
                records.accept(day, _values(reader.read(content)), content)
            except ROW_ERRORS as error:
                records.reject(content, problem_of(error, ""), day=day)
    records.unknown_names |= reader.unknown_names
    return records


def _values(row: Any) -> tuple[str, int | None, Decimal | None]:
    traffic = row.metrics.traffic or _Traffic()
    lost = traffic.lostFeaturedOffer
    if lost is not None and not 0 <= lost <= 1:
        refuse("metrics.traffic.lostFeaturedOffer", f"a share lies between 0 and 1, got {lost}")
    return row.groupByKey.asin, traffic.glanceViews, lost


def _lines(data: Document) -> list[bytes]:
    return [line for line in bytes(data).split(b"\n") if line.strip()]


def _read_line(number: int, line: bytes, file_name: str) -> _Line:
    try:
        return msgspec.json.decode(line, type=_Line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        words = f"line {number} cannot be read: {str(error).replace('`', '')}"
    try:
        found = json.loads(line)
        message = found[0]["message"] if isinstance(found, list) else found["message"]
        words = f"Amazon gave no data and says why: {str(message)[:500]}"
    except (ValueError, LookupError, TypeError, RecursionError):
        pass
    raise UnreadableDocument(file_name, words, _NEXT_STEP)


def _day(line: _Line, dataset: KioskQuery, expected: ExpectedReport, file_name: str) -> date:
    start, end = parse_date(line.start_date), parse_date(line.end_date)
    differences = []
    if line.marketplace_id != expected.marketplace_id:
        differences.append(f"marketplace: asked {expected.marketplace_id}, got {line.marketplace_id}")
    if start is None or start != end:
        differences.append(f"period: asked single days, got {line.start_date[:20]} to {line.end_date[:20]}")
    elif not (expected.window_start or start) <= start <= (expected.window_end or start):
        differences.append(f"day: asked {expected.window_start} to {expected.window_end}, got {start}")
    if differences or start is None:
        raise WrongDocument(file_name, expected.account_id, dataset.key, differences)
    return start
