"""Amazon's real-time reports: a row per ASIN and clock hour, in UTC."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from daybreak.calendars import end_of_utc_day
from daybreak.landing.documents import Document, split_document
from daybreak.landing.echoes import Echo, parse_instant, read_echo
from daybreak.landing.failures import UnreadableDocument, WrongDocument
from daybreak.landing.layouts import Asin, Units
from daybreak.landing.records import Records
from daybreak.landing.row_reading import ROW_ERRORS, RowReader, problem_of, refuse
from daybreak.landing.specifications import ExpectedReport
from daybreak.sources import VendorReport

_HOUR = timedelta(hours=1)
_KEY: list[tuple[str, Any] | tuple[str, Any, Any]] = [("startTime", str), ("endTime", str), ("asin", Asin)]
# Amazon's field and our column; revenue is a bare number whose currency stands in the report's options.
_MEASURES: dict[str, dict[str, tuple[str, Any]]] = {
    "sales_hourly": {
        "orderedUnits": ("ordered_units", Units),
        "orderedRevenue": ("ordered_revenue_amount", Decimal),
    },
    "traffic_hourly": {"glanceViews": ("glance_views", Units)},
    "inventory_hourly": {"highlyAvailableInventory": ("highly_available_units", Units)},
}


class _Beginning(msgspec.Struct):
    startTime: str  # noqa: N815 - Amazon's own field name


def decode_hours(data: Document, dataset: VendorReport, expected: ExpectedReport, file_name: str) -> Records:
    """The document as rows per hour; the ledger's dates are the UTC days that its window touches.

    Raises:
        UnreadableDocument, FailureDocument: no such document, or one that does not say which hours it speaks of.
        WrongDocument: another report, account or currency, or hours that were not asked for.
    """
    members = split_document(data, dataset, file_name)
    members.require_all(file_name)
    options = dataset.report_options(expected.variant, expected.currency_code)
    echo = read_echo(members.specification, dataset, expected, options, file_name)
    start, end = _window(echo, dataset, expected, file_name)
    measures = _MEASURES[dataset.key]
    currency = (expected.currency_code,) if "orderedRevenue" in measures else ()
    reader = RowReader(
        f"{dataset.key}_row", [*_KEY, *((name, kind | None, None) for name, (_, kind) in measures.items())]
    )
    columns = ("hour_start_at", "asin", *(column for column, _ in measures.values()))
    first, last = start.date(), (end - timedelta(seconds=1)).date()
    records = Records(file_name, (*columns, *(("currency_code",) if currency else ())), first, last)
    for offset in range((last - first).days + 1):
        records.deliver(first + timedelta(days=offset))
    for raw in members.rows:
        content = bytes(raw)
        try:
            row = reader.read(content)
            hour = _hour(row, start, end)
            values = (hour.isoformat(), row.asin, *(getattr(row, name) for name in measures), *currency)
            records.accept(hour.date(), values, content)
        except ROW_ERRORS as error:
            records.reject(content, problem_of(error, expected.currency_code), day=_day_told(content, start, end))
    records.unknown_names |= reader.unknown_names | set(members.unknown_fields)
    return records


def _day_told(raw: bytes, start: datetime, end: datetime) -> date | None:
    """The UTC day of a refused row, if it tells one of the window's."""
    try:
        begins = parse_instant(msgspec.json.decode(raw, type=_Beginning).startTime)
    except ROW_ERRORS:
        return None
    return begins.date() if begins is not None and start <= begins < end else None


def _window(echo: Echo, dataset: VendorReport, expected: ExpectedReport, file_name: str) -> tuple[datetime, datetime]:
    if echo.start is None or echo.end is None or echo.end <= echo.start:
        raise UnreadableDocument(
            file_name,
            "its specification does not say which hours it speaks of",
            "Nothing is published; ask Amazon for the report again",
        )
    if expected.window_start is not None and expected.window_end is not None:
        asked = (end_of_utc_day(expected.window_start - timedelta(days=1)), end_of_utc_day(expected.window_end))
        if echo.start < asked[0] or echo.end > asked[1]:
            raise WrongDocument(
                file_name,
                expected.account_id,
                dataset.key,
                [f"hours: asked {asked[0]} to {asked[1]}, got {echo.start} to {echo.end}"],
            )
    return echo.start, echo.end


def _hour(row: Any, start: datetime, end: datetime) -> datetime:
    begins, ends = parse_instant(row.startTime), parse_instant(row.endTime)
    if begins is None or ends is None:
        refuse("startTime" if begins is None else "endTime", "not an instant of ISO 8601 with its zone")
    if ends - begins != _HOUR or begins.minute or begins.second or begins.microsecond:
        refuse("endTime", f"{row.startTime} to {row.endTime} is no hour of the clock")
    if begins < start or ends > end:
        refuse("startTime", f"{row.startTime} lies outside the report's window {start} to {end}")
    return begins
