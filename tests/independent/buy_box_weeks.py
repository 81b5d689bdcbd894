"""``mart.buy_box_weekly`` once more: whose the Buy Box was over a week, why it was lost and what that cost."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from statistics import median
from typing import Any

from tests.independent.account_tables import Warehouse
from tests.independent.buy_box_looks import OURS, Look, looks_by_asin, mean_daily_share, most_frequent_cause
from tests.independent.exact_numbers import exact, ninth
from tests.independent.written_figures import figure

Row = dict[str, Any]
RESTATEMENT_DAYS = 15
BASELINE_WEEKS = 8
WEEKS_OF_A_YEAR = 52
SMALLEST_SHARE = Fraction(1, 10)
CONTRIBUTIONS = ("traffic", "buy_box", "conversion", "price", "new", "gone")


@dataclass(frozen=True)
class Official:
    """A day of an ASIN as Amazon's analytics count it."""

    ratio: Fraction
    views: int | None


@dataclass(frozen=True)
class Week:
    """One product and week, from Sunday to Saturday."""

    start: date
    looks: Sequence[Look]
    official: Sequence[Official]

    @property
    def observed_days(self) -> int:
        return len({look.day for look in self.looks})

    @property
    def is_sufficient(self) -> bool:
        return len(self.looks) >= 7 and self.observed_days >= 4

    def share(self, *owners: str) -> Fraction | None:
        return mean_daily_share(self.looks, owners)

    @cached_property
    def official_lost(self) -> Fraction | None:
        """None without a day with a ratio, without any view, and where the views of a day are unknown."""
        usual = [day for day in self.official if day.ratio != 1]
        if not self.official:
            return None
        if not usual:
            return Fraction(1)
        if any(day.views is None for day in usual):
            return None
        seen = sum(Fraction(day.views or 0) for day in usual)
        total = sum(Fraction(day.views or 0) / (1 - day.ratio) for day in usual)
        total += total / len(usual) * (len(self.official) - len(usual))
        return 1 - seen / total if total else None

    @cached_property
    def headline(self) -> Fraction | None:
        own = (self.share("own") or Fraction(0)) if self.is_sufficient else Fraction(0)
        if self.official_lost is not None:
            return min(Fraction(1), 1 - self.official_lost + own)
        return self.share(*OURS) if self.is_sufficient else None


