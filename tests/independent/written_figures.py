"""Figures as the marts write them: an exact number and how many decimals of it are kept.

Postgres keeps 16 digits or more of a quotient, the references all of it. A figure that lies exactly between two last
decimals may therefore be written to either side, and nothing else may differ.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.independent.exact_numbers import rounded

Key = tuple[Any, ...]
Cells = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """A number that is written with ``places`` decimals."""

    exact: Fraction
    places: int

    def __str__(self) -> str:
        return str(rounded(self.exact, self.places))

    def is_written_as(self, written: Any) -> bool:
        """Whether ``written`` is this number with its decimals, to either side where it lies between two of them."""
        if written is None:
            return False
        if written == rounded(self.exact, self.places):
            return True
        distance = abs(Fraction(written) - self.exact)
        kept = Fraction(written) * 10**self.places
        return distance == Fraction(1, 2 * 10**self.places) and kept.denominator == 1


def figure(exact: Fraction | int | Decimal | None, places: int) -> Figure | None:
    return None if exact is None else Figure(Fraction(exact), places)


def by_key(rows: Iterable[Cells], key: Sequence[str]) -> dict[Key, Cells]:
    """Raises ValueError where two rows have one key."""
    found: dict[Key, Cells] = {}
    for row in rows:
        named = tuple(row[name] for name in key)
        if named in found:
            raise ValueError(f"two rows of {named}")
        found[named] = row
    return found


def differences(mart: Iterable[Cells], reference: Iterable[Cells], key: Sequence[str]) -> list[str]:
    """One line per row that only one side has, and per cell in which they differ."""
    built, expected = by_key(mart, key), by_key(reference, key)
    lines = [f"{_named(each)}: only in the mart" for each in built.keys() - expected.keys()]
    lines += [f"{_named(each)}: only in the reference" for each in expected.keys() - built.keys()]
    lines += [
        f"{_named(each)} {column}: the mart has {built[each][column]!r}, the reference {_shown(value)}"
        for each, row in expected.items()
        if each in built
        for column, value in row.items()
        if not _agrees(built[each][column], value)
    ]
    return sorted(lines)


def _agrees(written: Any, value: Any) -> bool:
    return value.is_written_as(written) if isinstance(value, Figure) else bool(written == value)


def _named(key: Key) -> str:
    return " ".join(map(str, key))


def _shown(value: Any) -> str:
    return str(value) if isinstance(value, Figure) else repr(value)
