"""The kinds of things that happen in a world."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

WHOLE_ACCOUNT = -1


class Kind(StrEnum):
    """What goes wrong and what only looks like it. The order is part of the world: append only."""

    STOCK_OUT = "STOCK_OUT"
    OVERSTOCK = "OVERSTOCK"
    DEAD_STOCK = "DEAD_STOCK"
    PO_UNCONFIRMED = "PO_UNCONFIRMED"
    PO_REJECTED = "PO_REJECTED"
    PO_OVERDUE = "PO_OVERDUE"
    UNDERCUT = "UNDERCUT"
    SUPPRESSED = "SUPPRESSED"
    OFFER_MISSING = "OFFER_MISSING"
    PAGE_REGRESSION = "PAGE_REGRESSION"
    PAGE_GONE = "PAGE_GONE"
    OVERPRICED = "OVERPRICED"
    AMAZON_MARGIN_NEGATIVE = "AMAZON_MARGIN_NEGATIVE"
    VENDOR_MARGIN_LOST = "VENDOR_MARGIN_LOST"
    TRAFFIC_LOSS = "TRAFFIC_LOSS"
    CONVERSION_LOSS = "CONVERSION_LOSS"
    PROMOTION = "PROMOTION"
    SEASON_END = "SEASON_END"
    LAUNCH = "LAUNCH"
    PHASE_OUT = "PHASE_OUT"
    DELISTING = "DELISTING"
    VARIATION_SPLIT = "VARIATION_SPLIT"
    RESTATEMENT = "RESTATEMENT"
    DAY_WITHOUT_DATA = "DAY_WITHOUT_DATA"
    SECOND_AMAZON_SELLER = "SECOND_AMAZON_SELLER"
    FLICKER = "FLICKER"
    SHOPPING_EVENT = "SHOPPING_EVENT"
    WRONGLY_OBSOLETE = "WRONGLY_OBSOLETE"

    @property
    def is_incident(self) -> bool:
        """False for what must raise nothing."""
        return self not in _LOOK_ALIKES

    @property
    def number(self) -> int:
        return _NUMBERS[self]


_NUMBERS = {kind: number for number, kind in enumerate(Kind)}
_LOOK_ALIKES = frozenset(
    {
        Kind.PROMOTION, Kind.SEASON_END, Kind.LAUNCH, Kind.PHASE_OUT, Kind.DELISTING, Kind.VARIATION_SPLIT,
        Kind.RESTATEMENT, Kind.DAY_WITHOUT_DATA, Kind.SECOND_AMAZON_SELLER, Kind.FLICKER, Kind.SHOPPING_EVENT,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Incident:
    """One incident: ASIN ``index`` (-1: the whole account), first and last day index, both included.

    What ``size`` measures and the keys of ``detail`` depend on the kind, see ``recipes.RECIPES``.
    """

    kind: Kind
    index: int
    first_day: int
    last_day: int
    size: float
    detail: Mapping[str, Any]
    is_incident: bool
