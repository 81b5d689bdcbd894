"""What the script does to one day: factors and facts per ASIN that demand, prices, offers and supply obey."""

from dataclasses import dataclass

import numpy as np

from simulator.world.catalogue import Bools, Catalogue, Floats, Ints
from simulator.world.incidents import Drawn, Script
from simulator.world.kinds import Kind

DIP_DAYS = 10
"""After a promotion fewer want the product for this long: who wanted it has bought."""
_DIP = 0.8
_PROMOTION_PULL = 2.0
"""Extra visitors per share taken off the price."""


@dataclass(frozen=True)
class DayEffects:
    """One entry per ASIN, 1 (factors), 0 or False where nothing happens; ``Drawn`` columns name their ASINs."""

    visitors: Floats
    buyers: Floats
    """Factor on the share of visitors who buy."""
    moved_away: Floats
    """Share of the visitors who look at a sibling instead."""
    promotion: Floats
    """Share taken off the price."""
    page_gone: Bools
    offer_missing: Bools
    suppressed: Floats
    undercut: Drawn
    overpriced: Drawn
    margin_negative: Drawn
    margin_lost: Drawn
    unanswered: Bools
    refused: Bools
    late_days: Ints
    overbuying: Floats
    """Factor on what Amazon wants to have in stock."""


class Effects:
    """Reads the script of one account for the day loop."""

    def __init__(self, catalogue: Catalogue, script: Script) -> None:
        self._catalogue = catalogue
        self._script = script

    def of(self, day: int) -> DayEffects:
        size = self._catalogue.size
        visitors, buyers = np.ones(size), np.ones(size)
        surge, dead = self._on(Kind.STOCK_OUT, day), self._on(Kind.DEAD_STOCK, day)
        visitors[surge.index] = surge.size
        visitors[dead.index] = 1 - dead.size
        lost = self._on(Kind.TRAFFIC_LOSS, day)
        visitors[lost.index] = 1 - lost.size
        for kind in (Kind.PAGE_REGRESSION, Kind.CONVERSION_LOSS):
            found = self._on(kind, day)
            buyers[found.index] = 1 - found.size
        promotion = self._promote(visitors, day)
        return DayEffects(
            visitors=visitors,
            buyers=buyers,
            moved_away=self._sizes(Kind.VARIATION_SPLIT, day),
            promotion=promotion,
            page_gone=(self._sizes(Kind.PAGE_GONE, day) > 0) | ~self._catalogue.listed(day),
            offer_missing=self._sizes(Kind.OFFER_MISSING, day) > 0,
            suppressed=self._sizes(Kind.SUPPRESSED, day),
            undercut=self._on(Kind.UNDERCUT, day),
            overpriced=self._on(Kind.OVERPRICED, day),
            margin_negative=self._on(Kind.AMAZON_MARGIN_NEGATIVE, day),
            margin_lost=self._on(Kind.VENDOR_MARGIN_LOST, day),
            unanswered=self._sizes(Kind.PO_UNCONFIRMED, day) > 0,
            refused=self._sizes(Kind.PO_REJECTED, day) > 0,
            late_days=np.floor(self._sizes(Kind.PO_OVERDUE, day)).astype(np.int64),
            overbuying=np.maximum(1.0, self._sizes(Kind.OVERSTOCK, day)),
        )

    def _on(self, kind: Kind, day: int) -> Drawn:
        return self._script.drawn(kind, day, day)

    def _sizes(self, kind: Kind, day: int) -> Floats:
        sizes = np.zeros(self._catalogue.size)
        found = self._on(kind, day)
        sizes[found.index] = found.size
        return sizes

    def _promote(self, visitors: Floats, day: int) -> Floats:
        """The share taken off each price; ``visitors`` comes to hold the pull of promotions and the dip after them."""
        promotion = np.zeros(self._catalogue.size)
        found = self._script.drawn(Kind.PROMOTION, day - DIP_DAYS, day)
        running = found.last_day >= day
        promotion[found.index[running]] = found.size[running]
        visitors[found.index] = np.where(running, 1 + _PROMOTION_PULL * found.size, _DIP)
        return promotion
