"""The second computation of the stock control, on worlds small enough to check by hand: whole row and status."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.independent.stock_coverage import COLUMNS
from tests.independent.stock_worlds import ASIN, TODAY, World, ago, assert_row, steady

D = Decimal


def test_a_steady_seller_has_every_figure() -> None:
    world = steady().report(280, days_ago=30).order(received_units=40)
    row = world.row()
    assert tuple(row) == COLUMNS
    assert row == {
        "account_id": "acme_it",
        "business_date": TODAY,
        "asin": ASIN,
        "currency_code": "EUR",
        "demand_units_per_day": D(10),
        "demand_basis_code": "trailing",
        "demand_day_count": 28,
        "trend_ratio": D(1),
        "expected_units_per_day": D(10),
        "units_30d": 300,
        "units_previous_30d": 300,
        "units_same_30d_last_year": None,
        "on_hand_30d_ago_units": 280,
        "stock_to_month_ratio": D(1),
        "sellable_on_hand_units": 300,
        "stock_source_code": "vendor_report",
        "stock_as_of_at": datetime.fromisoformat("2025-06-28T22:00:00+00:00"),
        "incoming_units": 60,
        "days_of_cover": D(30),
        "days_of_cover_forecast": None,
        "days_of_cover_with_incoming": D(36),
        "lead_time_days": D(14),
        "projected_stockout_date": date(2025, 7, 29),
        "stock_status_code": "healthy",
        "supply_cause_code": None,
        "excess_units": 0,
        "excess_cost_amount": None,
        "revenue_at_risk_amount": None,
        "average_selling_price_amount": D(20),
        "data_status_code": "published",
    }


def test_days_and_ratios_have_6_decimals_and_amounts_4() -> None:
    # 7 a day for 21 days, 4 on each of the last 7: 6.25 a day; trend 38 / 53.75.
    world = World().published(59).sold(7, 59, last=7, price=3).sold(4, 6, price=3).forecast(44)
    world.report(13, average_vendor_lead_time_days=D("20.12345650")).order(accepted_units=3)
    assert_row(
        world,
        trend_ratio=D("0.706977"),
        expected_units_per_day=D("4.418605"),
        stock_to_month_ratio=D("0.068783"),
        days_of_cover=D("2.942105"),
        days_of_cover_with_incoming=D("3.621053"),
        days_of_cover_forecast=D("2.068182"),
        lead_time_days=D("20.123457"),
        average_selling_price_amount=D("3.0000"),
        revenue_at_risk_amount=D("227.7528"),
    )
    written = {name: value.as_tuple().exponent for name, value in world.row().items() if isinstance(value, D)}
    amounts = {name for name in written if name.endswith("_amount")}
    assert written == {name: -4 if name in amounts else -6 for name in written}


@pytest.mark.parametrize(
    ("on_hand", "status"),
    [
        (0, "out_of_stock"),
        (1, "critical"),
        (-3, "out_of_stock"),
        (69, "critical"),
        (70, "low"),
        (209, "low"),
        (210, "healthy"),
        (840, "healthy"),
        (841, "overstock"),
    ],
)
def test_ten_a_day_and_fourteen_days_lead_time_set_the_status(on_hand: int, status: str) -> None:
    assert_row(steady(on_hand=on_hand), stock_status_code=status)


def test_account_thresholds_replace_the_defaults() -> None:
    strict = {"critical_cover_days": 31, "low_cover_margin_days": 0, "overstock_cover_days": 20}
    assert_row(steady(thresholds=strict), stock_status_code="critical")
    assert_row(steady(thresholds={**strict, "critical_cover_days": 3}), stock_status_code="overstock", excess_units=100)
    assert_row(steady(thresholds={"default_lead_time_days": 24}), stock_status_code="low", lead_time_days=D(24))


def test_cover_that_is_seven_days_but_for_a_rounding_is_not_critical() -> None:
    # 10 units over 7 days: demand 1.428571…, cover of 10 units exactly 7.
    world = World().published(6).sold(1, 6, last=4).sold(2, 3, last=1).sold(1, 0).product(first_seen_date=ago(6))
    assert_row(
        world.report(10),
        demand_units_per_day=D("1.428571"),
        trend_ratio=D(1),
        days_of_cover=D(7),
        stock_status_code="low",
    )


def test_on_hand_unknown_is_unknown_and_missing() -> None:
    assert_row(
        World().published(59).sold(10, 59),
        stock_status_code="unknown",
        data_status_code="missing",
        sellable_on_hand_units=None,
        stock_source_code=None,
        stock_as_of_at=None,
        days_of_cover=None,
        days_of_cover_with_incoming=None,
        excess_units=None,
        projected_stockout_date=None,
    )


def test_all_optional_figures_null_leaves_stock_unknown() -> None:
    world = steady(on_hand=None)
    assert_row(world, stock_status_code="unknown", incoming_units=None, lead_time_days=D(14), excess_cost_amount=None)


def test_discontinued_is_inactive_whatever_is_on_hand() -> None:
    assert_row(steady().product("discontinued", first_seen_date=ago(59)), stock_status_code="inactive", excess_units=0)


def test_the_product_row_that_holds_on_the_day_counts() -> None:
    world = steady().product("discontinued", valid_from=ago(100)).product("active", valid_from=ago(0))
    assert_row(world, stock_status_code="healthy")
    assert_row(world.report(300, days_ago=1), ago(1), stock_status_code="inactive")


@pytest.mark.parametrize(
    ("lifecycle", "unfilled", "sold_once_ago", "status"),
    [
        ("active", 0, None, "inactive"),
        ("active", None, None, "inactive"),
        ("active", 1, None, "out_of_stock"),
        ("launch", 0, None, "out_of_stock"),
        ("active", 0, 364, "out_of_stock"),
        ("active", 0, 365, "inactive"),
    ],
)
def test_nothing_on_hand_sold_or_wanted_for_a_year_is_inactive(
    lifecycle: str, unfilled: int | None, sold_once_ago: int | None, status: str
) -> None:
    world = World().published(400).report(0, unfilled_customer_ordered_units=unfilled)
    world.product(lifecycle, first_seen_date=ago(400))
    if sold_once_ago is not None:
        world.sold(1, sold_once_ago, last=sold_once_ago)
    assert_row(world, stock_status_code=status)


def test_units_unknown_on_one_day_do_not_make_a_product_inactive() -> None:
    world = World().published(59).sold(0, 59, last=1).sold(None, 0).report(0)
    assert_row(world, stock_status_code="out_of_stock")


@pytest.mark.parametrize(("hours", "status"), [(24, "low_local_stock"), (24.5, "out_of_stock"), (0, "out_of_stock")])
def test_an_amazon_offer_in_the_last_24_hours_means_low_local_stock(hours: float, status: str) -> None:
    assert_row(steady(on_hand=0).offer(True, hours), stock_status_code=status)


def test_the_newest_offer_snapshot_decides() -> None:
    assert_row(steady(on_hand=0).offer(True, 8).offer(False, 2), stock_status_code="out_of_stock")


@pytest.mark.parametrize(
    ("zero_since", "has_snapshot", "status"),
    [
        (5, True, "unconfirmed"),
        (6, True, "out_of_stock"),
        (23, False, "unconfirmed"),
        (24, False, "out_of_stock"),
    ],
)
def test_a_real_time_zero_must_last(zero_since: int, has_snapshot: bool, status: str) -> None:
    world = steady(on_hand=None).reading(1, zero_since + 1)
    for hours in range(1, zero_since + 1):
        world.reading(0, hours)
    if has_snapshot:
        world.offer(False, 3)
    assert_row(world, stock_status_code=status, stock_source_code="real_time", data_status_code="provisional")


def test_a_zero_of_a_stale_report_is_unconfirmed() -> None:
    assert_row(steady(on_hand=None).report(0, days_ago=2), stock_status_code="unconfirmed")


def test_stock_that_sold_nothing_on_21_days_is_dead() -> None:
    world = World().published(20).report(50, sellable_on_hand_cost_amount=D("175.00")).product(first_seen_date=ago(20))
    assert_row(
        world, stock_status_code="dead_stock", demand_day_count=21, excess_units=50, excess_cost_amount=D("175.0000")
    )


def test_stock_that_sold_nothing_on_20_days_is_unknown() -> None:
    world = World().published(19).report(50).product(first_seen_date=ago(19))
    assert_row(world, stock_status_code="unknown", expected_units_per_day=D(0), days_of_cover=None, excess_units=None)


def test_overstock_needs_the_forecast_to_agree_where_it_reaches_84_days() -> None:
    assert_row(steady(on_hand=841), stock_status_code="overstock", excess_units=1)
    assert_row(steady(on_hand=841).forecast(*[70] * 12), stock_status_code="overstock")
    assert_row(steady(on_hand=841).forecast(*[80] * 12), stock_status_code="healthy", excess_units=0)
    assert_row(steady(on_hand=841).forecast(*[70] * 12, 500), stock_status_code="overstock")
    assert_row(steady(on_hand=841).forecast(*[80] * 13), stock_status_code="healthy")
    assert_row(steady(on_hand=841).forecast(*[80] * 11), stock_status_code="overstock")


def test_a_seasonal_product_is_overstocked_by_the_forecast_alone() -> None:
    seasonal: dict[str, Any] = {"lifecycle": "seasonal", "first_seen_date": ago(59)}
    assert_row(steady(on_hand=5000).product(**seasonal), stock_status_code="healthy")
    assert_row(steady(on_hand=840).product(**seasonal).forecast(*[70] * 12), stock_status_code="healthy")
    # 12 x 70.05 = 840.6: more than that is there, less than one unit of it.
    edge = steady(on_hand=841).product(**seasonal).forecast(*[70.05] * 12)
    assert_row(edge, stock_status_code="overstock", excess_units=0)
    few = steady(on_hand=300).product(**seasonal).forecast(*[20.5] * 12)
    assert_row(few, stock_status_code="overstock", excess_units=54)


def test_excess_is_what_84_days_leave_over() -> None:
    world = World().published(59).sold(10, 59).report(1000, sellable_on_hand_cost_amount=D("3333.33"))
    # 1000 - 84 x 10 = 160, at 3333.33 / 1000 each.
    row = world.row()
    assert (row["excess_units"], str(row["excess_cost_amount"])) == (160, "533.3328")
    assert_row(
        steady(on_hand=840 + 7).report(9, days_ago=1, sellable_on_hand_cost_amount=10), excess_cost_amount=D("7.7778")
    )


@pytest.mark.parametrize(("days", "cost"), [(13, D("400.0000")), (14, None)])
def test_the_cost_is_the_newest_of_14_days(days: int, cost: Decimal | None) -> None:
    world = steady(on_hand=1000).report(10, days_ago=days, sellable_on_hand_cost_amount=25)
    assert_row(world, excess_units=160, excess_cost_amount=cost)


@pytest.mark.parametrize(("days", "status"), [(13, "out_of_stock"), (14, "inactive")])
def test_unfilled_units_count_for_14_days(days: int, status: str) -> None:
    world = World().published(59).report(0).report(0, days_ago=days, unfilled_customer_ordered_units=2)
    assert_row(world, stock_status_code=status)


def test_a_report_without_units_gives_no_cost_and_one_of_a_single_unit_does() -> None:
    world = steady(on_hand=None).report(1000, days_ago=3).report(1, days_ago=5, sellable_on_hand_cost_amount=2)
    world.report(0, days_ago=4, sellable_on_hand_cost_amount=9)
    assert_row(world, excess_units=160, excess_cost_amount=D("320.0000"))


def test_cost_comes_from_sourcing_where_the_account_has_it() -> None:
    world = steady(on_hand=None).report(1000, days_ago=1, sellable_on_hand_cost_amount=1000)
    world.report(10, days_ago=13, sellable_on_hand_cost_amount=25, distributor_view_code="SOURCING")
    assert_row(world, excess_units=160, excess_cost_amount=D("400.0000"))
