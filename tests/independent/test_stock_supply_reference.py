"""Stock, deliveries, causes and sureness of the second computation, on worlds small enough to check by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.independent.stock_worlds import END_OF_TODAY, TODAY, World, ago, assert_row, hours_before_end, steady

D = Decimal


# --- what is on hand ---------------------------------------------------------------------------------------------


def test_the_report_of_the_day_comes_before_a_reading() -> None:
    world = steady(on_hand=300).reading(250, 1)
    assert_row(world, sellable_on_hand_units=300, stock_source_code="vendor_report", stock_as_of_at=END_OF_TODAY)


def test_the_newest_reading_comes_before_an_older_report() -> None:
    world = steady(on_hand=None).report(300, days_ago=1).reading(250, 3).reading(260, 2).reading(None, 1)
    assert_row(world, sellable_on_hand_units=260, stock_source_code="real_time", stock_as_of_at=hours_before_end(2))


@pytest.mark.parametrize(("hours", "source"), [(48, "real_time"), (48.5, "stale_report"), (0, "stale_report")])
def test_a_reading_counts_for_48_hours(hours: float, source: str) -> None:
    assert_row(steady(on_hand=None).report(300, days_ago=1).reading(250, hours), stock_source_code=source)


@pytest.mark.parametrize(("days", "on_hand"), [(13, 300), (14, None)])
def test_a_report_counts_for_14_days(days: int, on_hand: int | None) -> None:
    source, as_of = ("stale_report", END_OF_TODAY - timedelta(days=days)) if on_hand else (None, None)
    world = steady(on_hand=None).report(300, days_ago=days)
    assert_row(world, sellable_on_hand_units=on_hand, stock_source_code=source, stock_as_of_at=as_of)


def test_the_end_of_a_day_follows_the_clock_change() -> None:
    # Rome leaves summer time on 26 October 2025: that Sunday ends at 23:00 UTC, the Saturday at 22:00.
    sunday = date(2025, 10, 26)
    world = World().report(5, days_ago=(TODAY - sunday).days).report(5, days_ago=(TODAY - sunday).days + 1)
    assert_row(world, sunday, stock_as_of_at=datetime(2025, 10, 26, 23, tzinfo=UTC))
    assert_row(world, sunday - timedelta(days=1), stock_as_of_at=datetime(2025, 10, 25, 22, tzinfo=UTC))


def test_negative_on_hand_stays_and_covers_nothing() -> None:
    world = steady(on_hand=-5).order(accepted_units=3)
    assert_row(world, sellable_on_hand_units=-5, days_of_cover=D(0), days_of_cover_with_incoming=D(0))


def test_the_other_view_is_never_read() -> None:
    world = World().published(59).sold(10, 59).report(300, distributor_view_code="SOURCING")
    assert_row(world, sellable_on_hand_units=None)


# --- what is coming ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "incoming"),
    [
        ({}, 100),
        ({"received_units": 30}, 70),
        ({"received_units": 130}, 0),
        ({"received_units": None}, 100),
        ({"accepted_units": None}, 0),
        ({"window_end_date": None}, 100),
        ({"window_end_date": ago(0)}, 100),
        ({"window_end_date": ago(1)}, 0),
        ({"status_code": "closed"}, 0),
        ({"status_code": "cancelled"}, 0),
        ({"ordered_ago": 0}, 100),
        ({"ordered_ago": -1}, 0),
    ],
)
def test_incoming_is_what_open_lines_still_owe(figures: dict[str, Any], incoming: int) -> None:
    assert_row(steady().order(**figures), incoming_units=incoming)


def test_incoming_adds_the_lines_of_the_asin() -> None:
    world = steady().order("PO1").order("PO2", received_units=60)
    assert_row(world, incoming_units=140, days_of_cover_with_incoming=D(44))


@pytest.mark.parametrize(("days", "units", "incoming"), [(0, 80, 80), (13, 80, 80), (14, 80, None), (0, -4, 0)])
def test_without_any_order_line_the_report_says_what_is_open(days: int, units: int, incoming: int | None) -> None:
    world = World().published(59).sold(10, 59).report(300, days_ago=days, open_purchase_order_units=units)
    assert_row(world, incoming_units=incoming)


def test_an_order_line_of_any_asin_makes_the_report_s_open_units_unneeded() -> None:
    world = World().published(59).sold(10, 59).report(300, open_purchase_order_units=80).order(asin="B0OTHER001")
    assert_row(world, incoming_units=0)


@pytest.mark.parametrize(("days", "lead_time"), [(0, D("20.5")), (89, D("20.5")), (90, D(14))])
def test_lead_time_is_the_newest_reported_of_90_days(days: int, lead_time: Decimal) -> None:
    world = World().report(300).product() if days else World()
    assert_row(world.report(300, days_ago=days, average_vendor_lead_time_days=D("20.5")), lead_time_days=lead_time)


# --- how long it lasts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on_hand", "means", "days"),
    [
        (70, (70, 70), D(7)),
        (75, (70, 140), D("7.25")),
        (211, (70, 140), None),
        (210, (70, 140), None),
        (70, (70, 0, 70), D(14)),
        (0, (0, 70), D(7)),
        (75, (70, 0, 70), D("14.5")),
        (0, (70,), D(0)),
        (-4, (70,), D(0)),
        (0, (), None),
        (75, (70, None, 70), None),
    ],
)
def test_cover_by_forecast_walks_the_weekly_means(
    on_hand: int, means: tuple[int | None, ...], days: Decimal | None
) -> None:
    assert_row(steady(on_hand=on_hand).forecast(*means), days_of_cover_forecast=days)


@pytest.mark.parametrize(("on_hand", "stockout"), [(3649, ago(-365)), (3650, None), (9, ago(-1)), (10, ago(-2))])
def test_stock_out_is_projected_on_the_first_day_not_wholly_covered(on_hand: int, stockout: date | None) -> None:
    assert_row(steady(on_hand=on_hand), projected_stockout_date=stockout)


def test_revenue_at_risk_is_what_the_lead_time_would_have_sold() -> None:
    # 10 a day at 20 euros, 14 days to replace, 5 days there: 9 days without.
    assert_row(steady(on_hand=50), stock_status_code="critical", revenue_at_risk_amount=D("1800.0000"))
    assert_row(steady(on_hand=150), stock_status_code="low", revenue_at_risk_amount=D("0.0000"))
    assert_row(steady(on_hand=0), stock_status_code="out_of_stock", revenue_at_risk_amount=D("2800.0000"))


def test_without_a_price_the_revenue_at_risk_is_unknown() -> None:
    world = World().published(59).sold(10, 59, price=None).report(50)
    assert_row(world, stock_status_code="critical", revenue_at_risk_amount=None)


# --- why it runs dry ---------------------------------------------------------------------------------------------

REJECTED: dict[str, Any] = {"accepted_units": 79, "received_units": 79, "status_code": "closed"}
OVERDUE: dict[str, Any] = {"received_units": 99, "window_end_date": ago(1)}


@pytest.mark.parametrize(
    ("lines", "cause"),
    [
        ([], "unknown"),
        ([{"asin": "B0OTHER001"}], "no_po"),
        ([{"confirmation_code": "unconfirmed", "accepted_units": 0}], "po_unconfirmed"),
        ([{"accepted_units": None}], "po_unconfirmed"),
        ([{"accepted_units": None, "window_end_date": ago(1)}], "none"),
        ([{"accepted_units": None, "status_code": "cancelled"}], "none"),
        ([REJECTED], "po_rejected"),
        ([{**REJECTED, "ordered_ago": 29}], "po_rejected"),
        ([{**REJECTED, "ordered_ago": 30}], "no_po"),
        ([{**REJECTED, "accepted_units": 80, "received_units": 80}], "none"),
        ([REJECTED, {"number": "PO2", "accepted_units": 81}], "none"),
        ([OVERDUE], "po_overdue"),
        ([{**OVERDUE, "ordered_ago": 60, "window_end_date": ago(29)}], "po_overdue"),
        ([{**OVERDUE, "ordered_ago": 60, "window_end_date": ago(30)}], "no_po"),
        ([{**OVERDUE, "received_units": 100}], "none"),
        ([{**OVERDUE, "received_units": None}], "none"),
        ([{**OVERDUE, "window_end_date": ago(0)}], "none"),
        ([{**OVERDUE, "status_code": "closed"}], "none"),
        ([{"accepted_units": 210, "ordered_units": 210}], "incoming_covers"),
        ([{"ordered_ago": 20}], "none"),
        ([{"ordered_ago": 21}], "no_po"),
    ],
)
def test_the_first_cause_that_holds_is_named(lines: list[dict[str, Any]], cause: str) -> None:
    world = steady(on_hand=0)
    for line in lines:
        world.order(**line)
    assert_row(world, stock_status_code="out_of_stock", supply_cause_code=cause)


def test_a_surge_explains_low_cover_before_incoming_does() -> None:
    # (21 x 10 + 7 x 30) / 28 = 15 a day; trend (210 + 10) / (105 + 10) = 1.913.
    world = World().published(59).sold(10, 59, last=7).sold(30, 6).report(60).order(accepted_units=9000)
    assert_row(world, stock_status_code="critical", trend_ratio=D("1.913043"), supply_cause_code="demand_surge")


def test_a_surge_begins_at_one_and_a_half() -> None:
    # (21 x 10 + 134) / 28 a day; trend (134 + 10) / (86 + 10) = 1.5.
    world = World().published(59).sold(10, 59, last=7).sold(20, 6, last=1).sold(14, 0).report(60).order()
    assert_row(world, stock_status_code="critical", trend_ratio=D("1.5"), supply_cause_code="demand_surge")


def test_a_healthy_product_has_no_cause() -> None:
    assert_row(steady().order(**OVERDUE), stock_status_code="healthy", supply_cause_code=None)


# --- how sure it is ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("newest", "status"), [(-14, "published"), (-15, "settled"), (0, "published"), (4, "published")]
)
def test_days_older_than_the_restatement_window_are_settled(newest: int, status: str) -> None:
    assert_row(World().published(59, last=newest).sold(10, 59).report(300), data_status_code=status)


@pytest.mark.parametrize(("hole", "status"), [(1, "missing"), (27, "missing"), (28, "published")])
def test_a_day_missing_within_28_days_makes_the_row_missing(hole: int, status: str) -> None:
    world = World().published(59, last=hole + 1).published(hole - 1).sold(10, 59).report(300)
    assert_row(world, data_status_code=status)


def test_days_before_the_account_s_first_published_day_are_not_missing() -> None:
    assert_row(World().published(5).sold(10, 5).report(300), data_status_code="published")
    assert_row(World().published(5, last=5).published(3).sold(10, 5).report(300), data_status_code="missing")
    assert_row(World().published(5).report(300, days_ago=60), ago(60), data_status_code="settled")


def test_an_account_without_a_published_sales_day_is_missing() -> None:
    assert_row(World().report(300), data_status_code="missing", demand_basis_code="none", stock_status_code="unknown")


# --- the catalogue of the day ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("world", "is_there"),
    [
        (World().sold(1, 364, last=364), True),
        (World().sold(1, 365, last=365), False),
        (World().sold(1, -1, last=-1), False),
        (World().report(1, days_ago=-1), False),
        (World().report(1, distributor_view_code="SOURCING"), False),
        (World().add("traffic_daily", asin="B0STOCK001", business_date=ago(3), glance_views=1), True),
        (World().forecast(7), True),
        (World().offer(True, 1), False),
        (World().order(), False),
        (World().product(), True),
        (World().product(first_seen_date=ago(0)), True),
        (World().product(first_seen_date=ago(-1)), False),
        (World().product(valid_from=ago(0), first_seen_date=ago(-1)), True),
        (World().product(valid_from=ago(-1)), False),
    ],
)
def test_the_catalogue_is_what_was_seen_in_a_year_or_is_a_product(world: World, is_there: bool) -> None:
    assert (len(world.frame()) == 1) is is_there
