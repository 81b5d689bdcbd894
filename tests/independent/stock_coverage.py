"""The stock control computed a second time, in plain Python, from the wording of the controls alone.

``compute`` gives what ``mart.stock_coverage_daily`` must hold. It shares no code and no SQL with the mart: where both
agree, cell by cell, the formula was understood twice in the same way. Numbers are exact fractions until they are
written: days, ratios and units a day with 6 decimals, amounts with 4, halves away from zero, as Postgres rounds.

How the wording is read:

* Units and revenue are the ordered ones in the MANUFACTURING view and the shipped ones in the SOURCING view.
* Demand counts ``greatest(units, 0)``; the units of a month and the average selling price count units as reported.
* An ASIN absent from a published sales day sold 0 that day, from its first appearance on: the earliest
  ``first_seen_date`` of its product rows, else its earliest row in sales, inventory or traffic, in any distributor
  view. Days before are unknown: a month that begins earlier is null.
* The forecast's cover ends within the first day that needs more than is left: stock used up to the unit at the end of
  a day lasts through the days after it that need nothing, and past the last named day nothing is said.
* An unknown unit count keeps a day out of I. An unknown on-hand figure counts as in stock, as no figure does.
* On hand ≤ 0: the forecast is taken when it is greater than the demand sold; an unknown one changes nothing.
* ``units_previous_30d`` is d-59 … d-30, last year's month the same 30 days 364 days earlier, "30 days ago" the report
  of d-30 itself.
* Nothing sold in 365 days: no published day with units above 0 and none unknown. No unfilled customer units: the
  newest figure of 14 days is not above 0, or there is none.
* Within an instant's span the beginning belongs and the end does not: [end - 24 h, end) for offers, too.
* "Zero for" counts readings: one above 0 ends the run, an hour without a figure does not.
* Accepted or received unknown counts as 0 in ``incoming_units`` only. Elsewhere an unknown figure proves nothing: no
  overdue line, no rejection.
* A purchase order counts from the local day it was ordered on. An open window is one not yet past; an overdue line
  is neither closed nor cancelled, its window's end lies in d-29 … d-1.
* Only an account that never had a purchase order line has none; then open units come from the inventory report.
* Excess cost is the on-hand cost price, from SOURCING where the account has any SOURCING inventory row.
* ``stock_source_code`` is null when on hand is, ``supply_cause_code`` for every status but out_of_stock, critical, low.
* ``data_status_code``: ``missing`` when on hand is null, when the account has no published sales day N at all, or when
  a day of d-27 … min(d, N) from the account's first published sales day on is not published; else ``provisional``
  by a real-time reading; else ``published`` when d > N - restatement days; else ``settled``.
* The catalogue of d: a row of d-364 … d in sales or inventory (primary view), traffic or a forecast generation; or the
  product row that holds on d, unless it is prefilled (valid from 1970-01-01) and first seen only later.
"""

from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

import pandas as pd

from tests.independent.exact_numbers import ninth, rounded
from tests.independent.stock_demand import Demand
from tests.independent.stock_facts import AccountFacts, Facts, read_facts
from tests.independent.stock_history import AccountHistory, AsinHistory
from tests.independent.stock_index import index_facts
from tests.independent.stock_supply import Supply, first_that_holds

__all__ = ["COLUMNS", "AccountFacts", "Facts", "compute", "read_facts"]

COLUMNS = (
    *("account_id", "business_date", "asin", "currency_code", "demand_units_per_day", "demand_basis_code"),
    *("demand_day_count", "trend_ratio", "expected_units_per_day", "units_30d", "units_previous_30d"),
    *("units_same_30d_last_year", "on_hand_30d_ago_units", "stock_to_month_ratio", "sellable_on_hand_units"),
    *("stock_source_code", "stock_as_of_at", "incoming_units", "days_of_cover", "days_of_cover_forecast"),
    *("days_of_cover_with_incoming", "lead_time_days", "projected_stockout_date", "stock_status_code"),
    *("supply_cause_code", "excess_units", "excess_cost_amount", "revenue_at_risk_amount"),
    *("average_selling_price_amount", "data_status_code"),
)
AT_RISK = ("out_of_stock", "critical", "low")


