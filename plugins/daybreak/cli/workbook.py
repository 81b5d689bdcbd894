"""Writes rows as an Excel workbook, one sheet per value of a column."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

_WIDEST = 60
_LONGEST_SHEET_NAME = 31  # Excel's own limit


def write_workbook(path: Path, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, sheet_by: str) -> None:
    """Afterwards ``path`` holds a sheet per value of ``sheet_by`` with a frozen, filtered header and ``columns``.

    A missing value is an empty cell. Text is never a formula. Instants are written in UTC, as Excel knows no zone.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "default_date_format": "yyyy-mm-dd"}
    with xlsxwriter.Workbook(str(path), options) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for name in dict.fromkeys(str(row[sheet_by]) for row in rows) or {"empty": None}:
            sheet = book.add_worksheet(name[:_LONGEST_SHEET_NAME])
            own = [row for row in rows if str(row[sheet_by]) == name]
            for place, column in enumerate(columns):
                sheet.write_string(0, place, column.replace("_", " "), head)
                for line, row in enumerate(own, start=1):
                    _write(sheet, line, place, row.get(column), instant)
                longest = max((len(str(row.get(column) or "")) for row in own), default=0)
                sheet.set_column(place, place, min(max(longest, len(column)) + 2, _WIDEST))
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, max(len(own), 1), len(columns) - 1)


def _write(sheet: Any, line: int, place: int, value: Any, instant: Any) -> None:
    if value is None:
        return
    if isinstance(value, datetime):
        sheet.write_datetime(line, place, value.replace(tzinfo=None), instant)
    elif isinstance(value, date):
        sheet.write_datetime(line, place, datetime.combine(value, time()))
    elif isinstance(value, bool):
        sheet.write_boolean(line, place, value)
    elif isinstance(value, (int, float, Decimal)):
        sheet.write_number(line, place, float(value))  # a cell of Excel holds a double
    else:
        sheet.write_string(line, place, str(value))
