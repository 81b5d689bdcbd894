"""Every answer of Amazon that is known, and what must be done about it."""

import copy
import pickle
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daybreak.spapi.answers import amazon_words
from daybreak.spapi.failures import (
    AccessDenied,
    AuthorisationRevoked,
    Kind,
    NotFound,
    QuotaExceeded,
    ReportNotFound,
    RequestRefused,
    RoleMissing,
    ServiceUnavailable,
    SpApiFailure,
    TokenExpired,
    UnexpectedAnswer,
)
from daybreak.spapi.fatal_reports import explain_fatal
from daybreak.spapi.judgement import judge_download, judge_login, judge_response
from daybreak.spapi.operations import CREATE_REPORT, DOWNLOAD, GET_REPORT, LOGIN, OPERATIONS, Call

AMAZON = httpx.Headers({"x-amzn-RequestId": "11111111-2222"})
DENIED = "Access to requested resource is denied."


def errors(code: str, message: str, details: str = "") -> bytes:
    return msgspec.json.encode({"errors": [{"code": code, "message": message, "details": details}]})


def judged(operation: str, status: int, body: bytes, headers: httpx.Headers = AMAZON) -> SpApiFailure:
    with pytest.raises(SpApiFailure) as caught:
        judge_response(Call(OPERATIONS[operation], "vendor_it", "it"), status, headers, body)
    return caught.value


EXPIRED = errors("Unauthorized", DENIED, "The access token you provided has expired.")
REVOKED = errors("Unauthorized", DENIED, "The access token you provided is revoked, malformed or invalid.")
NO_ROLE = errors("Unauthorized", DENIED)
NO_BRAND_ANALYTICS = errors("Unauthorized", "Access to the resource is forbidden")
TOO_EARLY = errors("NotFound", "One or more of the provided ReportRequestIds could not be found.")
SELLERS_ONLY = errors("InvalidInput", "Report type 107 does not support account ids of type class VendorGroupId.")
VENDORS_ONLY = errors("InvalidInput", "FORBIDDEN", "The includedData requested requires vendor access.")
PREMIUM = errors("InvalidInput", "not valid", "Unsupported content module type [premium-module-9], unable to proceed.")
INTERNAL = errors("InternalFailure", "We encountered an internal error. Please try again.")


@pytest.mark.parametrize(
    ("asked", "body", "expected"),
    [
        (("getReport", 429), errors("QuotaExceeded", "You exceeded your quota."), (QuotaExceeded, "retry", "quota")),
        (("getReport", 403), EXPIRED, (TokenExpired, "retry", "logs in")),
        (("getReport", 403), REVOKED, (AuthorisationRevoked, "give_up", "authorise the application again")),
        (("getReport", 403), NO_ROLE, (RoleMissing, "give_up", "Brand Analytics")),
        (("createReport", 403), NO_BRAND_ANALYTICS, (RoleMissing, "give_up", "role")),
        (("getReport", 403), b'{"message":"Forbidden"}', (RoleMissing, "give_up", "role")),
        (("getReport", 404), TOO_EARLY, (ReportNotFound, "retry", "minute")),
        (("getCatalogItem", 404), errors("NotFound", "Item is not found."), (NotFound, "skip", "marketplace")),
        (("createReport", 400), errors("InvalidInput", "Invalid Input"), (RequestRefused, "give_up", "configuration")),
        (("createReport", 400), SELLERS_ONLY, (AccessDenied, "give_up", "account type")),
        (("searchCatalogItems", 400), VENDORS_ONLY, (AccessDenied, "give_up", "vendor's")),
        (("getContentDocument", 400), PREMIUM, (RequestRefused, "skip", "premium")),
        (("getReport", 500), INTERNAL, (ServiceUnavailable, "retry", "later")),
        (("getReport", 504), b"", (ServiceUnavailable, "retry", "later")),
        (("getReport", 415), errors("UnsupportedMediaType", "no"), (RequestRefused, "give_up", "defect")),
        (("getReport", 301), b"", (RequestRefused, "give_up", "endpoint")),
    ],
)
def test_each_known_answer_is_judged_by_what_must_be_done(
    asked: tuple[str, int], body: bytes, expected: tuple[type[SpApiFailure], str, str]
) -> None:
    found = judged(*asked, body)
    assert (type(found), found.kind) == expected[:2]
    assert expected[2] in found.advice
    assert (found.operation, found.http_status, found.request_id) == (*asked, "11111111-2222")
    assert amazon_words(body) in str(found)


@pytest.mark.parametrize(("status", "kind"), [(403, Kind.RETRY), (404, Kind.GIVE_UP), (503, Kind.RETRY)])
def test_a_page_of_a_proxy_is_not_taken_for_amazons_word(status: int, kind: Kind) -> None:
    found = judged("getReport", status, b"<html><title>Squid</title></html>", httpx.Headers())
    assert found.kind is kind
    assert not isinstance(found, AccessDenied | ReportNotFound)


