"""Ten accounts of 20,000 products each fit in 4 GB of the simulator's memory."""

import secrets
import time
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest

from tests.simulator_process import SimulatorProcess, running_simulator

pytestmark = pytest.mark.long  # a world of 20,000 products and a year is drawn in seven seconds

MARKETPLACE = "APJ6JRA9NG5V4"
ACCOUNTS, ASINS = 10, 20_000
GIBIBYTE = 1024**3
REPORTS = "/reports/2021-06-30"
PERIOD = {"reportPeriod": "DAY", "distributorView": "MANUFACTURING", "sellingProgram": "RETAIL"}
DAY = {"dataStartTime": "2026-11-10T00:00:00Z", "dataEndTime": "2026-11-10T23:59:59Z"}
HOURS = {"dataStartTime": "2026-11-22T10:00:00Z", "dataEndTime": "2026-11-22T12:00:00Z"}
ASKED: dict[str, dict[str, Any]] = {
    "GET_VENDOR_INVENTORY_REPORT": {"reportOptions": PERIOD, **DAY},
    "GET_VENDOR_SALES_REPORT": {"reportOptions": PERIOD, **DAY},
    "GET_VENDOR_REAL_TIME_INVENTORY_REPORT": HOURS,
    "GET_VENDOR_FORECASTING_REPORT": {"reportOptions": {"sellingProgram": "RETAIL"}},
}


def _credential() -> dict[str, str]:
    return {name: secrets.token_hex(16) for name in ("client_id", "client_secret", "refresh_token")}


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    configuration = {
        "seed": 11,
        "start_date": "2025-11-01",
        "clock": {"now": "2026-11-23T04:15:00Z", "speed": 20_000.0},
        "control_token": secrets.token_hex(16),
        "accounts": [
            {
                "account_id": f"large_{place}", "marketplace_id": MARKETPLACE, "currency_code": "EUR",
                "time_zone": "Europe/Rome", "asins": ASINS, "seed_offset": place, **_credential(),
            }
            for place in range(ACCOUNTS)
        ],
    }  # fmt: skip
    with running_simulator(configuration, tmp_path_factory.mktemp("simulator")) as process:
        yield process


def simulator_memory() -> int:
    """Bytes that the simulator of this process holds resident."""
    (child,) = [c for c in psutil.Process().children() if "simulator" in c.cmdline()]
    return int(child.memory_info().rss)


def document_sizes(simulator: SimulatorProcess, account_id: str) -> list[int]:
    """Bytes of each of the account's reports as Amazon sends them; all are asked for and read to their ends."""
    headers = {"x-amz-access-token": simulator.access_token(account_id)}
    with httpx.Client(base_url=simulator.base_url, headers=headers, timeout=60) as client:
        return [report_size(client, report_type, **asked) for report_type, asked in ASKED.items()]


def report_size(client: httpx.Client, report_type: str, **asked: Any) -> int:
    body = {"reportType": report_type, "marketplaceIds": [MARKETPLACE], **asked}
    report_id = client.post(f"{REPORTS}/reports", json=body).raise_for_status().json()["reportId"]
    deadline = time.monotonic() + 60
    while (report := client.get(f"{REPORTS}/reports/{report_id}").json())["processingStatus"] != "DONE":
        assert report["processingStatus"] in ("IN_QUEUE", "IN_PROGRESS")
        assert time.monotonic() < deadline
        time.sleep(0.05)  # the report waits in Amazon's queue
    document = client.get(f"{REPORTS}/documents/{report['reportDocumentId']}").json()
    return len(httpx.get(document["url"], timeout=60).raise_for_status().content)


def test_ten_accounts_of_20_000_products_fit_in_4_gigabytes(simulator: SimulatorProcess) -> None:
    assert all(size > 10_000 for size in document_sizes(simulator, "large_0"))
    after_one = simulator_memory()
    assert all(size > 10_000 for size in document_sizes(simulator, "large_1"))
    for_each = simulator_memory() - after_one
    assert after_one + for_each * (ACCOUNTS - 1) < 4 * GIBIBYTE
    assert for_each > 20_000_000, "the second account's world is not there"
