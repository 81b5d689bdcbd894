"""Amazon's demand forecast: a generation each Sunday, out a little later, for up to 48 weeks ahead.

The mean is the world's expected demand, bent by the same bias that bends Amazon's orders for the quarter and by an
error of the generation that grows with the weeks ahead.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from simulator.periods import period_start
from simulator.world.catalogue import Floats
from simulator.world.columns import numbers, pick, rows
from simulator.world.draws import Purpose, generator
from simulator.world.history import AccountWorld
from simulator.world.publication import view_members
from simulator.world.questions import ForecastQuestion
from simulator.world.seasons import WEEKDAY_VIEWS, day_events
from simulator.world.supply import Supply

WEEKS_AHEAD = 48
_SHORT_WEEKS_AHEAD = 26
_PACIFIC = ZoneInfo("America/Los_Angeles")
_EARLIEST_HOURS, _LATEST_HOURS = 36, 72
_QUANTILES = {"p70ForecastUnits": 0.524, "p80ForecastUnits": 0.842, "p90ForecastUnits": 1.282}
"""Distance from the mean in standard deviations."""


def released_at(world: AccountWorld, generation: date) -> datetime:
    """When the generation of a Sunday is out, UTC: 36 to 72 hours after the week before it has ended in Seattle."""
    rng = generator(world.key, Purpose.FORECAST_RELEASE, world.index_of(generation))
    week_end = datetime.combine(generation, time(), _PACIFIC).astimezone(UTC)
    return week_end + timedelta(minutes=int(rng.integers(_EARLIEST_HOURS * 60, _LATEST_HOURS * 60 + 1)))


def newest_generation(world: AccountWorld, now: datetime) -> date | None:
    """The Sunday of the newest generation that is out at ``now``; None before the world's first."""
    generation = period_start("WEEK", now.astimezone(_PACIFIC).date())
    while generation >= world.start_date:
        if released_at(world, generation) <= now:
            return generation
        generation -= timedelta(days=7)
    return None


def expected_week(world: AccountWorld, start: date) -> Floats:
    """Mean units that customers will want of each ASIN in the week from ``start``, shopping events included."""
    ordinary = world.demand.expected_units(world.index_of(start) + 3)
    factor = np.zeros(world.catalogue.size)
    for offset in range(7):
        day = start + timedelta(days=offset)
        events = day_events(day)
        pull = np.power(events.views * events.conversion, world.catalogue.event_sensitivity)
        factor += pull * WEEKDAY_VIEWS[day.weekday()]
    return np.asarray(ordinary * factor)


def has_forecast(world: AccountWorld, question: ForecastQuestion) -> bool:
    return question.option("sellingProgram", "RETAIL") != "FRESH" and newest_generation(world, question.now) is not None


def forecast_specification(world: AccountWorld, question: ForecastQuestion) -> dict[str, Any]:
    return {
        "reportType": question.report_type,
        "reportOptions": dict(question.options),
        "lastUpdatedDate": question.today.isoformat(),
        "marketplaceIds": [world.account.marketplace_id],
    }


def forecast_rows(world: AccountWorld, question: ForecastQuestion) -> Iterator[list[dict[str, Any]]]:
    """The newest generation week by week; a few ASINs are left out, some reach only half a year ahead."""
    generation = newest_generation(world, question.now)
    if generation is None:
        return
    index = world.index_of(generation)
    catalogue = world.catalogue
    rng = generator(world.key, Purpose.FORECAST_GENERATION, index)
    luck, drift = rng.random((2, catalogue.size))
    error = rng.normal(0.0, 1.0, catalogue.size)
    named = catalogue.active(index) & view_members(world, "MANUFACTURING") & (luck >= 0.01)
    bias = Supply(catalogue).forecast_bias(index)
    for week in range(WEEKS_AHEAD):
        start = generation + timedelta(weeks=week)
        shown = named if week < _SHORT_WEEKS_AHEAD else named & (drift >= 0.08)
        mean = np.round(expected_week(world, start) * bias * np.exp(error * 0.012 * week), 2)[shown]
        spread = np.sqrt(mean + np.square((0.3 + 0.008 * week) * mean))
        names = pick(catalogue.asins, shown)
        count = len(names)
        yield rows(
            {
                "forecastGenerationDate": [generation.isoformat()] * count,
                "asin": names,
                "startDate": [start.isoformat()] * count,
                "endDate": [(start + timedelta(days=6)).isoformat()] * count,
                "meanForecastUnits": numbers(mean),
            }
            | {name: numbers(np.round(mean + distance * spread, 2)) for name, distance in _QUANTILES.items()}
        )
