"""Real-time reports: full hours, early figures, sparse stock."""

import gzip
import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.world.documents import compress, has_data, write_document
from simulator.world.history import AccountWorld
from simulator.world.hours import hourly_orders, hourly_stock, hourly_views, hours_of
from simulator.world.publication import view_members
from simulator.world.questions import HourQuestion

SALES = "GET_VENDOR_REAL_TIME_SALES_REPORT"
TRAFFIC = "GET_VENDOR_REAL_TIME_TRAFFIC_REPORT"
INVENTORY = "GET_VENDOR_REAL_TIME_INVENTORY_REPORT"
DAY, TODAY = date(2026, 11, 21), date(2026, 11, 23)
HOUR = timedelta(hours=1)
ZONES = ["Europe/Rome", "America/Los_Angeles", "Asia/Kolkata", "UTC", "Australia/Sydney"]


def read(world: AccountWorld, report_type: str, start: datetime, end: datetime, **options: str) -> dict[str, Any]:
    question = HourQuestion(report_type, tuple(options.items()), TODAY, start, end)
    document: dict[str, Any] = json.loads(gzip.decompress(compress(write_document(world, question))))
    return document


def day_span() -> tuple[datetime, datetime]:
    hours = hours_of(DAY, "Europe/Rome")
    return hours[0], hours[-1] + HOUR


@given(day=st.dates(date(2024, 1, 1), date(2028, 12, 31)), zone=st.sampled_from(ZONES))
def test_the_hours_of_days_follow_one_another_without_gap_or_overlap(day: date, zone: str) -> None:
    hours = hours_of(day, zone) + hours_of(day + timedelta(days=1), zone)
    assert all(hour.minute == 0 and hour.tzinfo is UTC for hour in hours)
    assert [later - earlier for earlier, later in pairwise(hours)] == [HOUR] * (len(hours) - 1)


def test_days_on_which_the_clock_changes_are_shorter_and_longer() -> None:
    assert [len(hours_of(day, "Europe/Rome")) for day in (date(2026, 3, 29), date(2026, 10, 25), DAY)] == [23, 25, 24]
    assert hours_of(DAY, "Europe/Rome")[0] == datetime(2026, 11, 20, 23, tzinfo=UTC)


def test_real_time_orders_are_near_the_days_and_not_equal(world: AccountWorld) -> None:
    days = [DAY - timedelta(days=age) for age in range(10)]
    true = np.stack([world.span(day, day)["ordered"][0] for day in days])
    early = np.stack([hourly_orders(world, day).net.sum(axis=0) for day in days])
    assert 0.9 < early.sum() / true.sum() < 1.0
    assert (early != true).any()
    assert (early <= true).all()


def test_some_hour_has_more_cancellations_than_orders(world: AccountWorld) -> None:
    lowest = min(int(hourly_orders(world, DAY - timedelta(days=age)).net.min()) for age in range(10))
    assert lowest < 0


def test_more_is_ordered_in_the_evening_than_before_dawn(world: AccountWorld) -> None:
    placed = sum(hourly_orders(world, DAY - timedelta(days=age)).placed.sum(axis=1) for age in range(7))
    assert placed[18:22].sum() > 5 * placed[1:5].sum()


def test_pages_are_seen_at_least_as_often_as_ordered_from(world: AccountWorld) -> None:
    views = hourly_views(world, DAY)
    assert (views >= hourly_orders(world, DAY).placed).all()
    every = world.span(DAY, DAY)["all_views"][0].sum()
    assert 0.93 * every < views.sum() <= every + hourly_orders(world, DAY).placed.sum()


def test_stock_carried_forward_from_the_rows_is_the_stock_of_every_hour(world: AccountWorld) -> None:
    """Each day names an ASIN at least once; from then on the last figure told holds, also past midnight."""
    carried = np.full(world.catalogue.size, -1)
    for age in (3, 2, 1, 0):
        stock = hourly_stock(world, DAY - timedelta(days=age))
        assert stock.told.any(axis=0).all()
        assert not stock.told.all()
        assert (stock.available >= 0).all()
        for available, told in zip(stock.available, stock.told, strict=True):
            carried = np.where(told, available, carried)
            known = carried >= 0
            assert (carried[known] == available[known]).all()
    assert (carried >= 0).all()


def test_the_evenings_stock_is_the_days(world: AccountWorld) -> None:
    evening = np.maximum(0, world.span(DAY, DAY)["on_hand"][0])
    assert (hourly_stock(world, DAY).available[-1] == evening).all()


