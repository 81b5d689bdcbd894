"""Exact numbers: integers and fractions that are rounded once, where they are compared or written."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd


def exact(value: Any) -> Fraction | None:
    if value is None or pd.isna(value):
        return None
    return Fraction(value) if isinstance(value, int | Decimal) else Fraction(str(value))


def whole(value: Any) -> int | None:
    """Raises ValueError for a part of a unit."""
    if value is None or pd.isna(value):
        return None
    if int(value) != value:
        raise ValueError(f"{value!r} is not a whole number of units")
    return int(value)


def total(values: Sequence[int | None]) -> int | None:
    """The sum, unknown when any part is unknown."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def ninth(value: Fraction) -> Fraction:
    """``value`` rounded to 9 decimals, half away from zero: what thresholds, floor and ceil compare."""
    return Fraction(_last_places(value, 9), 1_000_000_000)


def rounded(value: Fraction | None, places: int) -> Decimal | None:
    """``value`` with ``places`` decimals, half away from zero."""
    if value is None:
        return None
    kept = _last_places(value, places)
    return Decimal((int(kept < 0), tuple(int(digit) for digit in str(abs(kept))), -places))


def _last_places(value: Fraction, places: int) -> int:
    """``value`` counted in units of the last decimal kept."""
    scale: int = 10**places
    size = (2 * abs(value.numerator) * scale + value.denominator) // (2 * value.denominator)
    return -size if value < 0 else size
