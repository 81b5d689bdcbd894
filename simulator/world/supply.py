"""Amazon's purchase orders: what it asks for, what the vendor makes of it, and when it arrives.

A vendor who answers as usual confirms nearly everything and delivers within ``USUAL_DELAY_DAYS`` of the lead time; what
goes wrong beyond that stands in the script.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from simulator.world.catalogue import Catalogue, Floats, Ints
from simulator.world.draws import Purpose, generator
from simulator.world.effects import DayEffects

EPOCH_DAYS = 91
RING_DAYS = 64
"""Longest way of a purchase order, in days: lead time plus the worst delay stays below it."""
USUAL_DELAY_DAYS = 2
_PARTLY_CONFIRMED = 0.06


@dataclass(frozen=True)
class PurchaseOrders:
    """What Amazon asks for on one day, what the vendor confirms, and after how many days it arrives."""

    asked: Ints
    confirmed: Ints
    way_days: Ints
    confirm_day_offset: Ints
    """Days until the vendor answers; -1 when he never does."""


class Supply:
    """The vendor's side of one account."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._biases: dict[int, Floats] = {}

    def forecast_bias(self, day: int) -> Floats:
        """Amazon's buying forecast over the true mean, per ASIN; it holds for a quarter."""
        quarter = day // EPOCH_DAYS
        if quarter not in self._biases:
            rng = generator(self._catalogue.key, Purpose.FORECAST, quarter)
            self._biases[quarter] = np.exp(rng.normal(0.02, 0.18, self._catalogue.size))
        return self._biases[quarter]

    def place_orders(
        self, day: int, weekday: int, position: Ints, coming_units: Floats, effects: DayEffects, rng: Generator
    ) -> PurchaseOrders:
        """Orders of ``day``: up to lead time, a week and safety stock of ``coming_units`` (per day), in whole cases.

        ``position`` is stock plus what is open, less what is owed to customers.
        """
        catalogue, size = self._catalogue, self._catalogue.size
        cover = (catalogue.lead_days + 7 + catalogue.safety_days) * catalogue.stock_factor * effects.overbuying
        target = coming_units * self.forecast_bias(day) * cover
        due = (catalogue.order_weekday == weekday) & catalogue.active(day + 7) & ~catalogue.is_dead
        missing = np.where(due & (coming_units > 0.004), target - position, 0.0)
        asked = np.where(missing > 0.5, np.ceil(missing / catalogue.case_pack) * catalogue.case_pack, 0.0)
        share = np.where(rng.random(size) < _PARTLY_CONFIRMED, rng.uniform(0.85, 0.98, size), 1.0)
        share = np.where(effects.refused | effects.unanswered, 0.0, share)
        delay = rng.integers(0, USUAL_DELAY_DAYS + 1, size)
        answered = generator(catalogue.key, Purpose.CONFIRMATION, day).choice(3, size, p=(0.7, 0.25, 0.05))
        return PurchaseOrders(
            asked=asked.astype(np.int64),
            confirmed=np.ceil(asked * share).astype(np.int64),
            way_days=np.asarray(catalogue.lead_days + delay + effects.late_days),
            confirm_day_offset=np.where(effects.unanswered, -1, answered),
        )