def test_carts_hold_units_back(world: AccountWorld) -> None:
    """During the day less can be bought than what came in and was not ordered."""
    days = [DAY - timedelta(days=age) for age in range(5)]
    held = 0
    for day in days:
        true = world.span(day - timedelta(days=1), day)
        incoming = true["received"][1].astype(np.int64) + true["resellable"][1]
        most = true["on_hand"][0] + np.maximum(0, incoming)
        no_carts = most - np.cumsum(hourly_orders(world, day).placed, axis=0)
        held += int((hourly_stock(world, day).available[:-1] < no_carts[:-1]).sum())
    assert held > 0


@pytest.mark.parametrize(
    ("report_type", "figure"),
    [(SALES, "orderedUnits"), (TRAFFIC, "glanceViews"), (INVENTORY, "highlyAvailableInventory")],
)
def test_rows_are_hours_within_the_span_once_per_asin(world: AccountWorld, report_type: str, figure: str) -> None:
    start, end = datetime(2026, 11, 20, 20, tzinfo=UTC), datetime(2026, 11, 21, 8, tzinfo=UTC)
    rows = read(world, report_type, start, end)["reportData"]
    keys = [(row["startTime"], row["asin"]) for row in rows]
    assert len(keys) == len(set(keys)) > 20
    for row in rows:
        begin, finish = (datetime.fromisoformat(row[name]) for name in ("startTime", "endTime"))
        assert row["startTime"].endswith(":00:00Z")
        assert start <= begin < finish == begin + HOUR <= end
        assert isinstance(row[figure], int)
    members = view_members(world, "MANUFACTURING")
    asins = {asin for asin, inside in zip(world.catalogue.asins, members, strict=True) if inside}
    assert {row["asin"] for row in rows} <= asins


@pytest.mark.parametrize("report_type", [SALES, TRAFFIC, INVENTORY])
def test_an_hour_reads_the_same_whatever_was_asked_around_it(world: AccountWorld, report_type: str) -> None:
    begin = datetime(2026, 11, 21, 15, tzinfo=UTC)
    alone = read(world, report_type, begin, begin + HOUR)["reportData"]
    among = read(world, report_type, *day_span())["reportData"]
    assert alone
    assert [row for row in among if row["startTime"] == "2026-11-21T15:00:00Z"] == alone


def test_revenue_is_a_bare_number_in_the_currency_of_the_specification(world: AccountWorld) -> None:
    own = read(world, SALES, *day_span())
    assert own["reportSpecification"]["reportOptions"] == {"currencyCode": "EUR"}
    price = world.span(DAY, DAY)["price"][0].astype(np.float64) / (1 + world.vat_ratio)
    place = {asin: index for index, asin in enumerate(world.catalogue.asins)}
    for row in own["reportData"]:
        assert row["orderedRevenue"] == pytest.approx(price[place[row["asin"]]] * row["orderedUnits"], abs=0.01)
    dollars = read(world, SALES, *day_span(), currencyCode="USD")
    assert dollars["reportSpecification"]["reportOptions"] == {"currencyCode": "USD"}
    both = zip(own["reportData"], dollars["reportData"], strict=True)
    assert all(
        dollar["orderedRevenue"] == pytest.approx(euro["orderedRevenue"] * 1.1, abs=0.02) for euro, dollar in both
    )


def test_only_sales_tell_options(world: AccountWorld) -> None:
    for report_type in (TRAFFIC, INVENTORY):
        specification = read(world, report_type, *day_span())["reportSpecification"]
        assert specification == {
            "reportType": report_type,
            "dataStartTime": "2026-11-20T23:00:00Z",
            "dataEndTime": "2026-11-21T23:00:00Z",
            "marketplaceIds": ["APJ6JRA9NG5V4"],
        }


def test_no_full_hour_and_no_day_of_the_world_is_no_data(world: AccountWorld) -> None:
    at = datetime(2026, 11, 21, 15, tzinfo=UTC)
    assert has_data(world, HourQuestion(SALES, (), TODAY, at, at + HOUR))
    assert not has_data(world, HourQuestion(SALES, (), TODAY, at + HOUR, at))
    before = datetime(2024, 10, 1, tzinfo=UTC)
    assert not has_data(world, HourQuestion(SALES, (), TODAY, before, before + HOUR))
