"""Numbers as people and spreadsheets write them: decimal comma or point, thousands apart, a currency beside."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

DecimalMark = Literal[",", "."]
_CURRENCY_SYMBOLS = {"€": "EUR", "£": "GBP", "$": "USD", "¥": "JPY", "zł": "PLN", "kr": "SEK"}
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009'\u2019]")
_DIGITS = re.compile(r"(?P<sign>[-+\u2212]?)(?P<digits>[0-9][0-9.,]*|[.,][0-9]+)")
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
_BESIDE = re.compile("|".join(("[A-Z]{3}", *map(re.escape, _CURRENCY_SYMBOLS))))
_CODE = re.compile(r"[A-Z]{3}")
_LONGEST = 40


class NumberProblem(ValueError):
    """A text that is no number, in words."""


@dataclass(frozen=True)
class NumberStyle:
    """How a file writes its numbers: which mark stands before the fraction; None where nothing in it says so."""

    decimal_mark: DecimalMark | None

    def read(self, text: str, currency_code: str | None = None) -> Decimal:
        """The number that ``text`` writes, exactly.

        With ``currency_code`` its symbol or code may stand beside the number. ``1.234`` and ``1,234`` are read in the
        file's style; every other form tells its mark itself.

        Raises:
            NumberProblem: no number, another currency, or one that can be read in two ways.
        """
        bare = _SPACES.sub("", _without_currency(text, currency_code))
        found = _DIGITS.fullmatch(bare)
        if found is None or len(bare) > _LONGEST:
            raise NumberProblem(f"not a number: {text[:_LONGEST]!r}")
        mark = decimal_mark(found["digits"]) or self._mark_of(found["digits"], text)
        digits = _plain(found["digits"], mark)
        if digits is None:
            raise NumberProblem(f"its separators make no number: {text[:_LONGEST]!r}")
        value = Decimal(digits)
        return -value if found["sign"] in {"-", "\u2212"} else value

    def _mark_of(self, digits: str, text: str) -> DecimalMark:
        if _AMBIGUOUS.fullmatch(digits) and self.decimal_mark is None:
            raise NumberProblem(
                f"{text[:_LONGEST]!r} can be read in two ways, and nothing in the file says which: write 1234"
            )
        return self.decimal_mark or "."


def decimal_mark(digits: str) -> DecimalMark | None:
    """The mark before the fraction, where ``digits`` alone tells it; None where it has none or may be read both ways.

    ``digits`` is made of digits, commas and points.
    """
    marks = [character for character in digits if character in ",."]
    if not marks or _AMBIGUOUS.fullmatch(digits):
        return None
    if len(set(marks)) > 1:
        return "," if marks[-1] == "," else "."
    only: DecimalMark = "," if marks[0] == "," else "."
    if len(marks) > 1:
        return "." if only == "," else ","
    return only


def find_style(texts: Iterable[str], delimiter: str) -> NumberStyle:
    """How a file writes numbers: as its unambiguous ones do where they agree, else as its delimiter suggests.

    A spreadsheet separates cells by semicolons where the comma is its decimal mark, and by commas where it is not.
    """
    bare = (_SPACES.sub("", _BESIDE.sub("", text)).lstrip("+-\u2212") for text in texts)
    told = {mark for digits in bare if _DIGITS.fullmatch(digits) and (mark := decimal_mark(digits)) is not None}
    if len(told) == 1:
        return NumberStyle(told.pop())
    suggested: dict[str, DecimalMark] = {";": ",", ",": "."}
    return NumberStyle(suggested.get(delimiter))


def _plain(digits: str, mark: DecimalMark) -> str | None:
    """``digits`` with a point before the fraction and nothing between thousands; None where groups are no thousands."""
    whole, _, fraction = digits.partition(mark)
    separator = "." if mark == "," else ","
    if separator in fraction or mark in fraction:
        return None
    groups = whole.split(separator)
    is_grouped = len(groups) == 1 or (0 < len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:]))
    return f"{''.join(groups) or '0'}.{fraction or '0'}" if is_grouped else None


def _without_currency(text: str, currency_code: str | None) -> str:
    if currency_code is None:
        return text
    for symbol, code in _CURRENCY_SYMBOLS.items():
        if symbol in text:
            if code != currency_code:
                raise NumberProblem(f"the account's currency is {currency_code}, got {text[:_LONGEST]!r}")
            return text.replace(symbol, "", 1)
    code_found = _CODE.search(text)
    if code_found is None:
        return text
    if code_found[0] != currency_code:
        raise NumberProblem(f"the account's currency is {currency_code}, got {text[:_LONGEST]!r}")
    return text.replace(currency_code, "", 1)
