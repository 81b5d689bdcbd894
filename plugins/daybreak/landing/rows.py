"""Rows of a report, typed and written as CSV for ``COPY``: a bad row costs only itself."""

import itertools
import json
import re
from collections import Counter
from collections.abc import Sequence
from keyword import iskeyword
from typing import Any

import msgspec

from daybreak.landing.csv_text import Line, write_lines
from daybreak.landing.layouts import LAYOUTS, row_type
from daybreak.landing.rejections import ROW_ERRORS, RejectedRow, RowProblem, RowRefused, explain, is_unknown_field
from daybreak.landing.slices import Period
from daybreak.landing.specifications import ExpectedReport
from daybreak.sources import PeriodReport

# A double gives back every number of up to 15 digits; a row with a longer one is read again as Decimal.
_LONG_NUMBER = re.compile(rb"[0-9.]{16}")
_SIXTEEN_DIGITS = b"0" * 16
_DIGITS_AS_0 = bytes(ord("0") if chr(code) in "0123456789." else ord(" ") for code in range(256))
_DATES_AND_ASIN = ("startDate", "endDate", "asin")
_ROW_NUMBER, _ASIN = 0, 2
_COLONS_OF_MONEY = 2
_MOST_LEARNED = 32


class RowEncoder:
    """Types the rows of one document and writes the good ones as CSV.

    ``row_count`` counts the rows written so far; ``rejected`` holds the others; ``unknown_fields`` names the fields
    met that neither Amazon's schema nor a known live row has.
    """

    def __init__(
        self,
        dataset: PeriodReport,
        expected: ExpectedReport,
        rows: Sequence[msgspec.Raw],
        periods: Sequence[Period | None],
        file_name: str,
    ) -> None:
        self.row_count = 0
        self.rejected: list[RejectedRow] = []
        self.unknown_fields: set[str] = set()
        layout = LAYOUTS[dataset.key]
        self._rows = rows
        self._periods = periods
        self._file_name = file_name
        self._currency_code = expected.currency_code
        self._view = (expected.variant,) if dataset.has_distributor_view else ()
        self._currency = (expected.currency_code,) if layout.has_money else ()
        self._measure_count = len(layout.measures)
        self._amounts = [number for number, measure in enumerate(layout.measures) if measure.kind == "amount"]
        first_measure = len(("row_number", "business_date", "asin", *self._view))
        self._amounts_at = [first_measure + number for number in self._amounts]
        self._amount_names = [m.amazon_name for m in layout.measures if m.kind == "amount"]
        self._known = {*_DATES_AND_ASIN, *layout.unused, *(m.amazon_name for m in layout.measures)}

        self._dataset_key = dataset.key
        # The strict decoder finds unknown fields at no cost to rows without; those with are decoded once more.
        self._decode_strictly = self._decoder(is_exact=False, is_strict=True)
        self._decode = self._decoder(is_exact=False, is_strict=False)
        self._decode_exactly = self._decoder(is_exact=True, is_strict=False)
        self._usual_name_count: int | None = None

    def _decoder(self, *, is_exact: bool, is_strict: bool, also_unused: tuple[str, ...] = ()) -> Any:
        row = row_type(
            self._dataset_key,
            self._currency_code,
            is_exact=is_exact,
            is_strict=is_strict,
            also_unused=also_unused,
        )
        return msgspec.json.Decoder(row).decode

    def encode(self, places: Sequence[int]) -> bytes:
        """CSV of the rows at these places of the document, all of which have a day; bad ones go to ``rejected``."""
        raws = [self._rows[place] for place in places]
        try:
            lines, amount_count = self._lines(places, list(map(self._decode_strictly, raws)))
        except ROW_ERRORS:
            places, raws, sound = self._sift(places)
            lines, amount_count = self._lines(places, sound)
        lines, raws = self._refuse_repeated_names(lines, raws, amount_count)
        text = write_lines(lines)
        if _SIXTEEN_DIGITS in text.translate(_DIGITS_AS_0):
            text = write_lines([self._exact(line, raw) for line, raw in zip(lines, raws, strict=True)])
        self.row_count += len(lines)
        return text

    def _lines(self, places: Sequence[int], rows: Sequence[msgspec.Struct]) -> tuple[list[Line], int]:
        """The lines of decoded rows, and how many amounts they hold that are not null.

        Works column by column.

        Raises:
            RowRefused: a row of them cannot be accepted.
        """
        if not rows:
            return [], 0
        starts, ends, asins, *values = zip(*map(msgspec.structs.astuple, rows), strict=False)
        for place, start_text, end_text in zip(places, starts, ends, strict=True):
            period = self._periods[place]
            if period is None or start_text != period.start_text or end_text != period.end_text:
                raise RowRefused(RowProblem("startDate", "startDate or endDate stands twice, with different dates"))
        if "\x00" in "".join(asins):
            raise RowRefused(RowProblem("asin", "holds a NUL character, which no text column takes"))
        measures: list[Sequence[Any]] = list(values[: self._measure_count])
        amount_count = 0
        for number in self._amounts:
            measures[number] = [None if money is None else money.amount for money in measures[number]]
            amount_count += len(rows) - measures[number].count(None)
        constant = [itertools.repeat(text) for text in (*self._view, *self._currency)]
        view, currency = constant[: len(self._view)], constant[len(self._view) :]
        numbers = [place + 1 for place in places]
        return list(zip(numbers, starts, asins, *view, *measures, *currency, strict=False)), amount_count

    def _sift(self, places: Sequence[int]) -> tuple[list[int], list[msgspec.Raw], list[msgspec.Struct]]:
        """The good rows among these, decoded one by one, and their places and bytes; the others are refused."""
        kept: list[tuple[int, msgspec.Raw, msgspec.Struct]] = []
        for place in places:
            raw = self._rows[place]
            try:
                row = self._decode_one(raw)
                self._lines([place], [row])
            except ROW_ERRORS as error:
                self._reject(place, raw, explain(error, self._currency_code))
            else:
                kept.append((place, raw, row))
        return [place for place, _, _ in kept], [raw for _, raw, _ in kept], [row for _, _, row in kept]

    def _decode_one(self, raw: msgspec.Raw) -> msgspec.Struct:
        """The row, also where it has unknown fields, which are noted."""
        try:
            row: msgspec.Struct = self._decode_strictly(raw)
        except msgspec.ValidationError as error:
            if not is_unknown_field(error):
                raise
            self._learn(self._unknown_names(raw))
            row = self._decode(raw)
        return row

    def _learn(self, names: set[str]) -> None:
        """Notes unknown fields and lets the next batch pass over them: a field new in every row must not cost time."""
        if names <= self.unknown_fields:
            return
        self.unknown_fields |= names
        new = sorted(n for n in self.unknown_fields if n.isidentifier() and not iskeyword(n) and not n.startswith("_"))
        self._decode_strictly = self._decoder(is_exact=False, is_strict=True, also_unused=tuple(new[:_MOST_LEARNED]))

    def _unknown_names(self, raw: msgspec.Raw) -> set[str]:
        members = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        names = members.keys() - self._known
        for name in self._amount_names:
            if name in members and bytes(members[name]).startswith(b"{"):
                parts = msgspec.json.decode(members[name], type=dict[str, msgspec.Raw])
                names |= {f"{name}.{part}" for part in parts.keys() - {"amount", "currencyCode"}}
        return names

    def _exact(self, line: Line, raw: msgspec.Raw) -> Line:
        if not _LONG_NUMBER.search(bytes(raw)):
            return line
        lines, _ = self._lines([_place(line)], [self._decode_exactly(raw)])
        return lines[0]

    def _refuse_repeated_names(
        self, lines: list[Line], raws: list[msgspec.Raw], amount_count: int
    ) -> tuple[list[Line], list[msgspec.Raw]]:
        """Without the rows that give a field twice: which of the two values is meant nobody can say.

        Colons tell cheaply that no row of a batch does; only where they do not add up is each row looked at.
        """
        if not lines:
            return lines, raws
        if self._usual_name_count is None:
            self._usual_name_count = len(msgspec.json.decode(raws[0], type=dict[str, msgspec.Raw]))
        usual = self._usual_name_count * len(lines) + _COLONS_OF_MONEY * amount_count
        if b"".join(raws).count(b":") == usual:
            return lines, raws
        kept = []
        for line, raw in zip(lines, raws, strict=True):
            if (name := self._repeated_name(line, bytes(raw))) is None:
                kept.append((line, raw))
            else:
                self._reject(_place(line), raw, RowProblem(name, "the field stands twice in the row"))
        return [line for line, _ in kept], [raw for _, raw in kept]

    def _repeated_name(self, line: Line, raw: bytes) -> str | None:
        amounts = sum(line[position] is not None for position in self._amounts_at)
        names = len(msgspec.json.decode(raw, type=dict[str, msgspec.Raw]))
        if raw.count(b":") == names + _COLONS_OF_MONEY * amounts + str(line[_ASIN]).count(":"):
            return None
        repeated: list[str] = []

        def note(pairs: list[tuple[str, Any]]) -> None:
            repeated.extend(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)

        json.loads(raw, object_pairs_hook=note, parse_int=float)
        return repeated[0] if repeated else None

    def _reject(self, place: int, raw: msgspec.Raw, problem: RowProblem) -> None:
        period = self._periods[place]
        day = None if period is None else period.day
        self.rejected.append(problem.reject(raw, place + 1, self._file_name, day))


def _place(line: Line) -> int:
    return int(str(line[_ROW_NUMBER])) - 1
