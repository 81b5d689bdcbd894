"""Sweeps without Airflow: plan, calls with the real client against the simulator, gate and publishing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from daybreak.accounts import Account
from daybreak.datasets import SWEEPS
from daybreak.landing.parts import Parts
from daybreak.landing.sweeps import decode_plan, encode_line
from daybreak.settings import Settings
from daybreak.spapi.credentials import SellingPartnerCredential
from daybreak.spapi.session import SellingPartnerSession
from daybreak.steps import sweeping
from daybreak.steps.extraction import Extraction, Progress
from daybreak.steps.gating import gate_staged
from daybreak.steps.publishing import PublishedLoad, publish_gated
from daybreak.steps.sweep_planning import PlannedGroup, plan_sweeps
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.quota import WarehouseQuota
from tests.morning import Morning

RUN = "sweep-test"
RETAIL = "A11IL2PNWYJU7H"


@dataclass
class SweepDay:
    """One account's sweeps in the warehouse of ``morning``; ``asked`` are the calls that reached Amazon, in order."""

    morning: Morning
    account: Account
    session: SellingPartnerSession
    settings: Settings
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    @property
    def extraction(self) -> Extraction:
        return Extraction(
            self.account,
            None,
            self.settings,
            self.morning.dsn,
            seller_session=self.session,
            dataset_codes=frozenset(SWEEPS),
        )

    def plan(self, instant: datetime | None = None) -> list[PlannedGroup]:
        with transaction(self.morning.dsn) as connection:
            return plan_sweeps(connection, [self.account], instant or self.morning.instant, RUN, self.settings)

    def sweep(self, passes: int = 60) -> Progress:
        """Passes until no sweep is open; the quota is refilled in between. The failures of all passes together."""
        failures: list[str] = []
        for _ in range(passes):
            progress = self.extraction.advance()
            failures += progress.failures
            if not progress.open_requests:
                break
            self.morning.let_pass(progress.wake_seconds or 1.0)
        else:
            pytest.fail(f"a sweep is still open after {passes} passes: {failures}")
        progress.failures = failures
        return progress

    def gate_and_publish(self) -> tuple[list[str], list[PublishedLoad]]:
        blocked = gate_staged(self.account, self.morning.dsn, self.settings, dataset_codes=SWEEPS)
        last = self.morning.newest_due_date
        done = publish_gated(self.account, last, self.settings, self.morning.dsn, dataset_codes=SWEEPS)
        return blocked, done

    @property
    def parts(self) -> Parts:
        """The parts of the open sweep."""
        [(request_id,)] = self.morning.rows("select request_id from ops.report_request where status_code = 'asked'")
        return Parts.of(self.settings.landing, self.account.account_id, request_id)

    def end_window(self) -> None:
        """As if the hours had passed that the sweep may take."""
        plan = decode_plan(self.parts.lines(0)[0])
        self.parts.write(0, [encode_line(msgspec.structs.replace(plan, until=datetime.now(UTC)))])


_PRODUCTS: dict[str, list[tuple[Any, ...]]] = {}
"""By the simulator's address what its products are: asked for once, because reports take seconds."""


def _know_products(morning: Morning) -> None:
    """Afterwards the client has the products that the simulator sells."""
    address = morning.simulator.base_url
    if address not in _PRODUCTS:
        morning.run()
        _PRODUCTS[address] = morning.rows("select asin, first_seen_date from core.product")
        return
    with transaction(morning.dsn) as connection:
        for asin, first_seen_date in _PRODUCTS[address]:
            connection.execute(
                "insert into core.product (account_id, asin, valid_from_date, first_seen_date) "
                "values (%(account_id)s, %(asin)s, '1970-01-01', %(first_seen_date)s)",
                {"account_id": morning.account.account_id, "asin": asin, "first_seen_date": first_seen_date},
            )


@pytest.fixture
def sweep_day(morning: Morning, monkeypatch: pytest.MonkeyPatch) -> Iterator[SweepDay]:
    """Account demo_it with the products of its sales, its seller's credential, and every call counted."""
    simulator = morning.simulator
    seller = simulator.accounts["demo_it"]["seller"]
    credential = SellingPartnerCredential.from_connection(
        "spapi_demo_it_seller",
        simulator.base_url,
        seller["client_id"],
        seller["client_secret"],
        {"refresh_token": seller["refresh_token"], "login_url": f"{simulator.base_url}/auth/o2/token"},
    )
    account = morning.account.model_copy(
        update={"seller_connection_id": "spapi_demo_it_seller", "own_seller_ids": (seller["seller_id"],)}
    )
    quota = WarehouseQuota("spapi_demo_it_seller", morning.dsn)
    _know_products(morning)
    with SellingPartnerSession(
        credential, account.marketplace.marketplace_id, None, quota, timeout_seconds=10, patience_seconds=0
    ) as session:
        day = SweepDay(morning, account, session, morning.settings)

        def counted(operation: str, fetch: Any) -> Any:
            def call(session: SellingPartnerSession, asins: tuple[str, ...]) -> bytes:
                answer: bytes = fetch(session, asins)
                day.asked.append((operation, asins))
                return answer

            return call

        fetchers = {operation: counted(operation, fetch) for operation, fetch in sweeping.FETCHERS.items()}
        monkeypatch.setattr(sweeping, "FETCHERS", fetchers)
        yield day
