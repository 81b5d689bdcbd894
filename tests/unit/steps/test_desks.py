"""The desks: what is asked of Amazon for a request, and which order found there may be the one that was lost."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from daybreak.accounts import Account
from daybreak.datasets import DATASETS
from daybreak.spapi.queries import QueryState
from daybreak.spapi.reports import ReportState
from daybreak.steps import desks
from daybreak.steps.desks import DeskState, desk_for
from daybreak.warehouse.report_requests import OpenRequest

ITALY = Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_it")
ASKING = datetime(2026, 11, 20, 5, tzinfo=UTC)
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 14)
SESSION: Any = object()


def request(dataset: str, variant: str = "", first: date = FIRST, last: date = LAST) -> OpenRequest:
    return OpenRequest(1, dataset, variant, first, last, 1, "asked", "run", "due", None, None, None, ASKING, None)


def report(report_id: str, first: date | None, last: date | None, status: Any = "IN_QUEUE") -> ReportState:
    return ReportState(report_id, "T", status, None, first, last, (), ASKING, None, None)


def lost(monkeypatch: pytest.MonkeyPatch, asked: OpenRequest, found: list[ReportState]) -> list[str]:
    looked: list[Any] = []

    def find(_: object, types: list[str], since: datetime) -> list[ReportState]:
        looked.append((types, since))
        return found

    monkeypatch.setattr(desks, "find_reports", find)
    ids = desk_for(DATASETS[asked.dataset_code]).find_lost(SESSION, ITALY, asked, ASKING)
    ((types, since),) = looked
    assert len(types) == 1
    assert ASKING - timedelta(minutes=10) < since < ASKING
    return ids


def test_a_lost_report_of_days_is_one_of_exactly_these_days_that_has_data(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        report("same", FIRST, LAST),
        report("later", FIRST + timedelta(days=1), LAST),
        report("longer", FIRST, LAST + timedelta(days=1)),
        report("no data", FIRST, LAST, "CANCELLED"),
        report("dateless", None, None),
    ]
    assert lost(monkeypatch, request("margin_daily"), found) == ["same"]


def test_a_lost_report_of_hours_may_end_in_the_midnight_that_ends_its_last_day(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        report("midnight", FIRST, LAST + timedelta(days=1)),
        report("within", FIRST, LAST),
        report("beyond", FIRST, LAST + timedelta(days=2)),
        report("another day", FIRST - timedelta(days=1), LAST),
    ]
    assert lost(monkeypatch, request("sales_hourly"), found) == ["midnight", "within"]


@pytest.mark.parametrize(("dataset", "variant"), [("forecast_weekly", ""), ("promotion", "COUPON")])
def test_a_lost_report_without_dates_is_any_of_its_type_that_has_data(
    monkeypatch: pytest.MonkeyPatch, dataset: str, variant: str
) -> None:
    found = [report("a", None, None), report("b", FIRST, FIRST), report("c", None, None, "CANCELLED")]
    assert lost(monkeypatch, request(dataset, variant), found) == ["a", "b"]


def test_a_lost_query_is_one_with_the_same_words_however_they_are_spaced(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = request("featured_offer_loss_daily")
    dataset: Any = DATASETS["featured_offer_loss_daily"]
    text = dataset.query((FIRST, LAST), "EUR")

    def state(query_id: str, query: str, status: Any = "IN_QUEUE") -> QueryState:
        return QueryState(query_id, query, status, None, None, ASKING)

    found = [
        state("same", text),
        state("spaced", text.replace("{", " {\n  ")),
        state("dollars", dataset.query((FIRST, LAST), "USD")),
        state("other days", dataset.query((FIRST, FIRST), "EUR")),
        state("no data", text, "CANCELLED"),
    ]
    monkeypatch.setattr(desks, "find_queries", lambda *_: found)
    assert desk_for(dataset).find_lost(SESSION, ITALY, asked, ASKING) == ["same", "spaced"]


@pytest.mark.parametrize(
    ("status", "document", "errors", "expected"),
    [
        ("DONE", "doc", None, DeskState("DONE", "doc")),
        ("DONE", None, None, DeskState("CANCELLED", None)),  # Amazon's way to say that there is no data
        ("FATAL", None, "why", DeskState("FATAL", "why")),
        ("IN_PROGRESS", None, None, DeskState("IN_PROGRESS", None)),
    ],
)
def test_a_query_that_is_done_without_a_document_has_no_data(
    monkeypatch: pytest.MonkeyPatch, status: Any, document: str | None, errors: str | None, expected: DeskState
) -> None:
    state = QueryState("1", "q", status, document, errors, ASKING)
    monkeypatch.setattr(desks, "get_query", lambda *_: state)
    assert desk_for(DATASETS["featured_offer_loss_daily"]).poll(SESSION, "1") == expected


def asked_for(monkeypatch: pytest.MonkeyPatch, wanted: OpenRequest) -> tuple[Any, ...]:
    asked: list[tuple[Any, ...]] = []

    def create(_: object, *given: Any) -> str:
        asked.append(given)
        return "1"

    monkeypatch.setattr(desks, "create_report", create)
    assert desk_for(DATASETS[wanted.dataset_code]).ask(SESSION, ITALY, wanted) == "1"
    return asked[0]


def test_a_report_is_asked_for_in_the_way_of_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked_for(monkeypatch, request("margin_daily")) == (
        "GET_VENDOR_NET_PURE_PRODUCT_MARGIN_REPORT", (FIRST, LAST), {"reportPeriod": "DAY"},
    )  # fmt: skip
    assert asked_for(monkeypatch, request("forecast_weekly")) == (
        "GET_VENDOR_FORECASTING_REPORT", None, {"sellingProgram": "RETAIL"},
    )  # fmt: skip
    coupons = request("promotion", "COUPON", date(2026, 11, 1), date(2027, 2, 1))
    assert asked_for(monkeypatch, coupons) == (
        "GET_COUPON_PERFORMANCE_REPORT", None,
        {"campaignStartDateFrom": "2026-11-01T00:00:00Z", "campaignStartDateTo": "2027-02-28T23:59:59Z"},
    )  # fmt: skip


def test_hours_are_asked_for_to_the_end_of_their_last_day_or_to_the_newest_that_amazon_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = datetime.now(UTC)
    old = request("sales_hourly", first=now.date() - timedelta(days=5), last=now.date() - timedelta(days=4))
    _, (begins, ends), options = asked_for(monkeypatch, old)
    assert (begins.date(), begins.hour, ends - begins) == (old.window_start_date, 0, timedelta(days=2))
    assert options == {"currencyCode": "EUR"}
    _, (begins, ends), _ = asked_for(monkeypatch, replace(old, window_end_date=now.date() + timedelta(days=1)))
    assert timedelta(hours=4) <= datetime.now(UTC) - ends < timedelta(hours=5, minutes=1)
    assert (ends.minute, ends.second, ends.microsecond) == (0, 0, 0)


def test_what_is_not_ordered_has_no_desk() -> None:
    from daybreak.sources import Collection

    with pytest.raises(LookupError, match="offers is not ordered at Amazon"):
        desk_for(Collection(key="offers", role="Pricing"))
