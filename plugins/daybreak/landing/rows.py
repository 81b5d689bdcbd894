"""Rows of a report, typed and written as CSV for ``COPY``: a bad row costs only itself."""

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
        self._end_of_measures = len(_DATES_AND_ASIN) + len(layout.measures)
        first_measure = len(("row_number", "business_date", "asin", *self._view))
        self._amounts_at = [first_measure + n for n, m in enumerate(layout.measures) if m.kind == "amount"]
        self._amount_names = [m.amazon_name for m in layout.measures if m.kind == "amount"]
        self._known = {*_DATES_AND_ASIN, *layout.unused, *(m.amazon_name for m in layout.measures)}

        self._dataset_key = dataset.key
        # The strict decoder finds unknown fields at no cost to rows without; those with are decoded once more.
        self._decode_strictly = self._decoder(is_exact=False, is_strict=True)
        self._decode = self._decoder(is_exact=False, is_strict=False)
        self._decode_exactly = self._decoder(is_exact=True, is_strict=False)
        self._usual_name_count: int | None = None
        self._amount_count = 0

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
        rows, decode, line_of = self._rows, self._decode_strictly, self._line
        lines: list[Line] = []
        raws: list[msgspec.Raw] = []
        self._amount_count = 0
        for place in places:
            raw = rows[place]
            try:
                line = line_of(place, decode(raw))
            except ROW_ERRORS as error:
                again = self._decode_again(place, raw, error)
                if again is None:
                    continue
                line = again
            lines.append(line)
            raws.append(raw)
        lines, raws = self._refuse_repeated_names(lines, raws)
        text = write_lines(lines)
        if _SIXTEEN_DIGITS in text.translate(_DIGITS_AS_0):
            text = write_lines([self._exact(line, raw) for line, raw in zip(lines, raws, strict=True)])
        self.row_count += len(lines)
        return text

    def _line(self, place: int, row: msgspec.Struct) -> Line:
        values = msgspec.structs.astuple(row)
        start_text, asin = values[0], values[2]
        period = self._periods[place]
        if period is None or start_text != period.start_text or values[1] != period.end_text:
            raise RowRefused(RowProblem("startDate", "startDate or endDate stands twice, with different dates"))
        if "\x00" in asin:
            raise RowRefused(RowProblem("asin", "holds a NUL character, which no text column takes"))
        measures = values[len(_DATES_AND_ASIN) : self._end_of_measures]
        line = [place + 1, start_text, asin, *self._view, *measures, *self._currency]
        for position in self._amounts_at:
            if (money := line[position]) is not None:
                line[position] = money.amount
                self._amount_count += 1
        return line

    def _decode_again(self, place: int, raw: msgspec.Raw, error: Exception) -> Line | None:
        """The line of a row whose only fault are unknown fields, else None and the row is refused."""
        try:
            if not is_unknown_field(error):
                raise error
            self._learn(self._unknown_names(raw))
            return self._line(place, self._decode(raw))
        except ROW_ERRORS as final:
            self._reject(place, raw, explain(final, self._currency_code))
            return None

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
        return self._line(_place(line), self._decode_exactly(raw))

    def _refuse_repeated_names(
        self, lines: list[Line], raws: list[msgspec.Raw]
    ) -> tuple[list[Line], list[msgspec.Raw]]:
        """Without the rows that give a field twice: which of the two values is meant nobody can say.

        Colons tell cheaply that no row of a batch does; only where they do not add up is each row looked at.
        """
        if not lines:
            return lines, raws
        if self._usual_name_count is None:
            self._usual_name_count = len(msgspec.json.decode(raws[0], type=dict[str, msgspec.Raw]))
        usual = self._usual_name_count * len(lines) + _COLONS_OF_MONEY * self._amount_count
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
