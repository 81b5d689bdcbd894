"""What every decoder gives back: a document as rows per date, ready for ``COPY``, with what could not be accepted."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Protocol

from daybreak.landing.rejections import RejectedRow
from daybreak.landing.slices import SliceDigest

Figure = int | Decimal | None


class Decoded(Protocol):
    """One document, checked against what was asked.

    ``slices`` has every delivered date with the hash of its rows' bytes; ``aggregates`` are the document's own totals
    by our column names, where it has any; ``row_count`` counts all rows of the document, refused ones included.
    """

    @property
    def columns(self) -> tuple[str, ...]:
        """The staging table's columns in the order of the lines, ``row_number`` and ``business_date`` first."""

    @property
    def first_date(self) -> date: ...

    @property
    def last_date(self) -> date: ...

    @property
    def last_updated_date(self) -> date | None:
        """Amazon's version of the data, where it tells one."""

    @property
    def slices(self) -> Mapping[date, SliceDigest]: ...

    @property
    def aggregates(self) -> Mapping[date, Mapping[str, Figure]]: ...

    @property
    def row_count(self) -> int: ...

    def csv_chunks(self, only_days: Collection[date] | None = None) -> Iterator[bytes]:
        """CSV of the rows of ``only_days`` (all when None), for COPY with ``COPY_OPTIONS``."""

    @property
    def rejected(self) -> list[RejectedRow]:
        """The rows refused in the dates of the last ``csv_chunks`` run, and all that belong to no date."""

    @property
    def unknown_fields(self) -> tuple[str, ...]: ...
