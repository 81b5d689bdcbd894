"""Prints rows for people (table) and for programs (json, csv)."""

import csv
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

# JSON numbers with every digit of the warehouse's numerics.
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Format(StrEnum):
    """How a command prints its rows."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def print_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], form: Format, title: str = "") -> None:
    """Prints ``columns`` of ``rows``. A missing value is an empty cell, in JSON null; numbers keep every digit."""
    if form is Format.JSON:
        encoded = _ENCODER.encode([{name: row.get(name) for name in columns} for row in rows])
        sys.stdout.write(msgspec.json.format(encoded, indent=1).decode() + "\n")
    elif form is Format.CSV:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([[_cell(row.get(name)) for name in columns] for row in rows])
    else:
        print_table(rows, columns, title)


def print_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], title: str = "") -> None:
    """Prints a table as wide as the terminal; outside a terminal as wide as its content, so that nothing is cut."""
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for name in columns:
        numeric = any(isinstance(row.get(name), (int, float, Decimal)) for row in rows)
        table.add_column(name.replace("_", " "), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_shown(row.get(name))) for name in columns))
    console.print(table)


def _cell(value: Any) -> Any:
    """A value as CSV writes it; text from outside cannot become a formula when a spreadsheet opens the file."""
    if value is None:
        return ""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, str):
        is_formula = value.startswith(("=", "+", "-", "@", "\t", "\r"))
        return f"'{_printable(value)}" if is_formula else _printable(value)
    return f"{value:f}" if isinstance(value, Decimal) else value


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return _printable(str(value))


def _printable(text: str) -> str:
    """Text from outside as a terminal may show it: control and format characters come as escapes, such as ``\\x1b``."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode("ascii") for c in text)