class BuyBoxWeeks:
    """All weeks of one account. Stock and drivers are the published rows of their marts."""

    def __init__(self, warehouse: Warehouse) -> None:
        account = warehouse.account
        self.account = account
        self.good_ratio = exact(account["thresholds"]["buy_box_good_ratio"]) or Fraction(0)
        self.view = account["primary_distributor_view_code"]
        self.stock = warehouse.rows("mart.stock_coverage_daily")
        self.looks = looks_by_asin(warehouse.rows("core.offer_snapshot"), self.stock, account["time_zone"])
        self.published = set(warehouse.published_days("sales_daily", self.view))
        self.official_days = warehouse.published_days("featured_offer_loss_daily")
        self.official: dict[str, dict[date, Official]] = defaultdict(dict)
        for row in warehouse.rows("core.featured_offer_loss_daily"):
            if row["lost_featured_offer_ratio"] is not None:
                day = Official(Fraction(row["lost_featured_offer_ratio"]), row["glance_views"])
                self.official[row["asin"]][row["business_date"]] = day
        kind = "shipped" if self.view == "SOURCING" else "ordered"
        self.sales = {
            (row["asin"], row["business_date"]): (row[f"{kind}_units"], exact(row[f"{kind}_revenue_amount"]))
            for row in warehouse.rows("core.sales_daily")
            if row["distributor_view_code"] == self.view
        }
        self.on_hand = {
            (row["asin"], row["business_date"]): row["sellable_on_hand_units"]
            for row in warehouse.rows("core.inventory_daily")
            if row["distributor_view_code"] == self.view
        }
        self.events = [(row["start_date"], row["end_date"]) for row in warehouse.event_days()]
        self.first_appearance = _first_appearances(warehouse)
        self.drivers = {
            (row["asin"], row["business_date"]): row
            for row in warehouse.rows("mart.sales_driver_daily")
            if row["comparison_code"] == "wow"
        }

    def rows(self, first: date, last: date) -> list[Row]:
        """The rows of the weeks whose Saturday lies in ``first`` … ``last``."""
        return [
            self._row(row["asin"], row["business_date"])
            for row in self.stock
            if first <= row["business_date"] <= last and row["business_date"].isoweekday() == 6
        ]

    def week(self, asin: str, start: date) -> Week:
        days = _days_of(start)
        return Week(
            start,
            [look for look in self.looks.get(asin, ()) if look.day in days],
            [found for day, found in self.official.get(asin, {}).items() if day in days],
        )

    def _row(self, asin: str, saturday: date) -> Row:
        start = saturday - timedelta(days=6)
        week = self.week(asin, start)
        top, top_share = _top_seller(week.looks)
        baseline = self.baseline(asin, start)
        is_lost_known = baseline is not None and week.headline is not None
        lost = baseline * (1 - week.headline) if is_lost_known else None
        branch = self._branch(week)
        return {
            "account_id": self.account["account_id"],
            "week_start_date": start,
            "asin": asin,
            "week_end_date": saturday,
            "currency_code": self.account["currency_code"],
            "observed_snapshots": len(week.looks),
            "observed_days": week.observed_days,
            "coverage_ratio": figure(Fraction(week.observed_days, 7), 6),
            "is_sufficient": week.is_sufficient,
            "observation_code": _observation(week),
            "ownership_ratio": figure(week.share(*OURS), 6),
            "amazon_ratio": figure(week.share("amazon"), 6),
            "other_ratio": figure(week.share("other"), 6),
            "suppressed_ratio": figure(week.share("suppressed"), 6),
            "none_ratio": figure(week.share("none"), 6),
            "top_other_seller_id": top,
            "top_other_seller_ratio": figure(top_share, 6),
            "median_winner_price_amount": figure(_median([look.winner_price for look in week.looks]), 4),
            "median_own_price_amount": figure(_median([look.our_price for look in week.looks]), 4),
            "loss_cause_code": most_frequent_cause(week.looks),
            "official_lost_ratio": figure(week.official_lost, 6),
            "headline_ratio": figure(week.headline, 6),
            "branch_code": branch,
            "branch_driver_code": self._driver(asin, saturday) if branch in ("ours", "ours_unproven") else None,
            "baseline_revenue_amount": figure(baseline, 4),
            "lost_revenue_amount": figure(lost, 4),
            "data_status_code": self._status(week),
        }

    def _branch(self, week: Week) -> str:
        if week.headline is None:
            return "unknown"
        if not self._is_good(week.headline):
            return "not_ours"
        own = week.share("own")
        is_proven = week.is_sufficient and own is not None and self._is_good(own)
        return "ours" if self.view != "SOURCING" or is_proven else "ours_unproven"

    def _is_good(self, share: Fraction) -> bool:
        return ninth(share) >= self.good_ratio

    def _driver(self, asin: str, saturday: date) -> str | None:
        row = self.drivers.get((asin, saturday))
        if row is None or row["revenue_change_amount"] is None or row["revenue_change_amount"] >= 0:
            return None
        parts = [(name, row[f"{name}_amount"]) for name in CONTRIBUTIONS]
        return min(((amount, place, name) for place, (name, amount) in enumerate(parts) if amount is not None))[2]

    def baseline(self, asin: str, start: date) -> Fraction | None:
        """What a week sells when nothing special happens, by the weeks of the year before ``start``."""
        good: list[Fraction] = []
        lost: list[Fraction] = []
        for back in range(1, WEEKS_OF_A_YEAR + 1):
            earlier = start - timedelta(weeks=back)
            revenue = self._usual_revenue(asin, earlier)
            if revenue is None:
                continue
            headline = self.week(asin, earlier).headline
            if headline is None or self._is_good(headline):
                good.append(revenue)
            else:
                lost.append(revenue / max(SMALLEST_SHARE, headline))
        return _median((good or lost)[:BASELINE_WEEKS])

    def _usual_revenue(self, asin: str, start: date) -> Fraction | None:
        """The revenue of a week that may tell a baseline, whoever held the Buy Box; None where it may not."""
        days = _days_of(start)
        appeared = self.first_appearance.get(asin)
        if appeared is None or start < appeared or not self.published.issuperset(days):
            return None
        if any(first <= day <= last for first, last in self.events for day in days):
            return None
        sold = [self.sales.get((asin, day), (0, Fraction(0))) for day in days]
        for day, (units, _) in zip(days, sold, strict=True):
            on_hand = self.on_hand.get((asin, day))
            if on_hand is not None and on_hand <= 0 and (units is None or units <= 0):
                return None
        known = [revenue for _, revenue in sold if revenue is not None]
        return sum(known, Fraction(0)) if len(known) == len(days) else None

    def _status(self, week: Week) -> str:
        saturday = week.start + timedelta(days=6)
        newest = max(self.published, default=None)
        if newest is None or week.headline is None or any(self._is_gap(day) for day in _days_of(week.start)):
            return "missing"
        if newest < saturday:
            return "provisional"
        is_counted = any(saturday - timedelta(days=27) <= day <= saturday for day in self.official_days)
        if is_counted and self.official_days[-1] < saturday:
            return "provisional"
        return "published" if (newest - saturday).days < RESTATEMENT_DAYS else "settled"

    def _is_gap(self, day: date) -> bool:
        return day not in self.published and min(self.published) < day < max(self.published)


def _days_of(start: date) -> list[date]:
    return [start + timedelta(days=offset) for offset in range(7)]


def _observation(week: Week) -> str:
    if not week.looks:
        return "not_observable"
    return "sufficient" if week.is_sufficient else "insufficient"


def _median(values: Sequence[Fraction | None]) -> Fraction | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _top_seller(looks: Sequence[Look]) -> tuple[str | None, Fraction | None]:
    sellers = {look.winner for look in looks if look.owner == "other" and look.winner is not None}
    shares = [(mean_daily_share(looks, ("other",), seller) or Fraction(0), seller) for seller in sorted(sellers)]
    if not shares:
        return None, None
    share, seller = max(shares, key=lambda pair: pair[0])
    return seller, share


def _first_appearances(warehouse: Warehouse) -> Mapping[str, date]:
    kept: dict[str, list[date]] = defaultdict(list)
    seen: dict[str, list[date]] = defaultdict(list)
    for row in warehouse.rows("core.product"):
        if row["first_seen_date"] is not None:
            kept[row["asin"]].append(row["first_seen_date"])
    for table in ("core.sales_daily", "core.inventory_daily", "core.traffic_daily"):
        for row in warehouse.rows(table):
            seen[row["asin"]].append(row["business_date"])
    return {asin: min(dates) for asin, dates in {**seen, **kept}.items()}
