"""Which products a sweep looks at: the rule as laws over many days of slots."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daybreak.steps import cadence
from daybreak.steps.cadence import SLOT, Candidate, plan_slot, slot_of

START = datetime(2026, 3, 1, tzinfo=UTC)  # the clocks of Europe change in the weeks that follow
instants = st.integers(0, 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
candidates = st.builds(
    Candidate,
    account_id=st.sampled_from(["acme_de", "acme_it"]),
    asin=st.integers(0, 10**9).map(lambda number: f"B{number:09d}"),
    priority_code=st.sampled_from("ABC"),
    is_lost=st.booleans(),
    observed_at=st.none() | instants,
)


def catalogue(size: int, **what: object) -> list[Candidate]:
    usual = Candidate("acme_it", "", "B", is_lost=False, observed_at=None)
    return [replace(usual, asin=f"B{number:09d}", **what) for number in range(size)]  # type: ignore[arg-type]


def sweep(
    products: list[Candidate], slots: int, capacity: int, seen_after: timedelta = timedelta(minutes=40)
) -> dict[str, list[int]]:
    """By ASIN the numbers of the slots in which it was looked at; each time ``seen_after`` its slot's beginning."""
    known = {each.asin: each for each in products}
    seen: dict[str, list[int]] = {asin: [] for asin in known}
    for number in range(slots):
        for each in plan_slot(known.values(), START + number * SLOT, capacity):
            seen[each.asin].append(number)
            known[each.asin] = replace(each, observed_at=START + number * SLOT + seen_after)
    return seen


@given(instants, instants)
def test_slots_are_four_hours_of_utc_and_hold_their_instants(instant: datetime, other: datetime) -> None:
    slot = slot_of(instant)
    assert slot <= instant < slot + SLOT
    assert slot.hour % 4 == slot.minute == slot.second == 0
    assert (slot_of(other) - slot) % SLOT == timedelta(0)


@pytest.mark.parametrize("late", [0, 40, 239])
def test_a_catalogue_is_seen_twice_a_day_however_late_in_its_slot(late: int) -> None:
    seen = sweep(catalogue(7), slots=12, capacity=100, seen_after=timedelta(minutes=late))
    assert all(numbers == [0, 3, 6, 9] for numbers in seen.values())


def test_a_catalogue_of_more_than_5000_is_seen_once_a_day() -> None:
    seen = sweep(catalogue(5001), slots=12, capacity=10**6)
    assert all(numbers == [0, 6] for numbers in seen.values())
    assert all(len(numbers) == 4 for numbers in sweep(catalogue(5000), slots=12, capacity=10**6).values())


def test_an_open_loss_is_seen_in_every_slot() -> None:
    seen = sweep(catalogue(3, is_lost=True), slots=6, capacity=100)
    assert all(numbers == [0, 1, 2, 3, 4, 5] for numbers in seen.values())


@settings(max_examples=40, deadline=None)
@given(capacity=st.integers(1, 9), load=st.integers(1, 36), data=st.data())
def test_what_the_quota_holds_in_six_days_is_seen_within_the_week(
    capacity: int, load: int, data: st.DataObject
) -> None:
    priorities = data.draw(st.lists(st.sampled_from("ABC"), min_size=capacity * load, max_size=capacity * load))
    products = [
        replace(each, priority_code=code) for each, code in zip(catalogue(len(priorities)), priorities, strict=True)
    ]
    week = timedelta(days=7) // SLOT
    for numbers in sweep(products, slots=3 * week, capacity=capacity).values():
        visits = [-1, *numbers, 3 * week]
        assert max(later - earlier for earlier, later in pairwise(visits)) <= week


@settings(max_examples=200, deadline=None)
@given(st.lists(candidates, unique_by=lambda each: each.asin, max_size=40), instants, st.integers(0, 40))
def test_a_plan_holds_the_most_urgent_and_is_cut_at_the_capacity(
    products: list[Candidate], instant: datetime, capacity: int
) -> None:
    everything = plan_slot(products, instant, 10**6)
    assert plan_slot(reversed(products), instant, capacity) == everything[:capacity]
    assert set(everything) <= set(products)
    losses = [each.is_lost for each in everything]
    assert losses == sorted(losses, reverse=True)
    rest = [each for each in everything if not each.is_lost]
    overdue = [cadence.unseen_for(each, slot_of(instant)) >= timedelta(days=6) for each in rest]
    assert overdue == sorted(overdue, reverse=True)
    for group in (True, False):
        codes = [each.priority_code for each, late in zip(rest, overdue, strict=True) if late is group]
        assert codes == sorted(codes)


def test_of_equal_priority_the_longest_unseen_goes_first_and_the_never_seen_before_it() -> None:
    first, second, third = catalogue(3)
    seen = [
        replace(first, observed_at=START - timedelta(hours=20)),
        replace(second, observed_at=START - timedelta(hours=30)),
        third,
    ]
    assert [each.asin for each in plan_slot(seen, START, 9)] == [third.asin, second.asin, first.asin]


def test_what_was_seen_in_this_slot_is_not_due_again() -> None:
    seen = catalogue(2, is_lost=True, observed_at=START + timedelta(hours=1))
    assert plan_slot(seen, START + timedelta(hours=3), 9) == []
