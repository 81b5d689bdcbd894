"""A client's row, cell by cell: each read as what its column holds, or refused with its line, column and reason."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NoReturn
from zoneinfo import ZoneInfo

import msgspec

from daybreak.landing.client_numbers import NumberProblem
from daybreak.landing.client_tables import ClientRow, ClientTable
from daybreak.landing.rejections import RowProblem, RowRefused

_ASIN = re.compile(r"[A-Z0-9]{10}")
_ISO_DATE = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})")
_DAY_FIRST = re.compile(r"(?P<day>[0-9]{1,2})[./-](?P<month>[0-9]{1,2})[./-](?P<year>[0-9]{4})")
_TIME = re.compile(r"[T ](?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})(?:[:.](?P<second>[0-9]{2})(?:\.0+)?)?")
_LONGEST_TEXT = 4000
_LARGEST_UNITS = 2**31 - 1
_LARGEST_AMOUNT = Decimal(10) ** 9
EARLIEST, LATEST = date(1970, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True)
class Cells:
    """One row of ``table``, read for an account with this currency and calendar.

    Every method gives None for an empty cell and raises ``RowRefused`` for one that does not hold what it should.
    """

    table: ClientTable
    row: ClientRow
    currency_code: str
    time_zone: str

    def refuse(self, column: str | None, what: str) -> NoReturn:
        """Raises: RowRefused, with the row's line and the column in the file's words and in ours."""
        named = self.table.headers.get(column or "", column)
        shown = f", column {named}" + (f" ({column})" if named != column else "") if column else ""
        raise RowRefused(RowProblem(column, what, f"line {self.row.line}{shown}"))

    @property
    def raw(self) -> bytes:
        """The row as JSON, its cells by the file's own headers."""
        told = {self.table.headers[column]: text for column, text in self.row.cells.items()}
        return msgspec.json.encode(
            {"asin": self.row.cells.get("asin"), "line": self.row.line, "cells": told, "beyond": self.row.extra}
        )

    def text(self, column: str) -> str | None:
        found = self.row.cells.get(column)
        if found and len(found) > _LONGEST_TEXT:
            self.refuse(column, f"longer than {_LONGEST_TEXT} characters")
        return found

    def asin(self, column: str = "asin") -> str | None:
        found = self.row.cells.get(column)
        if found is None:
            return None
        name = found.upper()
        if not _ASIN.fullmatch(name):
            self.refuse(column, f"an ASIN has ten letters and digits, got {found[:40]!r}")
        return name

    def code(self, column: str, words: Mapping[str, str]) -> str | None:
        """The code that ``words`` gives for the cell, whatever its case."""
        found = self.row.cells.get(column)
        if found is None:
            return None
        word = re.sub(r"[\s_-]+", " ", found.casefold()).strip()
        if word not in words:
            self.refuse(column, f"none of {', '.join(dict.fromkeys(words.values()))}, got {found[:40]!r}")
        return words[word]

    def amount(self, column: str) -> Decimal | None:
        """Money of the account's currency, 0 or more."""
        value = self._number(column, self.currency_code)
        if value is not None and not 0 <= value < _LARGEST_AMOUNT:
            self.refuse(column, f"an amount is 0 or more, got {self.row.cells[column][:40]!r}")
        return value

    def units(self, column: str, least: int) -> int | None:
        """A whole number of at least ``least``."""
        value = self._number(column, None)
        if value is None:
            return None
        if value != value.to_integral_value() or not least <= value <= _LARGEST_UNITS:
            self.refuse(column, f"a whole number from {least} up, got {self.row.cells[column][:40]!r}")
        return int(value)

    def day(self, column: str) -> date | None:
        """A day written YYYY-MM-DD or day first, as in 31/12/2026; a time of day beside it is passed over."""
        found = self.row.cells.get(column)
        if found is None:
            return None
        day, rest = self._day_in(column, found)
        if rest:
            self._clock_in(column, found, rest)
        return day

    def instant(self, column: str, *, is_end: bool = False) -> datetime | None:
        """An instant in UTC; local to the account where it names no zone. A day alone begins at its midnight, and as
        an end it is included."""
        found = self.row.cells.get(column)
        if found is None:
            return None
        zoned = _zoned(found)
        if zoned is not None:
            return zoned
        day, rest = self._day_in(column, found)
        if rest:
            clock = self._clock_in(column, found, rest)
        else:
            day, clock = day + timedelta(days=1 if is_end else 0), time()
        return datetime.combine(day, clock, ZoneInfo(self.time_zone)).astimezone(UTC)

    def _day_in(self, column: str, found: str) -> tuple[date, str]:
        written = _ISO_DATE.match(found) or _DAY_FIRST.match(found)
        if written is None:
            self._refuse_date(column, found)
        try:
            day = date(int(written["year"]), int(written["month"]), int(written["day"]))
        except ValueError:
            self._refuse_date(column, found)
        if not EARLIEST <= day <= LATEST:
            self._refuse_date(column, found)
        return day, found[written.end() :]

    def _clock_in(self, column: str, found: str, rest: str) -> time:
        written = _TIME.fullmatch(rest)
        if written is None:
            self._refuse_date(column, found)
        try:
            return time(int(written["hour"]), int(written["minute"]), int(written["second"] or 0))
        except ValueError:
            self._refuse_date(column, found)

    def _refuse_date(self, column: str, found: str) -> NoReturn:
        self.refuse(column, f"not a date such as 2026-12-31 or 31/12/2026: {found[:40]!r}")

    def _number(self, column: str, currency_code: str | None) -> Decimal | None:
        found = self.row.cells.get(column)
        if found is None:
            return None
        try:
            return self.table.numbers.read(found, currency_code)
        except NumberProblem as problem:
            self.refuse(column, str(problem))


def _zoned(text: str) -> datetime | None:
    """An instant of ISO 8601 that names its zone, in UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if found.tzinfo is None else found.astimezone(UTC)
