"""One report period of an account as Amazon publishes it: figures summed or taken at the end, and money."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from simulator.world.catalogue import Bools, Floats
from simulator.world.draws import Purpose, generator
from simulator.world.history import AccountWorld, Span
from simulator.world.kinds import Kind
from simulator.world.restatement import published

View = Literal["MANUFACTURING", "SOURCING"]
Program = Literal["RETAIL", "BUSINESS", "FRESH"]

_SUMMED = (
    "views", "all_views", "ordered", "shipped", "returned", "received", "expected", "asked", "confirmed",
    "out_of_stock_views",
)  # fmt: skip
_AT_END = ("on_hand", "owed", "unsellable", "aged", "open_units", "lead_seen")
_BOUGHT = ("ordered", "shipped", "returned")


@dataclass(frozen=True)
class PeriodFigures:
    """``values[name]`` has one entry per ASIN of the catalogue; amounts are unrounded money of the account."""

    first: date
    last: date
    values: dict[str, np.ndarray]
    listed: Bools
    """ASINs that exist for Amazon at the period's end."""
    unit_cost: Floats
    """At the period's end."""
    demand_84_days: Floats
    """Expected units of the twelve weeks after the period."""
    is_new: Bools
    """Launched within three days of the period's end."""
    chance: Floats
    """Four uniform numbers per ASIN, shape (4, ASINs), that decide which figures are left out."""

    def __getitem__(self, name: str) -> np.ndarray:
        return self.values[name]


def view_members(world: AccountWorld, view: View) -> Bools:
    """The ASINs of a distributor view. The views overlap: most products are made and supplied by the same vendor."""
    return world.catalogue.is_manufactured if view == "MANUFACTURING" else world.catalogue.is_sourced


def publish_period(
    world: AccountWorld, first: date, last: date, today: date, program: Program = "RETAIL"
) -> PeriodFigures:
    """The period's figures as shown on ``today``; days before the world's beginning hold nothing, nor do those that
    Amazon has yet to fill.

    RETAIL contains BUSINESS; the latter is a share of each product's units.
    """
    true = world.span(max(first, world.start_date), last)
    shown, is_empty = _with_gaps(world, published_span(world, true, today), today)
    if program == "BUSINESS":
        shown = _business_share(world, shown)
    values = {name: shown[name].sum(axis=0, dtype=np.int64) for name in _SUMMED}
    values |= {name: shown[name][-1] for name in _AT_END}
    values["opening"] = true["opening"][0]
    net_price = true["price"].astype(np.float64).round(world.catalogue.decimals) / (1 + world.vat_ratio)
    values["ordered_revenue"] = (shown["ordered"] * net_price).sum(axis=0)
    values["shipped_revenue"] = (shown["shipped"] * net_price).sum(axis=0)
    cost = true["cost"].astype(np.float64).round(world.catalogue.decimals)
    values["shipped_cogs"] = (shown["shipped"] * cost).sum(axis=0)
    values["received_cost"] = (shown["received"] * cost).sum(axis=0)
    end = world.index_of(last)
    age = end - world.catalogue.launch_day
    return PeriodFigures(
        first=first,
        last=last,
        values=values,
        listed=world.catalogue.listed(end) & (not is_empty),
        unit_cost=cost[-1],
        demand_84_days=84 * world.demand.expected_units(end + 42),
        is_new=(age >= 0) & (age < 3),
        chance=generator(world.key, Purpose.OMISSION, end).random((4, world.catalogue.size)),
    )


def published_span(world: AccountWorld, true: Span, today: date) -> Span:
    """``true`` figures as Amazon shows them on ``today``."""
    last = true.first_index + true.days - 1
    drawn = world.script.drawn(Kind.RESTATEMENT, true.first_index, last)
    unusual = dict(zip(drawn.first_day.tolist(), drawn.size.tolist(), strict=True))
    return published(true, world.key, world.index_of(today), unusual)


def _with_gaps(world: AccountWorld, shown: Span, today: date) -> tuple[Span, bool]:
    """``shown`` without the days that are published empty and not yet filled, and whether no other day is in it."""
    last = shown.first_index + shown.days - 1
    missing = {
        gap.first_day - shown.first_index
        for gap in world.script.drawn(Kind.DAY_WITHOUT_DATA, shown.first_index, last).told(Kind.DAY_WITHOUT_DATA)
        if world.index_of(today) - gap.first_day < gap.detail["filled_after_days"]
    }
    if not missing:
        return shown, False
    figures = {name: shown[name].copy() for name in (*_SUMMED, *_AT_END)}
    for values in figures.values():
        values[sorted(missing)] = np.nan if values.dtype.kind == "f" else 0
    return Span(shown.first_index, dict(shown.figures) | figures), len(missing) == shown.days


def _business_share(world: AccountWorld, span: Span) -> Span:
    figures = dict(span.figures)
    for name in _BOUGHT:
        figures[name] = np.floor(span[name] * world.catalogue.business_share + 0.5).astype(np.int64)
        figures[name] = np.minimum(figures[name], span[name])
    return Span(span.first_index, figures)
