"""The Reports API as Daybreak uses it: what is asked, what is understood, what is refused."""

import gzip
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from daybreak.spapi.failures import DocumentAddressExpired, Kind, ReportNotFound, ServiceUnavailable, UnexpectedAnswer
from daybreak.spapi.reports import (
    create_report,
    fetch_document,
    fetch_document_address,
    fetch_error_details,
    find_reports,
    get_report,
)
from daybreak.spapi.session import SellingPartnerSession
from tests.unit.spapi.fake_amazon import (
    MARKETPLACE_ID,
    FakeAmazon,
    answer,
    as_json,
    expired_xml,
    html,
    refusal,
    report,
    zipped,
)

REPORTS = "/reports/2021-06-30/reports"
SINCE = datetime(2026, 3, 4, 5, 15, tzinfo=UTC)
OPTIONS = {"reportPeriod": "DAY", "distributorView": "MANUFACTURING", "sellingProgram": "RETAIL"}


def test_a_report_is_asked_for_with_whole_days_its_options_and_one_marketplace(
    amazon: FakeAmazon, session: SellingPartnerSession
) -> None:
    amazon.on("POST", REPORTS, as_json(202, {"reportId": "744201019124"}))
    asked_for = create_report(session, "GET_VENDOR_SALES_REPORT", (date(2026, 2, 15), date(2026, 3, 1)), OPTIONS)
    assert asked_for == "744201019124"
    assert amazon.calls("POST", REPORTS)[0].document == {
        "reportType": "GET_VENDOR_SALES_REPORT",
        "dataStartTime": "2026-02-15T00:00:00Z",
        "dataEndTime": "2026-03-01T00:00:00Z",
        "marketplaceIds": [MARKETPLACE_ID],
        "reportOptions": OPTIONS,
    }


