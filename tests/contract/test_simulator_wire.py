"""What stands on the wire: headers, quotas, expiry, faults and counts."""

import gzip
import json
import time
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

import httpx
import pytest

from tests.simulator_process import SimulatorProcess

ROOT = "/reports/2021-06-30"
TRAFFIC = {
    "reportType": "GET_VENDOR_TRAFFIC_REPORT",
    "marketplaceIds": ["APJ6JRA9NG5V4"],
    "dataStartTime": "2026-11-05",
    "dataEndTime": "2026-11-08",
    "reportOptions": {"reportPeriod": "DAY"},
}


@pytest.fixture
def client(simulator_process: SimulatorProcess) -> httpx.Client:
    headers = {"x-amz-access-token": simulator_process.access_token("demo_it")}
    return httpx.Client(base_url=simulator_process.base_url, headers=headers, timeout=30)


def create(client: httpx.Client, **changes: Any) -> str:
    return str(client.post(f"{ROOT}/reports", json=TRAFFIC | changes).raise_for_status().json()["reportId"])


def finished(client: httpx.Client, report_id: str) -> dict[str, Any]:
    for _ in range(200):
        report: dict[str, Any] = client.get(f"{ROOT}/reports/{report_id}").json()
        if report.get("processingStatus") in {"DONE", "FATAL", "CANCELLED"}:
            return report
        time.sleep(0.1)
    raise AssertionError(f"report {report_id} did not end")


def address(client: httpx.Client, **query: str) -> str:
    report = finished(client, create(client))
    answer = client.get(f"{ROOT}/documents/{report['reportDocumentId']}", params=query)
    return str(answer.raise_for_status().json()["url"])


