"""What is on hand and on its way for one ASIN on one day, and why it may run dry."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple, TypeVar

from tests.independent.exact_numbers import ninth, total
from tests.independent.stock_history import AccountHistory, AsinHistory, OrderLine, Report

Figure = TypeVar("Figure")
Rule = tuple[str, Callable[[], bool]]


class OnHand(NamedTuple):
    units: int | None
    source_code: str | None
    as_of_at: datetime | None


def first_that_holds(rules: Iterable[Rule]) -> str:
    return next(code for code, holds in rules if holds())


class Supply:
    def __init__(self, account: AccountHistory, asin: AsinHistory, day: date) -> None:
        self.account, self.asin, self.day = account, asin, day
        self.end = account.end_of_day(day)

    def newest_report(self, span_days: int, figure: Callable[[Report], Figure | None]) -> tuple[date, Figure] | None:
        """The newest day within ``span_days`` whose report has the figure, and the figure."""
        for offset in range(span_days):
            day = self.day - timedelta(days=offset)
            report = self.asin.reports.get(day)
            found = None if report is None else figure(report)
            if found is not None:
                return day, found
        return None

    @cached_property
    def readings(self) -> list[tuple[datetime, int]]:
        """Real-time readings of the 48 hours to the end of d, oldest first."""
        first = bisect_left(self.asin.readings, self.end - timedelta(hours=48), key=lambda reading: reading[0])
        return self.asin.readings[first : bisect_left(self.asin.readings, self.end, key=lambda reading: reading[0])]

    @cached_property
    def on_hand(self) -> OnHand:
        stale = self.newest_report(14, lambda report: report.on_hand)
        if stale is not None and stale[0] == self.day:
            return OnHand(stale[1], "vendor_report", self.end)
        if self.readings:
            at, units = self.readings[-1]
            return OnHand(units, "real_time", at)
        if stale is not None:
            return OnHand(stale[1], "stale_report", self.account.end_of_day(stale[0]))
        return OnHand(None, None, None)

    @cached_property
    def zero_for(self) -> timedelta:
        """From the first of the unbroken readings ≤ 0 that end with the newest, to the end of d."""
        since = self.end
        for at, units in reversed(self.readings):
            if units > 0:
                break
            since = at
        return self.end - since

    @cached_property
    def amazon_offer(self) -> bool | None:
        """Whether the newest offer snapshot of the 24 hours to the end of d has an Amazon offer; None without one."""
        seen = [has_offer for at, has_offer in self.asin.offers if self.end - timedelta(hours=24) <= at < self.end]
        return seen[-1] if seen else None

    @cached_property
    def is_unconfirmed(self) -> bool:
        """Whether on hand ≤ 0 rests on too little to say out of stock."""
        if self.on_hand.source_code == "real_time":
            needed = timedelta(hours=24 if self.amazon_offer is None else 6)
            return self.zero_for < needed
        return self.on_hand.source_code == "stale_report"

    @cached_property
    def has_unfilled_units(self) -> bool:
        newest = self.newest_report(14, lambda report: report.unfilled_units)
        return newest is not None and newest[1] > 0

    @cached_property
    def lead_time(self) -> Fraction:
        newest = self.newest_report(90, lambda report: report.lead_time_days)
        return Fraction(self.account.account.threshold("default_lead_time_days")) if newest is None else newest[1]

    @cached_property
    def unit_cost(self) -> Fraction | None:
        """On-hand cost per unit of the newest report within 14 days with both figures and units above 0."""
        days = [day for day in self.asin.costs if self.day - timedelta(days=14) < day <= self.day]
        if not days:
            return None
        amount, units = self.asin.costs[max(days)]
        return amount / units

    @cached_property
    def lines(self) -> list[OrderLine]:
        """The purchase order lines ordered by the end of d."""
        return [line for line in self.asin.lines if line.ordered_on <= self.day]

    @cached_property
    def awaited(self) -> list[OrderLine]:
        """Lines that may still arrive: neither closed nor cancelled, window not past."""
        return [
            line for line in self.lines if line.is_open and (line.window_end is None or line.window_end >= self.day)
        ]

    @cached_property
    def incoming(self) -> int | None:
        if self.account.has_order_line:
            return sum(max(0, (line.accepted or 0) - (line.received or 0)) for line in self.awaited)
        newest = self.newest_report(14, lambda report: report.open_purchase_order_units)
        return None if newest is None else max(0, newest[1])

    @cached_property
    def is_rejected(self) -> bool:
        """Whether less than 80 % of the units on the answered lines of 30 days were accepted."""
        answered = [line for line in self._ordered_within(30) if not line.is_unconfirmed]
        ordered = total([line.ordered for line in answered])
        accepted = total([line.accepted for line in answered])
        return ordered is not None and accepted is not None and 10 * accepted < 8 * ordered

    @cached_property
    def is_overdue(self) -> bool:
        """Whether a line whose window passed within 30 days still misses accepted units."""
        oldest = self.day - timedelta(days=29)
        return any(
            line.accepted is not None and line.received is not None and line.received < line.accepted
            for line in self.lines
            if line.is_open and line.window_end is not None and oldest <= line.window_end < self.day
        )

    def cause_code(self, trend_ratio: Fraction | None, cover_with_incoming: Fraction | None) -> str:
        """Why the ASIN runs dry, for one that does."""
        enough = self.lead_time + Fraction(self.account.account.threshold("low_cover_margin_days"))
        return first_that_holds(
            (
                ("unknown", lambda: not self.account.has_order_line),
                ("po_unconfirmed", lambda: any(line.is_unconfirmed for line in self.awaited)),
                ("po_rejected", lambda: self.is_rejected),
                ("po_overdue", lambda: self.is_overdue),
                ("demand_surge", lambda: trend_ratio is not None and ninth(trend_ratio) >= Fraction(3, 2)),
                (
                    "incoming_covers",
                    lambda: cover_with_incoming is not None and ninth(cover_with_incoming) >= ninth(enough),
                ),
                ("no_po", lambda: not self._ordered_within(21)),
                ("none", lambda: True),
            )
        )

    def _ordered_within(self, span_days: int) -> list[OrderLine]:
        return [line for line in self.lines if line.ordered_on > self.day - timedelta(days=span_days)]