def test_hours_are_asked_for_by_instants_in_utc(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    amazon.on("POST", REPORTS, as_json(202, {"reportId": "1"}))
    rome = timezone(timedelta(hours=2))
    window = (datetime(2026, 7, 1, 2, tzinfo=rome), datetime(2026, 7, 2, 1, tzinfo=rome))
    create_report(session, "GET_VENDOR_REAL_TIME_SALES_REPORT", window, {"currencyCode": "EUR"})
    asked = amazon.calls("POST", REPORTS)[0].document
    assert (asked["dataStartTime"], asked["dataEndTime"]) == ("2026-07-01T00:00:00Z", "2026-07-01T23:00:00Z")


def test_a_report_without_dates_or_options_is_asked_for_without_them(
    amazon: FakeAmazon, session: SellingPartnerSession
) -> None:
    amazon.on("POST", REPORTS, as_json(202, {"reportId": "1"}))
    create_report(session, "GET_VENDOR_FORECASTING_REPORT", None, {})
    assert amazon.calls("POST", REPORTS)[0].document == {
        "reportType": "GET_VENDOR_FORECASTING_REPORT",
        "marketplaceIds": [MARKETPLACE_ID],
    }


def test_days_in_the_wrong_order_never_reach_amazon(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    with pytest.raises(ValueError, match="ends on 2026-02-15, before it begins on 2026-03-01"):
        create_report(session, "GET_VENDOR_SALES_REPORT", (date(2026, 3, 1), date(2026, 2, 15)), OPTIONS)
    assert amazon.asked == []


def test_a_finished_report_is_understood_to_the_last_field(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    done = report(
        status="DONE",
        reportDocumentId="amzn1.spdoc.1.4.eu.x.T1.400",
        processingStartTime="2026-03-04T05:15:12+00:00",
        processingEndTime="2026-03-04T05:17:11.123Z",
        aNewField={"of": "Amazon"},
    )
    amazon.on("GET", f"{REPORTS}/744201019124", as_json(200, done))
    state = get_report(session, "744201019124")
    assert (state.report_id, state.status, state.is_finished) == ("744201019124", "DONE", True)
    assert state.document_id == "amzn1.spdoc.1.4.eu.x.T1.400"
    assert (state.data_start, state.data_end) == (date(2026, 2, 15), date(2026, 3, 1))
    assert state.created_at == datetime(2026, 3, 4, 5, 15, 5, tzinfo=UTC)
    assert state.processing_ended_at == datetime(2026, 3, 4, 5, 17, 11, 123000, tzinfo=UTC)
    assert state.marketplace_ids == (MARKETPLACE_ID,)


@pytest.mark.parametrize(
    ("status", "is_finished"), [("IN_QUEUE", False), ("IN_PROGRESS", False), ("CANCELLED", True), ("FATAL", True)]
)
def test_a_report_without_a_document_is_a_state_like_any_other(
    amazon: FakeAmazon, session: SellingPartnerSession, status: str, is_finished: bool
) -> None:
    amazon.on("GET", f"{REPORTS}/744201019124", as_json(200, report(status=status)))
    state = get_report(session, "744201019124")
    assert (state.document_id, state.is_finished) == (None, is_finished)


@pytest.mark.parametrize(
    ("described", "problem"),
    [
        (report("1"), "is about report 1"),
        (report(status="DONE"), "no document is named"),
        (report(status="PAUSED"), "PAUSED"),
        (report(createdTime="yesterday"), "cannot be read"),
        (report(dataStartTime="soon"), "cannot be read"),
    ],
    ids=["another report", "done without document", "unknown status", "unreadable time", "unreadable day"],
)
def test_a_report_described_wrongly_is_a_data_error(
    amazon: FakeAmazon, session: SellingPartnerSession, described: dict[str, object], problem: str
) -> None:
    amazon.on("GET", f"{REPORTS}/744201019124", as_json(200, described))
    with pytest.raises(UnexpectedAnswer, match=problem) as caught:
        get_report(session, "744201019124")
    assert caught.value.kind is Kind.DATA_ERROR


def test_a_report_not_found_just_after_its_creation_is_asked_for_again_later(
    amazon: FakeAmazon, session: SellingPartnerSession
) -> None:
    amazon.on("GET", f"{REPORTS}/744201019124", refusal(404, "NotFound", "could not be found."), as_json(200, report()))
    with pytest.raises(ReportNotFound) as caught:
        get_report(session, "744201019124")
    assert caught.value.kind is Kind.RETRY
    assert get_report(session, "744201019124").status == "IN_PROGRESS"


def test_all_pages_of_reports_are_read_and_next_token_travels_alone(
    amazon: FakeAmazon, session: SellingPartnerSession
) -> None:
    amazon.on(
        "GET",
        REPORTS,
        as_json(200, {"reports": [report("1"), report("2")], "nextToken": "VG9r ZW4=/+"}),
        as_json(200, {"reports": [report("3")]}),
    )
    found = find_reports(session, ["GET_VENDOR_SALES_REPORT", "GET_VENDOR_TRAFFIC_REPORT"], SINCE)
    assert [state.report_id for state in found] == ["1", "2", "3"]
    first, second = amazon.calls("GET", REPORTS)
    assert first.query == {
        "reportTypes": ["GET_VENDOR_SALES_REPORT,GET_VENDOR_TRAFFIC_REPORT"],
        "marketplaceIds": [MARKETPLACE_ID],
        "createdSince": ["2026-03-04T05:15:00Z"],
        "pageSize": ["100"],
    }
    assert second.query == {"nextToken": ["VG9r ZW4=/+"]}


def test_pages_that_go_in_a_circle_end(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    pages = [as_json(200, {"reports": [], "nextToken": token}) for token in ("a", "b", "a")]
    amazon.on("GET", REPORTS, *pages)
    with pytest.raises(UnexpectedAnswer, match="circle"):
        find_reports(session, ["GET_VENDOR_SALES_REPORT"], SINCE)
    assert len(amazon.calls("GET", REPORTS)) == 3


@pytest.mark.parametrize("count", [0, 11])
def test_more_report_types_than_amazon_takes_never_reach_it(
    amazon: FakeAmazon, session: SellingPartnerSession, count: int
) -> None:
    with pytest.raises(ValueError, match="1 to 10"):
        find_reports(session, ["GET_VENDOR_SALES_REPORT"] * count, SINCE)
    assert amazon.asked == []


def test_a_list_of_reports_that_is_none_is_a_data_error(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    amazon.on("GET", REPORTS, as_json(200, {"reports": {"1": report()}}))
    with pytest.raises(UnexpectedAnswer, match="no list"):
        find_reports(session, ["GET_VENDOR_SALES_REPORT"], SINCE)


def test_an_address_is_a_secret_with_its_compression(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    amazon.offer_document("doc", answer(200))
    address = fetch_document_address(session, "doc")
    assert address.compression == "GZIP"
    assert "X-Amz-Signature" in address.url.get_secret_value()
    assert "X-Amz-Signature" not in repr(address)
    amazon.offer_document("doc", answer(200), compression=None)
    assert fetch_document_address(session, "doc").compression is None


def test_a_known_address_costs_no_call_of_the_small_quota(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    amazon.offer_document("doc", answer(200, b"bytes"))
    address = fetch_document_address(session, "doc")
    for _ in range(2):
        with fetch_document(session, "doc", address) as download:
            assert b"".join(download) == b"bytes"
    assert len(amazon.calls("GET", "/reports/2021-06-30/documents/doc")) == 1


def test_a_large_document_arrives_in_pieces(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    sent = gzip.compress(bytes(range(256)) * 20_000, compresslevel=0)
    amazon.offer_document("doc", answer(200, sent))
    with fetch_document(session, "doc") as download:
        pieces = list(download)
    assert b"".join(pieces) == sent
    assert max(map(len, pieces)) < len(sent) / 4


def test_storage_that_is_not_able_to_answer_is_asked_later_with_the_address_kept(
    amazon: FakeAmazon, session: SellingPartnerSession
) -> None:
    amazon.offer_document("doc", html(503))
    with pytest.raises(ServiceUnavailable), fetch_document(session, "doc"):
        pass
    assert len(amazon.calls("GET", "/storage/doc")) == 1


def test_what_goes_wrong_with_the_reader_stays_the_readers(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    amazon.offer_document("doc", answer(200, b"bytes"))
    with pytest.raises(OSError, match="disk full"), fetch_document(session, "doc"):
        raise OSError("disk full")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (zipped({"errorDetails": "not yet available"}), "not yet available"),
        (gzip.compress(zipped({"errorDetails": "twice"})), "twice"),
        (b'{"errorDetails": "plain"}', "plain"),
        (gzip.compress(b"no JSON"), "no JSON"),
        (b"\x1f\x8bdamaged", ""),
        (b"", ""),
    ],
    ids=["gzip", "gzip twice", "not compressed", "text", "damaged", "empty"],
)
def test_the_reason_of_a_fatal_report_is_read_however_it_is_wrapped(
    amazon: FakeAmazon, session: SellingPartnerSession, body: bytes, text: str
) -> None:
    amazon.offer_document("why", answer(200, body))
    assert fetch_error_details(session, "why") == text


def test_a_reason_as_large_as_a_report_is_none(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    amazon.offer_document("why", answer(200, b"x" * (2**20 + 1)))
    with pytest.raises(UnexpectedAnswer, match="too large"):
        fetch_error_details(session, "why")


def test_an_address_refused_twice_is_not_asked_for_a_third_time(
    amazon: FakeAmazon, session: SellingPartnerSession
) -> None:
    amazon.offer_document("doc", expired_xml())
    with pytest.raises(DocumentAddressExpired), fetch_document(session, "doc"):
        pass
    assert len(amazon.calls("GET", "/reports/2021-06-30/documents/doc")) == 2
