"""Demand, trend, month and price of the second computation, on worlds small enough to check by hand."""

from decimal import Decimal

import pytest

from tests.independent.stock_worlds import ASIN, World, ago, assert_row, hours_before_end, steady

D = Decimal


def test_absent_from_a_published_day_is_zero_and_absent_from_an_unpublished_day_is_nothing() -> None:
    world = World().published(27, last=4).sold(10, 27, last=14).report(100)
    # 24 published days, 14 of them sold 10: 140 / 24. The four unpublished days are no zeros.
    assert_row(world, demand_units_per_day=D("5.833333"), demand_day_count=24, units_30d=None)


def test_a_no_data_day_is_not_published() -> None:
    world = World().published(27, last=1).published(0, status="no_data").sold(10, 27).report(100)
    assert_row(world, demand_day_count=27, units_30d=None, data_status_code="published")


def test_a_new_asin_counts_from_its_first_appearance() -> None:
    # Six known days are too few for a demand, seven are enough. The month is not whole.
    world = World().published(59).sold(4, 5).report(40)
    assert_row(world, demand_basis_code="none", demand_day_count=6, expected_units_per_day=None, units_30d=None)
    assert_row(world.product(first_seen_date=ago(6)), demand_day_count=7, demand_units_per_day=D("3.428571"))


def test_days_without_stock_and_sales_are_left_out() -> None:
    # Ten days sold out: I reaches back to 28 days that had stock.
    world = World().published(59).sold(10, 59, last=10).report(300)
    for days in range(1, 10):
        world.report(0, days_ago=days)
    # Today has stock and sold nothing; 27 of the 28 days sold 10.
    assert_row(world, demand_day_count=28, demand_units_per_day=D("9.642857"), trend_ratio=None)


def test_a_day_that_sold_counts_as_in_stock_even_at_zero() -> None:
    world = steady(on_hand=300)
    for days in range(1, 28):
        world.report(0, days_ago=days)
    assert_row(world, demand_units_per_day=D(10), demand_basis_code="trailing")


def test_one_unit_on_hand_or_sold_is_in_stock() -> None:
    one_left = World().published(59).report(300).product(first_seen_date=ago(59))
    one_sold = World().published(59).sold(1, 27, last=1).report(300)
    for days in range(1, 28):
        one_left.report(1, days_ago=days)
        one_sold.report(0, days_ago=days)
    assert_row(one_left.sold(56, 40, last=28), demand_units_per_day=D(0), demand_day_count=28)
    assert_row(one_sold, demand_units_per_day=D("0.964286"), demand_day_count=28)


def test_a_day_without_a_sale_has_no_revenue() -> None:
    world = World().published(59).sold(3, 20, last=11).report(300).product(first_seen_date=ago(59))
    assert_row(world, demand_day_count=28, average_selling_price_amount=D(20))


def test_a_stock_out_of_sixty_days_looks_at_the_last_days_in_stock() -> None:
    world = World().published(120).sold(10, 120, last=60)
    for days in range(60):
        world.report(0, days_ago=days)
    assert_row(
        world,
        demand_basis_code="last_in_stock",
        demand_day_count=28,
        demand_units_per_day=D(10),
        trend_ratio=None,
        stock_status_code="out_of_stock",
        units_30d=0,
        stock_to_month_ratio=None,
        days_of_cover=D(0),
        projected_stockout_date=ago(-1),
        revenue_at_risk_amount=D("2800.0000"),
    )


@pytest.mark.parametrize(("newest", "basis"), [(27, "trailing"), (28, "last_in_stock")])
def test_the_demand_is_an_old_one_when_no_day_looked_at_is_within_28_days(newest: int, basis: str) -> None:
    assert_row(World().published(59, last=newest).sold(10, 59).report(300), demand_basis_code=basis)


def test_seven_base_days_are_enough() -> None:
    event = {"marketplace_code": "IT", "start_date": ago(9), "end_date": ago(7), "name": "Prime Day"}
    world = World().published(9).sold(50, 9, last=7).sold(10, 6).report(300).add("event_calendar", **event)
    assert_row(world, demand_day_count=7, demand_units_per_day=D(10))


def test_the_forecast_is_that_of_the_week_that_holds_tomorrow() -> None:
    world = World().report(50).report(50, days_ago=1).forecast(14)
    assert_row(world, demand_basis_code="forecast", demand_units_per_day=D(2))
    assert_row(world, ago(1), demand_basis_code="none", demand_units_per_day=None)


def test_out_of_stock_takes_the_greater_of_demand_and_forecast() -> None:
    assert_row(
        steady(on_hand=0).forecast(84), demand_basis_code="forecast", demand_units_per_day=D(12), trend_ratio=None
    )
    assert_row(steady(on_hand=0).forecast(70), demand_basis_code="trailing", demand_units_per_day=D(10))
    assert_row(steady(on_hand=1).forecast(84), demand_basis_code="trailing", demand_units_per_day=D(10))


@pytest.mark.parametrize(("days_ago", "basis"), [(0, "forecast"), (28, "forecast"), (29, "none"), (-1, "none")])
def test_a_forecast_counts_until_28_days_old(days_ago: int, basis: str) -> None:
    assert_row(World().report(50).forecast(14, days_ago=days_ago), demand_basis_code=basis)


