"""Three accounts of the simulator's world, lived through once: what the second computations are compared on.

What is left out is Airflow, Amazon's quotas and the gates; everything else is Daybreak's own way from Amazon to the
facts. Offers and pages can be seen only while they are there, and forecasts and the hours of stock only for some days:
time is moved through the mornings and evenings for them. All that Amazon gives for long (sales, stock, views, margins,
lost shares, orders, promotions) is asked for once, on the last morning, as it then stands.
"""

import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, get_args
from unittest import mock

import psycopg
import time_machine
from sqlalchemy.pool import QueuePool

from daybreak.accounts import MARKETPLACES, Account
from daybreak.business_dates import newest_control_date, windows
from daybreak.datasets import DATASETS, SWEEPS
from daybreak.landing.files import store_document
from daybreak.settings import Settings
from daybreak.spapi.credentials import SellingPartnerCredential
from daybreak.spapi.session import SellingPartnerSession
from daybreak.steps.arrivals import stage_or_reject
from daybreak.steps.extraction import Extraction
from daybreak.steps.planning import plan_morning
from daybreak.steps.publishing import publish_gated
from daybreak.steps.sweep_planning import plan_sweeps
from daybreak.warehouse import engine, loads
from daybreak.warehouse.account_registry import sync_accounts
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.mart_reach import build_order
from daybreak.warehouse.report_requests import insert_request
from tests.simulator_process import SimulatorProcess, running_simulator, write_client_files
from tests.sql.mart_cases import build_and_publish

DAYS: Final = 60
"""The marts hold so many days of each account."""
LAST_MORNING: Final = datetime(2025, 12, 2, 4, 15, tzinfo=UTC)
"""Before it lie Prime's October days, Black Friday and the end of summer time."""
_LIVED_DAYS: Final = DAYS + 6
_HISTORY_DAYS: Final = 200
_YEAR_AGO_DAYS: Final = 30
"""So many days of a year before are there too, and with them the comparison with that year on the newest days."""
_PULLED_EVERY_DAYS: Final = 6
"""So long Amazon gives the hours of stock."""
_PAGES_EVERY_DAYS: Final = 3
_EVENINGS_EVERY_DAYS: Final = 4
"""Offers are looked at each morning, and on every fourth day in the evening too."""
_ASINS: Final = 32
_MOST_WATCHED: Final = 5
_SEEN_FOR_LONG: Final = frozenset(
    {
        *("sales_daily", "inventory_daily", "traffic_daily", "margin_daily", "featured_offer_loss_daily"),
        *("promotion", "purchase_order_line"),
    }
)
_SEEN_FOR_DAYS: Final = frozenset({"forecast_weekly", "inventory_hourly", "sales_hourly"})
_COMPARED_WITH_LAST_YEAR: Final = ("sales_daily", "traffic_daily", "featured_offer_loss_daily", "inventory_daily")


@dataclass(frozen=True)
class Client:
    """What tells one of the three accounts from the others: its store and what it set."""

    account_id: str
    marketplace_code: str
    settings: dict[str, Any] = field(default_factory=dict)


CLIENTS: Final = (
    Client("demo_it", "IT"),
    Client(
        "demo_de",
        "DE",
        {
            "vat_ratio": 0.07,
            "distributor_views": ("MANUFACTURING", "SOURCING"),
            "thresholds": {
                "amazon_operating_cost_amount": 3, "amazon_minimum_margin_ratio": 0.05, "back_margin_ratio": 0.04,
                "vendor_minimum_margin_ratio": 0.1, "born_to_run_budget_amount": 900, "born_to_run_window_days": 63,
                "drop_scales": 2.5, "overstock_cover_days": 70, "below_market_index": 98,
            },
        },
    ),
    Client(
        "demo_fr",
        "FR",
        {"primary_distributor_view": "SOURCING", "distributor_views": ("SOURCING",)},
    ),
)  # fmt: skip


class _NoQuota:
    """Amazon's quotas play no part in what a mart holds."""

    def take(self, operation: str, rate: float, burst: float) -> float:
        return 0.0

    def learn(self, operation: str, rate: float) -> None: ...

    def block(self, operation: str, seconds: float) -> None: ...


