"""A report document: checked against what was asked, cut into days, its rows ready for ``COPY``."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date

import msgspec

from daybreak.landing.aggregates import decode_aggregates
from daybreak.landing.decoded import Figure
from daybreak.landing.documents import Document, split_document
from daybreak.landing.layouts import table_columns
from daybreak.landing.rejections import RejectedRow
from daybreak.landing.rows import RowEncoder
from daybreak.landing.slices import NOTHING, DayIndex, PeriodGrid, SliceDigest, index_days
from daybreak.landing.specifications import (
    ExpectedReport,
    ReportSpecification,
    check_specification,
    decode_specification,
    unknown_specification_fields,
)
from daybreak.sources import PeriodReport

CHUNK_BYTES = 1 << 20
# So few that the objects made of them stay in the processor's cache: 2,048 at once took a third longer.
_ROWS_AT_ONCE = 256


@dataclass
class DecodedReport:
    """One document as rows per day.

    ``slices`` has every delivered day, those of the aggregate member and those of rows; a day without rows has the
    hash of nothing. ``aggregates`` are the report's own totals by our column names. ``row_count`` counts all rows of
    the document. The rows stay in the document's own bytes until ``csv_chunks`` types them.
    """

    file_name: str
    specification: ReportSpecification
    columns: tuple[str, ...]
    slices: dict[date, SliceDigest]
    aggregates: dict[date, dict[str, Figure]]
    row_count: int
    _dataset: PeriodReport = field(repr=False)
    _expected: ExpectedReport = field(repr=False)
    _rows: list[msgspec.Raw] = field(repr=False)
    _index: DayIndex = field(repr=False)
    _unknown_members: frozenset[str] = field(repr=False)
    _last_run: RowEncoder | None = field(default=None, init=False, repr=False)

    @property
    def first_date(self) -> date:
        return self.specification.data_start_date

    @property
    def last_date(self) -> date:
        return self.specification.data_end_date

    @property
    def last_updated_date(self) -> date | None:
        return self.specification.last_updated_date

    def csv_chunks(self, only_days: Collection[date] | None = None) -> Iterator[bytes]:
        """CSV of the rows of ``only_days`` (all when None), for COPY with ``COPY_OPTIONS``, about 1 MiB at a time.
        When it has ended, ``rejected``, ``unknown_fields`` and ``accepted_row_count`` speak of exactly these days.
        """
        periods = self._index.periods
        run = RowEncoder(self._dataset, self._expected, self._rows, periods, self.file_name)
        wanted = [
            place
            for place, period in enumerate(periods)
            if period is not None and (only_days is None or period.day in only_days)
        ]
        parts: list[bytes] = []
        for first in range(0, len(wanted), _ROWS_AT_ONCE):
            parts.append(run.encode(wanted[first : first + _ROWS_AT_ONCE]))
            if sum(map(len, parts)) >= CHUNK_BYTES:
                yield b"".join(parts)
                parts.clear()
        if any(parts):
            yield b"".join(parts)
        self._last_run = run

    @property
    def rejected(self) -> list[RejectedRow]:
        """The rows refused in the days of the last ``csv_chunks`` run, and all that belong to no day, in order.

        Before any run, all rows are typed to find out: read it after ``csv_chunks`` to pay once.
        """
        return sorted([*self._index.rejected, *self._run().rejected], key=lambda row: row.row_number)

    @property
    def accepted_row_count(self) -> int:
        """Rows that the last ``csv_chunks`` run wrote; before any run, those that one over all days writes."""
        return self._run().row_count

    @property
    def unknown_fields(self) -> tuple[str, ...]:
        """Fields that neither Amazon's schemas nor known live rows have, in the days of the last run; sorted.

        A row's own by name (``newField``, ``shippedCogs.newField``), the others with their member in front.
        """
        return tuple(sorted(self._unknown_members | self._run().unknown_fields))

    def _run(self) -> RowEncoder:
        while self._last_run is None:
            for _ in self.csv_chunks():
                pass
        return self._last_run


def decode_report(data: Document, dataset: PeriodReport, expected: ExpectedReport, file_name: str) -> DecodedReport:
    """The document ``data``, checked and cut into days; ``data`` must not change while the result is used.

    Raises:
        UnreadableDocument: not JSON to the end, a member missing, or its own totals unreadable.
        FailureDocument: Amazon's explanation instead of a report.
        WrongDocument: another report, account, window or view than ``expected``.
    """
    members = split_document(data, dataset, file_name)
    specification = decode_specification(members.specification, file_name)
    check_specification(specification, dataset, expected, file_name)
    members.require_all(file_name)
    grid = PeriodGrid(specification)
    aggregates = decode_aggregates(members.aggregate, dataset, expected, grid, file_name)
    index = index_days(members.rows, grid, file_name)
    return DecodedReport(
        file_name=file_name,
        specification=specification,
        columns=table_columns(dataset),
        slices={
            day: index.digests.get(day, NOTHING) for day in sorted(aggregates.figures.keys() | index.digests.keys())
        },
        aggregates=aggregates.figures,
        row_count=len(members.rows),
        _dataset=dataset,
        _expected=expected,
        _rows=members.rows,
        _index=index,
        _unknown_members=members.unknown_fields
        | aggregates.unknown_fields
        | unknown_specification_fields(members.specification),
    )
