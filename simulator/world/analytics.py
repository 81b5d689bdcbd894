"""Vendor analytics of Data Kiosk: one line of JSON per day, week or month, with the fields that were asked for.

The figures come earlier than those of the reports and count page views another way: ``glanceViews`` are views while
Amazon retail is the featured offer, less a few that are taken for robots; ``lostFeaturedOffer`` is the share of all
views without it, before that. A figure that was not measured is null, and so is a count of nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from simulator.periods import newest_published, period_start, shift
from simulator.world.catalogue import Bools
from simulator.world.columns import Column, amounts, numbers, pick, ratios, rows
from simulator.world.currencies import converted, decimals_of
from simulator.world.draws import Purpose, generator
from simulator.world.history import AccountWorld
from simulator.world.margin import profit_and_revenue
from simulator.world.publication import PeriodFigures, View, publish_period, view_members

Granularity = Literal["DAY", "WEEK", "MONTH"]
Selection = Mapping[str, Any]
LAG = timedelta(hours=34)
"""After the end of a day, in the account's time zone."""
_LEAST_COUNTED = 0.97
Path = tuple[str, ...]
"""The names that lead to a figure, from the metric groups on."""
_COUNTS: Mapping[Path, str] = {
    ("customerSatisfaction", "customerReturns"): "returned",
    ("orders", "orderedUnitsWithRevenue", "units"): "ordered",
    ("shippedOrders", "shippedUnitsWithRevenue", "units"): "shipped",
}
_MONEY: Mapping[Path, str] = {
    ("costs", "shippedCogs"): "shipped_cogs",
    ("orders", "orderedUnitsWithRevenue", "value"): "ordered_revenue",
    ("shippedOrders", "averageSellingPrice"): "shipped_revenue",
    ("shippedOrders", "shippedUnitsWithRevenue", "value"): "shipped_revenue",
}
_AMOUNT = {"amount": None, "currencyCode": None}
_UNITS_WITH_VALUE = {"units": None, "value": _AMOUNT}
_BOTH_VIEWS: Selection = {
    "costs": {"netPPM": None, "shippedCogs": _AMOUNT},
    "customerSatisfaction": {"customerReturns": None},
    "shippedOrders": {"averageSellingPrice": _AMOUNT, "shippedUnitsWithRevenue": _UNITS_WITH_VALUE},
}
MEASURES: Mapping[str, Selection] = {
    "manufacturingView": {
        **_BOTH_VIEWS,
        "orders": {"orderedUnitsWithRevenue": _UNITS_WITH_VALUE},
        "traffic": {"glanceViews": None, "lostFeaturedOffer": None},
    },
    "sourcingView": _BOTH_VIEWS,
}
"""What can be asked for per view; null is a single figure."""
VIEWS: Mapping[str, View] = {"manufacturingView": "MANUFACTURING", "sourcingView": "SOURCING"}


@dataclass(frozen=True)
class AnalyticsQuestion:
    """A sound query of one view from ``first`` to ``last``, asked at ``now``.

    ``selection`` holds the names asked for in their order, each with what is selected below it (null for a figure).
    """

    view: str
    first: date
    last: date
    granularity: Granularity
    currency_code: str
    selection: Selection
    now: datetime


def write_lines(world: AccountWorld, question: AnalyticsQuestion) -> Iterator[bytes]:
    """The document's lines, oldest first, each with its line end; none for what is not out yet or before the world."""
    for first, last in _buckets(world, question):
        yield msgspec.json.encode(_line(world, question, first, last)) + b"\n"


def has_lines(world: AccountWorld, question: AnalyticsQuestion) -> bool:
    return bool(_buckets(world, question))


def _buckets(world: AccountWorld, question: AnalyticsQuestion) -> list[tuple[date, date]]:
    """The periods of the question that are out as a whole; those at its ends reach no further than it does."""
    newest = newest_published(question.now, world.account.time_zone, LAG)
    start = period_start(question.granularity, question.first)
    found: list[tuple[date, date]] = []
    while start <= question.last:
        following = shift(question.granularity, start, 1)
        first = max(start, question.first, world.start_date)
        last = min(following - timedelta(days=1), question.last)
        if first <= last <= newest:
            found.append((first, last))
        start = following
    return found


