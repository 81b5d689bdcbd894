"""A change of revenue taken apart, from the wording of ``docs/controls.md`` ("Why sales moved").

Factors and Shapley values are exact fractions, logarithms have 50 digits. Parts are written with 5 decimals and add up.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import combinations, product
from math import factorial, prod
from typing import Any

from tests.independent.account_book import ratio
from tests.independent.exact_numbers import rounded
from tests.independent.written_figures import Figure

DIGITS = 50
PLACES = 5
WITH_BUY_BOX = ("traffic", "buy_box", "conversion", "price")
WITHOUT_BUY_BOX = ("traffic", "conversion", "price")
NEARLY = Fraction(1, 10**12)
"""A part that lies so near between two last decimals may be written to either side."""
PARTS = (*WITH_BUY_BOX, "new", "gone")
"""In the order of the columns: of equal parts the first takes what rounding leaves."""


@dataclass(frozen=True)
class Period:
    """The known sums of one period. ``total`` is None where the Buy Box is no factor."""

    revenue: Fraction
    units: Fraction
    views: Fraction
    total: Fraction | None

    @property
    def seen(self) -> Fraction:
        """All views, whoever was featured, where they are known."""
        return self.views if self.total is None else self.total

    @property
    def is_empty(self) -> bool:
        return self.seen == self.views == self.units == self.revenue == 0

    @property
    def factors(self) -> Sequence[Fraction | None]:
        """In the order of the parts; None is undefined."""
        conversion, price = ratio(self.units, self.views), ratio(self.revenue, self.units)
        if self.total is None:
            return self.views, conversion, price
        return self.total, ratio(self.views, self.total), conversion, price


@dataclass(frozen=True)
class Written(Figure):
    """A part as it may stand: one way, or several where it or another part lies between two last decimals."""

    ways: frozenset[Decimal]

    def is_written_as(self, written: Any) -> bool:
        return written in self.ways


def taken_apart(after: Period, before: Period) -> tuple[str, dict[str, Written]]:
    """The method and the parts by name, which add up to the change of the rounded revenues."""
    method, parts = _unrounded_parts(after, before)
    change = at_five(after.revenue) - at_five(before.revenue)
    rounded_parts = {name: at_five(part) for name, part in parts.items()}
    largest = max(parts, key=lambda name: (abs(rounded_parts[name]), -PARTS.index(name)))
    others = {name: frozenset(_ways(part)) for name, part in parts.items() if name != largest}
    left = frozenset(change - sum(chosen) for chosen in product(*others.values()))
    return method, {name: Written(part, PLACES, others.get(name, left)) for name, part in parts.items()}


def _ways(part: Fraction) -> Iterator[Decimal]:
    yield at_five(part)
    yield at_five(part - NEARLY)
    yield at_five(part + NEARLY)


def _unrounded_parts(after: Period, before: Period) -> tuple[str, dict[str, Fraction]]:
    names = WITHOUT_BUY_BOX if after.total is None else WITH_BUY_BOX
    change = Fraction(at_five(after.revenue) - at_five(before.revenue))
    nothing = dict.fromkeys((*names, "new", "gone"), Fraction(0))
    if before.is_empty:
        return "new", {**nothing, "new": change}
    if after.is_empty:
        return "gone", {**nothing, "gone": change}
    pairs = list(zip(after.factors, before.factors, strict=True))
    if all(later is not None and earlier is not None and later > 0 and earlier > 0 for later, earlier in pairs):
        method, parts = "logarithmic_mean", dict(zip(names, _logarithmic_parts(after, before), strict=True))
    else:
        method, parts = "shapley", dict(zip(names, _shapley_parts(pairs), strict=True))
        left = after.revenue - before.revenue - sum(parts.values(), Fraction(0))
        parts["conversion" if 0 in (after.views, before.views) else "price"] += left
    return method, {**nothing, **parts}


def at_five(value: Fraction) -> Decimal:
    """An amount as the mart writes it."""
    written = rounded(value, PLACES)
    assert written is not None
    return written


def _logarithmic_parts(after: Period, before: Period) -> Iterator[Fraction]:
    """L(R1, R0) * ln(f1 / f0), where L = (R1 - R0) / ln(R1 / R0), and R1 when they are equal."""
    with localcontext() as context:
        context.prec = DIGITS
        if after.revenue == before.revenue:
            mean = _decimal(after.revenue)
        else:
            mean = _decimal(after.revenue - before.revenue) / _decimal(after.revenue / before.revenue).ln()
        logarithms = [_decimal(later / earlier).ln() for later, earlier in _known(after, before)]
        return iter([Fraction(mean * each) for each in logarithms])


def _known(after: Period, before: Period) -> Iterator[tuple[Fraction, Fraction]]:
    for later, earlier in zip(after.factors, before.factors, strict=True):
        if later is not None and earlier is not None:
            yield later, earlier


def _shapley_parts(pairs: Iterable[tuple[Fraction | None, Fraction | None]]) -> list[Fraction]:
    """What each factor adds on average over all orders in which they can change one after the other."""
    filled = [_filled(later, earlier) for later, earlier in pairs]
    count = len(filled)
    parts = []
    for place, (later, earlier) in enumerate(filled):
        others = [each for other, each in enumerate(filled) if other != place]
        worth = Fraction(0)
        for size in range(count):
            share = Fraction(factorial(size) * factorial(count - size - 1), factorial(count))
            for changed in combinations(range(count - 1), size):
                worth += share * prod(
                    (each[0] if other in changed else each[1] for other, each in enumerate(others)), start=Fraction(1)
                )
        parts.append(worth * (later - earlier))
    return parts


def _filled(later: Fraction | None, earlier: Fraction | None) -> tuple[Fraction, Fraction]:
    """An undefined factor takes the other period's value, 1 when it is undefined in both."""
    if later is None:
        later = Fraction(1) if earlier is None else earlier
    return later, later if earlier is None else earlier


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def columns_of(parts: Mapping[str, Written]) -> dict[str, Written | None]:
    """By column; a part that is no factor is unknown."""
    return {f"{name}_amount": parts.get(name) for name in PARTS}
