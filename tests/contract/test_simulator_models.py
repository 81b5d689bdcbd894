"""The simulator's answers and documents agree with Amazon's own models."""

import gzip
import json
import os
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft4Validator, Draft7Validator, FormatChecker

from tests.simulator_process import SimulatorProcess

ROOT = "/reports/2021-06-30"
OPTIONS = {"reportPeriod": "DAY", "distributorView": "MANUFACTURING", "sellingProgram": "RETAIL"}
PERIODS = {"DAY": ("2026-11-05", "2026-11-19"), "WEEK": ("2026-11-01", "2026-11-14")}
HOURS = ("2026-11-22T02:00:00Z", "2026-11-23T02:00:00Z")
SOME_DAYS = ("2026-11-17T02:00:00Z", "2026-11-23T02:00:00Z")
PROMOTED = ("2026-06-10T00:00:00Z", "2026-12-31T00:00:00Z")
CASES = [
    ("GET_VENDOR_SALES_REPORT", "vendorSalesReport.json", OPTIONS, PERIODS["DAY"]),
    ("GET_VENDOR_SALES_REPORT", "vendorSalesReport.json", OPTIONS | {"distributorView": "SOURCING"}, PERIODS["DAY"]),
    ("GET_VENDOR_INVENTORY_REPORT", "vendorInventoryReport.json", OPTIONS, PERIODS["DAY"]),
    ("GET_VENDOR_INVENTORY_REPORT", "vendorInventoryReport.json", OPTIONS | {"reportPeriod": "WEEK"}, PERIODS["WEEK"]),
    ("GET_VENDOR_TRAFFIC_REPORT", "vendorTrafficReport.json", {"reportPeriod": "DAY"}, PERIODS["DAY"]),
    (
        "GET_VENDOR_NET_PURE_PRODUCT_MARGIN_REPORT",
        "vendorNetPureProductMarginReport.json",
        {"reportPeriod": "DAY"},
        PERIODS["DAY"],
    ),
    ("GET_VENDOR_FORECASTING_REPORT", "vendorForecastingReport.json", {"sellingProgram": "RETAIL"}, ("", "")),
    ("GET_VENDOR_REAL_TIME_SALES_REPORT", "vendorRealTimeSalesReport.json", {}, SOME_DAYS),
    ("GET_VENDOR_REAL_TIME_TRAFFIC_REPORT", "vendorRealTimeTrafficReport.json", {}, HOURS),
    ("GET_VENDOR_REAL_TIME_INVENTORY_REPORT", "vendorRealTimeInventoryReport.json", {}, HOURS),
    (
        "GET_PROMOTION_PERFORMANCE_REPORT",
        "promotionReport.json",
        dict(zip(("promotionStartDateFrom", "promotionStartDateTo"), PROMOTED, strict=True)),
        ("", ""),
    ),
    (
        "GET_COUPON_PERFORMANCE_REPORT",
        "vendorCouponReport.json",
        dict(zip(("campaignStartDateFrom", "campaignStartDateTo"), PROMOTED, strict=True)),
        ("", ""),
    ),
]
FEW_ROWS = {"GET_PROMOTION_PERFORMANCE_REPORT", "GET_COUPON_PERFORMANCE_REPORT"}


@pytest.fixture(scope="module")
def models_dir() -> Path:
    beside = Path(__file__).resolve().parents[3] / "shared" / "sp-api-models"
    found = Path(os.environ.get("SP_API_MODELS_DIR", beside))
    if not (found / "models").is_dir():
        pytest.skip("Amazon's models are not here: set SP_API_MODELS_DIR to a copy of selling-partner-api-models")
    return found


