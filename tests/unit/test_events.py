"""The calendar of events: moving days by their rules, and what an operator writes in place of what is shipped."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daybreak.accounts import MARKETPLACES
from daybreak.events import Event, EventsFileError, easter, moving_day, read_events
from daybreak.settings import Settings

# As almanacs give them; 1818 and 2285 are the earliest Easter there is, 1943 and 2038 the latest.
EASTERS = [
    date(1818, 3, 22), date(1943, 4, 25), date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5), date(2027, 3, 28),
    date(2028, 4, 16), date(2038, 4, 25), date(2285, 3, 22),
]  # fmt: skip


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own_events.yml"


def read(own: Path, text: str = "") -> list[Event]:
    own.write_text(text)
    return read_events(Settings(own_events_file=own))


@pytest.mark.parametrize("day", EASTERS)
def test_easter_falls_where_almanacs_have_it(day: date) -> None:
    assert easter(day.year) == day


@given(st.integers(1583, 4099))
def test_easter_is_a_sunday_of_spring(year: int) -> None:
    assert easter(year).weekday() == 6
    assert date(year, 3, 22) <= easter(year) <= date(year, 4, 25)


@pytest.mark.parametrize(
    ("rule", "day"),
    [
        ("12-25", date(2026, 12, 25)),
        ("easter", date(2026, 4, 5)),
        ("black_friday", date(2026, 11, 27)),
        ("4 thursday november", date(2026, 11, 26)),
        ("1 monday june", date(2026, 6, 1)),
        ("5 friday may", date(2026, 5, 29)),
        ("last monday may", date(2026, 5, 25)),
        ("last sunday february", date(2026, 2, 22)),
        ("last thursday december", date(2026, 12, 31)),
    ],
)
def test_a_rule_names_one_day_of_a_year(rule: str, day: date) -> None:
    assert moving_day(rule, 2026) == day


@pytest.mark.parametrize("year", [2024, 2029, 2030])
def test_black_friday_follows_thanksgiving_also_where_november_begins_on_a_friday(year: int) -> None:
    day = moving_day("black_friday", year)
    assert day - timedelta(days=1) == moving_day("4 thursday november", year)


@pytest.mark.parametrize("rule", ["02-30", "5 monday february", "6 monday may", "monday may", "christmas", ""])
def test_a_rule_that_names_no_day_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        moving_day(rule, 2026)


def test_every_marketplace_has_amazons_events_and_its_years_turn_in_every_year(own: Path) -> None:
    held = {
        (event.marketplace_code, event.name.removesuffix(" (expected)"), event.first_date.year) for event in read(own)
    }
    names = ("Prime Day", "Prime Big Deal Days", "Black Friday Week", "Cyber Monday", "New Year")
    wanted = {(code, name, year) for code in MARKETPLACES for name in names for year in range(2024, 2029)}
    assert wanted - held == set()


def test_announced_days_of_prime_day_are_shipped_as_they_were_and_others_say_that_they_are_expected(own: Path) -> None:
    prime = [
        (e.first_date, e.last_date, e.name) for e in read(own) if e.marketplace_code == "IT" and "Prime Day" in e.name
    ]
    assert prime == [
        (date(2024, 7, 16), date(2024, 7, 17), "Prime Day"),
        (date(2025, 7, 8), date(2025, 7, 11), "Prime Day"),
        (date(2026, 6, 23), date(2026, 6, 26), "Prime Day"),
        (date(2027, 6, 22), date(2027, 6, 25), "Prime Day (expected)"),
        (date(2028, 6, 27), date(2028, 6, 30), "Prime Day (expected)"),
    ]


def test_black_friday_week_begins_eight_days_before_and_cyber_monday_ends_it(own: Path) -> None:
    autumn = {
        e.name: (e.first_date, e.last_date)
        for e in read(own)
        if e.marketplace_code == "DE" and e.first_date.year == 2025
    }
    assert autumn["Black Friday Week"] == (date(2025, 11, 20), date(2025, 11, 28))
    assert autumn["Cyber Monday"] == (date(2025, 11, 29), date(2025, 12, 1))


def test_an_event_of_the_operator_replaces_the_shipped_one_of_its_name_marketplace_and_year(own: Path) -> None:
    shipped = read(own)
    text = """
events:
  - {name: Prime Day, marketplaces: [IT], dates: [{first: 2027-07-13, last: 2027-07-16}]}
  - {name: Anniversary, marketplaces: [DE], rule: 09-15, from: -1, to: 1, years: [2026, 2026]}
"""
    changed = read(own, text)
    assert set(shipped) - set(changed) == {Event("IT", date(2027, 6, 22), date(2027, 6, 25), "Prime Day (expected)")}
    assert set(changed) - set(shipped) == {
        Event("IT", date(2027, 7, 13), date(2027, 7, 16), "Prime Day"),
        Event("DE", date(2026, 9, 14), date(2026, 9, 16), "Anniversary"),
    }


def test_an_operator_can_take_an_event_away(own: Path) -> None:
    gone = set(read(own)) - set(read(own, "removed: [{name: Ferragosto, marketplaces: [IT], years: [2026, 2027]}]"))
    assert {(event.name, event.first_date) for event in gone} == {
        ("Ferragosto", date(2026, 8, 14)),
        ("Ferragosto", date(2027, 8, 14)),
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("events: [", "is not YAML"),
        ("events: [{name: X, marketplaces: [XX], rule: easter, years: [2026, 2026]}]", "XX is none of IT, DE"),
        ("events: [{name: X, marketplaces: all}]", "give either dates or a rule"),
        ("events: [{name: X, marketplaces: all, rule: easter}]", "a rule needs years"),
        ("events: [{name: X, marketplaces: all, rule: soon, years: [2026, 2026]}]", "'soon' is no rule"),
        ("events: [{name: X, marketplaces: all, dates: [{first: 2026-02-02, last: 2026-02-01}]}]", "before it begins"),
        (
            "events: [{name: X, marketplaces: all, dates: [{first: 2026-02-30, last: 2026-03-01}]}]",
            "day is out of range for month",
        ),
        ("days: []", "days"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_what_is_wrong(own: Path, text: str, words: str) -> None:
    with pytest.raises(EventsFileError) as refused:
        read(own, text)
    assert str(own) in str(refused.value)
    assert words in str(refused.value)


def test_a_named_file_that_is_not_there_is_missed_and_the_usual_one_need_not_be(own: Path) -> None:
    with pytest.raises(EventsFileError, match="is missing"):
        read_events(Settings(own_events_file=own))
    assert read_events(Settings())
