"""The rows of the real-time reports, one day after the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from simulator.world.columns import Column, numbers, rows
from simulator.world.currencies import converted, decimals_of
from simulator.world.history import AccountWorld
from simulator.world.hours import hourly_orders, hourly_stock, hourly_views, hours_of
from simulator.world.publication import net_prices, view_members
from simulator.world.questions import HourQuestion

Row = dict[str, Any]
_HOUR = timedelta(hours=1)
SALES = "GET_VENDOR_REAL_TIME_SALES_REPORT"
TRAFFIC = "GET_VENDOR_REAL_TIME_TRAFFIC_REPORT"
INVENTORY = "GET_VENDOR_REAL_TIME_INVENTORY_REPORT"
MEASURES = {SALES: "orderedUnits", TRAFFIC: "glanceViews", INVENTORY: "highlyAvailableInventory"}


@dataclass(frozen=True)
class _Told:
    """Which (hour, ASIN) a day names, and its columns, one entry per pair."""

    hours: np.ndarray
    asins: np.ndarray
    columns: dict[str, Column]


def has_hours(world: AccountWorld, question: HourQuestion) -> bool:
    """Whether the question holds a full hour of this world."""
    return question.start < question.end and _local_day(world, question.end - _HOUR) >= world.start_date


def hour_specification(world: AccountWorld, question: HourQuestion) -> Row:
    """The report's account of the request; only sales tell options, and always the currency."""
    told: Row = {
        "reportType": question.report_type,
        "dataStartTime": stamp(question.start),
        "dataEndTime": stamp(question.end),
        "marketplaceIds": [world.account.marketplace_id],
    }
    if question.report_type == SALES:
        told["reportOptions"] = {"currencyCode": question.option("currencyCode", world.account.currency_code)}
    return told


def hour_rows(world: AccountWorld, question: HourQuestion) -> Iterator[list[Row]]:
    """Rows of full hours, by hour and ASIN; an hour in which nothing happened to an ASIN is absent."""
    day = max(_local_day(world, question.start), world.start_date)
    while day <= _local_day(world, question.end - _HOUR):
        yield _day_rows(world, question, day)
        day += timedelta(days=1)


def stamp(instant: datetime) -> str:
    return instant.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _local_day(world: AccountWorld, instant: datetime) -> date:
    return instant.astimezone(ZoneInfo(world.account.time_zone)).date()


def _day_rows(world: AccountWorld, question: HourQuestion, day: date) -> list[Row]:
    beginnings = hours_of(day, world.account.time_zone)
    asked = np.array([question.start <= hour < question.end for hour in beginnings])
    members = view_members(world, "MANUFACTURING") & world.catalogue.listed(world.index_of(day))
    told = _told(world, question, day, asked[:, None] & members)
    begin = [stamp(hour) for hour in beginnings]
    end = [stamp(hour + _HOUR) for hour in beginnings]
    asins = world.catalogue.asins
    return rows(
        {
            "startTime": [begin[hour] for hour in told.hours],
            "endTime": [end[hour] for hour in told.hours],
            "asin": [asins[index] for index in told.asins],
        }
        | told.columns
    )


def _told(world: AccountWorld, question: HourQuestion, day: date, asked: np.ndarray) -> _Told:
    measure = MEASURES[question.report_type]
    if question.report_type == SALES:
        orders = hourly_orders(world, day)
        hours, asins = np.nonzero(orders.told & asked)
        units = orders.net[hours, asins]
        currency_code = question.option("currencyCode", world.account.currency_code)
        price = net_prices(world, world.span(day, day, ("price",)))[0]
        money = converted(price[asins] * units, world.account.currency_code, currency_code)
        revenue = numbers(np.round(money, decimals_of(currency_code)) + 0.0)
        return _Told(hours, asins, {measure: numbers(units), "orderedRevenue": revenue})
    if question.report_type == TRAFFIC:
        views = hourly_views(world, day)
        hours, asins = np.nonzero((views > 0) & asked)
        return _Told(hours, asins, {measure: numbers(views[hours, asins])})
    stock = hourly_stock(world, day)
    hours, asins = np.nonzero(stock.told & asked)
    return _Told(hours, asins, {measure: numbers(stock.available[hours, asins])})
