"""One account's mornings in a warehouse of its own: Daybreak's own plan, calls, landing, decoders, publish and marts.

What is left out is Airflow, Amazon's quotas and the gates: the simulator is told to send nothing that a gate would hold
back. Time is moved, so that each morning knows what was published by then and nothing later.
"""

import json
import logging
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import psycopg

from bench.evaluate.amazon import Amazon
from bench.evaluate.phases import Phases
from bench.evaluate.worlds import ACCOUNT_ID, OWN_SELLER_ID, EvaluatedWorld
from daybreak.accounts import Account
from daybreak.business_dates import newest_control_date, windows
from daybreak.datasets import DATASETS, DAWN_DATASETS, SWEEPS
from daybreak.settings import Settings
from daybreak.spapi.credentials import SellingPartnerCredential
from daybreak.spapi.session import SellingPartnerSession
from daybreak.steps.extraction import Extraction
from daybreak.steps.file_loading import load_file
from daybreak.steps.planning import plan_morning
from daybreak.steps.publishing import publish_gated
from daybreak.steps.sweep_planning import plan_sweeps
from daybreak.warehouse import builds, loads
from daybreak.warehouse.account_registry import sync_accounts
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.mart_reach import build_order
from daybreak.warehouse.marts import mark_dependents, publish_build, run_build
from daybreak.warehouse.report_requests import insert_request

logger = logging.getLogger(__name__)

_PULLED = DAWN_DATASETS - {"traffic_hourly"}
"""No control reads the views of an hour."""
_RESTATED_DAYS = {"purchase_order_line": 42, "promotion": 1}
"""Beyond the newest due date so many days (of a promotion: months) are asked for anew each morning."""
_USUAL_RESTATED_DAYS = 15
_RESTATED_EVERY_DAYS = 5
"""Amazon's own restatements are small: daily reports are asked for anew on every fifth morning only."""
_SWEEPS_BEFORE = (timedelta(hours=12), timedelta(0))
"""Offers are looked at twice a day; what is lost would be looked at six times."""
_ANALYZED_EVERY_DAYS = 15
_VENDOR, _SELLER = "vendor", "seller"


class MorningFailed(RuntimeError):
    """A morning's documents could not be had or used; says which and why."""


class _NoQuota:
    """Amazon's quotas play no part in what the controls find."""

    def take(self, operation: str, rate: float, burst: float) -> float:
        return 0.0

    def learn(self, operation: str, rate: float) -> None: ...

    def block(self, operation: str, seconds: float) -> None: ...


