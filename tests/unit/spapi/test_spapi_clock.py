"""How far this machine's clock is off, as the dates of answers tell it; and a login asked for by itself."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from daybreak.spapi.failures import LoginRefused
from daybreak.spapi.reports import get_report
from daybreak.spapi.session import SellingPartnerSession
from daybreak.spapi.tokens import TokenStore
from tests.unit.spapi.fake_amazon import FakeAmazon, as_json

PATH = "/reports/2021-06-30/reports/1"
REPORT = {
    "reportId": "1",
    "reportType": "GET_VENDOR_SALES_REPORT",
    "processingStatus": "IN_QUEUE",
    "createdTime": "2026-11-20T04:00:00Z",
}


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(minutes=10), timedelta(hours=-2)])
def test_the_skew_is_how_far_this_clock_is_ahead_of_the_answers_date(
    amazon: FakeAmazon, make_session: Callable[..., SellingPartnerSession], ahead: timedelta
) -> None:
    amazon.on("GET", PATH, as_json(200, REPORT, Date=format_datetime(datetime.now(UTC) - ahead, usegmt=True)))
    session = make_session()
    get_report(session, "1")
    assert session.exchange.clock_skew_seconds == pytest.approx(ahead.total_seconds(), abs=5)


@pytest.mark.parametrize("date", ["", "yesterday", "Fri, 20 Nov 2026 04:00:00 -0000"])
def test_a_date_that_cannot_be_read_says_nothing_of_the_clock(
    amazon: FakeAmazon, make_session: Callable[..., SellingPartnerSession], date: str
) -> None:
    amazon.on("GET", PATH, as_json(200, REPORT, Date=date))
    session = make_session()
    get_report(session, "1")
    assert session.exchange.clock_skew_seconds is None


def test_a_login_by_itself_is_made_once_and_says_when_it_is_refused(
    amazon: FakeAmazon, make_session: Callable[..., SellingPartnerSession]
) -> None:
    session = make_session()
    session.login()
    session.login()
    assert amazon.logins == 1
    amazon.on("POST", "/auth/o2/token", as_json(400, {"error": "invalid_grant", "error_description": "withdrawn"}))
    with pytest.raises(LoginRefused, match="withdrawn"):
        make_session(tokens=TokenStore()).login()