def nullable(schema: Any) -> Any:
    """``schema`` with null allowed wherever a value is described: live documents hold nulls in many places."""
    if isinstance(schema, list):
        return [nullable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    relaxed = {name: nullable(value) for name, value in schema.items()}
    if "properties" in relaxed:
        relaxed["properties"] = {
            name: {"anyOf": [value, {"type": "null"}]} for name, value in relaxed["properties"].items()
        }
    return relaxed


def test_the_relaxation_allows_null_and_nothing_else() -> None:
    schema = nullable({"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}})
    validator = Draft7Validator(schema)
    assert validator.is_valid({"a": None})
    assert not validator.is_valid({"a": "1"})
    assert not validator.is_valid({})


class Session:
    """Calls of one account, made by hand."""

    def __init__(self, process: SimulatorProcess, account_id: str = "demo_it") -> None:
        self.marketplace_id = process.accounts[account_id]["marketplace_id"]
        headers = {"x-amz-access-token": process.access_token(account_id)}
        self.client = httpx.Client(base_url=process.base_url + ROOT, headers=headers, timeout=30)

    def create(self, report_type: str, options: dict[str, str], first: str, last: str) -> httpx.Response:
        body = {
            "reportType": report_type,
            "marketplaceIds": [self.marketplace_id],
            "reportOptions": options,
        } | ({"dataStartTime": first, "dataEndTime": last} if first else {})
        return self.client.post("/reports", json=body)

    def finish(self, created: httpx.Response) -> dict[str, Any]:
        report_id = created.json()["reportId"]
        for _ in range(200):
            report: dict[str, Any] = self.client.get(f"/reports/{report_id}").json()
            if report.get("processingStatus") in {"DONE", "FATAL", "CANCELLED"}:
                return report
            time.sleep(0.1)
        raise AssertionError(f"report {report_id} did not end: {report}")

    def document(self, report: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        described = self.client.get(f"/documents/{report['reportDocumentId']}").json()
        return described, httpx.get(described["url"], timeout=30).content


@pytest.fixture(scope="module")
def session(simulator_process: SimulatorProcess) -> Session:
    return Session(simulator_process)


@pytest.mark.parametrize(("report_type", "schema_name", "options", "span"), CASES)
def test_documents_validate_against_amazons_schema(
    session: Session,
    models_dir: Path,
    report_type: str,
    schema_name: str,
    options: dict[str, str],
    span: tuple[str, str],
) -> None:
    path = models_dir / "schemas" / "reports" / schema_name
    if not path.is_file():
        pytest.skip(f"{schema_name} is not in this copy of Amazon's models")
    schema = json.loads(path.read_text())
    report = session.finish(session.create(report_type, options, *span))
    assert report["processingStatus"] == "DONE"
    document = json.loads(gzip.decompress(session.document(report)[1]))
    rows = sum(len(value) for value in document.values() if isinstance(value, list))
    assert rows > (0 if report_type in FEW_ROWS else 100)
    validator = Draft7Validator(nullable(schema), format_checker=FormatChecker())
    assert [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(document)] == []


def test_answers_validate_against_amazons_definitions(session: Session, models_dir: Path) -> None:
    model = json.loads((models_dir / "models" / "reports_2021-06-30.json").read_text())

    def conforms(name: str, answer: httpx.Response) -> None:
        schema = {"$ref": f"#/definitions/{name}", "definitions": model["definitions"]}
        problems = [error.message for error in Draft4Validator(schema).iter_errors(answer.json())]
        assert problems == [], f"{name}: {answer.text}"

    created = session.create("GET_VENDOR_TRAFFIC_REPORT", {"reportPeriod": "DAY"}, "2026-11-01", "2026-11-01")
    assert created.status_code == 202
    conforms("CreateReportResponse", created)
    report_path = f"/reports/{created.json()['reportId']}"
    conforms("Report", session.client.get(report_path))
    report = session.finish(created)
    conforms("Report", session.client.get(report_path))
    conforms("ReportDocument", session.client.get(f"/documents/{report['reportDocumentId']}"))
    listed = session.client.get("/reports", params={"reportTypes": "GET_VENDOR_TRAFFIC_REPORT", "pageSize": "1"})
    assert listed.status_code == 200
    conforms("GetReportsResponse", listed)
    for refused, status in (
        (session.client.post("/reports", json={}), 400),
        (session.client.get("/reports/1"), 404),
        (session.client.get("/documents/unknown"), 400),
        (session.client.get("/reports/1", headers={"x-amz-access-token": "Atza|none"}), 403),
        (session.client.delete(report_path), 400),
    ):
        assert refused.status_code == status
        conforms("ErrorList", refused)


def test_a_fatal_report_gives_a_gzipped_reason(session: Session) -> None:
    report = session.finish(session.create("GET_VENDOR_SALES_REPORT", {}, "2026-11-05", "2026-11-06"))
    assert report["processingStatus"] == "FATAL"
    described, packed = session.document(report)
    assert described["compressionAlgorithm"] == "GZIP"
    assert json.loads(gzip.decompress(packed))["errorDetails"].startswith(
        "Error in report request: This report type requires the reportPeriod, distributorView, sellingProgram"
    )


def test_a_report_on_nothing_is_cancelled(session: Session) -> None:
    report = session.finish(
        session.create("GET_VENDOR_SALES_REPORT", OPTIONS | {"sellingProgram": "FRESH"}, "2026-11-05", "2026-11-06")
    )
    assert report["processingStatus"] == "CANCELLED"
    assert "reportDocumentId" not in report
