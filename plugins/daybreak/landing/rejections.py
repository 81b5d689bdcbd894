"""Rows that cannot be accepted: kept whole, each with its place, field and reason."""

import re
from dataclasses import dataclass
from datetime import date

import msgspec

from daybreak.landing.specifications import parse_date

RAW_ROW_LIMIT = 64 * 1024
_PLACE = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<path>.*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`", re.DOTALL)
_CURRENCY = re.compile(r"Invalid enum value (?P<got>.*)", re.DOTALL)


@dataclass(frozen=True)
class RejectedRow:
    """One row of the document that no table takes.

    ``row_number`` counts from 1 within the rows member; ``field`` is Amazon's name, dotted, None for the whole row;
    ``raw_row`` is the row as received, at most 64 KiB, undecodable bytes and NUL written as ``\\xNN``.
    """

    row_number: int
    business_date: date | None
    asin: str | None
    field: str | None
    reason: str
    raw_row: str
    file_name: str
    is_undelivered: bool = False
    """Amazon has not delivered it: nothing is wrong with what the document holds."""

    @property
    def message(self) -> str:
        """One sentence for people: file, row, day, ASIN and reason."""
        known = ", ".join(str(part) for part in (self.business_date, self.asin) if part)
        return f"{self.file_name}, row {self.row_number}{f' ({known})' if known else ''}: {self.reason}"


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with a row, before its place is known."""

    field: str | None
    what: str
    place: str | None = None
    """Where it stands, in words; else the field in JSON's."""
    is_undelivered: bool = False

    @property
    def sentence(self) -> str:
        """What is wrong, and where in the row."""
        place = self.place or (f"$.{self.field}" if self.field else None)
        return f"{place}: {self.what}" if place else self.what

    def reject(self, raw: msgspec.Raw, row_number: int, file_name: str, day: date | None = None) -> RejectedRow:
        key = _read_key(raw)
        return RejectedRow(
            row_number=row_number,
            business_date=day or parse_date(key.startDate if isinstance(key.startDate, str) else ""),
            asin=_storable(key.asin) if isinstance(key.asin, str) else None,
            field=self.field,
            reason=self.sentence,
            raw_row=_storable(bytes(raw)[:RAW_ROW_LIMIT]),
            file_name=file_name,
            is_undelivered=self.is_undelivered,
        )


class RowRefused(ValueError):
    """A row that decodes and still cannot be accepted."""

    def __init__(self, problem: RowProblem) -> None:
        super().__init__(problem.what)
        self.problem = problem


# What taking one row may raise.
ROW_ERRORS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, RowRefused)


class _Key(msgspec.Struct):
    startDate: object = None  # noqa: N815 - Amazon's own field names
    asin: object = None


def is_unknown_field(error: Exception) -> bool:
    """Whether a strict decoder refused the row for a field that nobody knows."""
    return isinstance(error, msgspec.ValidationError) and str(error).startswith("Object contains unknown field")


def explain(error: Exception, currency_code: str) -> RowProblem:
    """An error of ``ROW_ERRORS`` as field and reason in Daybreak's words."""
    if isinstance(error, RowRefused):
        return error.problem
    if isinstance(error, UnicodeDecodeError):
        return RowProblem(None, "the row is not valid UTF-8")
    placed = _PLACE.fullmatch(str(error))
    what, path = (placed["what"], placed["path"] or "") if placed else (str(error), "")
    if (missing := _MISSING.fullmatch(what)) is not None:
        path = f"{path}.{missing['name']}" if path else missing["name"]
        what = "required field is missing"
    elif (found := _CURRENCY.fullmatch(what)) is not None:
        what = f"the account's currency is {currency_code}, got {found['got']}"
    else:
        what = what.replace("`", "")
    return RowProblem(path or None, what)


def _read_key(raw: msgspec.Raw) -> _Key:
    try:
        return msgspec.json.decode(raw, type=_Key)
    except ROW_ERRORS:
        return _Key()


def _storable(text: str | bytes) -> str:
    """As Postgres text, which takes no NUL, at most 64 KiB of UTF-8."""
    readable = text.decode("utf-8", "backslashreplace") if isinstance(text, bytes) else text
    return readable.replace("\x00", "\\x00").encode()[:RAW_ROW_LIMIT].decode("utf-8", "ignore")
