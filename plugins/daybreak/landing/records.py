"""Rows that a decoder makes one at a time, for documents that are not one row of figures per ASIN and period."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import msgspec

from daybreak.landing.csv_text import Line, Value, write_lines
from daybreak.landing.decoded import Figure
from daybreak.landing.rejections import RejectedRow, RowProblem
from daybreak.landing.slices import NOTHING, SliceDigest

_LINES_AT_ONCE = 2048


@dataclass
class Records:
    """A document that is being decoded row by row; once every row is accepted or rejected it is a ``Decoded``.

    ``value_columns`` are the staging table's columns behind ``row_number`` and ``business_date``. Instants are given
    as text in ISO 8601, jsonb as its JSON text.
    """

    file_name: str
    value_columns: tuple[str, ...]
    first_date: date
    last_date: date
    last_updated_date: date | None = None
    aggregates: Mapping[date, Mapping[str, Figure]] = field(default_factory=dict)
    row_count: int = 0
    unknown_names: set[str] = field(default_factory=set)
    _lines: dict[date, list[Line]] = field(default_factory=dict, repr=False)
    _written: dict[date, list[bytes]] = field(default_factory=dict, repr=False)
    _hashes: "dict[date, hashlib._Hash]" = field(default_factory=dict, repr=False)
    _counts: dict[date, int] = field(default_factory=dict, repr=False)
    _rejected: list[RejectedRow] = field(default_factory=list, repr=False)
    _wanted: frozenset[date] | None = field(default=None, repr=False)

    def deliver(self, day: date) -> None:
        """The document speaks of ``day``, even if no row does."""
        if day not in self._lines:
            self._lines[day] = []
            self._written[day] = []

    def accept(self, day: date, values: tuple[Value, ...], raw: bytes) -> None:
        """The document's next row: ``values`` in the order of ``value_columns``, and its bytes as received."""
        self.row_count += 1
        self._count(day, raw)
        lines = self._lines[day]
        lines.append((self.row_count, day.isoformat(), *values))
        if len(lines) >= _LINES_AT_ONCE:
            # As text a row takes a fraction of the memory that its values take.
            self._written[day].append(write_lines(lines))
            lines.clear()

    def reject(self, raw: bytes, problem: RowProblem, *, day: date | None = None, asin: str | None = None) -> None:
        """The document's next row, which no table takes: kept with its reason. ``day`` None: it belongs to none.

        ``asin`` is its product where the row itself does not say so in a member of that name.
        """
        self.row_count += 1
        if day is not None:
            self._count(day, raw)
        refused = problem.reject(msgspec.Raw(raw), self.row_count, self.file_name, day)
        if asin is not None:
            refused = replace(refused, asin=asin)
        self._rejected.append(refused)

    def _count(self, day: date, raw: bytes) -> None:
        self.deliver(day)
        self._hashes.setdefault(day, hashlib.sha256()).update(raw)
        self._counts[day] = self._counts.get(day, 0) + 1

    @property
    def columns(self) -> tuple[str, ...]:
        return ("row_number", "business_date", *self.value_columns)

    @property
    def slices(self) -> dict[date, SliceDigest]:
        return {
            day: SliceDigest(self._counts[day], self._hashes[day].hexdigest()) if day in self._counts else NOTHING
            for day in sorted(self._lines)
        }

    def csv_chunks(self, only_days: Collection[date] | None = None) -> Iterator[bytes]:
        """CSV of the rows of ``only_days`` (all when None); afterwards ``rejected`` speaks of exactly these dates."""
        self._wanted = None if only_days is None else frozenset(only_days)
        for day, lines in sorted(self._lines.items()):
            if self._wanted is None or day in self._wanted:
                yield from self._written[day]
                yield write_lines(lines)

    @property
    def rejected(self) -> list[RejectedRow]:
        wanted = self._wanted
        return [
            row for row in self._rejected if wanted is None or row.business_date is None or row.business_date in wanted
        ]

    @property
    def unknown_fields(self) -> tuple[str, ...]:
        return tuple(sorted(self.unknown_names))
