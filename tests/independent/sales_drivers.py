"""Why sales moved computed a second time, from the wording of ``docs/controls.md`` and the decisions of the table.

``driver_rows`` gives what ``mart.sales_driver_daily`` must hold.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

from tests.independent.account_book import AccountBook, ByDay, days_to
from tests.independent.exact_numbers import exact
from tests.independent.revenue_parts import Period, at_five, columns_of, taken_apart
from tests.independent.written_figures import figure

Sum = Fraction | None


@dataclass(frozen=True)
class Comparison:
    """``after`` days to d with ``before`` days that end ``back`` days earlier and count ``share`` times as often."""

    code: str
    after: int
    before: int
    back: int

    @property
    def share(self) -> int:
        return self.before // self.after


COMPARISONS = (
    Comparison("wow", 7, 7, 7),
    Comparison("vs_4w", 7, 28, 7),
    Comparison("vs_8w", 7, 56, 7),
    Comparison("mom", 30, 30, 30),
    Comparison("yoy", 28, 28, 364),
)


def driver_rows(book: AccountBook, days: Iterable[date]) -> Iterator[dict[str, Any]]:
    """A row for each product and comparison that something was seen or sold in, where both periods are published."""
    published = book.published_sales.intersection(book.warehouse.published_days("traffic_daily"))
    products = [_Product(book, asin) for asin in sorted({*book.sales, *book.views, *book.lost_shares})]
    for day in days:
        for comparison in COMPARISONS:
            after = days_to(day, comparison.after)
            before = days_to(day - timedelta(days=comparison.back), comparison.before)
            if published.issuperset(after) and published.issuperset(before):
                for product in products:
                    row = _Change(product, comparison, after, before).row()
                    if row is not None:
                        yield row


class _Product:
    """The days of one product; an absent row of a published day is 0, a figure that is not there unknown."""

    def __init__(self, book: AccountBook, asin: str) -> None:
        self.book, self.asin = book, asin
        self.first_day = book.first_appearances.get(asin)
        self._sums: dict[tuple[str, date, int], Sum] = {}
        self._counts: dict[tuple[date, int], tuple[int, int, int]] = {}

    def sum_of(self, what: str, days: Sequence[date]) -> Sum:
        key = (what, days[0], len(days))
        if key not in self._sums:
            table, column = self._sources[what]
            figures = [exact(table[day][column]) if day in table else Fraction(0) for day in days]
            known = [each for each in figures if each is not None]
            self._sums[key] = sum(known, Fraction(0)) if len(known) == len(figures) else None
        return self._sums[key]

    @cached_property
    def _sources(self) -> dict[str, tuple[ByDay, str]]:
        sales = self.book.sales.get(self.asin, {})
        return {
            "revenue": (sales, f"{self.book.kind}_revenue_amount"),
            "units": (sales, f"{self.book.kind}_units"),
            "views": (self.book.views.get(self.asin, {}), "glance_views"),
        }

    @cached_property
    def shares(self) -> dict[date, tuple[Fraction, Fraction]]:
        """Featured views and the share lost, at most all, of each day on which Amazon says both."""
        found = {}
        for day, row in self.book.lost_shares.get(self.asin, {}).items():
            lost, views = exact(row["lost_featured_offer_ratio"]), exact(row["glance_views"])
            if lost is not None and (views is not None or lost >= 1):
                found[day] = (views or Fraction(0), min(lost, Fraction(1)))
        return found

    def kinds_of_days(self, days: Sequence[date]) -> tuple[int, int, int]:
        """How many of them were in stock, in a promotion and in an event."""
        key = (days[0], len(days))
        if key not in self._counts:
            in_stock = sum(self._is_in_stock(day) for day in days)
            promoted = sum(bool(self.book.promotions_of(self.asin, day)) for day in days)
            self._counts[key] = (in_stock, promoted, len(self.book.event_days.intersection(days)))
        return self._counts[key]

    def _is_in_stock(self, day: date) -> bool:
        if self.first_day is None or day < self.first_day:
            return False
        report = self.book.stock_reports.get(self.asin, {}).get(day)
        on_hand = None if report is None else report["sellable_on_hand_units"]
        units = self.sum_of("units", [day])
        return on_hand is None or on_hand > 0 or units is None or units > 0


class _Change:
    """One product in one comparison."""

    def __init__(
        self, product: _Product, comparison: Comparison, after: Sequence[date], before: Sequence[date]
    ) -> None:
        self.product, self.comparison, self.after, self.before = product, comparison, after, before
        self.book = product.book

    @cached_property
    def has_buy_box_factor(self) -> bool:
        shares = self.product.shares
        days = [*self.after, *self.before]
        is_known = self.book.view == "MANUFACTURING" and all(day in shares for day in days)
        return is_known and any(shares[day][1] < 1 for day in days)

    @cached_property
    def _usual_total(self) -> Fraction:
        """The mean total views of the days of both periods on which not all were lost."""
        shares = self.product.shares
        known = [shares[day][0] / (1 - shares[day][1]) for day in (*self.after, *self.before) if shares[day][1] < 1]
        return sum(known, Fraction(0)) / len(known)

    def _total(self, days: Sequence[date]) -> Fraction:
        drawn = (self.product.shares[day] for day in days)
        return sum((views / (1 - lost) if lost < 1 else self._usual_total for views, lost in drawn), Fraction(0))

    def _figures(self, days: Sequence[date], share: int) -> tuple[Sum, Sum, Sum, Sum]:
        """Revenue, units, featured views and total views; the last only with a Buy Box factor."""
        revenue, units = self.product.sum_of("revenue", days), self.product.sum_of("units", days)
        if self.has_buy_box_factor:
            views = sum((self.product.shares[day][0] for day in days), Fraction(0))
            found = (revenue, units, views, self._total(days))
        else:
            found = (revenue, units, self.product.sum_of("views", days), None)
        return tuple(None if each is None else each / share for each in found)  # type: ignore[return-value]

    def row(self) -> dict[str, Any] | None:
        after, before = self._figures(self.after, 1), self._figures(self.before, self.comparison.share)
        if all(each == 0 for each in (*after[:3], *before[:3])):
            return None
        is_known = None not in (*after[:3], *before[:3])
        method, parts = taken_apart(Period(*after), Period(*before)) if is_known else (None, {})  # type: ignore[arg-type]
        in_stock, promoted, events = self.product.kinds_of_days(self.after)
        in_stock_before, promoted_before, events_before = self.product.kinds_of_days(self.before)
        return {
            "account_id": self.book.account_id,
            "business_date": self.after[0],
            "asin": self.product.asin,
            "comparison_code": self.comparison.code,
            "currency_code": self.book.currency_code,
            "revenue_amount": figure(after[0], 5),
            "revenue_before_amount": figure(before[0], 5),
            "revenue_change_amount": at_five(after[0]) - at_five(before[0]) if is_known else None,
            "has_buy_box_factor": self.has_buy_box_factor,
            "is_total_views_estimated": self.has_buy_box_factor and self._has_lost_day(),
            "method_code": method,
            **columns_of(parts),
            "sold_units": None if after[1] is None else int(after[1]),
            "sold_before_units": figure(before[1], 6),
            "view_count": figure(after[2], 6),
            "view_before_count": figure(before[2], 6),
            "total_view_count": figure(after[3], 6),
            "total_view_before_count": figure(before[3], 6),
            "in_stock_days": in_stock,
            "in_stock_before_days": in_stock_before,
            "promotion_days": promoted,
            "promotion_before_days": promoted_before,
            "event_days": events,
            "event_before_days": events_before,
            "data_status_code": self.book.status_of_sales(self.after[0]),
        }

    def _has_lost_day(self) -> bool:
        return any(self.product.shares[day][1] == 1 for day in (*self.after, *self.before))
