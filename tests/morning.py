"""A morning without Airflow: plan, extraction with the real client, gate and publishing, step by step."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from daybreak.accounts import Account
from daybreak.business_dates import newest_control_date, newest_due_date
from daybreak.settings import Settings
from daybreak.spapi.credentials import SellingPartnerCredential
from daybreak.spapi.session import SellingPartnerSession
from daybreak.steps.extraction import Extraction, Progress
from daybreak.steps.gating import gate_staged
from daybreak.steps.planning import plan_morning
from daybreak.steps.publishing import PublishedLoad, publish_gated
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.quota import WarehouseQuota
from tests.simulator_process import SimulatorProcess

PUBLISHED_REPORTS = frozenset({"sales_daily", "inventory_daily", "traffic_daily"})
"""What the proofs of the way from Amazon to the facts pull: that way is the same for every report."""


@dataclass
class Morning:
    """One account's morning in a warehouse of its own, against the simulator."""

    account: Account
    settings: Settings
    dsn: str
    simulator: SimulatorProcess
    session: SellingPartnerSession
    instant: datetime
    dataset_codes: frozenset[str] = PUBLISHED_REPORTS

    @property
    def newest_due_date(self) -> date:
        return newest_due_date(self.instant, timedelta(hours=72), "Europe/Rome")

    @property
    def extraction(self) -> Extraction:
        return Extraction(self.account, self.session, self.settings, self.dsn, dataset_codes=self.dataset_codes)

    def plan(self, **how: Any) -> int:
        with transaction(self.dsn) as connection:
            planned = plan_morning(
                connection, [self.account], self.instant, "test", self.settings, dataset_codes=self.dataset_codes, **how
            )
        return planned[0].new_requests if planned else 0

    def extract(self, passes: int = 40) -> Progress:
        """Passes over the open requests until none is left; the failures of all passes together."""
        failures: list[str] = []
        for _ in range(passes):
            progress = self.extraction.advance()
            failures += progress.failures
            if progress.open_requests == 0:
                break
            if progress.wake_seconds:
                self.let_pass(progress.wake_seconds)
        else:
            pytest.fail(f"requests are still open after {passes} passes: {failures}")
        progress.failures = failures
        return progress

    def let_pass(self, seconds: float) -> None:
        """What the task would wait for deferred: the buckets are as they will be then."""
        with transaction(self.dsn) as connection:
            connection.execute(
                "update ops.quota set refilled_at = refilled_at - make_interval(secs => %(seconds)s), "
                "blocked_until = blocked_until - make_interval(secs => %(seconds)s)",
                {"seconds": seconds + 1},
            )

    def gate_and_publish(self) -> tuple[list[str], list[PublishedLoad]]:
        blocked = gate_staged(self.account, self.dsn)
        last_mart_date = newest_control_date(self.instant, self.account.marketplace.time_zone)
        return blocked, publish_gated(self.account, last_mart_date, self.settings, self.dsn)

    def run(self, **how: Any) -> Progress:
        self.plan(**how)
        progress = self.extract()
        self.gate_and_publish()
        return progress

    def fault(self, kind: str, **details: Any) -> None:
        """The next matching call of this account fails in this way."""
        self.simulator.control("POST", "/faults", [{"kind": kind, "account_id": self.account.account_id, **details}])

    def reports(self) -> list[dict[str, Any]]:
        """The reports that the simulator was asked for."""
        reports: list[dict[str, Any]] = self.simulator.control("GET", "/state")["reports"]
        return reports

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(query, values).fetchall()  # type: ignore[arg-type]


@contextmanager
def open_morning(simulator_process: SimulatorProcess, dsn: str, home: Path, **how: Any) -> Iterator[Morning]:
    """Account demo_it with 15 days of gap. Amazon's clock and ours agree: lost reports are looked up by their time."""
    instant = datetime.now(UTC)
    simulator_process.control("DELETE", "/faults")
    simulator_process.control("DELETE", "/reports")
    simulator_process.control("PUT", "/clock", {"now": instant.isoformat(), "speed": 2000.0})
    entry = simulator_process.accounts["demo_it"]
    credential = SellingPartnerCredential.from_connection(
        "spapi_demo_it",
        simulator_process.base_url,
        entry["client_id"],
        entry["client_secret"],
        {"refresh_token": entry["refresh_token"], "login_url": f"{simulator_process.base_url}/auth/o2/token"},
    )
    account = Account(
        account_id="demo_it", name="Demo Italy", marketplace_code="IT", vendor_connection_id="spapi_demo_it"
    )
    quota = WarehouseQuota("spapi_demo_it", dsn)
    with SellingPartnerSession(credential, entry["marketplace_id"], None, quota, timeout_seconds=10) as session:
        yield Morning(account, Settings(home=home, gap_days=15), dsn, simulator_process, session, instant, **how)


@pytest.fixture
def morning(simulator_process: SimulatorProcess, warehouse: str, tmp_path: Path) -> Iterator[Morning]:
    """A morning in a warehouse of the test's own."""
    with open_morning(simulator_process, warehouse, tmp_path) as opened:
        yield opened
