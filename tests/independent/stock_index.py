"""Lays the tables of one account out per ASIN and day, and turns every figure into an exact number."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from tests.independent.exact_numbers import exact, whole
from tests.independent.stock_facts import AccountFacts, Facts
from tests.independent.stock_history import (
    AccountHistory,
    AsinHistory,
    OrderLine,
    Product,
    PublishedDay,
    Report,
    Sale,
    midnight,
)


def index_facts(facts: Facts, account: AccountFacts) -> AccountHistory:
    """``facts`` per ASIN, in the account's primary distributor view (the cost price from SOURCING where it has any)."""
    asins: dict[str, AsinHistory] = defaultdict(AsinHistory)
    _index_vendor_reports(asins, facts, account)
    _index_other_sources(asins, facts)
    _index_orders_and_offers(asins, facts, account)
    published_days = sorted(
        _day(day)
        for dataset, variant, day, status in _rows(
            facts.slices, "dataset_code", "variant_code", "business_date", "status_code"
        )
        if (dataset, variant, status) == ("sales_daily", account.primary_distributor_view, "published")
    )
    event_days = _event_days(facts, account)
    for asin in asins.values():
        asin.readings.sort()
        asin.offers.sort()
        asin.days = [_published_day(asin, day, event_days, account) for day in published_days]
    return AccountHistory(
        account=account,
        asins=dict(asins),
        published_days=published_days,
        generation_dates={generation for asin in asins.values() for generation in asin.means},
        has_order_line=any(asin.lines for asin in asins.values()),
    )


def _published_day(asin: AsinHistory, day: date, event_days: set[date], account: AccountFacts) -> PublishedDay:
    sale = asin.sales.get(day, Sale(units=0, revenue=Fraction(0)))
    report = asin.reports.get(day)
    on_hand = None if report is None else report.on_hand
    is_in_stock = on_hand is None or on_hand > 0 or (sale.units is not None and sale.units > 0)
    start, end = midnight(day, account.time_zone), midnight(day + timedelta(days=1), account.time_zone)
    is_promoted = any(
        first < end and (last is None or (last > start and last > first)) for first, last in asin.promotions
    )
    is_base = is_in_stock and day not in event_days and not is_promoted
    return PublishedDay(day, sale.units, sale.revenue, is_in_stock, is_base)


def _index_vendor_reports(asins: dict[str, AsinHistory], facts: Facts, account: AccountFacts) -> None:
    view = account.primary_distributor_view
    kind = "shipped" if view == "SOURCING" else "ordered"
    columns: tuple[str, ...] = (
        "asin",
        "distributor_view_code",
        "business_date",
        f"{kind}_units",
        f"{kind}_revenue_amount",
    )
    for asin, row_view, day, units, revenue in _rows(facts.sales_daily, *columns):
        asins[asin].seen.add(_day(day))
        if row_view == view:
            asins[asin].sales[_day(day)] = Sale(whole(units), exact(revenue))
    columns = (
        *("asin", "distributor_view_code", "business_date", "sellable_on_hand_units", "open_purchase_order_units"),
        *("unfilled_customer_ordered_units", "average_vendor_lead_time_days", "sellable_on_hand_cost_amount"),
    )
    inventory = list(_rows(facts.inventory_daily, *columns))
    cost_view = "SOURCING" if any(row[1] == "SOURCING" for row in inventory) else view
    for asin, row_view, day, on_hand, open_units, unfilled, lead_time, cost in inventory:
        units, amount = whole(on_hand), exact(cost)
        asins[asin].seen.add(_day(day))
        if row_view == view:
            asins[asin].reports[_day(day)] = Report(units, whole(open_units), whole(unfilled), exact(lead_time))
        if row_view == cost_view and units is not None and units > 0 and amount is not None:
            asins[asin].costs[_day(day)] = (amount, units)


def _index_other_sources(asins: dict[str, AsinHistory], facts: Facts) -> None:
    for asin, day in _rows(facts.traffic_daily, "asin", "business_date"):
        asins[asin].traffic.add(_day(day))
        asins[asin].seen.add(_day(day))
    columns: tuple[str, ...] = ("asin", "generation_date", "week_start_date", "mean_units")
    for asin, generation, week, mean in _rows(facts.forecast_weekly, *columns):
        asins[asin].means[_day(generation)][_day(week)] = exact(mean)
    columns = ("asin", "hour_start_at", "highly_available_units")
    for asin, hour, units in _rows(facts.inventory_hourly, *columns):
        if (available := whole(units)) is not None:
            asins[asin].readings.append((_instant(hour), available))
    columns = ("asin", "valid_from_date", "lifecycle_code", "first_seen_date")
    for asin, valid_from, lifecycle, first_seen in _rows(facts.product, *columns):
        asins[asin].products.append(Product(_day(valid_from), lifecycle, calendar_day(first_seen)))


def _index_orders_and_offers(asins: dict[str, AsinHistory], facts: Facts, account: AccountFacts) -> None:
    for asin, observed_at, has_amazon_offer in _rows(facts.offer_snapshot, "asin", "observed_at", "has_amazon_offer"):
        asins[asin].offers.append((_instant(observed_at), bool(has_amazon_offer)))
    for asin, start_at, end_at in _rows(facts.promotion, "asin", "start_at", "end_at"):
        asins[asin].promotions.append((_instant(start_at), instant(end_at)))
    zone = ZoneInfo(account.time_zone)
    columns = (
        *("asin", "ordered_at", "ordered_units", "accepted_units", "received_units"),
        *("confirmation_code", "window_end_date", "status_code"),
    )
    for asin, ordered_at, ordered, accepted, received, code, window_end, status in _rows(
        facts.purchase_order_line, *columns
    ):
        line = OrderLine(
            ordered_on=_instant(ordered_at).astimezone(zone).date(),
            ordered=whole(ordered),
            accepted=whole(accepted),
            received=whole(received),
            confirmation_code=code,
            window_end=calendar_day(window_end),
            is_open=status == "open",
        )
        asins[asin].lines.append(line)


def _event_days(facts: Facts, account: AccountFacts) -> set[date]:
    found: set[date] = set()
    for code, start, end in _rows(facts.event_calendar, "marketplace_code", "start_date", "end_date"):
        if code == account.marketplace_code:
            first, last = _day(start), _day(end)
            found.update(first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return found


def _rows(frame: pd.DataFrame, *columns: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(frame[column].tolist() for column in columns), strict=True)


def _day(value: Any) -> date:
    day = calendar_day(value)
    if day is None:
        raise ValueError("a row lacks the day that is part of its key")
    return day


def _instant(value: Any) -> datetime:
    at = instant(value)
    if at is None:
        raise ValueError("a row lacks the instant that places it in time")
    return at


def calendar_day(value: Any) -> date | None:
    if value is None or pd.isna(value):
        return None
    return value.date() if isinstance(value, datetime) else date.fromisoformat(str(value))


def instant(value: Any) -> datetime | None:
    """``value`` in UTC. Raises ValueError for an instant without a zone."""
    if value is None or pd.isna(value):
        return None
    at: datetime = pd.Timestamp(value).to_pydatetime(warn=False)
    if at.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return at.astimezone(UTC)
