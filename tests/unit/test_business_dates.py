"""Which day is due and which day an instant belongs to: clock changes, year ends, and any window law."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daybreak.business_dates import (
    days,
    finished_weeks,
    local_date,
    newest_control_date,
    newest_due_date,
    start_of_day,
    week_days,
    week_end_of,
    windows,
)

LAG = timedelta(hours=72)
ROME, LOS_ANGELES = "Europe/Rome", "America/Los_Angeles"


def at(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("instant", "zone", "expected"),
    [
        ("2026-11-23T05:15", ROME, date(2026, 11, 19)),  # at dawn of T the newest due day is T - 4
        ("2026-11-23T00:00", ROME, date(2026, 11, 19)),  # due to the second, 72 hours after the day's end
        ("2026-11-22T23:59", ROME, date(2026, 11, 18)),
        ("2026-03-29T00:30", ROME, date(2026, 3, 25)),
        ("2026-04-01T00:30", ROME, date(2026, 3, 27)),  # 28 March ended 71.5 hours ago: the 29th had 23 hours
        ("2026-04-01T01:00", ROME, date(2026, 3, 28)),
        ("2026-10-28T00:00", ROME, date(2026, 10, 24)),  # the 25th had 25 hours: 24 October is due an hour early
        ("2026-10-27T23:00", ROME, date(2026, 10, 24)),
        ("2026-10-27T22:59", ROME, date(2026, 10, 23)),
        ("2026-01-02T05:15", ROME, date(2025, 12, 29)),
        ("2026-03-11T05:15", LOS_ANGELES, date(2026, 3, 7)),
        ("2026-11-04T05:15", LOS_ANGELES, date(2026, 10, 31)),
    ],
)
def test_a_day_is_due_72_hours_after_its_local_end(instant: str, zone: str, expected: date) -> None:
    assert newest_due_date(at(instant, zone), LAG, zone) == expected


@given(
    minutes=st.integers(0, 4 * 365 * 24 * 60),
    zone=st.sampled_from([ROME, LOS_ANGELES, "Asia/Tokyo", "Europe/London"]),
)
def test_the_newest_due_day_has_ended_72_hours_ago_and_the_next_has_not(minutes: int, zone: str) -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    due = newest_due_date(moment, LAG, zone)
    assert start_of_day(due + timedelta(days=1), zone) + LAG <= moment
    assert start_of_day(due + timedelta(days=2), zone) + LAG > moment


def test_the_controls_of_a_morning_speak_of_yesterday_in_the_accounts_calendar() -> None:
    moment = datetime(2026, 11, 23, 4, 15, tzinfo=UTC)
    assert newest_control_date(moment, ROME) == date(2026, 11, 22)
    assert newest_control_date(moment, LOS_ANGELES) == date(2026, 11, 21)


def test_days_of_a_clock_change_have_23_and_25_hours() -> None:
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)):
        assert start_of_day(day + timedelta(days=1), ROME) - start_of_day(day, ROME) == timedelta(hours=hours)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no business date"):
        local_date(datetime(2026, 1, 1), ROME)  # noqa: DTZ001 what must be refused


@given(offsets=st.sets(st.integers(0, 120), max_size=60), longest=st.integers(1, 15))
def test_windows_cover_every_wanted_day_are_no_longer_than_allowed_do_not_overlap_and_run_newest_first(
    offsets: set[int], longest: int
) -> None:
    wanted = [date(2026, 1, 1) + timedelta(days=offset) for offset in offsets]
    spans = windows(wanted, longest)
    covered = [day for first, last in spans for day in days(first, last)]
    assert set(wanted) <= set(covered)
    assert len(covered) == len(set(covered))
    assert all(first in wanted and last in wanted and (last - first).days < longest for first, last in spans)
    assert spans == sorted(spans, reverse=True)


def test_a_whole_restatement_window_is_one_request() -> None:
    newest = date(2026, 11, 19)
    assert windows(days(newest - timedelta(days=14), newest), 15) == [(date(2026, 11, 5), newest)]


@pytest.mark.parametrize(
    ("instant", "zone", "newest"),
    [
        ("2026-11-23T06:00", ROME, date(2026, 11, 21)),  # Monday: the week that ended the day before yesterday
        ("2026-11-22T00:00", ROME, date(2026, 11, 21)),  # over to the second at Sunday's midnight
        ("2026-11-21T23:59", ROME, date(2026, 11, 14)),
        ("2026-03-30T06:00", ROME, date(2026, 3, 28)),  # the clocks went forward on the Sunday between
        ("2026-10-26T06:00", ROME, date(2026, 10, 24)),  # and back
        ("2026-03-09T06:00", LOS_ANGELES, date(2026, 3, 7)),
        ("2026-11-02T06:00", LOS_ANGELES, date(2026, 10, 31)),
        ("2027-01-04T06:00", ROME, date(2027, 1, 2)),  # a week of two years
        ("2026-12-28T06:00", LOS_ANGELES, date(2026, 12, 26)),
    ],
)
def test_the_newest_finished_week_ended_on_the_last_saturday_that_is_over(
    instant: str, zone: str, newest: date
) -> None:
    assert finished_weeks(at(instant, zone), zone, 2) == [newest, newest - timedelta(days=7)]


def test_monday_in_rome_is_still_sunday_in_los_angeles_and_closes_the_same_week_also_in_the_nights_of_the_clocks() -> (
    None
):
    for monday in ("2026-03-09", "2026-03-30", "2026-10-26", "2026-11-02", "2027-01-04"):
        moment = at(f"{monday}T06:00", ROME)
        assert local_date(moment, LOS_ANGELES).weekday() == 6
        assert finished_weeks(moment, ROME, 4) == finished_weeks(moment, LOS_ANGELES, 4)


@given(
    minutes=st.integers(0, 4 * 365 * 24 * 60),
    zone=st.sampled_from([ROME, LOS_ANGELES, "Asia/Tokyo", "Europe/London"]),
)
def test_the_newest_finished_week_is_over_and_the_next_is_not(minutes: int, zone: str) -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    newest = finished_weeks(moment, zone, 1)[0]
    assert newest.weekday() == 5
    assert start_of_day(newest + timedelta(days=1), zone) <= moment < start_of_day(newest + timedelta(days=8), zone)


@given(day=st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_every_day_lies_in_one_week_from_sunday_to_saturday(day: date) -> None:
    week = week_days(week_end_of(day))
    assert day in week
    assert (week[0].weekday(), week[6].weekday(), len(week)) == (6, 5, 7)
