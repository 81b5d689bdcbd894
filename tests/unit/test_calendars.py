"""Which dates of a dataset a morning may ask for, and when what was fetched holds all that the morning needs."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daybreak.accounts import MARKETPLACES
from daybreak.business_dates import local_date, newest_due_date, start_of_day
from daybreak.calendars import (
    Calendar,
    Generations,
    Months,
    Observations,
    OwnFiles,
    PublishedDays,
    RealTimeHours,
    UtcDays,
    end_of_utc_day,
)

HOUR = timedelta(hours=1)
LAG = timedelta(hours=72)
zones = st.sampled_from(sorted({each.time_zone for each in MARKETPLACES.values()} | {"Australia/Sydney"}))
instants = st.datetimes(
    datetime(2025, 1, 1),  # noqa: DTZ001 - the zone is drawn apart
    datetime(2027, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
calendars = st.sampled_from(
    [PublishedDays(LAG), Generations(LAG), RealTimeHours(HOUR), UtcDays(), Months(), Observations(), OwnFiles()],
)


@given(instants, zones)
def test_published_days_are_due_when_the_one_tested_function_says_so(instant: datetime, zone: str) -> None:
    assert PublishedDays(LAG).newest_due(instant, zone) == newest_due_date(instant, LAG, zone)


@pytest.mark.parametrize(
    ("instant", "newest"),
    [
        # The week ends with Saturday 2026-11-14 in Pacific time; its forecast is out 72 hours later.
        (datetime(2026, 11, 18, 7, 59, tzinfo=UTC), date(2026, 11, 8)),
        (datetime(2026, 11, 18, 8, 0, tzinfo=UTC), date(2026, 11, 15)),
        (datetime(2026, 11, 23, 4, 15, tzinfo=UTC), date(2026, 11, 15)),
    ],
)
def test_a_forecast_is_due_72_hours_after_the_week_ends_in_pacific_time(instant: datetime, newest: date) -> None:
    assert Generations(LAG).newest_due(instant, "Europe/Rome") == newest


@given(instants, zones)
def test_a_forecast_generation_is_a_sunday_and_the_only_one_that_a_week_of_look_back_holds(
    instant: datetime, zone: str
) -> None:
    newest = Generations(LAG).newest_due(instant, zone)
    assert Generations(LAG).dates(newest - timedelta(days=6), newest) == [newest]
    assert newest.strftime("%A") == "Sunday"


@given(instants, zones)
def test_real_time_hours_reach_to_the_end_of_the_accounts_yesterday(instant: datetime, zone: str) -> None:
    midnight = start_of_day(local_date(instant - HOUR, zone), zone)
    newest = RealTimeHours(HOUR).newest_due(instant, zone)
    assert end_of_utc_day(newest) - timedelta(days=1) < midnight <= end_of_utc_day(newest)


@given(instants, zones, st.integers(0, 3))
def test_a_utc_day_of_hours_is_complete_once_its_needed_hours_were_there_to_ask_for(
    instant: datetime, zone: str, back: int
) -> None:
    hours = RealTimeHours(HOUR)
    day = hours.newest_due(instant, zone) - timedelta(days=back)
    midnight = start_of_day(local_date(instant - HOUR, zone), zone)
    needed = min(end_of_utc_day(day), midnight)
    assert hours.is_complete(day, needed + HOUR, instant, zone)
    assert not hours.is_complete(day, needed + HOUR - timedelta(seconds=1), instant, zone)


@given(instants, zones)
def test_the_newest_due_hours_can_be_asked_for_at_the_instant_itself(instant: datetime, zone: str) -> None:
    hours = RealTimeHours(HOUR)
    assert hours.is_complete(hours.newest_due(instant, zone), instant, instant, zone)


def test_of_utc_days_today_is_due_as_far_as_it_has_come_and_is_read_once_a_morning() -> None:
    dawn = datetime(2026, 11, 23, 4, 15, tzinfo=UTC)
    assert UtcDays().newest_due(dawn, "America/Los_Angeles") == date(2026, 11, 23)
    assert UtcDays().is_complete(date(2026, 11, 23), dawn, dawn + HOUR, "Europe/Rome")


@given(calendars, instants, zones, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_what_is_due_stays_due_as_time_goes_on(
    calendar: Calendar, instant: datetime, zone: str, later: timedelta
) -> None:
    assert calendar.newest_due(instant, zone) <= calendar.newest_due(instant + later, zone)


def test_the_next_month_can_be_asked_for_in_this_one_at_the_turn_of_the_year_too() -> None:
    months = Months()
    assert months.newest_due(datetime(2026, 12, 31, 23, tzinfo=UTC), "Asia/Tokyo") == date(2027, 1, 1)
    assert months.newest_due(datetime(2027, 1, 31, tzinfo=UTC), "Europe/Rome") == date(2027, 2, 1)
    assert months.dates(date(2026, 11, 2), date(2027, 1, 1)) == [date(2026, 12, 1), date(2027, 1, 1)]