@dataclass
class Mornings:
    """The account of ``world`` at ``amazon``, kept in the warehouse ``dsn``; landed documents lie below ``home``."""

    world: EvaluatedWorld
    amazon: Amazon
    dsn: str
    home: Path
    phases: Phases = field(default_factory=Phases)

    def __post_init__(self) -> None:
        self.settings = Settings(home=self.home, gap_days=self.world.history_days, minimum_free_mebibytes=64)
        folder = self.amazon.client_files(self.home / "client_files", self.world.mornings[-1])
        self.account = Account(
            account_id=ACCOUNT_ID, name="Evaluated", marketplace_code="IT", vendor_connection_id=_VENDOR,
            seller_connection_id=_SELLER, own_seller_ids=(OWN_SELLER_ID,),
            **json.loads((folder / "relations.json").read_text()),
        )  # fmt: skip

    def run(self, marts_every: int) -> None:
        """Afterwards the warehouse holds what it would after these mornings, and the marts of each of their days.

        The marts of ``marts_every`` days are built at once, with what is known on the last of their mornings.
        """
        with self._session(_VENDOR) as vendor, self._session(_SELLER) as seller:
            self._extraction = Extraction(self.account, vendor, self.settings, self.dsn, seller_session=seller)
            mornings, owed = self.world.mornings, 0
            for number, instant in enumerate(mornings):
                with self.phases.phase("history" if number == 0 else "reports"), self.amazon.travel(instant):
                    self._pull(number, instant)
                for before in _SWEEPS_BEFORE if number else _SWEEPS_BEFORE[-1:]:
                    with self.phases.phase("offers"), self.amazon.travel(instant - before):
                        self._sweep(instant - before)
                owed += 1
                if number % _ANALYZED_EVERY_DAYS == 0:
                    with psycopg.connect(self.dsn, autocommit=True) as connection:
                        connection.execute("analyze")
                if owed == marts_every or instant == mornings[-1]:
                    with self.phases.phase("marts"), self.amazon.travel(instant):
                        self._build(newest_control_date(instant, self.account.marketplace.time_zone), owed)
                    owed = 0
                self.amazon.forget()

    def _session(self, partner: str) -> SellingPartnerSession:
        entry = self.amazon.entry if partner == _VENDOR else self.amazon.entry["seller"]
        extra = {"refresh_token": entry["refresh_token"], "login_url": f"{self.amazon.base_url}/auth/o2/token"}
        credential = SellingPartnerCredential.from_connection(
            partner, self.amazon.base_url, entry["client_id"], entry["client_secret"], extra
        )
        return SellingPartnerSession(credential, self.amazon.entry["marketplace_id"], None, _NoQuota())

    def _pull(self, number: int, instant: datetime) -> None:
        if number == 0:
            with transaction(self.dsn) as connection:
                sync_accounts(connection, [self.account])
        if instant.day == 1 or number == 0:
            self._load_client_files(instant)
        with transaction(self.dsn) as connection:
            plan_morning(connection, [self.account], instant, "evaluate", self.settings, dataset_codes=_PULLED)
            if number:
                for dataset_code in sorted(_PULLED):
                    self._plan_restated(connection, dataset_code, number, instant)
        self._carry(_PULLED, instant)

    def _load_client_files(self, instant: datetime) -> None:
        """What the client hands over on this day: a month's promotions are planned before it begins."""
        folder = self.amazon.client_files(self.home / "client_files", instant)
        for dataset_code, name in (("product", "products.csv"), ("promotion", "promotions.csv")):
            if (file := folder / name).exists():
                load_file(file, self.account, DATASETS[dataset_code], self.settings, received_at=instant, dsn=self.dsn)

    def _plan_restated(self, connection: psycopg.Connection, dataset_code: str, number: int, instant: datetime) -> None:
        """Asks anew for dates whose figures move after they were published."""
        dataset = DATASETS[dataset_code]
        span = _RESTATED_DAYS.get(dataset_code, _USUAL_RESTATED_DAYS if dataset.restated_dates is None else 0)
        if not span or (dataset_code not in _RESTATED_DAYS and number % _RESTATED_EVERY_DAYS):
            return
        newest = dataset.calendar.newest_due(instant, self.account.marketplace.time_zone)
        known = dataset.calendar.dates(newest - timedelta(days=span), newest - timedelta(days=1))
        for variant in dataset.variants(self.account):
            for window in windows(known, dataset.longest_window_days):
                insert_request(connection, ACCOUNT_ID, dataset_code, variant, window, "evaluate")

    def _sweep(self, instant: datetime) -> None:
        with transaction(self.dsn) as connection:
            plan_sweeps(connection, [self.account], instant, "evaluate", self.settings)
        self._carry(frozenset(SWEEPS), instant)

    def _carry(self, dataset_codes: frozenset[str], instant: datetime) -> None:
        """Afterwards every open request of these datasets is answered and its document published."""
        extraction = Extraction(
            self.account, self._extraction.session, self.settings, self.dsn,
            seller_session=self._extraction.seller_session, dataset_codes=dataset_codes,
        )  # fmt: skip
        while True:
            progress = extraction.advance()
            if progress.failures:
                raise MorningFailed(f"{instant:%Y-%m-%d %H:%M}: {'; '.join(progress.failures)}")
            if not progress.open_requests:
                break
            time.sleep(0.002)  # the simulator needs milliseconds for a report at this speed; the core is its meanwhile
        self._wave_through(dataset_codes)
        last = newest_control_date(instant, self.account.marketplace.time_zone)
        publish_gated(self.account, last, self.settings, self.dsn, dataset_codes=dataset_codes)

    def _wave_through(self, dataset_codes: Collection[str]) -> None:
        """The ledger takes staged loads for gated."""
        with transaction(self.dsn) as connection:
            for load in loads.read_loads(connection, ACCOUNT_ID, ["staged"]):
                if load.dataset_code in dataset_codes:
                    verdict = {"status_code": "gated", "verdict_code": "pass", "reason": None}
                    loads.update_load(connection, ACCOUNT_ID, load.load_id, "mark_gated", verdict)

    def _build(self, last: date, days: int) -> None:
        """Builds and publishes every mart for the newest ``days`` days and for those that it owes, as a dawn does."""
        first = last - timedelta(days=max(days, self.settings.mart_days) - 1)
        for mart in build_order():
            begun = time.perf_counter()
            with transaction(self.dsn, role="transformer") as connection:
                owed = builds.read_dirty_dates(connection, ACCOUNT_ID, mart, first, last)
                oldest = min(owed | {last - timedelta(days=days - 1)})
                (build_id,) = run_build(connection, mart, [(ACCOUNT_ID, oldest, last)])
                builds.mark_gated(connection, ACCOUNT_ID, build_id, "gated", "pass", "evaluated without its gate")
                changed = publish_build(connection, ACCOUNT_ID, build_id).changed_rows
                builds.clear_dirty_days(connection, ACCOUNT_ID, build_id)
                if changed:
                    mark_dependents(connection, ACCOUNT_ID, builds.read_build(connection, ACCOUNT_ID, build_id), last)
            self.phases.seconds[f"mart {mart}"] += time.perf_counter() - begun