def _line(world: AccountWorld, question: AnalyticsQuestion, first: date, last: date) -> dict[str, Any]:
    today = question.now.astimezone(ZoneInfo(world.account.time_zone)).date()
    bucket = _Bucket(world, publish_period(world, first, last, today), VIEWS[question.view], question.currency_code)
    line: dict[str, Any] = {}
    for name, below in question.selection.items():
        if name == "totals":
            line[name] = _objects(below, bucket.total)[0]
        elif name == "metrics":
            line[name] = _metric_rows(below, bucket)
        else:
            line[name] = {
                "startDate": first.isoformat(),
                "endDate": last.isoformat(),
                "marketplaceId": world.account.marketplace_id,
            }[name]
    return line


def _metric_rows(selection: Selection, bucket: "_Bucket") -> Column:
    columns: dict[str, Column] = {}
    for name, below in selection.items():
        asins = [{"asin": asin} for asin in bucket.asins]
        columns[name] = asins if name == "groupByKey" else _objects(below, bucket.per_asin)
    return rows(columns)


def _objects(selection: Selection, fill: Callable[[Path], Column], path: Path = ()) -> Column:
    """One object per row with what was selected; money that was not measured is null as a whole."""
    if path in _MONEY:
        return [amount and {name: amount[name] for name in selection} for amount in fill(path)]
    return rows(
        {
            name: fill((*path, name)) if below is None else _objects(below, fill, (*path, name))
            for name, below in selection.items()
        }
    )


class _Bucket:
    """The figures of one line."""

    def __init__(self, world: AccountWorld, period: PeriodFigures, view: View, currency_code: str) -> None:
        self._world = world
        self._period = period
        self._currency_code = currency_code
        true = world.span(period.first, period.last, ("all_views", "featured_share"))
        featured = true["all_views"] * true["featured_share"]
        keep = [
            generator(world.key, Purpose.KIOSK_COUNT, true.first_index + day).uniform(
                _LEAST_COUNTED, 1.0, world.catalogue.size
            )
            for day in range(true.days)
        ]
        self._all_views = true["all_views"].sum(axis=0, dtype=np.int64)
        self._lost_views = self._all_views - featured.sum(axis=0, dtype=np.float64)
        self._glance_views = np.floor(featured * np.stack(keep) + 0.5).sum(axis=0).astype(np.int64)
        seen = (self._all_views > 0) | (period["shipped"] > 0) | (period["returned"] > 0)
        # Unlike the reports, a day that they show empty has its views here.
        listed = world.catalogue.listed(world.index_of(period.last))
        self._shown: Bools = seen & listed & view_members(world, view)

    @property
    def asins(self) -> list[str]:
        return pick(self._world.catalogue.asins, self._shown)

    def total(self, path: Path) -> Column:
        return self._column(path, lambda values: np.array([values.sum()]))

    def per_asin(self, path: Path) -> Column:
        return self._column(path, lambda values: values[self._shown])

    def _column(self, path: Path, select: Callable[[np.ndarray], np.ndarray]) -> Column:
        if path in _MONEY:
            return self._money(path, select)
        if path == ("traffic", "lostFeaturedOffer"):
            return ratios(select(self._lost_views), select(self._all_views))
        if path == ("costs", "netPPM"):
            profit, revenue = profit_and_revenue(self._world, self._period)
            return ratios(select(profit), select(revenue))
        is_traffic = path == ("traffic", "glanceViews")
        counted = select(self._glance_views if is_traffic else self._period[_COUNTS[path]])
        return numbers(counted, counted != 0)

    def _money(self, path: Path, select: Callable[[np.ndarray], np.ndarray]) -> Column:
        values = select(self._period[_MONEY[path]])
        if path == ("shippedOrders", "averageSellingPrice"):
            units = select(self._period["shipped"])
            values = np.divide(values, units, out=np.zeros(len(values)), where=units > 0)
        told = converted(values, self._world.account.currency_code, self._currency_code)
        return amounts(told, self._currency_code, decimals_of(self._currency_code), values != 0)
