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