def compute(facts: Facts, account: AccountFacts, dates: list[date]) -> pd.DataFrame:
    """One row per (business_date, asin) of the catalogue of each of ``dates``, ordered by both, with ``COLUMNS``.

    Columns are of type object: int for units, Decimal for amounts, ratios and days, date, UTC datetime, str, or None.
    """
    history = index_facts(facts, account)
    rows = [
        Coverage(history, asin, day).row(name)
        for day in sorted(set(dates))
        for name, asin in sorted(history.asins.items())
        if asin.is_in_catalogue(day)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


class Coverage:
    """The stock of one ASIN on one day. Each property is one line of the control; nothing is rounded before ``row``."""

    def __init__(self, account: AccountHistory, asin: AsinHistory, day: date) -> None:
        self.account, self.asin, self.day = account, asin, day
        self.supply = Supply(account, asin, day)
        self.on_hand = self.supply.on_hand.units
        self.demand = Demand(account, asin, day, self.on_hand)

    def threshold(self, name: str) -> Fraction:
        return Fraction(self.account.account.threshold(name))

    def _days_of(self, units: int | None) -> Fraction | None:
        """How long ``units`` last, at least 0 days; None when they are unknown or no demand is expected."""
        expected = self.demand.expected
        return None if units is None or not expected else Fraction(max(units, 0)) / expected

    @cached_property
    def cover(self) -> Fraction | None:
        return self._days_of(self.on_hand)

    @cached_property
    def cover_with_incoming(self) -> Fraction | None:
        incoming = self.supply.incoming
        return None if self.on_hand is None or incoming is None else self._days_of(self.on_hand + incoming)

    @cached_property
    def cover_by_forecast(self) -> Fraction | None:
        return None if self.on_hand is None else self.demand.forecast.days_covered(max(self.on_hand, 0))

    @cached_property
    def stockout_date(self) -> date | None:
        """The first day not wholly covered, when it is at most 365 days away."""
        if self.cover is None or (whole_days := floor(ninth(self.cover))) > 364:
            return None
        return self.day + timedelta(days=1 + whole_days)

    @cached_property
    def lifecycle_code(self) -> str:
        product = self.asin.product_on(self.day)
        return "active" if product is None else product.lifecycle_code

    @cached_property
    def forecast_of_overstock_span(self) -> Fraction | None:
        return self.demand.forecast.next_days(int(self.threshold("overstock_cover_days")))

    @cached_property
    def status_code(self) -> str:
        if self.on_hand is None:
            return "unknown"
        is_out = self.on_hand <= 0
        low_cover = self.supply.lead_time + self.threshold("low_cover_margin_days")
        return first_that_holds(
            (
                ("inactive", lambda: self._is_inactive(is_out)),
                ("low_local_stock", lambda: is_out and self.supply.amazon_offer is True),
                ("unconfirmed", lambda: is_out and self.supply.is_unconfirmed),
                ("out_of_stock", lambda: is_out),
                ("dead_stock", self._is_dead),
                ("unknown", lambda: self.cover is None),
                ("critical", lambda: self._covers_less_than(self.threshold("critical_cover_days"))),
                ("low", lambda: self._covers_less_than(low_cover)),
                ("overstock", self._is_too_much),
                ("healthy", lambda: True),
            )
        )

    def _is_inactive(self, is_out: bool) -> bool:
        is_abandoned = is_out and self.demand.sold_nothing_in_year and not self.supply.has_unfilled_units
        return self.lifecycle_code == "discontinued" or (is_abandoned and self.lifecycle_code != "launch")

    def _is_dead(self) -> bool:
        demand = self.demand
        return demand.sold_in_looked_at == 0 and len(demand.looked_at) >= 21 and demand.is_recent

    def _covers_less_than(self, days: Fraction) -> bool:
        return self.cover is not None and ninth(self.cover) < ninth(days)

    def _is_too_much(self) -> bool:
        """Above the cover allowed and above the forecast where there is one; a seasonal product by forecast alone."""
        forecast = self.forecast_of_overstock_span
        exceeds_forecast = None if forecast is None or self.on_hand is None else self.on_hand > ninth(forecast)
        if self.lifecycle_code == "seasonal":
            return exceeds_forecast is True
        allowed = self.threshold("overstock_cover_days")
        return self.cover is not None and ninth(self.cover) > allowed and exceeds_forecast is not False

    @cached_property
    def excess_units(self) -> int | None:
        if self.on_hand is None or self.status_code in ("unknown", "dead_stock"):
            return self.on_hand if self.status_code == "dead_stock" else None
        if self.status_code != "overstock":
            return 0
        needed = self.forecast_of_overstock_span
        if self.lifecycle_code != "seasonal" and self.demand.expected is not None:
            needed = self.demand.expected * self.threshold("overstock_cover_days")
        return None if needed is None else max(0, self.on_hand - ceil(ninth(needed)))

    @cached_property
    def excess_cost(self) -> Fraction | None:
        cost = self.supply.unit_cost
        return None if self.excess_units is None or cost is None else self.excess_units * cost

    @cached_property
    def revenue_at_risk(self) -> Fraction | None:
        expected, price = self.demand.expected, self.demand.average_selling_price
        if self.status_code not in AT_RISK or expected is None or price is None or self.cover is None:
            return None
        return expected * price * max(Fraction(0), self.supply.lead_time - self.cover)

    @cached_property
    def data_status_code(self) -> str:
        published = self.account.published_days
        if self.on_hand is None or not published:
            return "missing"
        first = max(self.day - timedelta(days=27), published[0])
        owed = max(0, (min(self.day, published[-1]) - first).days + 1)
        if sum(first <= day <= self.day for day in published) < owed:
            return "missing"
        if self.supply.on_hand.source_code == "real_time":
            return "provisional"
        is_open = self.day > published[-1] - timedelta(days=self.account.account.restatement_days)
        return "published" if is_open else "settled"

    def row(self, name: str) -> dict[str, object]:
        """The row as it is written, for the ASIN called ``name``."""
        return {
            "account_id": self.account.account.account_id,
            "business_date": self.day,
            "asin": name,
            "currency_code": self.account.account.currency_code,
            **self._demand_columns(),
            **self._stock_columns(),
            "data_status_code": self.data_status_code,
        }

    def _demand_columns(self) -> dict[str, object]:
        demand = self.demand
        basis, rate = demand.basis_and_rate
        month = demand.units_of_month(self.day)
        report = self.asin.reports.get(self.day - timedelta(days=30))
        ratio = None if self.on_hand is None or not month else Fraction(self.on_hand, month)
        return {
            "demand_units_per_day": rounded(rate, 6),
            "demand_basis_code": basis,
            "demand_day_count": len(demand.looked_at),
            "trend_ratio": rounded(demand.trend_ratio, 6),
            "expected_units_per_day": rounded(demand.expected, 6),
            "units_30d": month,
            "units_previous_30d": demand.units_of_month(self.day - timedelta(days=30)),
            "units_same_30d_last_year": demand.units_of_month(self.day - timedelta(days=364)),
            "on_hand_30d_ago_units": None if report is None else report.on_hand,
            "stock_to_month_ratio": rounded(ratio, 6),
            "average_selling_price_amount": rounded(demand.average_selling_price, 4),
        }

    def _stock_columns(self) -> dict[str, object]:
        supply = self.supply
        is_at_risk = self.status_code in AT_RISK
        return {
            "sellable_on_hand_units": self.on_hand,
            "stock_source_code": supply.on_hand.source_code,
            "stock_as_of_at": supply.on_hand.as_of_at,
            "incoming_units": supply.incoming,
            "days_of_cover": rounded(self.cover, 6),
            "days_of_cover_forecast": rounded(self.cover_by_forecast, 6),
            "days_of_cover_with_incoming": rounded(self.cover_with_incoming, 6),
            "lead_time_days": rounded(supply.lead_time, 6),
            "projected_stockout_date": self.stockout_date,
            "stock_status_code": self.status_code,
            "supply_cause_code": supply.cause_code(self.demand.trend_ratio, self.cover_with_incoming)
            if is_at_risk
            else None,
            "excess_units": self.excess_units,
            "excess_cost_amount": rounded(self.excess_cost, 4),
            "revenue_at_risk_amount": rounded(self.revenue_at_risk, 4),
        }
