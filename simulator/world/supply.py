"""When a vendor cannot deliver, and how Amazon's purchase orders come in.

Interruptions are drawn per quarter and ASIN, ahead of the days they fall on, so that they are known as such and not
only visible in their consequences.
"""

from dataclasses import dataclass

import numpy as np

from simulator.world.catalogue import Bools, Catalogue, Floats, Ints
from simulator.world.draws import Purpose, generator

EPOCH_DAYS = 91
LONGEST_INTERRUPTION_DAYS = 150
RING_DAYS = 64
"""Longest way of a purchase order, in days: lead time plus the worst delay stays below it."""
_INTERRUPTION_CHANCE = 0.055


@dataclass(frozen=True)
class Interruptions:
    """For the quarters drawn: first day and day after the last, per quarter and ASIN; equal where there is none."""

    first_day: Ints
    end_day: Ints


@dataclass(frozen=True)
class PurchaseOrders:
    """What Amazon asks for on one day, what the vendor confirms, and after how many days it arrives."""

    asked: Ints
    confirmed: Ints
    way_days: Ints


class Supply:
    """The vendor's side of one account."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._quarters: dict[int, Interruptions] = {}
        self._biases: dict[int, Floats] = {}

    def interruptions(self, quarter: int) -> Interruptions:
        """Those that begin in ``quarter`` (91 days, counted from day 0)."""
        if quarter not in self._quarters:
            size = self._catalogue.size
            rng = generator(self._catalogue.key, Purpose.SUPPLY, quarter)
            hit = rng.random(size) < _INTERRUPTION_CHANCE
            first = quarter * EPOCH_DAYS + rng.integers(0, EPOCH_DAYS, size)
            short = rng.integers(25, 60, size)
            long = rng.integers(75, LONGEST_INTERRUPTION_DAYS, size)
            length = np.where(rng.random(size) < 0.6, short, long)
            self._quarters[quarter] = Interruptions(first, np.where(hit, first + length, first))
        return self._quarters[quarter]

    def interrupted(self, day: int) -> Bools:
        """Which ASINs the vendor cannot supply on ``day``."""
        result = np.zeros(self._catalogue.size, dtype=bool)
        quarter = day // EPOCH_DAYS
        for earlier in range(max(0, quarter - 2), quarter + 1):
            drawn = self.interruptions(earlier)
            result |= (drawn.first_day <= day) & (day < drawn.end_day)
        return result

    def forecast_bias(self, day: int) -> Floats:
        """Amazon's buying forecast over the true mean, per ASIN; it holds for a quarter."""
        quarter = day // EPOCH_DAYS
        if quarter not in self._biases:
            rng = generator(self._catalogue.key, Purpose.FORECAST, quarter)
            self._biases[quarter] = np.exp(rng.normal(0.02, 0.18, self._catalogue.size))
        return self._biases[quarter]

    def place_orders(
        self, day: int, weekday: int, position: Ints, coming_units: Floats, rng: np.random.Generator
    ) -> PurchaseOrders:
        """Orders of ``day``: up to lead time, a week and safety stock of ``coming_units`` (per day), in whole cases.

        ``position`` is stock plus what is open, less what is owed to customers.
        """
        catalogue = self._catalogue
        cover = (catalogue.lead_days + 7 + catalogue.safety_days) * catalogue.stock_factor
        target = coming_units * self.forecast_bias(day) * cover
        due = (catalogue.order_weekday == weekday) & catalogue.active(day + 7) & ~catalogue.is_dead
        missing = np.where(due & (coming_units > 0.004), target - position, 0.0)
        asked = np.where(missing > 0.5, np.ceil(missing / catalogue.case_pack) * catalogue.case_pack, 0.0)
        luck = rng.random(catalogue.size)
        share = np.where(luck < 0.90, 1.0, np.where(luck < 0.96, rng.uniform(0.4, 0.9, catalogue.size), 0.0))
        share = np.where(self.interrupted(day), 0.0, share)
        late = np.where(
            rng.random(catalogue.size) < 0.12,
            rng.integers(5, 21, catalogue.size),
            rng.integers(0, 3, catalogue.size),
        )
        return PurchaseOrders(
            asked=asked.astype(np.int64),
            confirmed=np.floor(asked * share).astype(np.int64),
            way_days=np.asarray(catalogue.lead_days + late),
        )
