"""Forecasts, hours, Data Kiosk's lines and campaigns decode value for value; what is wrong costs only itself."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daybreak.datasets import DATASETS
from daybreak.landing.failures import FailureDocument, UnreadableDocument, WrongDocument
from daybreak.sources import KioskQuery
from tests.unit.landing.source_documents import (
    SUNDAY,
    analytics,
    campaigns,
    coupon,
    day_line,
    deal,
    deals,
    decode,
    discount,
    entry,
    forecast,
    forecast_row,
    hour_row,
    hours,
    product,
    report_type,
    staged,
)

FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


def reasons(decoded: Any) -> list[str]:
    for _ in decoded.csv_chunks():
        pass
    return [row.reason for row in decoded.rejected]


def test_a_forecast_is_rows_per_week_under_the_date_of_its_generation() -> None:
    decoded = decode(forecast([forecast_row(), forecast_row("B2", p70ForecastUnits=None)]), "forecast_weekly")
    assert list(decoded.slices) == [SUNDAY]
    assert decoded.slices[SUNDAY].row_count == 2
    first, second = staged(decoded)
    assert first == {
        "row_number": "1",
        "business_date": "2026-11-15",
        "generation_date": "2026-11-15",
        "week_start_date": "2026-11-22",
        "asin": "B000000001",
        "mean_units": "12.34",
        "p70_units": "14.0",
        "p80_units": "15.5",
        "p90_units": "19.01",
    }
    assert second["p70_units"] is None
    assert reasons(decoded) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"endDate": "2026-11-27"}, "2026-11-22 to 2026-11-27 is no WEEK"),
        ({"startDate": "2026-11-23", "endDate": "2026-11-29"}, "is no WEEK"),
        ({"startDate": "20261122"}, "$.startDate: not a date"),
        ({"meanForecastUnits": "12.34"}, "$.meanForecastUnits: expected a number, got text"),
        ({"p90ForecastUnits": "NaN"}, "$.p90ForecastUnits: expected a number, got text"),
        ({"asin": "B\x00"}, "$.asin: holds a NUL"),
        ({"asin": ""}, "$.asin"),
        ({"forecastGenerationDate": 20261115}, "$.forecastGenerationDate"),
    ],
)
def test_a_forecast_row_that_is_wrong_costs_only_itself(changes: dict[str, Any], reason: str) -> None:
    decoded = decode(forecast([forecast_row(), forecast_row("B2") | changes]), "forecast_weekly")
    assert [row["asin"] for row in staged(decoded)] == ["B000000001"]
    (said,) = reasons(decoded)
    assert reason in said
    assert decoded.rejected[0].row_number == 2
    assert decoded.rejected[0].business_date == SUNDAY


def test_a_number_beyond_all_figures_is_refused_and_one_of_many_digits_is_kept_to_the_last() -> None:
    exact = "0.1234567890123456789012345"
    text = json.dumps(forecast([forecast_row(), forecast_row("B2"), forecast_row("B3")]))
    data = text.replace("12.34", exact, 1).replace("14.0", "1e400", 2).replace("1e400", "14.0", 1).encode()
    decoded = decode(data, "forecast_weekly")
    assert [(row["asin"], row["mean_units"]) for row in staged(decoded)] == [("B000000001", exact), ("B3", "12.34")]
    assert reasons(decoded) == ["$.p70ForecastUnits: the number is larger than any figure can be"]


def test_a_name_given_twice_is_refused_at_any_depth_and_the_name_is_told() -> None:
    flat = json.dumps(forecast([forecast_row()])).replace('"asin":', '"asin": "B9", "asin":').encode()
    with pytest.raises(UnreadableDocument, match="no row that names its generation"):
        decode(flat, "forecast_weekly")  # it was the only one
    deep = json.dumps(deals([deal([product()])])).replace('"productUnitsSold":', '"asin": "B9", "productUnitsSold":')
    assert reasons(decode(deep.encode(), "promotion", "DEAL")) == ["$.asin: the field stands twice in the row"]


def test_fields_that_nobody_knows_are_named_and_cost_nothing() -> None:
    decoded = decode(forecast([forecast_row(confidence=1)]) | {"more": []}, "forecast_weekly")
    assert len(staged(decoded)) == 1
    assert decoded.unknown_fields == ("$.more", "confidence")


def test_two_generations_in_one_forecast_are_no_forecast() -> None:
    rows = [forecast_row(), forecast_row("B2", forecastGenerationDate="2026-11-08")]
    with pytest.raises(WrongDocument, match="got 2026-11-08, 2026-11-15") as wrong:
        decode(forecast(rows), "forecast_weekly")
    assert "acme" in str(wrong.value)


@pytest.mark.parametrize("dataset_key", ["forecast_weekly", "sales_hourly"])
def test_what_is_no_document_at_all_says_so_in_words(dataset_key: str) -> None:
    make = forecast if dataset_key == "forecast_weekly" else hours
    with pytest.raises(FailureDocument, match="not available"):
        decode({"errorDetails": "The data is not available"}, dataset_key)
    whole = json.dumps(make([forecast_row()])).encode()
    with pytest.raises(UnreadableDocument, match="cut off"):
        decode(whole[:-3], dataset_key)
    with pytest.raises(WrongDocument, match="report type: asked"):
        decode(make([], reportType="GET_VENDOR_SALES_REPORT"), dataset_key)
    with pytest.raises(WrongDocument, match="marketplace: asked APJ6JRA9NG5V4, got A1PA6795UKMFR9"):
        decode(make([], marketplaceIds=["A1PA6795UKMFR9"]), dataset_key)
    with pytest.raises(UnreadableDocument, match=r"no (forecastByAsin|reportData)"):
        decode({"reportSpecification": make([])["reportSpecification"]}, dataset_key)


def test_an_empty_forecast_has_no_generation_and_an_empty_hour_report_is_days_without_rows() -> None:
    with pytest.raises(UnreadableDocument, match="no row that names its generation"):
        decode(forecast([]), "forecast_weekly")
    decoded = decode(hours([]), "sales_hourly")
    assert {day: digest.row_count for day, digest in decoded.slices.items()} == {FRIDAY: 0, SATURDAY: 0}
    assert staged(decoded) == []


def test_hours_are_rows_in_utc_whatever_zone_they_are_written_in() -> None:
    rows = [
        hour_row("2026-11-20T05", orderedUnits=-2, orderedRevenue=-19.9),
        hour_row(startTime="2026-11-21T00:00:00+01:00", endTime="2026-11-21T01:00:00+01:00", orderedRevenue=None),
    ]
    decoded = decode(hours(rows), "sales_hourly")
    assert [list(row.values()) for row in staged(decoded)] == [
        ["1", "2026-11-20", "2026-11-20T05:00:00+00:00", "B000000001", "-2", "-19.9", "EUR"],
        ["2", "2026-11-20", "2026-11-20T23:00:00+00:00", "B000000001", "3", None, "EUR"],
    ]


@pytest.mark.parametrize(("dataset_key", "field", "column"), [
    ("traffic_hourly", "glanceViews", "glance_views"),
    ("inventory_hourly", "highlyAvailableInventory", "highly_available_units"),
])  # fmt: skip
def test_hours_of_views_and_stock_have_no_currency(dataset_key: str, field: str, column: str) -> None:
    row = {name: value for name, value in hour_row().items() if not name.startswith("ordered")} | {field: 7}
    decoded = decode(hours([row], reportType=report_type(dataset_key), reportOptions=None), dataset_key)
    assert [{name: line[name] for name in line if name != "row_number"} for line in staged(decoded)] == [
        {
            "business_date": "2026-11-20",
            "hour_start_at": "2026-11-20T05:00:00+00:00",
            "asin": "B000000001",
            column: "7",
        }
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"startTime": "2026-11-20T05:30:00Z", "endTime": "2026-11-20T06:30:00Z"}, "is no hour of the clock"),
        ({"endTime": "2026-11-20T07:00:00Z"}, "is no hour of the clock"),
        ({"startTime": "2026-11-21T10:00:00Z", "endTime": "2026-11-21T11:00:00Z"}, "outside the report's window"),
        ({"startTime": "2026-11-19T23:00:00Z", "endTime": "2026-11-20T00:00:00Z"}, "outside the report's window"),
        ({"startTime": "2026-11-20T05:00:00"}, "$.startTime: not an instant"),
        ({"startTime": "0001-01-01T00:00:00+05:00"}, "$.startTime: not an instant"),
        ({"endTime": "9999-12-31T23:00:00-05:00"}, "$.endTime: not an instant"),
        ({"orderedUnits": 2**31}, "$.orderedUnits"),
        ({"orderedUnits": 1.5}, "$.orderedUnits"),
        ({"orderedRevenue": "59.97"}, "$.orderedRevenue: expected a number, got text"),
    ],
)
def test_an_hour_that_is_none_costs_only_itself(changes: dict[str, Any], reason: str) -> None:
    decoded = decode(hours([hour_row() | changes, hour_row("2026-11-20T06")]), "sales_hourly")
    assert [row["hour_start_at"] for row in staged(decoded)] == ["2026-11-20T06:00:00+00:00"]
    (said,) = reasons(decoded)
    assert reason in said


def test_a_refused_hour_belongs_to_the_day_that_it_tells_and_to_none_beyond_the_window() -> None:
    rows = [
        hour_row("2026-11-20T05", orderedUnits="3"),
        hour_row("2026-11-20T06", endTime="2026-11-20T08:00:00Z"),
        hour_row("2026-11-22T05"),
        hour_row(startTime=None),
    ]
    decoded = decode(hours(rows), "sales_hourly")
    reasons(decoded)
    assert [row.business_date for row in decoded.rejected] == [FRIDAY, FRIDAY, None, None]
    assert {day: digest.row_count for day, digest in decoded.slices.items()} == {FRIDAY: 2, SATURDAY: 0}


def test_revenue_is_in_the_currency_that_was_asked_for_or_the_report_is_another_one() -> None:
    with pytest.raises(WrongDocument, match="currencyCode: asked EUR, got USD"):
        decode(hours([hour_row()], reportOptions={"currencyCode": "USD"}), "sales_hourly")
    silent = decode(hours([hour_row()], reportOptions=None), "sales_hourly")
    assert staged(silent)[0]["currency_code"] == "EUR"


@pytest.mark.parametrize(
    ("window", "error", "words"),
    [
        ({"dataEndTime": None}, UnreadableDocument, "which hours"),
        ({"dataEndTime": "2026-11-20T00:00:00Z"}, UnreadableDocument, "which hours"),
        ({"dataEndTime": "tomorrow"}, UnreadableDocument, "tomorrow"),
        ({"dataEndTime": "2026-11-22T01:00:00Z"}, WrongDocument, "hours: asked"),
        ({"dataStartTime": "2026-11-19T23:00:00Z"}, WrongDocument, "hours: asked"),
    ],
)
def test_a_report_of_other_hours_than_those_asked_for_is_refused(window: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        decode(hours([], **window), "sales_hourly")


def test_a_day_that_has_not_ended_is_delivered_as_far_as_it_came() -> None:
    decoded = decode(hours([hour_row("2026-11-20T05")], dataEndTime="2026-11-20T08:00:00Z"), "sales_hourly")
    assert list(decoded.slices) == [FRIDAY]
    assert (decoded.first_date, decoded.last_date) == (FRIDAY, FRIDAY)


@given(st.lists(st.tuples(st.integers(0, 33), st.sampled_from(["B1", "B2"]), st.integers(-5, 5)), max_size=30))
def test_every_hour_lies_in_the_utc_day_of_its_slice_and_none_is_lost(cells: list[tuple[int, str, int]]) -> None:
    rows = []
    for hour, asin, units in cells:
        day = FRIDAY + timedelta(days=hour // 24)
        ends = f"{day + timedelta(days=(hour % 24 + 1) // 24)}T{(hour + 1) % 24:02d}:00:00Z"
        rows.append(hour_row(startTime=f"{day}T{hour % 24:02d}:00:00Z", endTime=ends, asin=asin, orderedUnits=units))
    decoded = decode(hours(rows), "sales_hourly")
    lines = staged(decoded)
    assert sorted((line["hour_start_at"], line["asin"], line["ordered_units"]) for line in lines) == sorted(
        (row["startTime"].replace("Z", "+00:00"), row["asin"], str(row["orderedUnits"])) for row in rows
    )
    assert all(str(line["hour_start_at"]).startswith(str(line["business_date"])) for line in lines)
    assert sum(digest.row_count for digest in decoded.slices.values()) == len(rows)


def test_data_kiosks_lines_are_days_and_nulls_stay_nulls() -> None:
    lines = analytics(
        day_line("2026-11-02", [entry("B1"), entry("B2", lostFeaturedOffer=None, glanceViews=None)]),
        day_line("2026-11-01", [entry("B1", lostFeaturedOffer=1), {"groupByKey": {"asin": "B3"}, "metrics": {}}]),
    )
    decoded = decode(lines, "featured_offer_loss_daily")
    assert [list(row.values()) for row in staged(decoded)] == [
        ["1", "2026-11-01", "B1", "40", "1"],
        ["2", "2026-11-01", "B3", None, None],
        ["3", "2026-11-02", "B1", "40", "0.25"],
        ["4", "2026-11-02", "B2", None, None],
    ]
    assert list(decoded.slices) == [date(2026, 11, 1), date(2026, 11, 2)]  # the third day is still owed


@pytest.mark.parametrize("lost", [-0.01, 1.01, "0.5", "NaN", 1e300])
def test_a_share_that_is_none_costs_only_its_row(lost: Any) -> None:
    line = day_line("2026-11-01", [entry("B1", lostFeaturedOffer=lost), entry("B2")])
    decoded = decode(analytics(line), "featured_offer_loss_daily")
    assert [row["asin"] for row in staged(decoded)] == ["B2"]
    assert "lostFeaturedOffer" in reasons(decoded)[0]


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"", UnreadableDocument, "no line"),
        (b"\n \n", UnreadableDocument, "no line"),
        (analytics(day_line("2026-11-01", []), day_line("2026-11-01", [])), UnreadableDocument, "two for one day"),
        (analytics(day_line("2026-11-01", []))[:-9], UnreadableDocument, "line 1 cannot be read"),
        (b"[" * 100_000, UnreadableDocument, "line 1 cannot be read"),
        (b'[{"message": "not available"}]', UnreadableDocument, "Amazon gave no data and says why: not available"),
        (b'{"message": "denied"}', UnreadableDocument, "says why: denied"),
        (analytics(day_line("2026-11-01", [], marketplaceId="X")), WrongDocument, "marketplace: asked .*, got X"),
        (analytics(day_line("2026-11-01", [], endDate="2026-11-07")), WrongDocument, "asked single days"),
        (analytics(day_line("2026-10-31", [])), WrongDocument, "day: asked 2026-11-01 to 2026-11-03, got 2026-10-31"),
    ],
    ids=["empty", "blank", "a day twice", "cut", "nested", "errors", "error", "marketplace", "a week", "another day"],
)
def test_an_answer_that_is_not_the_one_to_the_query_is_refused_whole(data: bytes, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        decode(data, "featured_offer_loss_daily")


def test_the_query_names_its_days_and_its_currency_for_amazon_answers_in_dollars_otherwise() -> None:
    dataset = DATASETS["featured_offer_loss_daily"]
    assert isinstance(dataset, KioskQuery)
    text = dataset.query((date(2026, 11, 1), date(2026, 11, 3)), "EUR")
    for part in ('startDate:"2026-11-01"', 'endDate:"2026-11-03"', "aggregateBy:DAY", 'currencyCode:"EUR"'):
        assert part in text
    assert text.count("{") == text.count("}")


def test_a_deal_is_a_row_per_product_in_the_month_in_which_it_begins() -> None:
    rows = [deal([product(), product("B2", productUnitsSold=0, productAmountSpent=None)])]
    decoded = decode(deals(rows), "promotion", "DEAL")
    assert list(decoded.slices) == [OCTOBER, NOVEMBER]
    first, second = staged(decoded)
    assert list(first.values()) == [
        "1", "2026-10-01", "P1", "B000000001", "DEAL", "best_deal", "2026-10-05T22:00:00+00:00",
        "2026-10-12T21:59:59+00:00", "2.50000", "4", "10.0", "EUR",
    ]  # fmt: skip
    assert (second["units"], second["spend_amount"], second["funding_per_unit_amount"]) == ("0", None, None)


def test_a_coupon_of_one_product_has_its_money_and_one_of_several_only_what_was_agreed() -> None:
    both = [discount("B1"), discount("B2", "PERCENT_OFF_LIST_PRICE", 20)]
    rows = [coupon([discount("B1")]), coupon(both, couponId="C2")]
    single, agreed, percent = staged(decode(campaigns(rows), "promotion", "COUPON"))
    money = ("promotion_id", "asin", "funding_per_unit_amount", "units", "spend_amount")
    assert [single[name] for name in money] == ["C1", "B1", "2.50000", "8", "20.0"]
    assert [agreed[name] for name in money] == ["C2", "B1", "2.5", None, None]
    assert [percent[name] for name in money] == ["C2", "B2", None, None, None]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"endDateTime": "2026-10-01T00:00:00Z"}, "before it begins"),
        ({"startDateTime": "2026-09-30T23:59:59Z"}, "outside the months"),
        ({"startDateTime": "2026-12-01T00:00:00Z", "endDateTime": "2026-12-02T00:00:00Z"}, "outside the months"),
        ({"startDateTime": "2026-10-05"}, "$.startDateTime: not an instant"),
        ({"includedProducts": [product(productAmountSpentCurrencyCode="USD")]}, "account's currency is EUR, got 'USD'"),
        ({"includedProducts": [product(productAmountSpentCurrencyCode=None)]}, "account's currency is EUR, got None"),
        ({"includedProducts": [product(productAmountSpent="10")]}, "expected a number, got text"),
        ({"includedProducts": [product(productAmountSpent=1e30)]}, "larger than any figure"),
        ({"promotionId": "P\x00"}, "$.promotionId: holds a NUL"),
        ({"includedProducts": None}, "$.includedProducts"),
    ],
)
def test_a_deal_that_is_wrong_costs_only_itself(changes: dict[str, Any], reason: str) -> None:
    decoded = decode(deals([deal([product()]) | changes, deal([product()], promotionId="P2")]), "promotion", "DEAL")
    assert [row["promotion_id"] for row in staged(decoded)] == ["P2"]
    (said,) = reasons(decoded)
    assert reason in said


def test_campaigns_in_another_currency_or_for_other_months_are_refused() -> None:
    assert (
        "account's currency is EUR, got 'USD'"
        in (reasons(decode(campaigns([coupon([discount()])], currencyCode="USD"), "promotion", "COUPON"))[0])
    )
    other = {"promotionStartDateFrom": "2026-09-01T00:00:00Z"}
    with pytest.raises(WrongDocument, match="promotionStartDateFrom: asked 2026-10-01T00:00:00Z"):
        decode(deals([], reportOptions=other), "promotion", "DEAL")
    with pytest.raises(UnreadableDocument, match="Load it by its request"):
        decode(deals([]), "promotion", "DEAL", window_start=None, window_end=None)
