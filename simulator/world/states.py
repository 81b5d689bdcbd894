"""States of stock as they were: measured in the figures, not drawn."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simulator.world.catalogue import WARM_UP_DAYS, Bools, Floats
from simulator.world.history import AccountWorld, Span
from simulator.world.kinds import Kind

LOOK_AROUND_DAYS = 130
"""A state is followed this far before and after the days that are asked for."""
UNSOLD_DAYS = 28
OVERSTOCK_DAYS = 84
_SETTLING_DAYS = 30
"""After a launch the first deliveries are still to come."""
_OVERSTOCK_GAP_DAYS, _SHORTEST_OVERSTOCK_DAYS = 7, 7


@dataclass(frozen=True)
class State:
    """One product in one state, day indexes included."""

    kind: Kind
    index: int
    first_day: int
    last_day: int
    size: float
    detail: dict[str, float]


@dataclass(frozen=True)
class _Days:
    """Figures around the days asked for, (days, ASINs), and which product is meant to be on sale."""

    first_day: int
    on_hand: np.ndarray
    ordered: np.ndarray
    expected: Floats
    """Units a day that the product's season and age would sell."""
    expected_later: Floats
    """Mean of the twelve weeks to come."""
    is_meant: Bools


def measured(world: AccountWorld, first_day: int, last_day: int) -> list[State]:
    """The stock-outs, overstocks and dead stocks that hold on at least one of these days.

    Stock-out: nothing on hand (``size``: units a day that it would have sold). Overstock: more on hand than 84 days
    of what it sold lately and of what its season will sell, for a week at least (``size``: the most units beyond
    that). Dead stock: nothing sold on the newest 28 days, with stock on all of them (``size``: units on hand).
    Products that are ending, or just launched, or have never sold are in none of the first two.
    """
    days = _gather(world, first_day, last_day)
    found = [*_stock_outs(days), *_overstocks(days), *_dead_stocks(days)]
    return [state for state in found if state.first_day <= last_day and state.last_day >= first_day]


def _gather(world: AccountWorld, first_day: int, last_day: int) -> _Days:
    low = max(WARM_UP_DAYS - LOOK_AROUND_DAYS, first_day - LOOK_AROUND_DAYS, 0)
    span: Span = world.span(
        world.date_of(low), world.date_of(last_day + LOOK_AROUND_DAYS), names=("on_hand", "ordered")
    )
    indexes = range(span.first_index, span.first_index + span.days)
    catalogue, demand = world.catalogue, world.demand
    meant = [catalogue.active(day) & catalogue.active(day - _SETTLING_DAYS) & catalogue.listed(day) for day in indexes]
    return _Days(
        first_day=span.first_index,
        on_hand=span["on_hand"],
        ordered=span["ordered"],
        expected=np.stack([demand.expected_units(day).astype(np.float32) for day in indexes]),
        expected_later=np.stack([demand.expected_units(day + 42).astype(np.float32) for day in indexes]),
        is_meant=np.stack(meant),
    )


def _stock_outs(days: _Days) -> Iterator[State]:
    """Products that nobody wants are not missed."""
    wanted = days.is_meant & (days.expected >= 0.004)
    for index, first, last in runs((days.on_hand <= 0) & wanted):
        lost = float(days.expected[first : last + 1, index].mean())
        closed = {"lowest_on_hand": float(days.on_hand[first : last + 1, index].min())}
        yield State(Kind.STOCK_OUT, index, days.first_day + first, days.first_day + last, round(lost, 4), closed)


def _overstocks(days: _Days) -> Iterator[State]:
    in_stock = days.on_hand > 0
    sold = _trailing(np.where(in_stock, days.ordered, 0))
    among = _trailing(in_stock)
    lately = np.divide(sold, among, out=np.zeros(sold.shape), where=among > 0)
    need = OVERSTOCK_DAYS * np.maximum(lately, days.expected_later)
    excess = days.on_hand - np.ceil(need)
    over = (excess > 0) & (lately > 0) & days.is_meant
    for index, first, last in runs(over, gap=_OVERSTOCK_GAP_DAYS, shortest=_SHORTEST_OVERSTOCK_DAYS):
        most = float(excess[first : last + 1, index].max())
        yield State(Kind.OVERSTOCK, index, days.first_day + first, days.first_day + last, most, {})


def _dead_stocks(days: _Days) -> Iterator[State]:
    on_sale = _trailing(days.on_hand > 0) == UNSOLD_DAYS
    unsold = on_sale & (_trailing(np.maximum(days.ordered, 0)) == 0) & days.is_meant
    for index, first, last in runs(unsold):
        expected = round(float(days.expected[first : last + 1, index].mean()), 4)
        yield State(
            Kind.DEAD_STOCK, index, days.first_day + first, days.first_day + last,
            float(days.on_hand[last, index]), {"usual_units_per_day": expected},
        )  # fmt: skip


def _trailing(values: np.ndarray) -> np.ndarray:
    """The sum of each day and the 27 before it."""
    sums = np.cumsum(values, axis=0, dtype=np.int64)
    sums[UNSOLD_DAYS:] -= sums[:-UNSOLD_DAYS].copy()
    return np.asarray(sums)


def runs(mask: Bools, gap: int = 0, shortest: int = 1) -> Iterator[tuple[int, int, int]]:
    """Column, first and last row of every unbroken stretch of ``mask``, by column.

    Stretches at most ``gap`` rows apart are one; those shorter than ``shortest`` are left out.
    """
    padded = np.zeros((mask.shape[0] + 2, mask.shape[1]), dtype=np.int8)
    padded[1:-1] = mask
    steps = np.diff(padded, axis=0).T
    columns, begins = np.nonzero(steps == 1)
    ends = np.nonzero(steps == -1)[1] - 1
    pending: tuple[int, int, int] | None = None
    for column, begin, end in zip(columns.tolist(), begins.tolist(), ends.tolist(), strict=True):
        if pending is not None and pending[0] == column and begin - pending[2] - 1 <= gap:
            pending = (column, pending[1], end)
            continue
        if pending is not None and pending[2] - pending[1] + 1 >= shortest:
            yield pending
        pending = (column, begin, end)
    if pending is not None and pending[2] - pending[1] + 1 >= shortest:
        yield pending
