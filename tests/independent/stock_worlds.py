"""Small worlds for the stock control: an account in Rome, one ASIN, one day looked at, and only what a test says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from tests.independent.stock_coverage import compute
from tests.independent.stock_facts import AccountFacts, Facts
from tests.independent.stock_history import midnight

ASIN = "B0STOCK001"
TODAY = date(2025, 6, 28)
"""A Saturday: day d+1 begins a forecast week."""
END_OF_TODAY = midnight(TODAY + timedelta(days=1), "Europe/Rome")

TABLES: Mapping[str, tuple[str, ...]] = {
    "sales_daily": (
        *("business_date", "asin", "distributor_view_code", "ordered_units", "ordered_revenue_amount"),
        *("shipped_units", "shipped_revenue_amount"),
    ),
    "inventory_daily": (
        *("business_date", "asin", "distributor_view_code", "sellable_on_hand_units", "sellable_on_hand_cost_amount"),
        *("open_purchase_order_units", "unfilled_customer_ordered_units", "average_vendor_lead_time_days"),
    ),
    "traffic_daily": ("business_date", "asin", "glance_views"),
    "forecast_weekly": ("generation_date", "week_start_date", "asin", "mean_units"),
    "inventory_hourly": ("hour_start_at", "asin", "highly_available_units"),
    "offer_snapshot": ("observed_at", "asin", "has_amazon_offer"),
    "purchase_order_line": (
        *("po_number", "asin", "ordered_at", "ordered_units", "accepted_units", "received_units"),
        *("confirmation_code", "window_end_date", "status_code"),
    ),
    "promotion": ("promotion_id", "asin", "start_at", "end_at"),
    "product": ("asin", "valid_from_date", "lifecycle_code", "first_seen_date"),
    "event_calendar": ("marketplace_code", "start_date", "end_date", "name"),
    "slices": ("dataset_code", "variant_code", "business_date", "status_code"),
}


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def hours_before_end(hours: float) -> datetime:
    return END_OF_TODAY - timedelta(hours=hours)


@dataclass
class World:
    """Facts as they are added. ``ago`` arguments count days back from TODAY, which is 0."""

    view: str = "MANUFACTURING"
    thresholds: dict[str, int] = field(default_factory=dict)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in TABLES})

    def add(self, table: str, **figures: Any) -> "World":
        self.tables[table].append(figures)
        return self

    def published(self, first: int, last: int = 0, status: str = "published") -> "World":
        """The sales days from ``first`` days ago to ``last`` days ago are published, whatever they sold."""
        for days in range(last, first + 1):
            key = {"dataset_code": "sales_daily", "variant_code": self.view, "business_date": ago(days)}
            self.add("slices", **key, status_code=status)
        return self

    def sold(self, units: int | None, first: int, last: int = 0, price: int | None = 20) -> "World":
        """``units`` on each of the days, at ``price`` each."""
        revenue = None if units is None or price is None else units * price
        kind = "shipped" if self.view == "SOURCING" else "ordered"
        for days in range(last, first + 1):
            figures = {f"{kind}_units": units, f"{kind}_revenue_amount": revenue}
            self.add("sales_daily", asin=ASIN, business_date=ago(days), distributor_view_code=self.view, **figures)
        return self

    def report(self, on_hand: int | None, days_ago: int = 0, **figures: Any) -> "World":
        view = figures.pop("distributor_view_code", self.view)
        key = {"asin": ASIN, "business_date": ago(days_ago), "distributor_view_code": view}
        return self.add("inventory_daily", **key, sellable_on_hand_units=on_hand, **figures)

    def reading(self, units: int | None, hours: float) -> "World":
        return self.add(
            "inventory_hourly", asin=ASIN, hour_start_at=hours_before_end(hours), highly_available_units=units
        )

    def offer(self, has_amazon_offer: bool, hours: float) -> "World":
        return self.add(
            "offer_snapshot", asin=ASIN, observed_at=hours_before_end(hours), has_amazon_offer=has_amazon_offer
        )

    def forecast(self, *means: float | None, days_ago: int = 3, asin: str = ASIN) -> "World":
        """Weekly means from the week of d+1 on."""
        for week, mean in enumerate(means):
            start = TODAY + timedelta(days=1 + 7 * week)
            key = {"generation_date": ago(days_ago), "week_start_date": start, "asin": asin}
            self.add("forecast_weekly", **key, mean_units=mean)
        return self

    def order(self, number: str = "PO1", asin: str = ASIN, ordered_ago: int = 5, **figures: Any) -> "World":
        """A confirmed open line of 100 units, nothing received, window open for ten days more."""
        line = {
            "ordered_at": hours_before_end(24 * ordered_ago + 12),
            "ordered_units": 100,
            "accepted_units": 100,
            "received_units": 0,
            "confirmation_code": "accepted",
            "window_end_date": ago(-10),
            "status_code": "open",
        }
        return self.add("purchase_order_line", **{**line, "po_number": number, "asin": asin, **figures})

    def product(self, lifecycle: str = "active", valid_from: date = date(1970, 1, 1), **figures: Any) -> "World":
        return self.add("product", asin=ASIN, valid_from_date=valid_from, lifecycle_code=lifecycle, **figures)

    def facts(self) -> Facts:
        return Facts(
            **{
                name: pd.DataFrame(self.tables[name], columns=list(columns), dtype=object)
                for name, columns in TABLES.items()
            }
        )

    def account(self) -> AccountFacts:
        return AccountFacts("acme_it", "IT", "EUR", "Europe/Rome", self.view, self.thresholds)

    def frame(self, day: date = TODAY) -> pd.DataFrame:
        return compute(self.facts(), self.account(), [day])

    def row(self, day: date = TODAY) -> dict[str, Any]:
        """The one row of ``day``."""
        (row,) = self.frame(day).to_dict("records")
        return {str(name): value for name, value in row.items()}


def steady(units: int = 10, on_hand: int | None = 300, **settings: Any) -> World:
    """60 published days that each sold ``units`` at 20 euros, and today's report. 10 a day, 300 on hand: 30 days."""
    return World(**settings).published(59).sold(units, 59).report(on_hand)


def assert_row(world: World, day: date = TODAY, **expected: Any) -> None:
    """The row of ``day`` holds ``expected``, the other columns whatever they hold."""
    row = world.row(day)
    assert {name: row[name] for name in expected} == expected
