"""Each trap of python-amazon-sp-api 2.1.35, and each way a network breaks, in words."""

import gzip
import logging
import ssl
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import pytest

from daybreak.spapi.amazon_library import region_by_marketplace_id
from daybreak.spapi.credentials import SellingPartnerCredential
from daybreak.spapi.failures import (
    AccessDenied,
    DocumentAddressExpired,
    Kind,
    LoginRefused,
    QuotaExceeded,
    ServiceUnavailable,
    SpApiFailure,
    TransportBroken,
    UnexpectedAnswer,
)
from daybreak.spapi.judgement import judge_transport
from daybreak.spapi.operations import CREATE_REPORT, GET_REPORT, Call
from daybreak.spapi.reports import create_report, fetch_document, fetch_error_details, get_report
from daybreak.spapi.session import SellingPartnerSession
from tests.unit.spapi.fake_amazon import (
    FakeAmazon,
    after,
    answer,
    as_json,
    expired_xml,
    html,
    raw,
    refusal,
    report,
    reset,
    zipped,
)

REPORT = "/reports/2021-06-30/reports/744201019124"
MakeSession = Callable[..., SellingPartnerSession]


def ask(session: SellingPartnerSession) -> object:
    return get_report(session, "744201019124")


def order(session: SellingPartnerSession) -> str:
    return create_report(
        session, "GET_VENDOR_SALES_REPORT", (date(2026, 2, 15), date(2026, 3, 1)), {"reportPeriod": "DAY"}
    )


def download(session: SellingPartnerSession, document_id: str = "doc") -> bytes:
    with fetch_document(session, document_id) as arriving:
        return b"".join(arriving)


@pytest.mark.parametrize(
    ("reply", "failure", "kind"),
    [
        (refusal(429, "QuotaExceeded", "You exceeded your quota."), QuotaExceeded, Kind.RETRY),
        (answer(429), QuotaExceeded, Kind.RETRY),
        (html(503), ServiceUnavailable, Kind.RETRY),
        (as_json(500, {"message": "Internal"}), ServiceUnavailable, Kind.RETRY),
        (refusal(401, "Unauthorized", "Access to requested resource is denied."), AccessDenied, Kind.GIVE_UP),
        (as_json(200, []), UnexpectedAnswer, Kind.DATA_ERROR),
        (html(200), UnexpectedAnswer, Kind.DATA_ERROR),
        (answer(200), UnexpectedAnswer, Kind.DATA_ERROR),
        (answer(200, b'{"reportId": "7442'), UnexpectedAnswer, Kind.DATA_ERROR),
        (answer(200, b"[" * 100_000), UnexpectedAnswer, Kind.DATA_ERROR),
        (answer(200, b'{"reportId": "\xff\xfe"}'), UnexpectedAnswer, Kind.DATA_ERROR),
    ],
    ids=[
        "429 with errors",
        "429 with an empty body",
        "503 with a web page",
        "500 with a message only",
        "401 with errors",
        "200 with an empty list",
        "200 with a web page",
        "200 with nothing",
        "200 cut in half",
        "200 nested without end",
        "200 that is not UTF-8",
    ],
)
def test_no_answer_but_the_one_asked_for_reads_as_success(
    amazon: FakeAmazon, session: SellingPartnerSession, reply: Any, failure: type[SpApiFailure], kind: Kind
) -> None:
    amazon.on("GET", REPORT, reply)
    with pytest.raises(failure) as caught:
        ask(session)
    assert caught.value.kind is kind
    assert "vendor_de: getReport report 744201019124" in str(caught.value)
    assert "Next: " in str(caught.value)


def test_an_expired_token_is_dropped_and_the_call_repeated_once(
    amazon: FakeAmazon, session: SellingPartnerSession
) -> None:
    expired = refusal(403, "Unauthorized", "Access to requested resource is denied.", "The access token … has expired.")
    amazon.on("GET", REPORT, as_json(200, report()), expired, as_json(200, report()))
    ask(session)
    ask(session)
    first, second, third = (asked.headers["x-amz-access-token"] for asked in amazon.calls("GET", REPORT))
    assert first == second != third
    assert amazon.logins == 2