def test_a_lost_answer_to_a_creating_call_is_marked_and_to_a_reading_one_is_not() -> None:
    assert judged("createReport", 503, b"").may_have_happened
    assert judged("createReport", 202, b"<html>").may_have_happened
    assert not judged("createReport", 429, b"").may_have_happened
    assert not judged("createReport", 400, errors("InvalidInput", "no")).may_have_happened
    assert not judged("getReport", 503, b"").may_have_happened


def test_a_success_without_what_was_asked_names_what_is_missing() -> None:
    found = judged("getReport", 200, b'{"reportId":"1"}')
    assert isinstance(found, UnexpectedAnswer)
    assert found.kind is Kind.DATA_ERROR
    assert "lacks processingStatus" in found.message


def test_an_operation_that_promises_nothing_may_answer_nothing() -> None:
    assert judge_response(Call(OPERATIONS["cancelReport"], "x"), 200, AMAZON, b"") == {}


BODIES = st.binary(max_size=60) | st.sampled_from([b"{}", b"[]", b"null", b"<a>", b""])


@settings(max_examples=200, deadline=None)
@given(status=st.integers(200, 599), body=BODIES)
def test_whatever_comes_is_what_was_asked_or_a_failure_of_one_of_the_four_kinds(status: int, body: bytes) -> None:
    failures: list[SpApiFailure] = []
    for judge, operation in ((judge_response, CREATE_REPORT), (judge_response, GET_REPORT), (judge_login, LOGIN)):
        try:
            judge(Call(operation, "x"), status, AMAZON, body)
        except SpApiFailure as failure:
            failures.append(failure)
    refused = judge_download(Call(DOWNLOAD, "x"), status, AMAZON, body)
    assert (refused is None) == (status == 200)
    assert len(failures) == 3  # none of these bodies is what any of them asked for
    assert all(failure.kind in Kind and failure.advice and "x: " in str(failure) for failure in failures)


def test_a_failure_survives_pickling_and_copying_word_for_word() -> None:
    failure = judged("createReport", 503, b"<title>Website Temporarily Unavailable</title>")
    for twin in (pickle.loads(pickle.dumps(failure)), copy.copy(failure)):  # noqa: S301 - our own bytes
        assert type(twin) is type(failure)
        assert str(twin) == str(failure)
        assert vars(twin) == vars(failure)


@pytest.mark.parametrize(
    ("text", "code", "kind"),
    [
        (
            "Error in report request: This report type requires the reportPeriod, distributorView, sellingProgram "
            "reportOption to be specified. Please review the document for this report type on GitHub, provide a value "
            "for this reportOption in your request, and try again.",
            "bad_options",
            "give_up",
        ),
        (
            "Error in report request: The report data for the requested date range is not yet available. Try "
            "submitting this createReport request at a later time, or modify dataEndTime to be an earlier date.",
            "not_yet_available",
            "retry",
        ),
        ("There were 2 marketplaces in the request, but only 1 is supported.", "wrong_marketplace", "give_up"),
        (
            "The requested marketplaceId does not match the marketplace associated with the selling partner account: "
            "A1PA6795UKMFR9. You must specify the marketplaceId that corresponds to the selling partner account.",
            "wrong_marketplace",
            "give_up",
        ),
        (
            "A client error occurred. Please double check that your parameters are valid and fulfill the requirements "
            "of the report type.",
            "bad_options",
            "give_up",
        ),
        ("The requested data is unavailable. Please try a different date range", "not_yet_available", "retry"),
        ("For WEEK, dataStartTime must correspond to the first day of the period.", "bad_options", "give_up"),
        ("The selling partner does not have access to this report type.", "no_access", "give_up"),
        ("Report type 107 does not support account ids of type class VendorGroupId.", "no_access", "give_up"),
        ("", "unknown", "retry"),
        ("The moon is in the wrong house.", "unknown", "give_up"),
    ],
)
def test_the_reason_of_a_fatal_report_says_what_to_do(text: str, code: str, kind: str) -> None:
    explained = explain_fatal(text)
    assert (explained.code, explained.kind) == (code, kind)
    assert explained.amazon_text == text
    assert explained.advice


def test_amazons_words_are_found_in_every_shape_of_body() -> None:
    bodies: dict[bytes, Any] = {
        errors("A", "b", "c"): "A / b / c",
        b'{"errors":["x", {"code":"A"}]}': "A",
        b'{"message":"plain"}': "plain",
        b"<Error><Code>SlowDown</Code><Message>Please reduce</Message></Error>": "SlowDown / Please reduce",
        b"<html><title> Website Temporarily Unavailable </title>": "Website Temporarily Unavailable",
        b"": "",
        b"\xff\xfe": "",
    }
    assert {body: amazon_words(body) for body in bodies} == bodies
