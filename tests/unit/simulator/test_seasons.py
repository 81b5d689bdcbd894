"""The simulated shopping events lie on the days of the calendar that Daybreak ships: neither knows the other."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from daybreak.accounts import MARKETPLACES
from daybreak.events import read_events
from daybreak.settings import Settings
from simulator.world.seasons import day_events, prime_big_deal_days, prime_day

SIMULATED_YEARS = range(2024, 2029)


@pytest.mark.parametrize("marketplace", sorted(set(MARKETPLACES) - {"JP"}))
def test_the_simulated_shopping_events_are_days_of_the_shipped_calendar(tmp_path: Path, marketplace: str) -> None:
    empty = tmp_path / "own_events.yml"
    empty.touch()
    shipped: dict[date, str] = {}
    for event in read_events(Settings(own_events_file=empty)):
        if event.marketplace_code == marketplace:
            span = (event.last_date - event.first_date).days + 1
            shipped |= {event.first_date + timedelta(days=each): event.name for each in range(span)}
    days = [date(year, 1, 1) + timedelta(days=each) for year in SIMULATED_YEARS for each in range(365)]
    simulated = {day for day in days if day_events(day).is_event}
    assert simulated <= shipped.keys()
    prime = {day for day, name in shipped.items() if name.startswith("Prime") and day.year in SIMULATED_YEARS}
    around_black_friday = {day for day in simulated if day.month >= 11}
    assert simulated - around_black_friday == prime
    assert len(around_black_friday) == 8 * len(SIMULATED_YEARS)


def test_the_simulated_prime_days_of_2026_are_those_that_amazon_announced() -> None:
    assert prime_day(2026) == (date(2026, 6, 23), 4)
    assert prime_big_deal_days(2026) == (date(2026, 10, 6), 2)
