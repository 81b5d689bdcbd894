"""The normal loss function to fifty digits: units expected to stay unsold of an order, and a figure that is near it."""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from tests.independent.exact_numbers import rounded
from tests.independent.written_figures import Figure

DIGITS = 50
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")
FAR = 12
"""So many standard deviations away what is left is smaller than any decimal that is written."""
SLACK = Fraction(1, 10**9)
"""Postgres computes with double precision, of which about 15 digits are right."""


@dataclass(frozen=True)
class NearFigure(Figure):
    """A number that the mart computes with double precision, and may write to either side of what is nearly a tie."""

    def __str__(self) -> str:
        return f"about {rounded(self.exact, self.places)}"

    def is_written_as(self, written: Any) -> bool:
        if written is None:
            return False
        slack = max(SLACK, abs(self.exact) * Fraction(1, 10**12))
        return abs(Fraction(written) - self.exact) <= Fraction(1, 2 * 10**self.places) + slack


def expected_unsold_units(quantity: int, mean: Fraction, deviation: Decimal) -> Fraction:
    """L(quantity) - L(0), L(q) = deviation * (z * Phi(z) + phi(z)), z = (q - mean) / deviation."""
    if deviation == 0:
        return max(quantity - mean, Fraction(0))
    with localcontext() as context:
        context.prec = DIGITS
        return Fraction(_loss(quantity, mean, deviation) - _loss(0, mean, deviation))


def _loss(quantity: int, mean: Fraction, deviation: Decimal) -> Decimal:
    left = quantity - mean
    z = Decimal(left.numerator) / Decimal(left.denominator) / deviation
    if z > FAR:
        return z * deviation
    if z < -FAR:
        return Decimal(0)
    density = (-z * z / 2).exp() / (2 * PI).sqrt()
    return deviation * (z * _share_below(z, density) + density)


def _share_below(z: Decimal, density: Decimal) -> Decimal:
    """Phi(z) by its series 1/2 + phi(z) * (z + z^3/3 + z^5/(3*5) + ...)."""
    term, total, odd = z, z, 1
    while abs(term) > Decimal(1).scaleb(-DIGITS):
        odd += 2
        term *= z * z / odd
        total += term
    return Decimal("0.5") + density * total