def test_every_answer_has_a_request_id_and_some_the_rate(
    simulator_process: SimulatorProcess, client: httpx.Client
) -> None:
    answers = {
        200: client.get(f"{ROOT}/reports/{create(client)}"),
        202: client.post(f"{ROOT}/reports", json=TRAFFIC),
        400: client.post(f"{ROOT}/reports", json={}),
        404: client.get(f"{ROOT}/reports/1"),
        403: httpx.get(f"{simulator_process.base_url}{ROOT}/reports/1"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert UUID(answer.headers["x-amzn-RequestId"])
        assert ("x-amzn-RateLimit-Limit" in answer.headers) == (status != 403)
    assert answers[200].headers["x-amzn-RateLimit-Limit"] == "600.0"


def test_past_the_burst_comes_429_without_a_rate(simulator_process: SimulatorProcess) -> None:
    simulator_process.control("PUT", "/clock", {"speed": 0.5})
    try:
        headers = {"x-amz-access-token": simulator_process.access_token("demo_de")}
        with httpx.Client(base_url=simulator_process.base_url, headers=headers) as client:
            answers = [client.get(f"{ROOT}/reports", params={"reportTypes": "X"}) for _ in range(12)]
    finally:
        simulator_process.control("PUT", "/clock", {"speed": 300.0})
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
    assert answers[-1].json() == {
        "errors": [
            {"code": "QuotaExceeded", "message": "You exceeded your quota for the requested resource.", "details": ""}
        ]
    }
    assert "x-amzn-RateLimit-Limit" not in answers[-1].headers
    assert simulator_process.control("GET", "/state")["calls"]["demo_de"]["getReports"]["throttled"] == 2


def test_a_broken_host_header_and_unknown_parameters_do_no_harm(client: httpx.Client) -> None:
    query = {"MarketplaceId": "X", "MarketplaceIds": "X", "marketplace_ids": "X"}
    answer = client.get(f"{ROOT}/reports/{create(client)}", params=query, headers={"Host": "27.0.0.1:1"})
    assert answer.status_code == 200
    assert address(client).startswith(str(client.base_url).rstrip("/"))


def test_documents_are_gzip_whatever_the_encoding_header_says(client: httpx.Client) -> None:
    plain = httpx.get(address(client))
    declared = httpx.get(address(client, enableContentEncodingUrlHeader="true"))
    assert plain.headers["Content-Encoding"] == "identity"
    assert declared.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(plain.content)) == declared.json()


def test_downloads_refuse_tokens_forgery_and_age(simulator_process: SimulatorProcess, client: httpx.Client) -> None:
    url = address(client)
    assert client.get(url).status_code == 400
    forged = httpx.get(url.replace("X-Amz-Expires=300", "X-Amz-Expires=3000"))
    assert (forged.status_code, ET.fromstring(forged.text).findtext("Code")) == (403, "SignatureDoesNotMatch")  # noqa: S314
    simulator_process.control("PUT", "/lifetimes", {"document_url_seconds": 0})
    try:
        expired = httpx.get(address(client))
    finally:
        simulator_process.control("PUT", "/lifetimes", {"document_url_seconds": 300})
    assert expired.status_code == 403
    found = {element.tag: element.text for element in ET.fromstring(expired.text)}  # noqa: S314
    assert (found["Code"], found["Message"]) == ("AccessDenied", "Request has expired")
    assert {"X-Amz-Expires", "Expires", "ServerTime", "RequestId", "HostId"} <= set(found)
    assert httpx.get(url).status_code == 200


def test_expired_malformed_and_missing_tokens_read_as_amazons(simulator_process: SimulatorProcess) -> None:
    simulator_process.control("PUT", "/lifetimes", {"access_token_seconds": 0})
    try:
        expired = simulator_process.access_token("demo_it")
    finally:
        simulator_process.control("PUT", "/lifetimes", {"access_token_seconds": 3600})
    details = {}
    for name, headers in {
        "expired": {"x-amz-access-token": expired},
        "malformed": {"x-amz-access-token": "Atza|x"},
        "missing": {},
    }.items():
        answer = httpx.get(f"{simulator_process.base_url}{ROOT}/reports/1", headers=headers)
        assert answer.status_code == 403
        details[name] = answer.json()["errors"][0]["details"]
    assert details == {
        "expired": "The access token you provided has expired.",
        "malformed": "The access token you provided is revoked, malformed or invalid.",
        "missing": "Access token is missing in the request header.",
    }


def test_logins_answer_and_refuse_as_amazons(simulator_process: SimulatorProcess) -> None:
    good = simulator_process.login("demo_it").json()
    assert good.keys() == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert good["expires_in"] == 3600
    bad = simulator_process.login("demo_it", refresh_token="unknown")
    assert (bad.status_code, bad.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("kind", "status", "fragment"),
    [
        ("http_503_html", 503, "Website Temporarily Unavailable"),
        ("http_500", 500, "InternalFailure"),
        ("http_429", 429, "QuotaExceeded"),
        ("http_429_empty_body", 429, ""),
        ("expired_token", 403, "has expired"),
        ("revoked_token", 403, "revoked, malformed or invalid"),
        ("role_missing", 403, "Access to the resource is forbidden"),
        ("report_not_found", 404, "One or more of the provided ReportRequestIds could not be found."),
    ],
)
def test_an_armed_fault_strikes_once(
    simulator_process: SimulatorProcess, client: httpx.Client, kind: str, status: int, fragment: str
) -> None:
    report_id = create(client)
    simulator_process.control(
        "POST", "/faults", {"faults": [{"account_id": "demo_it", "operation": "getReport", "kind": kind}]}
    )
    struck, sound = (client.get(f"{ROOT}/reports/{report_id}") for _ in range(2))
    assert struck.status_code == status
    assert fragment in struck.text
    assert (struck.text == "") == (kind == "http_429_empty_body")
    assert sound.status_code == 200


@pytest.mark.parametrize(("kind", "status"), [("lwa_invalid_grant", 400), ("lwa_503_html", 503)])
def test_logins_can_fail_too(simulator_process: SimulatorProcess, kind: str, status: int) -> None:
    simulator_process.control("POST", "/faults", [{"kind": kind, "account_id": "demo_it"}])
    assert simulator_process.login("demo_de").status_code == 200
    assert simulator_process.login("demo_it").status_code == status
    assert simulator_process.login("demo_it").status_code == 200


@pytest.mark.parametrize("operation", ["getReport", "downloadDocument", "requestAccessToken"])
def test_a_connection_can_be_cut(simulator_process: SimulatorProcess, client: httpx.Client, operation: str) -> None:
    url, report_id = address(client), create(client)
    calls = {
        "getReport": lambda: client.get(f"{ROOT}/reports/{report_id}"),
        "downloadDocument": lambda: httpx.get(url),
        "requestAccessToken": lambda: simulator_process.login("demo_it"),
    }
    simulator_process.control("POST", "/faults", [{"kind": "connection_reset", "operation": operation}])
    with pytest.raises(httpx.ReadError):
        calls[operation]()
    assert calls[operation]().status_code == 200


def test_a_slow_body_trickles_and_is_whole(simulator_process: SimulatorProcess, client: httpx.Client) -> None:
    url = address(client)
    whole = httpx.get(url).content
    simulator_process.control(
        "POST", "/faults", [{"kind": "slow_body", "operation": "downloadDocument", "seconds": 0.5}]
    )
    began = time.monotonic()
    assert httpx.get(url).content == whole
    assert time.monotonic() - began >= 0.4


def test_a_spoilt_document_is_sound_when_asked_for_again(
    simulator_process: SimulatorProcess, client: httpx.Client
) -> None:
    url = address(client)
    simulator_process.control("POST", "/faults", [{"kind": "document_html"}])
    assert httpx.get(url).content.startswith(b"<!DOCTYPE html>")
    assert json.loads(gzip.decompress(httpx.get(url).content))["trafficByAsin"]


def test_faults_can_be_cleared(simulator_process: SimulatorProcess, client: httpx.Client) -> None:
    simulator_process.control("POST", "/faults", [{"kind": "http_500", "times": 5}])
    assert len(simulator_process.control("GET", "/state")["faults"]) == 1
    simulator_process.control("DELETE", "/faults")
    assert client.get(f"{ROOT}/reports/1").status_code == 404


def test_the_state_names_every_report_asked_for(simulator_process: SimulatorProcess, client: httpx.Client) -> None:
    before = simulator_process.control("GET", "/state")
    report_id = create(client, dataStartTime="2026-11-02", dataEndTime="2026-11-03")
    after = simulator_process.control("GET", "/state")
    new = [
        report for report in after["reports"] if report not in before["reports"] and report["report_id"] == report_id
    ]
    assert len(new) == 1
    assert (new[0]["account_id"], new[0]["report_type"]) == ("demo_it", "GET_VENDOR_TRAFFIC_REPORT")
    assert (new[0]["data_start_date"], new[0]["data_end_date"]) == ("2026-11-02", "2026-11-03")
    assert new[0]["report_options"] == {"reportPeriod": "DAY"}
    counts = [state["calls"]["demo_it"]["createReport"]["calls"] for state in (before, after)]
    assert counts[1] == counts[0] + 1


def test_moving_the_clock_publishes_more_days(simulator_process: SimulatorProcess, client: httpx.Client) -> None:
    window = {"dataStartTime": "2026-11-20", "dataEndTime": "2026-11-20"}
    assert finished(client, create(client, **window))["processingStatus"] == "FATAL"
    moved = simulator_process.control("PUT", "/clock", {"now": "2026-11-24T04:15:00Z"})
    assert moved["now"].startswith("2026-11-24T04:15")
    assert finished(client, create(client, **window))["processingStatus"] == "DONE"


def test_control_wants_its_token_and_unknown_paths_are_denied(simulator_process: SimulatorProcess) -> None:
    assert httpx.get(f"{simulator_process.base_url}/control/health").status_code == 200
    assert httpx.get(f"{simulator_process.base_url}/control/state").status_code == 401
    denied = httpx.get(f"{simulator_process.base_url}/orders/v0/orders")
    assert (denied.status_code, denied.json()["errors"][0]["code"]) == (403, "Unauthorized")
