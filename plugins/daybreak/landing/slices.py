"""The days of a document: which rows belong to which, and the hash by which an unchanged day is recognised."""

import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter

import msgspec

from daybreak.landing.rejections import ROW_ERRORS, RejectedRow, RowProblem, explain
from daybreak.landing.specifications import ReportSpecification, parse_date, period_end

# Amazon writes startDate and endDate first; where it does, a row's day is known without decoding the row.
_USUAL_START = re.compile(rb'\{\s*"startDate"\s*:\s*"([0-9-]{10})"\s*,\s*"endDate"\s*:\s*"([0-9-]{10})"\s*,')
_ROWS_AT_ONCE = 512


@dataclass(frozen=True)
class SliceDigest:
    """One delivered day: its rows in the document, refused ones included, and the sha256 of their bytes in order."""

    row_count: int
    content_hash: str


NOTHING = SliceDigest(0, hashlib.sha256().hexdigest())
"""A delivered day without rows."""


@dataclass(frozen=True, slots=True)
class Period:
    """A day, or a week by its first day, with both dates as the document writes them."""

    day: date
    start_text: str
    end_text: str


class _Dates(msgspec.Struct):
    startDate: str  # noqa: N815 - Amazon's own field names, so that errors name them
    endDate: str  # noqa: N815


@dataclass(frozen=True)
class DayIndex:
    """``periods[i]`` is the day of row i, None where it has none and stands in ``rejected``."""

    periods: list[Period | None]
    digests: dict[date, SliceDigest]
    rejected: list[RejectedRow]


class PeriodGrid:
    """The periods that a document may speak of: on Amazon's grid and inside the specification's window."""

    def __init__(self, specification: ReportSpecification) -> None:
        self._specification = specification
        self._report_period = specification.options["reportPeriod"]
        self._known: dict[tuple[str, str], Period | RowProblem] = {}

    def period(self, start_text: str, end_text: str) -> Period | RowProblem:
        """The period with these dates, or what is wrong with them."""
        key = (start_text, end_text)
        if key not in self._known:
            self._known[key] = self._judge(start_text, end_text)
        return self._known[key]

    def _judge(self, start_text: str, end_text: str) -> Period | RowProblem:
        start, end = parse_date(start_text), parse_date(end_text)
        if start is None:
            return RowProblem("startDate", f"not a date: {start_text[:40]!r}")
        if end is None:
            return RowProblem("endDate", f"not a date: {end_text[:40]!r}")
        if period_end(self._report_period, start) != end:
            return RowProblem("endDate", f"{start} to {end} is no {self._report_period} of Amazon's calendar")
        first, last = self._specification.data_start_date, self._specification.data_end_date
        if start < first or end > last:
            return RowProblem("startDate", f"{start} lies outside the report's window {first} to {last}")
        return Period(start, start_text, end_text)


def index_days(rows: Sequence[msgspec.Raw], grid: PeriodGrid, file_name: str) -> DayIndex:
    """Finds every row's day and hashes each day's bytes; decodes nothing else of a row."""
    finder = _DayFinder(rows, grid)
    periods: list[Period | None] = []
    rejected: list[RejectedRow] = []
    hashes: dict[date, hashlib._Hash] = {}
    counts: Counter[date] = Counter()
    # The rows of a day follow each other as a rule: what they have in common is looked up once for all of them.
    for start, run in itertools.groupby(map(bytes, rows), key=finder.start_of):
        while contents := list(itertools.islice(run, _ROWS_AT_ONCE)):
            for found, same in finder.find(start, contents):
                if isinstance(found, RowProblem):
                    rejected.append(found.reject(rows[len(periods)], len(periods) + 1, file_name))
                    periods.append(None)
                    continue
                hashes.setdefault(found.day, hashlib.sha256()).update(b"".join(same))
                counts[found.day] += len(same)
                periods.extend([found] * len(same))
    digests = {day: SliceDigest(counts[day], digest.hexdigest()) for day, digest in hashes.items()}
    return DayIndex(periods, digests, rejected)


class _DayFinder:
    """Reads a row's day from its first bytes where they are as usual, else from the decoded row."""

    def __init__(self, rows: Sequence[msgspec.Raw], grid: PeriodGrid) -> None:
        self._grid = grid
        usual = _USUAL_START.match(bytes(rows[0])) if rows else None
        self.start_of = itemgetter(slice(0, usual.end() if usual else 0))
        self._by_start: dict[bytes, Period] = {}
        self._decode = msgspec.json.Decoder(_Dates).decode

    def find(self, start: bytes, rows: list[bytes]) -> list[tuple[Period | RowProblem, list[bytes]]]:
        """The days of ``rows``, all of which begin with ``start``, each with its rows, in order."""
        if start not in self._by_start:
            first = self._find(start, rows[0])
            if start not in self._by_start:
                return [(first, rows[:1]), *((self._find(start, row), [row]) for row in rows[1:])]
        return [(self._by_start[start], rows)]

    def _find(self, start: bytes, row: bytes) -> Period | RowProblem:
        try:
            dates = self._decode(row)
        except ROW_ERRORS as error:
            return explain(error, "")
        found = self._grid.period(dates.startDate, dates.endDate)
        if isinstance(found, Period) and (usual := _USUAL_START.fullmatch(start)) is not None:
            said = (usual[1].decode(), usual[2].decode())
            if said == (found.start_text, found.end_text):
                self._by_start[start] = found
        return found
