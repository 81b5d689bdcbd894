"""Requests that Amazon accepts and then fails, and the calendar grid behind it."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.config import AccountConfig
from simulator.periods import LIMITS, is_on_grid, newest_published, oldest_start, period_start, shift, split
from simulator.report_rules import RULES, choose_account, fatal_text
from simulator.report_windows import GENERAL_ERROR, NOT_YET_AVAILABLE, PeriodWindow, ReportRequest
from simulator.world.documents import LAYOUTS
from simulator.world.questions import HourQuestion

from .conftest import NOW, MakeAccount

ROME = "APJ6JRA9NG5V4"
SALES = "GET_VENDOR_SALES_REPORT"
FULL = {"reportPeriod": "DAY", "distributorView": "MANUFACTURING", "sellingProgram": "RETAIL"}


@pytest.fixture
def account(make_account: MakeAccount) -> AccountConfig:
    return make_account()


def request(
    first: str = "2026-11-05",
    last: str = "2026-11-19",
    report_type: str = SALES,
    marketplaces: tuple[str, ...] = (ROME,),
    options: dict[str, str] | None = None,
) -> ReportRequest:
    chosen = FULL if options is None else options
    start, end = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (first, last))
    return ReportRequest(report_type, tuple(chosen.items()), marketplaces, start, end)


def test_a_sound_request_is_not_fatal(account: AccountConfig) -> None:
    assert fatal_text(request(), account, NOW) is None


def test_missing_options_are_named(account: AccountConfig) -> None:
    assert fatal_text(request(options={}), account, NOW) == (
        "Error in report request: This report type requires the reportPeriod, distributorView, sellingProgram "
        "reportOption to be specified. Please review the document for this report type on GitHub, provide a value for "
        "this reportOption in your request, and try again."
    )


@pytest.mark.parametrize(
    ("report_type", "options"),
    [
        (SALES, FULL | {"viewBy": "ASIN"}),
        (SALES, FULL | {"reportPeriod": "HOUR"}),
        ("GET_VENDOR_INVENTORY_REPORT", FULL | {"sellingProgram": "BUSINESS"}),
        ("GET_VENDOR_TRAFFIC_REPORT", FULL),
    ],
)
def test_options_that_the_type_does_not_know_are_fatal(
    account: AccountConfig, report_type: str, options: dict[str, str]
) -> None:
    assert fatal_text(request(report_type=report_type, options=options), account, NOW) == GENERAL_ERROR


def test_two_marketplaces_are_one_too_many(account: AccountConfig) -> None:
    text = fatal_text(request(marketplaces=(ROME, "A1PA6795UKMFR9")), account, NOW)
    assert text == "There were 2 marketplaces in the request, but only 1 is supported."


def test_another_accounts_marketplace_is_fatal(account: AccountConfig) -> None:
    text = fatal_text(request(marketplaces=("A1PA6795UKMFR9",)), account, NOW)
    assert text is not None
    assert text.startswith(f"The requested marketplaceId does not match the marketplace associated with the selling partner account: {ROME}.")  # fmt: skip  # noqa: E501


def test_one_unpublished_day_fails_the_whole_report(account: AccountConfig) -> None:
    assert fatal_text(request("2026-11-05", "2026-11-19"), account, NOW) is None
    assert fatal_text(request("2026-11-06", "2026-11-20"), account, NOW) == NOT_YET_AVAILABLE


def test_a_day_is_published_72_hours_after_its_end_in_the_accounts_zone() -> None:
    # 20 November ends in Rome at 23:00 UTC, in Los Angeles at 08:00 UTC of the 21st.
    before, after = datetime(2026, 11, 23, 22, 59, tzinfo=UTC), datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    assert newest_published(before, "Europe/Rome") == date(2026, 11, 19)
    assert newest_published(after, "Europe/Rome") == date(2026, 11, 20)
    assert newest_published(after, "America/Los_Angeles") == date(2026, 11, 19)


@pytest.mark.parametrize(
    ("first", "last", "period"),
    [
        ("2026-11-04", "2026-11-19", "DAY"),
        ("2026-11-10", "2026-11-09", "DAY"),
        ("2022-11-23", "2022-11-24", "DAY"),
        ("2026-11-02", "2026-11-08", "WEEK"),
        ("2026-11-01", "2026-11-13", "WEEK"),
        ("2026-09-27", "2026-11-21", "WEEK"),
        ("2026-09-13", "2026-09-19", "WEEK"),
        ("2026-09-02", "2026-10-31", "MONTH"),
        ("2025-07-01", "2026-10-31", "MONTH"),
    ],
    ids=["too long", "backwards", "too old", "Monday", "no Saturday", "8 weeks", "old week", "off grid", "16 months"],
)
def test_windows_that_break_the_grid_or_its_limits_are_fatal(
    account: AccountConfig, first: str, last: str, period: str
) -> None:
    assert fatal_text(request(first, last, options=FULL | {"reportPeriod": period}), account, NOW) == GENERAL_ERROR


@pytest.mark.parametrize(
    ("first", "last", "period"),
    [
        ("2026-11-08", "2026-11-14", "WEEK"),
        ("2026-09-27", "2026-11-14", "WEEK"),
        ("2025-08-01", "2026-10-31", "MONTH"),
        ("2026-07-01", "2026-09-30", "QUARTER"),
        ("2025-01-01", "2025-12-31", "YEAR"),
        ("2022-11-24", "2022-11-24", "DAY"),
    ],
)
def test_windows_on_the_grid_are_sound(account: AccountConfig, first: str, last: str, period: str) -> None:
    assert fatal_text(request(first, last, options=FULL | {"reportPeriod": period}), account, NOW) is None


def test_dates_are_needed(account: AccountConfig) -> None:
    undated = ReportRequest(SALES, tuple(FULL.items()), (ROME,), None, None)
    assert fatal_text(undated, account, NOW) == GENERAL_ERROR


HOURLY_SALES = "GET_VENDOR_REAL_TIME_SALES_REPORT"
HOURLY_TRAFFIC = "GET_VENDOR_REAL_TIME_TRAFFIC_REPORT"
HOURLY_INVENTORY = "GET_VENDOR_REAL_TIME_INVENTORY_REPORT"


@pytest.mark.parametrize(
    ("report_type", "first", "last", "text"),
    [
        (HOURLY_SALES, "2026-11-09T04:15", "2026-11-23T04:15", None),
        (HOURLY_SALES, "2026-11-09T04:14", "2026-11-23T04:15", GENERAL_ERROR),
        (HOURLY_SALES, "2026-10-24T04:15", "2026-10-25T04:00", None),
        (HOURLY_SALES, "2026-10-24T04:14", "2026-10-25T04:00", GENERAL_ERROR),
        (HOURLY_SALES, "2026-11-23T04:00", "2026-11-23T05:00", NOT_YET_AVAILABLE),
        (HOURLY_SALES, "2026-11-23T04:00", "2026-11-23T03:00", GENERAL_ERROR),
        (HOURLY_TRAFFIC, "2026-11-23T02:00", "2026-11-23T03:15", None),
        (HOURLY_TRAFFIC, "2026-11-23T02:00", "2026-11-23T03:16", NOT_YET_AVAILABLE),
        (HOURLY_INVENTORY, "2026-11-22T04:00", "2026-11-23T04:00", None),
        (HOURLY_INVENTORY, "2026-11-22T03:00", "2026-11-23T04:00", GENERAL_ERROR),
        (HOURLY_INVENTORY, "2026-11-16T04:15", "2026-11-17T04:15", None),
        (HOURLY_INVENTORY, "2026-11-16T04:14", "2026-11-17T04:00", GENERAL_ERROR),
    ],
)
def test_hours_have_spans_and_lookbacks_of_their_own(
    account: AccountConfig, report_type: str, first: str, last: str, text: str | None
) -> None:
    assert fatal_text(request(first, last, report_type, options={}), account, NOW) == text


def test_full_hours_of_the_span_are_asked_for(account: AccountConfig) -> None:
    asked = request("2026-11-22T10:20", "2026-11-22T14:40", HOURLY_INVENTORY, options={})
    question = RULES[HOURLY_INVENTORY].window.question(asked, account, NOW)
    assert isinstance(question, HourQuestion)
    assert (question.start.hour, question.end.hour) == (11, 14)


@pytest.mark.parametrize(
    ("report_type", "options"),
    [
        (HOURLY_SALES, {"currencyCode": "ZZZ"}),
        (HOURLY_TRAFFIC, {"currencyCode": "EUR"}),
        (HOURLY_INVENTORY, {"reportPeriod": "DAY"}),
    ],
)
def test_real_time_reports_know_a_currency_of_sales_at_most(
    account: AccountConfig, report_type: str, options: dict[str, str]
) -> None:
    asked = request("2026-11-22T10:00", "2026-11-22T14:00", report_type, options=options)
    assert fatal_text(asked, account, NOW) == GENERAL_ERROR


def test_a_forecast_wants_its_programme_and_no_dates(account: AccountConfig) -> None:
    forecast = "GET_VENDOR_FORECASTING_REPORT"
    undated = ReportRequest(forecast, (("sellingProgram", "RETAIL"),), (ROME,), None, None)
    assert fatal_text(undated, account, NOW) is None
    text = fatal_text(request(report_type=forecast, options={}), account, NOW)
    assert text is not None
    assert "requires the sellingProgram reportOption" in text
    business = request(report_type=forecast, options={"sellingProgram": "BUSINESS"})
    assert fatal_text(business, account, NOW) == GENERAL_ERROR


@pytest.mark.parametrize(
    ("since", "until", "text"),
    [
        ("2026-11-01T00:00:00Z", "2026-11-30T00:00:00Z", None),
        ("2024-11-24", "2026-11-30", None),
        ("2024-11-21", "2026-11-30", GENERAL_ERROR),
        ("2026-11-30", "2026-11-01", GENERAL_ERROR),
        ("soon", "later", GENERAL_ERROR),
    ],
)
def test_promotions_are_asked_for_by_their_beginning(
    account: AccountConfig, since: str, until: str, text: str | None
) -> None:
    options = {"promotionStartDateFrom": since, "promotionStartDateTo": until}
    asked = ReportRequest("GET_PROMOTION_PERFORMANCE_REPORT", tuple(options.items()), (ROME,), None, None)
    assert fatal_text(asked, account, NOW) == text
    coupons = ReportRequest("GET_COUPON_PERFORMANCE_REPORT", tuple(options.items()), (ROME,), None, None)
    missing = fatal_text(coupons, account, NOW)
    assert missing is not None
    assert "requires the campaignStartDateFrom, campaignStartDateTo reportOption" in missing


def test_a_shared_credential_finds_the_account_by_its_marketplace(make_account: MakeAccount) -> None:
    rome, berlin = make_account("it"), make_account("de", marketplace_id="A1PA6795UKMFR9")
    assert choose_account([rome, berlin], ["A1PA6795UKMFR9"]) is berlin
    assert choose_account([rome, berlin], ["ATVPDKIKX0DER"]) is rome


def test_every_report_type_that_is_served_has_a_document() -> None:
    assert set(RULES) == set(LAYOUTS)


def test_reports_on_calendar_periods_ask_for_theirs() -> None:
    of_periods = {name for name, rule in RULES.items() if isinstance(rule.window, PeriodWindow)}
    assert of_periods == {name for name, rule in RULES.items() if "reportPeriod" in rule.required}
    assert len(of_periods) == 4


@given(
    period=st.sampled_from(sorted(LIMITS)),
    day=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    count=st.integers(1, 9),
)
def test_a_window_splits_into_whole_neighbouring_periods(period: str, day: date, count: int) -> None:
    first = period_start(period, day)  # type: ignore[arg-type]
    last = shift(period, first, count) - timedelta(days=1)  # type: ignore[arg-type]
    spans = split(period, first, last)  # type: ignore[arg-type]
    assert is_on_grid(period, first, last)  # type: ignore[arg-type]
    assert len(spans) == count
    assert (spans[0][0], spans[-1][1]) == (first, last)
    assert all(after[0] == before[1] + timedelta(days=1) for before, after in pairwise(spans))
    assert first <= day
    assert oldest_start(period, day) <= first  # type: ignore[arg-type]
    if period != "DAY":
        assert not is_on_grid(period, first + timedelta(days=1), last)  # type: ignore[arg-type]
