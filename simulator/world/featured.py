"""Who is the featured offer: decided by price, stock and delivery."""

from dataclasses import dataclass

import numpy as np

from simulator.world.catalogue import Bools, Catalogue, Floats
from simulator.world.draws import Purpose, generator
from simulator.world.effects import DayEffects
from simulator.world.prices import DayPrices

_WINNING_GAP = 0.03
"""A price this share below Amazon's wins all day, half of it half the day."""
_SLOW_HANDICAP = 0.02
"""What a seller who sends the product himself must be cheaper than one whose goods Amazon sends."""
_ROTATION = 0.05
"""The most that other sellers with a higher price get of a day, on the days when they get any."""
_ROTATION_CHANCE = 0.08
_SLOW_AMAZON = 0.7
"""What other sellers win while Amazon takes orders for goods that have yet to arrive."""
_WITHOUT_FEATURED = 0.2
"""Of the buyers, those who look for Amazon's offer when none is featured."""
_AGAINST_FEATURED = 0.03
"""Of the buyers, those who choose Amazon's offer while another is featured."""


@dataclass(frozen=True)
class DayContest:
    """Per ASIN, shares of the day."""

    featured: Floats
    suppressed: Floats
    reach: Floats
    """Of the visitors, those whom Amazon's offer can win."""

    def closed(self, share: Floats) -> "DayContest":
        """After Amazon's offer ended for ``share`` of the day, sold out."""
        return DayContest(self.featured * (1 - share), self.suppressed, self.reach * (1 - share))


def contest(
    catalogue: Catalogue, day: int, prices: DayPrices, effects: DayEffects, is_in_stock: Bools, can_buy: Bools
) -> DayContest:
    """The day as it begins: ``is_in_stock`` can be sent at once, ``can_buy`` counts orders ahead of stock too."""
    chance = generator(catalogue.key, Purpose.FEATURED, day).random(catalogue.size)
    rotation = np.where(chance < _ROTATION_CHANCE, _ROTATION * chance / _ROTATION_CHANCE, 0.0)
    others = ~np.isnan(prices.other_price)
    gap = np.where(others, (prices.price - prices.other_price) / prices.price, -1.0)
    gap = gap - _SLOW_HANDICAP * prices.is_other_slow
    lost = np.clip(gap / _WINNING_GAP, 0.0, 1.0)
    lost = np.maximum(lost, np.where(others, rotation, 0.0))
    lost = np.where(others & ~is_in_stock, np.maximum(lost, _SLOW_AMAZON), lost)
    there = can_buy & ~effects.page_gone & ~effects.offer_missing
    offered = ~effects.page_gone & (there | others)
    suppressed = np.where(offered, effects.suppressed, 0.0)
    featured = np.where(there, (1 - lost) * (1 - suppressed), 0.0)
    reach = np.where(
        there, featured + _WITHOUT_FEATURED * suppressed + _AGAINST_FEATURED * lost * (1 - suppressed), 0.0
    )
    return DayContest(featured, suppressed, reach)
