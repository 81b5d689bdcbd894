"""What goes wrong in a world, and what only looks like it: drawn from the seed, ahead of its days.

An ASIN is in at most one drawn incident at a time and rests afterwards, so that what is seen has one cause. Of the
states of stock the script holds the cause (``STOCK_OUT``: demand surges; ``OVERSTOCK``: Amazon buys too much;
``DEAD_STOCK``: nobody wants the product any more); the days on which the state holds are measured by ``truth``.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from simulator.world.catalogue import Bools, Catalogue, Floats, Ints
from simulator.world.draws import Purpose, generator
from simulator.world.kinds import WHOLE_ACCOUNT, Incident, Kind
from simulator.world.lifecycles import Calendar
from simulator.world.recipes import RECIPES, Recipe, known_rates

__all__ = ["EPOCH_DAYS", "WHOLE_ACCOUNT", "Drawn", "Incident", "Kind", "Script"]

EPOCH_DAYS = 30
_LONGEST_DAYS = max(max(recipe.days[1], recipe.long_days[1]) for recipe in RECIPES.values())
_NOT_TOUCHED_AFTER_LAUNCH_DAYS = 60


@dataclass(frozen=True)
class Drawn:
    """Incidents of one kind, one entry each. ``fate`` holds two uniform numbers for each, shape (2, n)."""

    index: Ints
    first_day: Ints
    last_day: Ints
    size: Floats
    fate: Floats

    def within(self, first_day: int, last_day: int) -> "Drawn":
        """Those that hold on at least one of these days."""
        return self._where((self.first_day <= last_day) & (self.last_day >= first_day))

    def of_asin(self, index: int) -> "Drawn":
        return self._where(self.index == index)

    def _where(self, chosen: Bools) -> "Drawn":
        return Drawn(
            self.index[chosen], self.first_day[chosen], self.last_day[chosen], self.size[chosen], self.fate[:, chosen]
        )

    def told(self, kind: Kind) -> list[Incident]:
        detail = RECIPES[kind].detail
        return [
            Incident(kind, index, first, last, round(size, 4), detail(one, two), kind.is_incident)
            for index, first, last, size, one, two in zip(
                self.index.tolist(), self.first_day.tolist(), self.last_day.tolist(), self.size.tolist(),
                *self.fate.tolist(), strict=True,
            )
        ]  # fmt: skip


def _joined(parts: list[Drawn]) -> Drawn:
    return Drawn(
        index=np.concatenate([part.index for part in parts] or [np.zeros(0, dtype=np.int64)]),
        first_day=np.concatenate([part.first_day for part in parts] or [np.zeros(0, dtype=np.int64)]),
        last_day=np.concatenate([part.last_day for part in parts] or [np.zeros(0, dtype=np.int64)]),
        size=np.concatenate([part.size for part in parts] or [np.zeros(0)]),
        fate=np.concatenate([part.fate for part in parts] or [np.zeros((2, 0))], axis=1),
    )


class Script:
    """Every incident of one account. Epochs of 30 days are drawn one after the other and kept; threads may share it.

    ``rates`` are per 1,000 ASINs and 30 days (per account and 30 days for what strikes the whole account); a kind
    that is not named has its usual rate.
    """

    def __init__(self, catalogue: Catalogue, first_date: date, rates: Mapping[Kind, float]) -> None:
        self._catalogue = catalogue
        self._calendar = Calendar(catalogue, first_date)
        self._rates = known_rates(rates)
        self._epochs: list[dict[Kind, Drawn]] = []
        self._free_from = np.zeros(catalogue.size, dtype=np.int64)
        self._lock = threading.Lock()

    def drawn(self, kind: Kind, first_day: int, last_day: int) -> Drawn:
        """The drawn incidents of ``kind`` that hold on at least one of these days, as columns."""
        self._draw_up_to(last_day // EPOCH_DAYS)
        earliest = max(0, (first_day - _LONGEST_DAYS) // EPOCH_DAYS)
        epochs = self._epochs[earliest : last_day // EPOCH_DAYS + 1]
        parts = [epoch[kind].within(first_day, last_day) for epoch in epochs if kind in epoch]
        return _joined([part for part in parts if len(part.index)])

    def active(self, kind: Kind, day: int) -> list[Incident]:
        """Those of ``kind`` that hold on ``day``."""
        return self._of(kind, day, day)

    def between(self, first_day: int, last_day: int) -> list[Incident]:
        """Those of any kind that hold on at least one of these days, by kind, then first day and ASIN."""
        return [incident for kind in Kind for incident in self._of(kind, first_day, last_day)]

    def _of(self, kind: Kind, first_day: int, last_day: int) -> list[Incident]:
        if kind in RECIPES:
            found = self.drawn(kind, first_day, last_day).told(kind)
        else:
            found = self._calendar.of(kind, first_day, last_day)
        return sorted(found, key=lambda incident: (incident.first_day, incident.index))

    def _draw_up_to(self, epoch: int) -> None:
        with self._lock:
            while len(self._epochs) <= epoch:
                number = len(self._epochs)
                self._epochs.append({kind: found for kind in RECIPES if len((found := self._draw(kind, number)).index)})

    def _draw(self, kind: Kind, epoch: int) -> Drawn:
        """Those of ``kind`` that begin in ``epoch``; their ASINs are taken until they have rested."""
        recipe, catalogue = RECIPES[kind], self._catalogue
        rng = generator(catalogue.key, Purpose.SCRIPT, epoch << 8 | kind.number)
        mean = self._rates[kind] * (1.0 if recipe.is_account_wide else catalogue.size / 1000)
        count = int(mean + rng.random())
        index = np.full(count, WHOLE_ACCOUNT) if recipe.is_account_wide else self._choose(recipe, epoch, count, rng)
        first, last, size = _shape(recipe, epoch, len(index), rng)
        if not recipe.is_account_wide:
            self._free_from[index] = last + 1 + recipe.rest_days
        return Drawn(index, first, last, size, rng.random((2, len(index))))

    def _choose(self, recipe: Recipe, epoch: int, count: int, rng: np.random.Generator) -> Ints:
        """Up to ``count`` ASINs that are sold from the epoch's beginning to its end and take part in nothing else."""
        catalogue, begin = self._catalogue, epoch * EPOCH_DAYS
        sold = catalogue.active(begin - _NOT_TOUCHED_AFTER_LAUNCH_DAYS) & catalogue.active(begin + 2 * EPOCH_DAYS)
        there = np.flatnonzero(sold & (self._free_from <= begin) & recipe.eligible(catalogue))
        return rng.choice(there, min(count, len(there)), replace=False)


def _shape(recipe: Recipe, epoch: int, count: int, rng: np.random.Generator) -> tuple[Ints, Ints, Floats]:
    """First days within ``epoch``, last days and sizes of ``count`` incidents."""
    first = epoch * EPOCH_DAYS + rng.integers(0, EPOCH_DAYS, count)
    usual = rng.integers(recipe.days[0], recipe.days[1] + 1, count)
    long = rng.integers(recipe.long_days[0], recipe.long_days[1] + 1, count)
    length = np.where(rng.random(count) < recipe.long_share, long, usual)
    size = rng.uniform(*recipe.size, count)
    small = rng.uniform(*recipe.small_size, count)
    return first, first + length - 1, np.where(rng.random(count) < recipe.small_share, small, size)
