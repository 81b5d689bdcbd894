"""Writes rows as an Excel workbook: sheets with a frozen, filtered header and typed cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter

_WIDEST = 60
_LONGEST_SHEET_NAME = 31  # Excel's own limit
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_DAY, _INSTANT, _AMOUNT, _RATIO = "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "#,##0.00", "0.0%"
# Every workbook says that it was made then: equal figures make equal bytes.
_MADE_AT = datetime(2026, 1, 1)  # noqa: DTZ001 a cell of Excel knows no zone


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, its columns as (key of a row, heading), and the rows.

    A key that ends in ``_amount`` is written with cents and one that ends in ``_ratio`` as a percentage.
    """

    name: str
    columns: Sequence[tuple[str, str]]
    rows: Sequence[Mapping[str, Any]]


def sheets_by(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], key: str) -> list[Sheet]:
    """A sheet for each value of ``key``, headed by the columns' names; one called ``empty`` where there is no row."""
    headed = [(column, column.replace("_", " ")) for column in columns]
    names = dict.fromkeys(str(row[key]) for row in rows) or {"empty": None}
    return [Sheet(name, headed, [row for row in rows if str(row[key]) == name]) for name in names]


def workbook_bytes(sheets: Sequence[Sheet]) -> bytes:
    """The sheets as the bytes of an ``.xlsx`` file, the same for the same sheets.

    A missing value is an empty cell. Text is never a formula or a link. Instants are written on the clock that they
    carry, as Excel knows no zone.
    """
    file = BytesIO()
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        book.set_properties({"created": _MADE_AT})
        head = book.add_format({"bold": True, "bottom": 1})
        formats = {code: book.add_format({"num_format": code}) for code in (_DAY, _INSTANT, _AMOUNT, _RATIO)}
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.name[:_LONGEST_SHEET_NAME]), sheet, head, formats)
    return file.getvalue()


def _write_sheet(page: Any, sheet: Sheet, head: Any, formats: Mapping[str, Any]) -> None:
    for place, (key, heading) in enumerate(sheet.columns):
        page.write_string(0, place, heading, head)
        for line, row in enumerate(sheet.rows, start=1):
            _write(page, line, place, row.get(key), formats, _number_format(key, formats))
        longest = max((len(_shown(row.get(key))) for row in sheet.rows), default=0)
        page.set_column(place, place, min(max(longest, len(heading)) + 2, _WIDEST))
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.columns) - 1)


def _number_format(key: str, formats: Mapping[str, Any]) -> Any:
    if key.endswith(("_amount", "_amount_before")):
        return formats[_AMOUNT]
    return formats[_RATIO] if key.endswith(("_ratio", "_ratio_before")) else None


def _write(page: Any, line: int, place: int, value: Any, formats: Mapping[str, Any], number_format: Any) -> None:
    if value is None:
        return
    if isinstance(value, datetime):
        page.write_datetime(line, place, value.replace(tzinfo=None), formats[_INSTANT])
    elif isinstance(value, date):
        page.write_datetime(line, place, datetime.combine(value, time()), formats[_DAY])
    elif isinstance(value, bool):
        page.write_boolean(line, place, value)
    elif isinstance(value, (int, float, Decimal)):
        page.write_number(line, place, float(value), number_format)  # a cell of Excel holds a double
    else:
        page.write_string(line, place, str(value))


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)
