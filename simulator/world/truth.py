"""What was true: every incident and look-alike of some days, trimmed to where it could be seen, with its chain.

A drawn incident without any visible effect (an order refused where none was placed, a price undercut of a product
that was sold out) is left out. States of stock are measured and name the drawn incident that led to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

import numpy as np

from simulator.world.history import AccountWorld, Span
from simulator.world.kinds import WHOLE_ACCOUNT, Incident, Kind
from simulator.world.lifecycles import notice_day
from simulator.world.recipes import RECIPES
from simulator.world.states import State, measured
from simulator.world.supply import USUAL_DELAY_DAYS

_Event = TypeVar("_Event", Incident, State)

_CAUSES: Mapping[Kind, tuple[Kind, ...]] = {
    Kind.STOCK_OUT: (Kind.PO_REJECTED, Kind.PO_UNCONFIRMED, Kind.PO_OVERDUE, Kind.STOCK_OUT),
    Kind.OVERSTOCK: (Kind.OVERSTOCK, Kind.DEAD_STOCK, Kind.TRAFFIC_LOSS, Kind.CONVERSION_LOSS),
    Kind.DEAD_STOCK: (Kind.DEAD_STOCK, Kind.PAGE_GONE, Kind.OFFER_MISSING, Kind.TRAFFIC_LOSS, Kind.CONVERSION_LOSS),
}
_CAUSE_NAMES = {Kind.STOCK_OUT: "DEMAND_SURGE", Kind.OVERSTOCK: "OVERBUYING", Kind.DEAD_STOCK: "DEMAND_GONE"}
"""What a drawn incident of a measured kind is called: it is the cause, the measured state the incident."""
_LONGEST_WAY_DAYS = 75
"""A stock-out follows its cause within this many days of the cause's end."""
_MEASURES = {
    Kind.STOCK_OUT: "units a day that it would have sold",
    Kind.OVERSTOCK: "the most units beyond 84 days of sales",
    Kind.DEAD_STOCK: "units on hand",
    Kind.SHOPPING_EVENT: "share taken off prices",
}
_SEEN_FIGURES = ("on_hand", "asked", "price", "other_price", "suppressed_share", "featured_share", "all_views")


@dataclass(frozen=True)
class Fact:
    """One line of the truth; ``asin`` is null for what strikes the whole account.

    ``size`` is measured in ``measure``. ``consequences`` name other lines of the same ASIN as ``KIND first..last``.
    ``causes`` name what was drawn, with its own days; a state of stock without one came about by chance of demand and
    delivery alone.
    """

    account_id: str
    asin: str | None
    kind: Kind
    first_day: date
    last_day: date
    size: float
    measure: str
    is_incident: bool
    is_small: bool
    """Drawn so small that it drowns in chance: it is true, and need not be found."""
    detail: Mapping[str, Any]
    causes: list[str] = field(default_factory=list)
    consequences: list[str] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return {
            "account_id": self.account_id,
            "asin": self.asin,
            "kind": self.kind.value,
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            "size": self.size,
            "measure": self.measure,
            "is_incident": self.is_incident,
            "is_small": self.is_small,
            "detail": dict(self.detail),
            "causes": self.causes,
            "consequences": self.consequences,
        }


def tell_truth(world: AccountWorld, first: date, last: date) -> list[Fact]:
    """Everything that holds on at least one day from ``first`` to ``last``, by first day, ASIN and kind.

    First and last days may lie outside of these. The world's beginning is the earliest day.
    """
    low, high = world.index_of(max(first, world.start_date)), world.index_of(last)
    if high < low:
        return []
    drawn = world.script.between(max(0, low - _LONGEST_WAY_DAYS), high)
    states = measured(world, low, high)
    visible = _Visible(world, [one for one in drawn if one.kind in _SEEN_BY], states)
    seen = (visible.fact(one) for one in drawn if one.kind not in _CAUSE_NAMES)
    facts = [fact for fact in seen if fact and fact.first_day <= last and fact.last_day >= world.date_of(low)]
    earlier = _by_product(world.script.between(max(0, low - 2 * _LONGEST_WAY_DAYS), high))
    facts += [_state_fact(world, state, earlier.get(state.index, [])) for state in states]
    return sorted(facts, key=lambda fact: (fact.first_day, fact.asin or "", fact.kind))


def _by_product(events: list[_Event]) -> dict[int, list[_Event]]:
    found: dict[int, list[_Event]] = {}
    for one in events:
        found.setdefault(one.index, []).append(one)
    return found