def test_a_token_that_stays_expired_ends_after_two_calls(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    amazon.on("GET", REPORT, refusal(403, "Unauthorized", "denied", "The access token you provided has expired."))
    with pytest.raises(SpApiFailure) as caught:
        ask(session)
    assert caught.value.kind is Kind.RETRY
    assert len(amazon.calls("GET", REPORT)) == 2


def test_a_role_granted_meanwhile_counts_at_the_next_attempt_because_access_denied_drops_the_token(
    amazon: FakeAmazon, session: SellingPartnerSession
) -> None:
    amazon.on(
        "GET", REPORT, refusal(403, "Unauthorized", "Access to requested resource is denied."), as_json(200, report())
    )
    with pytest.raises(AccessDenied, match="Brand Analytics"):
        ask(session)
    ask(session)
    assert amazon.logins == 2


@pytest.mark.parametrize(
    ("reply", "failure", "kind"),
    [
        (
            as_json(400, {"error": "invalid_grant", "error_description": "The request has an invalid grant parameter"}),
            LoginRefused,
            Kind.GIVE_UP,
        ),
        (
            as_json(401, {"error": "invalid_client", "error_description": "Client authentication failed"}),
            LoginRefused,
            Kind.GIVE_UP,
        ),
        (html(503), ServiceUnavailable, Kind.RETRY),
        (html(200), UnexpectedAnswer, Kind.DATA_ERROR),
        (as_json(200, {"access_token": "two\nlines", "expires_in": 3600}), UnexpectedAnswer, Kind.DATA_ERROR),
        (as_json(200, {"access_token": "Atza|x", "expires_in": None}), UnexpectedAnswer, Kind.DATA_ERROR),
        (html(404), LoginRefused, Kind.GIVE_UP),
        (reset, TransportBroken, Kind.RETRY),
    ],
    ids=["invalid_grant", "invalid_client", "503 page", "200 page", "unusable token", "no lifetime", "404", "reset"],
)
def test_a_login_that_fails_says_so_and_calls_nothing_else(
    amazon: FakeAmazon, session: SellingPartnerSession, reply: Any, failure: type[SpApiFailure], kind: Kind
) -> None:
    amazon.on("POST", "/auth/o2/token", reply)
    with pytest.raises(failure, match="vendor_de: login") as caught:
        ask(session)
    assert caught.value.kind is kind
    assert [asked.path for asked in amazon.asked] == ["/auth/o2/token"]


def test_an_answer_after_the_librarys_five_seconds_is_waited_for(amazon: FakeAmazon, make_session: MakeSession) -> None:
    amazon.on("GET", REPORT, after(5.3, as_json(200, report())))
    assert ask(make_session(timeout_seconds=20.0))


def test_the_download_obeys_the_timeout_of_the_session_too(amazon: FakeAmazon, make_session: MakeSession) -> None:
    amazon.offer_document("doc", after(1.5, answer(200, b"late")))
    with pytest.raises(TransportBroken, match="within the time allowed"):
        download(make_session(timeout_seconds=0.5))
    amazon.offer_document("doc", after(0.5, answer(200, b"late")))
    assert download(make_session(timeout_seconds=5.0)) == b"late"


@pytest.mark.parametrize("compression", ["GZIP", None])
def test_an_expired_address_is_asked_for_again_once(
    amazon: FakeAmazon, session: SellingPartnerSession, compression: str | None
) -> None:
    amazon.offer_document("doc", expired_xml(), answer(200, b"bytes"), compression=compression)
    assert download(session) == b"bytes"
    signatures = [asked.query["X-Amz-Signature"] for asked in amazon.calls("GET", "/storage/doc")]
    assert len(signatures) == 2
    assert signatures[0] != signatures[1]


def test_the_xml_of_an_expired_address_is_never_the_document(
    amazon: FakeAmazon, session: SellingPartnerSession
) -> None:
    amazon.offer_document("doc", expired_xml(), compression=None)
    with pytest.raises(DocumentAddressExpired, match="AccessDenied / Request has expired"):
        download(session)
    assert len(amazon.calls("GET", "/storage/doc")) == 2


def test_a_document_sent_with_content_encoding_gzip_arrives_as_it_was_sent(
    amazon: FakeAmazon, session: SellingPartnerSession
) -> None:
    sent = gzip.compress("Küche".encode())
    amazon.offer_document("doc", answer(200, sent, Content_Encoding="gzip"))
    assert download(session) == sent


def test_bytes_that_are_no_latin_1_and_no_utf_8_arrive_as_they_were_sent(
    amazon: FakeAmazon, session: SellingPartnerSession
) -> None:
    sent = "Küche".encode() + bytes(range(256))
    amazon.offer_document("doc", answer(200, sent, Content_Type="text/plain; charset=iso-8859-1"), compression=None)
    assert download(session) == sent


def test_a_page_that_storage_calls_a_success_is_handed_on_for_landing_to_judge(
    amazon: FakeAmazon, session: SellingPartnerSession
) -> None:
    amazon.offer_document("doc", expired_xml(200))
    assert download(session).startswith(b"<?xml")


def test_a_download_carries_no_token_and_invites_no_compression(
    amazon: FakeAmazon, session: SellingPartnerSession
) -> None:
    amazon.offer_document("doc", answer(200, b"x"))
    download(session)
    asked = amazon.calls("GET", "/storage/doc")[0]
    assert asked.headers["accept-encoding"] == "identity"
    assert "x-amz-access-token" not in asked.headers
    assert "authorization" not in asked.headers


def test_a_document_shorter_than_announced_is_noticed(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    amazon.offer_document("doc", answer(200, b"half", length=8))
    with pytest.raises(TransportBroken, match="broke off before its end"):
        download(session)


def test_a_document_that_trickles_is_given_up(amazon: FakeAmazon, make_session: MakeSession) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    amazon.offer_document("doc", raw(head, *[b"."] * 30, pause=0.1))
    with pytest.raises(TransportBroken, match="within the time allowed"):
        download(make_session(timeout_seconds=0.6))


def test_an_answer_that_trickles_is_given_up_after_twice_the_timeout(
    amazon: FakeAmazon, make_session: MakeSession
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    amazon.on("GET", REPORT, raw(head, *[b" "] * 40, pause=0.1))
    with pytest.raises(TransportBroken, match="within the time allowed"):
        ask(make_session(timeout_seconds=0.5))


def test_a_reset_connection_while_a_report_is_ordered_says_that_it_may_exist(
    amazon: FakeAmazon, session: SellingPartnerSession
) -> None:
    amazon.on("POST", "/reports/2021-06-30/reports", reset)
    with pytest.raises(TransportBroken, match="look for it before asking again") as caught:
        order(session)
    assert caught.value.may_have_happened


def test_an_endpoint_that_nobody_serves_created_nothing(
    amazon: FakeAmazon, credential: SellingPartnerCredential, make_session: MakeSession
) -> None:
    unserved = credential.model_copy(update={"endpoint": "http://127.0.0.1:9"})
    with pytest.raises(TransportBroken, match=r"no connection is possible \(127\.0\.0\.1:9\)") as caught:
        order(make_session(credential=unserved))
    assert not caught.value.may_have_happened
    assert amazon.logins == 1


def test_a_host_that_has_no_address_points_at_endpoint_and_dns(
    credential: SellingPartnerCredential, make_session: MakeSession
) -> None:
    nowhere = credential.model_copy(update={"endpoint": "https://sellingpartnerapi.invalid"})
    with pytest.raises(TransportBroken, match="check the endpoint in the connection") as caught:
        ask(make_session(credential=nowhere))
    assert caught.value.kind is Kind.RETRY


def test_an_untrusted_certificate_needs_a_person() -> None:
    error = httpx.ConnectError("certificate verify failed")
    error.__cause__ = ssl.SSLCertVerificationError("self-signed certificate")
    assert judge_transport(Call(GET_REPORT, "vendor_de"), error, address="host").kind is Kind.GIVE_UP


def test_damaged_compression_of_an_answer_is_worth_another_attempt(
    amazon: FakeAmazon, session: SellingPartnerSession
) -> None:
    amazon.on("GET", REPORT, answer(200, b"no gzip at all", Content_Encoding="gzip"))
    with pytest.raises(TransportBroken, match="compression"):
        ask(session)


def test_the_host_header_is_whole_for_http_endpoints(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    amazon.on("GET", REPORT, as_json(200, report()))
    ask(session)
    assert {f"http://{asked.headers['host']}" for asked in amazon.asked} == {amazon.address}


def test_a_call_carries_no_parameter_that_was_not_asked_for(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    amazon.on("GET", REPORT, as_json(200, report()))
    amazon.on("POST", "/reports/2021-06-30/reports", as_json(202, {"reportId": "1"}))
    ask(session)
    order(session)
    assert amazon.calls("GET", REPORT)[0].query == {}
    assert set(amazon.asked[-1].document) == {
        "reportType",
        "dataStartTime",
        "dataEndTime",
        "marketplaceIds",
        "reportOptions",
    }


@pytest.mark.parametrize("value", ["US", "no such marketplace"])
def test_the_default_marketplace_of_the_environment_changes_nothing(
    amazon: FakeAmazon, make_session: MakeSession, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SP_API_DEFAULT_MARKETPLACE", value)
    monkeypatch.setenv("AWS_ENV", value)
    amazon.on("GET", REPORT, as_json(200, report()))
    assert ask(make_session())


def test_the_library_imports_whatever_its_variables_hold_and_they_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    import os
    import subprocess
    import sys

    monkeypatch.setenv("SP_API_DEFAULT_MARKETPLACE", "no such marketplace")
    monkeypatch.setenv("AWS_ENV", "staging")
    script = (
        "import os; from daybreak.spapi.amazon_library import region_by_marketplace_id as r; "
        "print(r()['APJ6JRA9NG5V4'], os.environ['AWS_ENV'], os.environ['SP_API_DEFAULT_MARKETPLACE'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.strip() == "eu-west-1 staging no such marketplace"
    assert region_by_marketplace_id()["A1VC38T7YXB528"] == "us-west-2"


def test_two_applications_with_one_refresh_token_have_a_token_each(
    amazon: FakeAmazon, credential: SellingPartnerCredential, make_session: MakeSession
) -> None:
    other = SellingPartnerCredential.from_connection(
        "vendor_de_other_app",
        amazon.address,
        "amzn1.application-oa2-client.other",
        credential.client_secret.get_secret_value(),
        {"refresh_token": credential.refresh_token.get_secret_value(), "login_url": credential.login_url},
    )
    amazon.on("GET", REPORT, as_json(200, report()))
    ask(make_session())
    ask(make_session(credential=other))
    tokens = {asked.headers["x-amz-access-token"] for asked in amazon.calls("GET", REPORT)}
    assert len(tokens) == amazon.logins == 2


def test_the_reason_of_a_fatal_report_is_read_from_its_gzip_document(
    amazon: FakeAmazon, session: SellingPartnerSession
) -> None:
    amazon.offer_document("why", answer(200, zipped({"errorDetails": "There were 2 marketplaces in the request."})))
    assert fetch_error_details(session, "why") == "There were 2 marketplaces in the request."


def test_the_library_logs_no_token_even_at_debug(
    amazon: FakeAmazon, session: SellingPartnerSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "sp_api.base.client")
    amazon.on("GET", REPORT, as_json(200, report()))
    ask(session)
    token = amazon.calls("GET", REPORT)[0].headers["x-amz-access-token"]
    assert "Request Headers" in caplog.text  # it does log them
    assert token not in caplog.text


def test_a_creating_call_answered_by_a_page_may_have_happened() -> None:
    assert CREATE_REPORT.creates
    assert not GET_REPORT.creates