def test_an_asin_that_the_newest_generation_does_not_name_has_no_forecast() -> None:
    world = World().report(50).forecast(14, days_ago=9).forecast(14, days_ago=2, asin="B0OTHER001")
    frame = world.frame()
    assert list(frame["asin"]) == ["B0OTHER001", ASIN]
    assert list(frame["demand_basis_code"]) == ["forecast", "none"]


def test_event_and_promotion_days_are_left_out_unless_fewer_than_seven_days_remain() -> None:
    event = {"marketplace_code": "IT", "start_date": ago(9), "name": "Prime Day"}
    world = World().published(59).sold(10, 59, last=10).sold(50, 9).report(300)
    world.add("event_calendar", **event, end_date=ago(0))
    assert_row(world, demand_day_count=28, demand_units_per_day=D(10), trend_ratio=None)
    short = World().published(9).sold(10, 9, last=6).sold(50, 5).report(300)
    # Six base days are too few: all ten count, (4 x 10 + 6 x 50) / 10.
    assert_row(short.add("event_calendar", **event, end_date=ago(6)), demand_day_count=10, demand_units_per_day=D(34))


def test_the_day_after_an_event_counts() -> None:
    world = World().published(59).sold(10, 59, last=1).sold(38, 0).report(300)
    world.add("event_calendar", marketplace_code="IT", start_date=ago(4), end_date=ago(1), name="Prime Day")
    assert_row(world, demand_day_count=28, demand_units_per_day=D(11))


def test_an_event_of_another_marketplace_changes_nothing() -> None:
    event = {"marketplace_code": "DE", "start_date": ago(9), "end_date": ago(0), "name": "Prime Day"}
    assert_row(steady().add("event_calendar", **event), trend_ratio=D(1))


@pytest.mark.parametrize(
    ("start", "end", "is_today_left_out"),
    [
        (24, 0, True),
        (0.5, -24, True),
        (1, None, True),
        (24, 24, False),
        (12, 12, False),
        (0, -24, False),
        (-12, None, False),
        (25, 24, False),
    ],
)
def test_a_promotion_day_is_a_local_day_that_the_promotion_touches(
    start: float, end: float | None, is_today_left_out: bool
) -> None:
    end_at = None if end is None else hours_before_end(end)
    world = World().published(29).sold(10, 29, last=1).sold(38, 0).report(300)
    world.add("promotion", promotion_id="P1", asin=ASIN, start_at=hours_before_end(start), end_at=end_at)
    assert_row(world, demand_units_per_day=D(10) if is_today_left_out else D(11))


def test_unknown_units_keep_a_day_out_and_make_the_month_unknown() -> None:
    world = World().published(59).sold(10, 59, last=1).sold(None, 0).report(300)
    assert_row(world, demand_units_per_day=D(10), demand_day_count=28, units_30d=None, units_previous_30d=300)


def test_negative_units_count_in_the_month_and_not_in_demand() -> None:
    world = World().published(29).sold(10, 29, last=1).sold(-4, 0).report(300)
    # 27 x 10 + 0 over 28 days; the price is 27 x 200 - 80 over 270 - 4.
    assert_row(world, units_30d=286, demand_units_per_day=D("9.642857"), average_selling_price_amount=D("20.0000"))


def test_the_price_looks_at_days_with_both_figures() -> None:
    world = World().published(29).sold(10, 29, last=10).sold(10, 9, price=None).report(300)
    assert_row(world, average_selling_price_amount=D("20.0000"))
    assert_row(World().published(29).sold(0, 29).report(300), average_selling_price_amount=None)
    assert_row(
        World().published(29).sold(1, 29, last=29).sold(1, 9, last=9).report(300), average_selling_price_amount=D(20)
    )


def test_sourcing_counts_what_was_shipped() -> None:
    assert_row(steady(view="SOURCING"), demand_units_per_day=D(10), average_selling_price_amount=D(20))


def test_last_year_is_the_same_weekdays() -> None:
    world = World().published(400).sold(7, 393, last=364).sold(10, 363).report(300)
    assert_row(world, units_same_30d_last_year=210)


def test_the_trend_needs_four_of_the_seven_newest_published_days() -> None:
    four_left_out = {"marketplace_code": "IT", "start_date": ago(3), "end_date": ago(0), "name": "Ferragosto"}
    assert_row(steady().add("event_calendar", **four_left_out), demand_units_per_day=D(10), trend_ratio=None)
    three_left_out = {**four_left_out, "start_date": ago(2)}
    assert_row(steady().add("event_calendar", **three_left_out), trend_ratio=D(1))


@pytest.mark.parametrize(
    ("newest_week", "ratio", "expected"),
    [
        (20, D("1.538462"), D("19.230769")),  # (21 x 10 + 7 x 20) / 28 = 12.5 a day; (140 + 10) / (87.5 + 10)
        (50, D("2.4"), D(40)),  # 20 a day; (350 + 10) / (140 + 10), held at 2
        (0, D("0.16"), D("3.75")),  # 7.5 a day; (0 + 10) / (52.5 + 10), held at 0.5
    ],
)
def test_the_trend_is_held_between_a_half_and_two(newest_week: int, ratio: Decimal, expected: Decimal) -> None:
    world = World().published(59).sold(10, 59, last=7).sold(newest_week, 6).report(300)
    assert_row(world, trend_ratio=ratio, expected_units_per_day=expected)
