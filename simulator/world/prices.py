"""What Amazon asks and pays for each product, and the lowest price of anybody else."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from simulator.world.catalogue import Catalogue, Floats
from simulator.world.effects import DayEffects
from simulator.world.rivals import Rivals
from simulator.world.seasons import day_events

_LEAST_MARKUP = 1.03
"""Over its net cost: below this Amazon follows nobody."""
_ELASTICITY = 1.5
_UNNOTICED = 0.005
"""A price moved by less than this share moves nobody."""


@dataclass(frozen=True)
class DayPrices:
    """Per ASIN; prices with tax, as pages show them, costs without."""

    price: Floats
    cost: Floats
    other_price: Floats
    """NaN where nobody else sells."""
    is_other_slow: np.ndarray
    """Whether the lowest other seller sends the product himself."""
    appetite: Floats
    """Factor on the share of visitors who buy: fewer at a price above the usual one."""


class Prices:
    """Prices of one account's catalogue; ``first_day`` is the date of day index 0."""

    def __init__(self, catalogue: Catalogue, rivals: Rivals, first_day: date, vat_ratio: float) -> None:
        self._catalogue = catalogue
        self._rivals = rivals
        self._first_day = first_day
        self.vat_ratio = vat_ratio

    def usual_net(self, day: int) -> Floats:
        """Amazon's price without tax, event or incident: it drifts slowly, all that compares with it along."""
        phase = np.arange(self._catalogue.size) * 0.7
        return np.asarray(self._catalogue.price * (1.0 + 0.04 * np.sin(2 * np.pi * (day // 7) / 17.0 + phase)))

    def usual(self, day: int) -> Floats:
        """``usual_net`` with tax, rounded as money."""
        return self._money(self.usual_net(day) * (1 + self.vat_ratio))

    def event_factor(self, day: int) -> Floats:
        """What a shopping event leaves of each price."""
        discount = day_events(self._first_day + timedelta(days=day)).discount
        return np.asarray(1.0 - discount * np.minimum(self._catalogue.event_sensitivity, 1.0))

    def of(self, day: int, effects: DayEffects) -> DayPrices:
        usual, event = self.usual_net(day), self.event_factor(day)
        cost = self._cost(day, usual, effects)
        ordinary = usual * event
        net = ordinary * (1 - effects.promotion)
        over, negative = effects.overpriced, effects.margin_negative
        net[over.index] = usual[over.index] * self._catalogue.market_level[over.index] * (1 + over.size)
        collapsed = negative.fate[0] >= 0.5
        fallen = negative.index[collapsed]
        net[fallen] = cost[fallen] / (1 + negative.size[collapsed])
        price = self._money(net * (1 + self.vat_ratio))
        shown = self._money(usual * (1 + self.vat_ratio))
        other, slow = self._rivals.lowest(day, shown, effects.undercut)
        price = self._followed(day, price, other, cost, effects)
        appetite = _appetite(price / (ordinary * (1 + self.vat_ratio)))
        return DayPrices(price, cost, other, slow, appetite)

    def _cost(self, day: int, usual: Floats, effects: DayEffects) -> Floats:
        """List prices rise by 2 % each January, incidents move them at once."""
        catalogue = self._catalogue
        years = (self._first_day + timedelta(days=day)).year - self._first_day.year
        cost = catalogue.price * catalogue.cost_share * 1.02**years
        negative, lost = effects.margin_negative, effects.margin_lost
        risen = negative.fate[0] < 0.5
        cost[negative.index[risen]] = usual[negative.index[risen]] * (1 + negative.size[risen])
        cost[lost.index] = catalogue.unit_cost[lost.index] / (1 + lost.size)
        return self._money(cost)

    def _followed(self, day: int, price: Floats, other: Floats, cost: Floats, effects: DayEffects) -> Floats:
        """Amazon matches an undercut after ``follow_days`` where it follows at all, never below its own cost."""
        undercut = effects.undercut
        follow_days = 1 + np.floor(undercut.fate[0] / 0.6 * 3)
        follows = (undercut.fate[0] < 0.6) & (day - undercut.first_day >= follow_days)
        index = undercut.index[follows]
        least = self._money(cost[index] * _LEAST_MARKUP * (1 + self.vat_ratio))
        price[index] = np.minimum(price[index], np.maximum(other[index], least))
        return price

    def _money(self, values: Floats) -> Floats:
        return np.asarray(np.round(values, self._catalogue.decimals))


def _appetite(ratio: Floats) -> Floats:
    """What a price that is ``ratio`` times the usual one does to the share of visitors who buy."""
    appetite = np.ones(len(ratio))
    moved = np.abs(ratio - 1) > _UNNOTICED
    appetite[moved] = np.clip(ratio[moved] ** -_ELASTICITY, 0.3, 2.5)
    return appetite
