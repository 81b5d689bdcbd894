"""The laws of the simulated stock hold for every product and day."""

from datetime import date

import numpy as np
import pytest

from simulator.world.history import BLOCK_DAYS, AccountWorld, Span

FIRST, LAST = date(2024, 11, 1), date(2026, 11, 20)


@pytest.fixture(scope="module")
def span(world: AccountWorld) -> Span:
    return world.span(FIRST, LAST)


def test_stock_balances_from_day_to_day(span: Span) -> None:
    moved = span["received"] + span["resellable"] - span["ordered"] + span["cancelled"]
    assert np.array_equal(span["on_hand"][1:], span["on_hand"][:-1] + moved[1:])


def test_units_owed_to_customers_balance_from_day_to_day(span: Span) -> None:
    moved = span["ordered"] - span["shipped"] - span["cancelled"]
    assert np.array_equal(span["owed"][1:], span["owed"][:-1] + moved[1:])


def test_nothing_ships_that_is_not_in_the_fulfilment_centres(span: Span) -> None:
    there = span["opening"] + span["received"] + span["resellable"]
    assert (span["shipped"] <= there).all()
    assert np.array_equal(span["opening"][1:], (there - span["shipped"])[:-1])


def test_nothing_is_ordered_beyond_stock_and_the_backorder_allowance(world: AccountWorld, span: Span) -> None:
    before_sales = span["on_hand"] + span["ordered"] - span["cancelled"]
    lowest = -world.stock.backorder_allowance
    room = np.maximum(0, before_sales - lowest)
    assert (span["ordered"] <= room).all()
    assert (span["ordered"] == room).any(), "some stock-out must have turned customers away"
    refused = world.stock.backorder_allowance == 0
    assert refused.any()
    assert span["on_hand"][:, refused].min() == 0


def test_counts_are_never_negative_but_for_stock_and_net_receipts(span: Span) -> None:
    for name in (
        "views",
        "all_views",
        "ordered",
        "shipped",
        "returned",
        "owed",
        "unsellable",
        "aged",
        "open_units",
        "opening",
    ):
        assert span[name].min() >= 0, name
    assert span["on_hand"].min() < 0
    assert span["received"].min() < 0


def test_customers_return_no_more_than_was_shipped(world: AccountWorld) -> None:
    since_the_beginning = world.span(world.date_of(0), LAST)
    assert (since_the_beginning["returned"].cumsum(0) <= since_the_beginning["shipped"].cumsum(0)).all()


def test_products_sell_nothing_before_their_launch(world: AccountWorld, span: Span) -> None:
    days = np.arange(span.first_index, span.first_index + span.days)[:, None]
    before = days < world.catalogue.launch_day[None, :]
    assert before.any()
    assert span["ordered"][before].sum() == 0
    assert span["views"][before].sum() == 0


def test_the_world_resembles_a_real_account(world: AccountWorld, span: Span) -> None:
    active = np.stack([world.catalogue.active(span.first_index + day) for day in range(span.days)])
    out = (span["on_hand"] <= 0) & active
    assert 0.03 <= out.sum() / active.sum() <= 0.08
    assert 0.4 <= ((span["ordered"] == 0) & active).sum() / active.sum() <= 0.75
    stretch = np.zeros(out.shape[1])
    longest = stretch.copy()
    for day in out:
        stretch = np.where(day, stretch + 1, 0)
        longest = np.maximum(longest, stretch)
    assert (longest >= 60).any()


def test_black_friday_draws_more_than_the_weeks_around_it(world: AccountWorld) -> None:
    event = world.span(date(2025, 11, 28), date(2025, 12, 1))["ordered"].sum() / 4
    before = world.span(date(2025, 11, 3), date(2025, 11, 16))["ordered"].sum() / 14
    assert event > 1.5 * before


def test_any_span_of_days_is_the_same_however_it_is_reached(world: AccountWorld) -> None:
    again = AccountWorld(world.account, 7, world.start_date)
    first, last = world.date_of(5 * BLOCK_DAYS - 3), world.date_of(5 * BLOCK_DAYS + 4)
    late_first = again.span(last, last)
    whole = world.span(first, last)
    for name, values in again.span(first, last).figures.items():
        assert np.array_equal(values, whole[name], equal_nan=name in {"lead_seen", "other_price"}), name
        assert np.array_equal(values[-1:], late_first[name], equal_nan=name in {"lead_seen", "other_price"}), name


def test_a_span_that_ends_before_it_begins_is_refused(world: AccountWorld) -> None:
    with pytest.raises(ValueError, match="no days between"):
        world.span(date(2025, 1, 2), date(2025, 1, 1))
