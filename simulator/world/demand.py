"""How many customers look at each product on a day, and how many of them want to buy it."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from simulator.world.catalogue import Bools, Catalogue, Floats, Ints
from simulator.world.draws import Purpose, generator
from simulator.world.effects import DayEffects
from simulator.world.seasons import ORDINARY_DAY, WEEKDAY_VIEWS, category_season, day_events

UNAVAILABLE_VIEWS = 0.6
"""Share of the usual visitors who still come to a page that cannot be bought from."""
CONVERSION_CEILING = 0.6


@dataclass(frozen=True)
class Visits:
    """Per ASIN: every view of the page, and the share of visitors who buy when Amazon's offer is featured."""

    views: Ints
    conversion: Floats
    rng: np.random.Generator

    def wanted(self, appetite: Floats, reach: Floats) -> Ints:
        """Units wanted of Amazon: ``appetite`` is what the price does, ``reach`` the share of visitors it can win."""
        chance = np.minimum(self.conversion * appetite, CONVERSION_CEILING) * reach
        return np.asarray(self.rng.binomial(self.views, chance))


class Demand:
    """Demand of one account's catalogue; ``first_day`` is the date of day index 0."""

    def __init__(self, catalogue: Catalogue, first_day: date) -> None:
        self._catalogue = catalogue
        self._first_day = first_day

    def date_of(self, day: int) -> date:
        return self._first_day + timedelta(days=day)

    def expected_units(self, day: int) -> Floats:
        """Mean units wanted on an ordinary weekday of ``day``'s season; 0 before launch. No event, no noise."""
        catalogue = self._catalogue
        season = category_season(self.date_of(day))[catalogue.category]
        age = day - catalogue.launch_day
        ramp = np.where(age < 0, 0.0, 1.0 - 0.85 * np.exp(-np.maximum(age, 0) / 25.0))
        fade = np.exp(-np.maximum(day - catalogue.end_day, 0) / 45.0)
        growth = (1.0 + catalogue.yearly_growth) ** (day / 365.0)
        return np.asarray(catalogue.units_per_day * season * ramp * fade * growth)

    def draw(self, day: int, attention: Floats, is_in_stock: Bools, effects: DayEffects) -> Visits:
        """Who comes and how many of them would buy from Amazon at the usual price.

        ``attention`` (0 to 1) is what a product has kept of its rank after stock-outs; ``is_in_stock`` says whether
        it could be sent at once when the day began.
        """
        catalogue = self._catalogue
        rng = generator(catalogue.key, Purpose.DEMAND, day)
        when = self.date_of(day)
        events = day_events(when)
        mood = float(np.exp(rng.normal(0.0, 0.05)))
        usual = self.expected_units(day) / catalogue.conversion * WEEKDAY_VIEWS[when.weekday()] * mood
        usual = self._moved(usual, effects.moved_away) * effects.visitors * ~effects.page_gone
        pull = attention * np.where(is_in_stock, 1.0, UNAVAILABLE_VIEWS)
        conversion = catalogue.conversion * effects.buyers
        if events != ORDINARY_DAY:
            pull *= np.power(events.views, catalogue.event_sensitivity)
            conversion *= np.power(events.conversion, catalogue.event_sensitivity)
        swing = rng.gamma(catalogue.dispersion, 1.0 / catalogue.dispersion, catalogue.size)
        views = rng.poisson(usual * pull * swing)
        return Visits(views, conversion, rng)

    def _moved(self, usual: Floats, share: Floats) -> Floats:
        """``usual`` visitors after a ``share`` of each product's went to those of its siblings that lose none."""
        moved = usual * share
        if not moved.any():
            return usual
        place = self._catalogue.family + 1
        stays = (share == 0) & (place > 0)
        staying = np.bincount(place, weights=np.where(stays, usual, 0.0))
        arriving = np.bincount(place, weights=moved)
        growth = np.divide(arriving, staying, out=np.zeros(len(staying)), where=staying > 0)
        leaves = staying[place] > 0
        return np.asarray(np.where(stays, usual * (1 + growth[place]), usual - np.where(leaves, moved, 0.0)))
