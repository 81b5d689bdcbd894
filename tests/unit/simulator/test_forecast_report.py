"""Forecasts: one generation a week, out with a lag, true to the world's demand but for a known bias."""

import gzip
import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from simulator.world.documents import compress, has_data, write_document
from simulator.world.forecasts import WEEKS_AHEAD, expected_week, newest_generation, released_at
from simulator.world.history import AccountWorld
from simulator.world.questions import ForecastQuestion
from simulator.world.supply import Supply

from .conftest import NOW

REPORT = "GET_VENDOR_FORECASTING_REPORT"
QUANTILES = ("meanForecastUnits", "p70ForecastUnits", "p80ForecastUnits", "p90ForecastUnits")


def asked(now: datetime = NOW, program: str = "RETAIL") -> ForecastQuestion:
    return ForecastQuestion(REPORT, (("sellingProgram", program),), now.date(), now)


def read(world: AccountWorld, now: datetime = NOW) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(gzip.decompress(compress(write_document(world, asked(now)))))
    return document


def test_a_generation_is_a_sunday_and_out_36_to_72_hours_after_its_week_in_seattle(world: AccountWorld) -> None:
    for week in range(30):
        sunday = date(2026, 3, 1) + timedelta(weeks=week)
        end = datetime.combine(sunday, time(), ZoneInfo("America/Los_Angeles"))
        assert timedelta(hours=36) <= released_at(world, sunday) - end.astimezone(UTC) <= timedelta(hours=72)


def test_only_the_newest_generation_that_is_out_is_told(world: AccountWorld) -> None:
    out = released_at(world, date(2026, 11, 15))
    assert newest_generation(world, out - timedelta(seconds=1)) == date(2026, 11, 8)
    assert newest_generation(world, out) == date(2026, 11, 15)
    for now, sunday in ((out - timedelta(seconds=1), "2026-11-08"), (out, "2026-11-15")):
        assert {row["forecastGenerationDate"] for row in read(world, now)["forecastByAsin"]} == {sunday}


def test_weeks_run_from_sunday_to_saturday_for_48_weeks(world: AccountWorld) -> None:
    rows = read(world)["forecastByAsin"]
    weeks = sorted({(row["startDate"], row["endDate"]) for row in rows})
    first = date(2026, 11, 15)
    expected = [first + timedelta(weeks=week) for week in range(WEEKS_AHEAD)]
    assert weeks == [(day.isoformat(), (day + timedelta(days=6)).isoformat()) for day in expected]
    assert len({(row["asin"], row["startDate"]) for row in rows}) == len(rows)


def test_quantiles_never_fall(world: AccountWorld) -> None:
    for row in read(world)["forecastByAsin"]:
        told = [row[name] for name in QUANTILES]
        assert told == sorted(told)
        assert told[0] >= 0
    assert any(row["p90ForecastUnits"] > row["meanForecastUnits"] for row in read(world)["forecastByAsin"])


def test_the_first_week_is_the_expected_demand_times_the_quarters_bias(world: AccountWorld) -> None:
    sunday = date(2026, 11, 15)
    bias = Supply(world.catalogue).forecast_bias(world.index_of(sunday))
    expected = expected_week(world, sunday) * bias
    place = {asin: index for index, asin in enumerate(world.catalogue.asins)}
    rows = [row for row in read(world)["forecastByAsin"] if row["startDate"] == sunday.isoformat()]
    assert len(rows) > 60
    assert all(row["meanForecastUnits"] == pytest.approx(expected[place[row["asin"]]], abs=0.006) for row in rows)


def test_the_expected_week_is_near_what_the_world_wanted(world: AccountWorld) -> None:
    """Over a quarter of sound products; stock-outs and incidents take some of it away."""
    sundays = [date(2026, 4, 5) + timedelta(weeks=week) for week in range(12)]
    expected = sum(float(expected_week(world, sunday).sum()) for sunday in sundays)
    ordered = float(world.span(sundays[0], sundays[-1] + timedelta(days=6))["ordered"].sum())
    assert 0.6 < ordered / expected < 1.3


def test_shopping_events_are_expected(world: AccountWorld) -> None:
    black_friday, before = expected_week(world, date(2026, 11, 22)), expected_week(world, date(2026, 11, 8))
    assert black_friday.sum() > 1.5 * before.sum()


def test_some_asins_are_not_named_and_some_reach_half_a_year(world: AccountWorld) -> None:
    counts: dict[str, int] = {}
    for row in read(world)["forecastByAsin"]:
        counts[row["asin"]] = counts.get(row["asin"], 0) + 1
    assert set(counts.values()) == {26, WEEKS_AHEAD}
    active = np.flatnonzero(world.catalogue.active(world.index_of(date(2026, 11, 15))))
    assert len(counts) < len(active)


def test_fresh_and_a_time_before_the_first_generation_hold_no_data(world: AccountWorld) -> None:
    assert has_data(world, asked())
    assert not has_data(world, asked(program="FRESH"))
    assert not has_data(world, asked(datetime(2024, 11, 2, tzinfo=UTC)))