def simulator_file() -> dict[str, Any]:
    """Rates and lags run so fast that nobody waits; business dates follow the clock that is set."""
    return {
        "seed": 23,
        "start_date": (LAST_MORNING - timedelta(days=480)).date(),
        "clock": {"now": LAST_MORNING, "speed": 100_000.0},
        "control_token": secrets.token_hex(16),
        "world": {"incident_rates": {"DAY_WITHOUT_DATA": 0}},
        "accounts": [
            {
                "account_id": client.account_id,
                "marketplace_id": MARKETPLACES[client.marketplace_code].marketplace_id,
                "currency_code": MARKETPLACES[client.marketplace_code].currency_code,
                "time_zone": MARKETPLACES[client.marketplace_code].time_zone,
                "asins": _ASINS,
                "seed_offset": place,
                **_credential(),
                "seller": {**_credential(), "seller_id": f"A2INDEPENDENT{place}"},
            }
            for place, client in enumerate(CLIENTS)
        ],
    }


def _credential() -> dict[str, str]:
    return {name: secrets.token_hex(16) for name in ("client_id", "client_secret", "refresh_token")}


def live_through(dsn: str, home: Path) -> None:
    """Afterwards the warehouse ``dsn`` holds the facts of all accounts and every mart of the newest ``DAYS`` days."""
    told = simulator_file()
    with _hurried(dsn), running_simulator(told, home) as simulator:
        clients = [_Books.of(client, simulator, dsn, home) for client in CLIENTS]
        with ExitStack() as sessions:
            for books in clients:
                sessions.enter_context(books.opened())
            for back in reversed(range(_LIVED_DAYS)):
                _live_through_day(clients, simulator, LAST_MORNING - timedelta(days=back), back)
    _build_marts(dsn, [books.account for books in clients])


@contextmanager
def _hurried(dsn: str) -> Iterator[None]:
    """Within it a transaction takes the connection of the one before, and nothing waits for a disk.

    Opening a connection for each of many thousands of short transactions would take longer than all else.
    """
    engine._engine.cache_clear()
    with mock.patch.object(engine, "NullPool", QueuePool), mock.patch("os.fsync"):
        try:
            yield
        finally:
            for role in get_args(engine.Role):
                engine._engine(dsn, role).dispose()
            engine._engine.cache_clear()


def _live_through_day(clients: Sequence["_Books"], simulator: SimulatorProcess, morning: datetime, back: int) -> None:
    with _travelled(simulator, morning):
        for books in clients:
            books.load_client_files(morning, is_first=back == _LIVED_DAYS - 1)
            codes: set[str] = set()
            if back % _PAGES_EVERY_DAYS == 0:
                codes.add("content_snapshot")
            if back % _PULLED_EVERY_DAYS == 0:
                codes |= _SEEN_FOR_DAYS
            if back == 0:
                codes |= _SEEN_FOR_LONG
            if codes:
                books.pull(frozenset(codes), morning)
            books.sweep(morning)
    if back % _EVENINGS_EVERY_DAYS == 1:
        evening = morning + timedelta(hours=12)
        with _travelled(simulator, evening):
            for books in clients:
                books.sweep(evening)
    for kept in ("reports", "queries"):  # they would be listed and kept for ever
        simulator.control("DELETE", f"/{kept}")


@contextmanager
def _travelled(simulator: SimulatorProcess, instant: datetime) -> Iterator[None]:
    """Within it, it is ``instant`` here and at Amazon, and time goes on from there."""
    simulator.control("PUT", "/clock", {"now": instant.isoformat()})
    with time_machine.travel(instant, tick=True):
        yield


