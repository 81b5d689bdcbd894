"""How many customers look at each product on a day, and how many of them want to buy it."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from simulator.world.catalogue import Bools, Catalogue, Floats, Ints
from simulator.world.draws import Purpose, generator
from simulator.world.seasons import WEEKDAY_VIEWS, category_season, day_events

UNAVAILABLE_VIEWS = 0.6
"""Share of the usual visitors who still come to a page that cannot be bought from."""
CONVERSION_CEILING = 0.6


@dataclass(frozen=True)
class DayDemand:
    """Per ASIN: glance views, and units wanted if stock allowed."""

    views: Ints
    wanted: Ints


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

    def draw(self, day: int, attention: Floats, available: Bools) -> DayDemand:
        """The day's visitors and buyers.

        ``attention`` (0 to 1) is what a product has kept of its rank after stock-outs; ``available`` says whether it
        could be bought when the day began.
        """
        catalogue = self._catalogue
        rng = generator(catalogue.key, Purpose.DEMAND, day)
        when = self.date_of(day)
        events = day_events(when)
        mood = float(np.exp(rng.normal(0.0, 0.05)))
        usual = self.expected_units(day) / catalogue.conversion * WEEKDAY_VIEWS[when.weekday()] * mood
        pull = np.power(events.views, catalogue.event_sensitivity) * attention
        pull = pull * np.where(available, 1.0, UNAVAILABLE_VIEWS)
        swing = rng.gamma(catalogue.dispersion, 1.0 / catalogue.dispersion, catalogue.size)
        views = rng.poisson(usual * pull * swing)
        conversion = catalogue.conversion * np.power(events.conversion, catalogue.event_sensitivity)
        wanted = rng.binomial(views, np.minimum(conversion, CONVERSION_CEILING))
        return DayDemand(views=views, wanted=wanted)

    def price(self, day: int) -> Floats:
        """The selling price of each ASIN on ``day``, rounded as money: it drifts slowly and drops on events."""
        catalogue = self._catalogue
        phase = np.arange(catalogue.size) * 0.7
        drift = 1.0 + 0.04 * np.sin(2 * np.pi * (day // 7) / 17.0 + phase)
        discount = day_events(self.date_of(day)).discount * np.minimum(catalogue.event_sensitivity, 1.0)
        return np.asarray(np.round(catalogue.price * drift * (1.0 - discount), catalogue.decimals))

    def cost(self, day: int) -> Floats:
        """What Amazon pays the vendor per unit on ``day``; list prices rise by 2 % each January."""
        catalogue = self._catalogue
        years = self.date_of(day).year - self._first_day.year
        return np.asarray(np.round(catalogue.price * catalogue.cost_share * 1.02**years, catalogue.decimals))
