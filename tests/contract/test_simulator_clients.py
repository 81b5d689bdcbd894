"""Two independent clients go through the whole life of a report against the simulator."""

import gzip
import json
import secrets
import time
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sp_api.api import Reports
from sp_api.auth import AccessTokenClient
from sp_api.auth.exceptions import AuthorizationError
from sp_api.base import SellingApiBadRequestException, SellingApiForbiddenException, SellingApiNotFoundException
from spapi import SPAPIClient, SPAPIConfig
from spapi.api.reports_v2021_06_30.reports_api import ReportsApi
from spapi.models.reports_v2021_06_30 import CreateReportSpecification
from spapi.rest import ApiException

from tests.simulator_process import SimulatorProcess

OPTIONS = {"reportPeriod": "DAY", "distributorView": "MANUFACTURING", "sellingProgram": "RETAIL"}
ENDED = {"DONE", "FATAL", "CANCELLED"}


@pytest.fixture(autouse=True)
def _explicit_marketplace(monkeypatch: pytest.MonkeyPatch) -> None:
    """python-amazon-sp-api lets this variable win over the endpoint that it is given."""
    monkeypatch.delenv("SP_API_DEFAULT_MARKETPLACE", raising=False)


def community_client(process: SimulatorProcess, account_id: str, **changes: str) -> Reports:
    account = process.accounts[account_id] | changes

    class Login(AccessTokenClient):  # type: ignore[misc]
        scheme, host, path = "http://", process.base_url.removeprefix("http://"), "/auth/o2/token"

    return Reports(
        marketplace=SimpleNamespace(
            endpoint=process.base_url, marketplace_id=account["marketplace_id"], region="eu-west-1"
        ),
        auth_token_client_class=Login,
        timeout=30,
        credentials={
            "refresh_token": account["refresh_token"],
            "lwa_app_id": account["client_id"],
            "lwa_client_secret": account["client_secret"],
        },
    )


def amazons_client(process: SimulatorProcess, account_id: str) -> ReportsApi:
    account = process.accounts[account_id]
    config = SPAPIConfig(
        client_id=account["client_id"],
        client_secret=account["client_secret"],
        refresh_token=account["refresh_token"],
        region="EU",
    )
    client = SPAPIClient(config, oauth_endpoint=f"{process.base_url}/auth/o2/token", endpoint=process.base_url)
    return ReportsApi(client.api_client)


def request_of(process: SimulatorProcess, account_id: str) -> dict[str, Any]:
    return {
        "reportType": "GET_VENDOR_INVENTORY_REPORT",
        "dataStartTime": "2026-11-05",
        "dataEndTime": "2026-11-19",
        "reportOptions": OPTIONS,
        "marketplaceIds": [process.accounts[account_id]["marketplace_id"]],
    }


def test_the_community_client_goes_from_request_to_document(simulator_process: SimulatorProcess) -> None:
    reports = community_client(simulator_process, "demo_it")
    created = reports.create_report(**request_of(simulator_process, "demo_it"))
    report_id = created.payload["reportId"]
    assert created.rate_limit == "5.01"
    report: dict[str, Any] = {}
    for _ in range(100):
        report = reports.get_report(report_id).payload
        if report["processingStatus"] in ENDED:
            break
        time.sleep(0.2)  # the report is made meanwhile; a tighter loop would only load the simulator
    assert report["processingStatus"] == "DONE"
    fetched = reports.get_report_document(
        report["reportDocumentId"], download=True, character_code="utf-8", timeout=30
    ).payload
    assert fetched["url"].startswith(simulator_process.base_url)
    specification = json.loads(fetched["document"])["reportSpecification"]
    assert specification["reportOptions"] == OPTIONS
    assert specification["marketplaceIds"] == ["APJ6JRA9NG5V4"]
    listed = reports.get_reports(reportTypes=["GET_VENDOR_INVENTORY_REPORT"], processingStatuses=["DONE"])
    assert report_id in [item["reportId"] for item in listed.payload["reports"]]


def test_the_community_client_pages_with_nothing_but_the_token(simulator_process: SimulatorProcess) -> None:
    reports = community_client(simulator_process, "demo_de")
    created = {reports.create_report(**request_of(simulator_process, "demo_de")).payload["reportId"] for _ in range(3)}
    first = reports.get_reports(reportTypes=["GET_VENDOR_INVENTORY_REPORT"], pageSize=2)
    second = reports.get_reports(nextToken=first.next_token)
    shown = [item["reportId"] for item in first.payload["reports"] + second.payload["reports"]]
    assert created <= set(shown)
    assert len(shown) == len(set(shown))


def test_amazons_client_goes_from_request_to_document(simulator_process: SimulatorProcess) -> None:
    reports = amazons_client(simulator_process, "demo_de")
    specification = CreateReportSpecification(
        report_type="GET_VENDOR_SALES_REPORT",
        marketplace_ids=["A1PA6795UKMFR9"],
        data_start_time=datetime.fromisoformat("2026-11-05T00:00:00+00:00"),
        data_end_time=datetime.fromisoformat("2026-11-19T00:00:00+00:00"),
        report_options=OPTIONS,
    )
    report_id = reports.create_report(specification).report_id
    report = reports.get_report(report_id)
    for _ in range(100):
        if report.processing_status in ENDED:
            break
        time.sleep(0.2)  # as above
        report = reports.get_report(report_id)
    assert report.processing_status == "DONE"
    assert report.data_start_time == datetime.fromisoformat("2026-11-05T00:00:00+00:00")
    described = reports.get_report_document(report.report_document_id)
    assert described.compression_algorithm == "GZIP"
    document = json.loads(gzip.decompress(httpx.get(described.url, timeout=30).content))
    assert document["reportSpecification"]["marketplaceIds"] == ["A1PA6795UKMFR9"]
    with pytest.raises(ApiException) as refused:
        reports.get_report("1")
    assert refused.value.status == 404


def test_accounts_cannot_see_each_others_reports(simulator_process: SimulatorProcess) -> None:
    mine = community_client(simulator_process, "demo_it")
    report_id = mine.create_report(**request_of(simulator_process, "demo_it")).payload["reportId"]
    with pytest.raises(SellingApiNotFoundException):
        community_client(simulator_process, "demo_de").get_report(report_id)


def test_the_community_client_meets_amazons_refusals(simulator_process: SimulatorProcess) -> None:
    reports = community_client(simulator_process, "demo_it")
    with pytest.raises(SellingApiBadRequestException) as refused:
        reports.create_report(**request_of(simulator_process, "demo_it") | {"reportType": "GET_FLAT_FILE_ORDERS"})
    assert "VendorGroupId" in str(refused.value)
    simulator_process.control("POST", "/faults", [{"kind": "role_missing", "operation": "createReport"}])
    with pytest.raises(SellingApiForbiddenException) as forbidden:
        reports.create_report(**request_of(simulator_process, "demo_it"))
    assert "Access to the resource is forbidden" in str(forbidden.value)


def test_a_wrong_secret_ends_at_the_login(simulator_process: SimulatorProcess) -> None:
    stranger = community_client(
        simulator_process, "demo_it", client_secret=secrets.token_hex(4), refresh_token=secrets.token_hex(4)
    )
    with pytest.raises(AuthorizationError) as refused:
        stranger.get_report("1")
    assert refused.value.error_code == "invalid_client"