@dataclass
class _Books:
    """One account: what its client handed over, and what was asked for and published of it."""

    account: Account
    entry: dict[str, Any]
    simulator: SimulatorProcess
    dsn: str
    home: Path
    settings: Settings

    @classmethod
    def of(cls, client: Client, simulator: SimulatorProcess, dsn: str, home: Path) -> "_Books":
        entry = simulator.accounts[client.account_id]
        write_client_files(home / "simulator.yml", home / "client_files", LAST_MORNING, _MOST_WATCHED)
        relations = json.loads((home / "client_files" / client.account_id / "relations.json").read_text())
        account = Account(
            account_id=client.account_id, name=client.account_id, marketplace_code=client.marketplace_code,
            vendor_connection_id=f"{client.account_id}_vendor", seller_connection_id=f"{client.account_id}_seller",
            own_seller_ids=(entry["seller"]["seller_id"],), **relations, **client.settings,
        )  # fmt: skip
        return cls(account, entry, simulator, dsn, home, Settings(home=home, gap_days=_HISTORY_DAYS))

    @contextmanager
    def opened(self) -> Iterator[None]:
        with self._session(self.entry) as self.vendor, self._session(self.entry["seller"]) as self.seller:
            yield

    def _session(self, partner: dict[str, Any]) -> SellingPartnerSession:
        address = self.simulator.base_url
        extra = {"refresh_token": partner["refresh_token"], "login_url": f"{address}/auth/o2/token"}
        credential = SellingPartnerCredential.from_connection(
            self.account.account_id, address, partner["client_id"], partner["client_secret"], extra
        )
        return SellingPartnerSession(credential, self.entry["marketplace_id"], None, _NoQuota())

    def load_client_files(self, instant: datetime, *, is_first: bool) -> None:
        """What the client hands over on the first morning, and on each first of a month with its promotions."""
        if not is_first and instant.day != 1:
            return
        with transaction(self.dsn) as connection:
            sync_accounts(connection, [self.account])
        write_client_files(self.home / "simulator.yml", self.home / "client_files", instant, _MOST_WATCHED)
        folder = self.home / "client_files" / self.account.account_id
        codes = {"product": "products.csv", "promotion": "promotions.csv"}
        for dataset_code, name in codes.items():
            if (file := folder / name).exists():
                self._land(dataset_code, file, instant)
        self._publish(frozenset(codes), instant)

    def _land(self, dataset_code: str, file: Path, instant: datetime) -> None:
        """Afterwards the client's file is staged."""
        stored = store_document(
            self.settings.landing, self.account.account_id, dataset_code, file.stem, [file.read_bytes()],
            received_at=instant, minimum_free_bytes=0,
        )  # fmt: skip
        document = loads.LandedDocument(stored.path, stored.sha256, stored.size_bytes, instant, "file")
        with transaction(self.dsn) as connection:
            load_id = loads.insert_load(
                connection, self.account.account_id, dataset_code, DATASETS[dataset_code].file_variant(self.account),
                document, request_id=None, window=None, requested_at=instant, report_period="DAY",
            )  # fmt: skip
            load = loads.read_load(connection, load_id)
        assert load is not None
        assert not stage_or_reject(self.account, load, self.settings, self.dsn)

    def pull(self, dataset_codes: frozenset[str], instant: datetime) -> None:
        with transaction(self.dsn) as connection:
            plan_morning(connection, [self.account], instant, "independent", self.settings, dataset_codes=dataset_codes)
            if dataset_codes >= _SEEN_FOR_LONG:
                self._plan_last_year(connection, instant)
        self._carry(dataset_codes, instant)

    def _plan_last_year(self, connection: psycopg.Connection, instant: datetime) -> None:
        for code in _COMPARED_WITH_LAST_YEAR:
            dataset = DATASETS[code]
            newest = dataset.calendar.newest_due(instant, self.account.marketplace.time_zone) - timedelta(days=364)
            owed = dataset.calendar.dates(newest - timedelta(days=_YEAR_AGO_DAYS - 1), newest)
            for variant in dataset.variants(self.account):
                for window in windows(owed, dataset.longest_window_days):
                    insert_request(connection, self.account.account_id, code, variant, window, "independent")

    def sweep(self, instant: datetime) -> None:
        with transaction(self.dsn) as connection:
            plan_sweeps(connection, [self.account], instant, "independent", self.settings)
        self._carry(frozenset(SWEEPS), instant)

    def _carry(self, dataset_codes: frozenset[str], instant: datetime) -> None:
        """Afterwards every open request of these datasets is answered and its document published."""
        extraction = Extraction(
            self.account, self.vendor, self.settings, self.dsn, seller_session=self.seller, dataset_codes=dataset_codes
        )
        while True:
            progress = extraction.advance()
            if progress.failures:
                raise AssertionError(f"{self.account.account_id} {instant}: {'; '.join(progress.failures)}")
            if not progress.open_requests:
                break
        self._publish(dataset_codes, instant)

    def _publish(self, dataset_codes: frozenset[str], instant: datetime) -> None:
        """Afterwards what is staged of these datasets is published; no gate looks at it."""
        with transaction(self.dsn) as connection:
            for load in loads.read_loads(connection, self.account.account_id, ["staged"]):
                verdict = {"status_code": "gated", "verdict_code": "pass", "reason": None}
                loads.update_load(connection, self.account.account_id, load.load_id, "mark_gated", verdict)
        last = newest_control_date(instant, self.account.marketplace.time_zone)
        publish_gated(self.account, last, self.settings, self.dsn, dataset_codes=dataset_codes)


def built_days() -> list[date]:
    """The days of which every mart of the world is built, oldest first."""
    last = LAST_MORNING.date() - timedelta(days=1)
    return [last - timedelta(days=back) for back in reversed(range(DAYS))]


def _build_marts(dsn: str, accounts: Sequence[Account]) -> None:
    first, *_, last = built_days()
    with psycopg.connect(dsn, autocommit=True, options="-c jit=off") as connection:
        connection.execute("analyze")
        for mart in build_order():
            build_and_publish(connection, mart, [(account.account_id, first, last) for account in accounts])