def _leads_to(cause: Incident, state: State) -> bool:
    if cause.kind not in _CAUSES[state.kind] or cause.first_day > state.first_day:
        return False
    return state.first_day - cause.last_day <= _LONGEST_WAY_DAYS


def _state_fact(world: AccountWorld, state: State, earlier: list[Incident]) -> Fact:
    causes = [one for one in earlier if _leads_to(one, state)]
    names = [_line(_CAUSE_NAMES.get(one.kind, one.kind.value), world, one.first_day, one.last_day) for one in causes]
    return Fact(
        world.account.account_id, world.catalogue.asins[state.index], state.kind,
        world.date_of(state.first_day), world.date_of(state.last_day), state.size, _MEASURES[state.kind],
        True, False, state.detail, causes=names,
    )  # fmt: skip


def _line(name: str, world: AccountWorld, first_day: int, last_day: int) -> str:
    return f"{name} {world.date_of(first_day)}..{world.date_of(last_day)}"


def _has_amazon_stock(span: Span) -> np.ndarray:
    return np.asarray(span["on_hand"] > 0)


def _is_undercut(span: Span) -> np.ndarray:
    return np.asarray((span["other_price"] < span["price"]) & (span["on_hand"] > 0))


_SEEN_BY = {
    Kind.PO_UNCONFIRMED: lambda span: span["asked"] > 0,
    Kind.PO_REJECTED: lambda span: span["asked"] > 0,
    Kind.PO_OVERDUE: lambda span: span["asked"] > 0,
    Kind.UNDERCUT: _is_undercut,
    Kind.SUPPRESSED: lambda span: span["suppressed_share"] > 0,
    Kind.OFFER_MISSING: _has_amazon_stock,
}
"""On which days of a span an incident shows; a kind that is not named shows on all of its days."""


class _Visible:
    """The facts of drawn incidents, with the days on which they can be seen."""

    def __init__(self, world: AccountWorld, hidden: list[Incident], states: list[State]) -> None:
        self._world = world
        self._states = _by_product(states)
        self._span: Span | None = None
        if hidden:
            low, high = min(one.first_day for one in hidden), max(one.last_day for one in hidden)
            self._span = world.span(world.date_of(low), world.date_of(high), names=_SEEN_FIGURES)

    def fact(self, one: Incident) -> Fact | None:
        """Null when nothing of the incident could be seen."""
        world = self._world
        days = self._days(one)
        if days is None:
            return None
        recipe = RECIPES.get(one.kind)
        measure = recipe.measure if recipe else _MEASURES.get(one.kind, "1")
        asin = None if one.index == WHOLE_ACCOUNT else world.catalogue.asins[one.index]
        detail = dict(one.detail)
        if "seller_number" in detail:
            detail["seller_id"] = world.market.sellers[detail.pop("seller_number")]
        if one.kind is Kind.PAGE_REGRESSION:
            detail["part"] = world.pages.regression_part(one.index, detail["part"])
        is_small = recipe is not None and recipe.is_small(one.size)
        return Fact(
            world.account.account_id, asin, one.kind, world.date_of(days[0]), world.date_of(days[1]), one.size,
            measure, one.is_incident, is_small, detail, consequences=self._consequences(one),
        )  # fmt: skip

    def _days(self, one: Incident) -> tuple[int, int] | None:
        """An order is unconfirmed until it should have arrived, and overdue from then on until it has. What the client
        lets run out is rightly called obsolete."""
        if one.kind is Kind.WRONGLY_OBSOLETE:
            last = min(one.last_day, int(notice_day(self._world.catalogue)[one.index]) - 1)
            return (one.first_day, last) if last >= one.first_day else None
        if one.kind not in _SEEN_BY or self._span is None:
            return one.first_day, one.last_day
        base = self._span.first_index
        inside = slice(one.first_day - base, one.last_day - base + 1)
        own = Span(one.first_day, {name: self._span[name][inside, one.index] for name in _SEEN_FIGURES})
        seen = np.flatnonzero(_SEEN_BY[one.kind](own))
        if not len(seen):
            return None
        first, last = one.first_day + int(seen[0]), one.first_day + int(seen[-1])
        due = int(self._world.catalogue.lead_days[one.index]) + USUAL_DELAY_DAYS
        if one.kind is Kind.PO_OVERDUE:
            return first + due + 1, last + due + int(one.size)
        return first, last + due if one.kind is Kind.PO_UNCONFIRMED else last

    def _consequences(self, one: Incident) -> list[str]:
        return [
            _line(state.kind.value, self._world, state.first_day, state.last_day)
            for state in self._states.get(one.index, [])
            if _leads_to(one, state)
        ]
