"""Amazon's demand forecast: the newest generation, a row per ASIN and week."""

from datetime import date
from decimal import Decimal
from typing import Any

from daybreak.landing.documents import Document, split_document
from daybreak.landing.echoes import read_echo
from daybreak.landing.failures import UnreadableDocument, WrongDocument
from daybreak.landing.layouts import Asin
from daybreak.landing.records import Records
from daybreak.landing.row_reading import ROW_ERRORS, RowReader, problem_of, refuse
from daybreak.landing.specifications import ExpectedReport, parse_date, period_end
from daybreak.sources import VendorReport

_COLUMNS = ("generation_date", "week_start_date", "asin", "mean_units", "p70_units", "p80_units", "p90_units")
_FIGURES = ("meanForecastUnits", "p70ForecastUnits", "p80ForecastUnits", "p90ForecastUnits")
_FIELDS: list[tuple[str, Any] | tuple[str, Any, Any]] = [
    ("forecastGenerationDate", str),
    ("asin", Asin),
    ("startDate", str),
    ("endDate", str),
    *((name, Decimal | None, None) for name in _FIGURES),
]


def decode_forecast(data: Document, dataset: VendorReport, expected: ExpectedReport, file_name: str) -> Records:
    """The document as rows of one generation; its ledger date is the generation's Sunday.

    Raises:
        UnreadableDocument, FailureDocument: no forecast document, or one without rows, so without a generation.
        WrongDocument: another report or account, or more than one generation.
    """
    members = split_document(data, dataset, file_name)
    members.require_all(file_name)
    options = dataset.report_options(expected.variant, expected.currency_code)
    echo = read_echo(members.specification, dataset, expected, options, file_name)
    reader = RowReader("forecast_row", _FIELDS)
    read: list[tuple[bytes, Any]] = []
    for raw in members.rows:
        content = bytes(raw)
        try:
            row = reader.read(content)
            read.append((content, (_generation(row.forecastGenerationDate), _week(row), row)))
        except ROW_ERRORS as error:
            read.append((content, problem_of(error, "")))
    generation = _only({row[0] for _, row in read if isinstance(row, tuple)}, dataset, expected, file_name)
    records = Records(file_name, _COLUMNS, generation, generation, echo.last_updated_date)
    records.deliver(generation)
    for content, row in read:
        if isinstance(row, tuple):
            figures = (getattr(row[2], name) for name in _FIGURES)
            values = (generation.isoformat(), row[1].isoformat(), row[2].asin, *figures)
            records.accept(generation, values, content)
        else:
            records.reject(content, row, day=generation)
    records.unknown_names |= reader.unknown_names | set(members.unknown_fields)
    return records


def _generation(text: str) -> date:
    day = parse_date(text)
    if day is None:
        refuse("forecastGenerationDate", f"not a date: {text[:40]!r}")
    return day


def _week(row: Any) -> date:
    start, end = parse_date(row.startDate), parse_date(row.endDate)
    if start is None or end is None:
        refuse("startDate" if start is None else "endDate", "not a date")
    if period_end("WEEK", start) != end:
        refuse("endDate", f"{start} to {end} is no WEEK of Amazon's calendar")
    return start


def _only(generations: set[date], dataset: VendorReport, expected: ExpectedReport, file_name: str) -> date:
    if len(generations) == 1:
        return next(iter(generations))
    if not generations:
        raise UnreadableDocument(
            file_name,
            "the forecast has no row that names its generation",
            "Nothing is published; ask Amazon for the report again",
        )
    named = ", ".join(day.isoformat() for day in sorted(generations)[:5])
    raise WrongDocument(
        file_name, expected.account_id, dataset.key, [f"generation: asked one, the newest, got {named}"]
    )
