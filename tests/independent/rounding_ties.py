"""Figures that lie exactly between two last decimals: where the mart and the reference may write different ones.

Postgres keeps 16 digits or more of a quotient, the reference all of it. A figure made from a quotient may therefore
fall to either side of a tie, and nothing else may differ.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.independent.stock_coverage import Coverage

MADE_FROM_QUOTIENTS: Mapping[str, tuple[int, Callable[[Coverage], Fraction | None]]] = {
    "trend_ratio": (6, lambda row: row.demand.trend_ratio),
    "expected_units_per_day": (6, lambda row: row.demand.expected),
    "days_of_cover": (6, lambda row: row.cover),
    "days_of_cover_with_incoming": (6, lambda row: row.cover_with_incoming),
    "revenue_at_risk_amount": (4, lambda row: row.revenue_at_risk),
}


def is_tie(column: str, ours: Any, theirs: Any, coverage: Callable[[], Coverage]) -> bool:
    """Whether both sides wrote a neighbour of a figure that lies exactly between them.

    ``coverage`` gives the exact figures of the row; it is asked only where the two differ.
    """
    if column not in MADE_FROM_QUOTIENTS or ours is None or theirs is None:
        return False
    places, figure = MADE_FROM_QUOTIENTS[column]
    last_decimal = Decimal(1).scaleb(-places)
    return figure(coverage()) == (Fraction(ours) + Fraction(theirs)) / 2 and abs(ours - theirs) == last_decimal
