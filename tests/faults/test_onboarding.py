"""An onboarding against the simulator: what it predicted, what it leaves the dawn run, that a kill repeats nothing."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from daybreak.accounts import Account
from daybreak.settings import Settings
from daybreak.spapi.credentials import SellingPartnerCredential
from daybreak.spapi.session import SellingPartnerSession
from daybreak.steps.arrival_prediction import SHARE_TOKENS
from daybreak.steps.extraction import Extraction
from daybreak.steps.onboarding import Onboarding
from daybreak.steps.planning import plan_morning
from daybreak.warehouse import report_requests
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.quota import WarehouseQuota
from tests.simulator_process import SimulatorProcess, running_simulator, simulator_configuration

ACCOUNT = Account(
    account_id="demo_de", name="Demo Germany", marketplace_code="DE", vendor_connection_id="spapi_demo_de"
)
PULLED = frozenset({"sales_daily", "traffic_daily"})
SPEED = 30.0
Opener = Callable[[], Onboarding]


@pytest.fixture(scope="module")
def amazon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    """A simulator 30 times as fast as Amazon, with a year of history."""
    configuration = simulator_configuration()
    now = datetime.now(UTC)
    configuration["start_date"] = f"{now - timedelta(days=400):%Y-%m-%d}"
    configuration["clock"] = {"now": now.isoformat(), "speed": SPEED}
    with running_simulator(configuration, tmp_path_factory.mktemp("amazon")) as simulator:
        yield simulator


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, gap_days=15)


@pytest.fixture
def opened(amazon: SimulatorProcess, warehouse: str, settings: Settings) -> Iterator[Opener]:
    """Opens an onboarding of the account, each time as a new process would."""
    amazon.control("DELETE", "/reports")
    amazon.control("DELETE", "/faults")
    amazon.control("PUT", "/clock", {"speed": SPEED})
    entry = amazon.accounts["demo_de"]
    credential = SellingPartnerCredential.from_connection(
        "spapi_demo_de",
        amazon.base_url,
        entry["client_id"],
        entry["client_secret"],
        {"refresh_token": entry["refresh_token"], "login_url": f"{amazon.base_url}/auth/o2/token"},
    )
    quota = WarehouseQuota("spapi_demo_de", warehouse, SHARE_TOKENS)
    with SellingPartnerSession(credential, entry["marketplace_id"], None, quota, patience_seconds=0) as session:
        extraction = Extraction(ACCOUNT, session, settings, warehouse, dataset_codes=PULLED, is_backfill=True)
        yield lambda: Onboarding(extraction, datetime.now(UTC), poll_seconds=0.5)


@dataclass(frozen=True)
class Took:
    """The seconds from the start to the end, and those of them in which nothing could be done but wait for Amazon."""

    all: float
    waiting: float


def finish(onboarding: Onboarding) -> Took:
    """Goes on until nothing is open."""
    began, waiting = time.monotonic(), 0.0
    while (standing := onboarding.advance()).open_requests:
        assert time.monotonic() - began < 240, standing
        paused = time.monotonic()
        time.sleep(standing.wake_seconds)
        waiting += time.monotonic() - paused
    assert standing.failures == ()
    return Took(time.monotonic() - began, waiting)


def published_days(warehouse: str, dataset_code: str) -> int:
    with psycopg.connect(warehouse) as connection:
        row = connection.execute(
            "select count(*) from ops.slice where dataset_code = %s and status_code in ('published', 'no_data')",
            (dataset_code,),
        ).fetchone()
    return int(row[0]) if row else 0


def asked_windows(amazon: SimulatorProcess) -> Counter[tuple[str, str]]:
    reports = amazon.control("GET", "/state")["reports"]
    return Counter((each["report_type"], each["data_end_date"]) for each in reports)


def test_the_arrival_predicted_before_the_start_is_within_ten_percent(opened: Opener, warehouse: str) -> None:
    first = opened()
    first.plan({"traffic_daily": 15})
    finish(first)  # Amazon tells its rates, and how long it works on a report
    history = opened()
    assert history.plan({"sales_daily": 330}) == 22
    standing = history.standing()
    assert standing.arrives_at is not None
    predicted = (standing.arrives_at - datetime.now(UTC)).total_seconds()
    took = finish(history)
    # Amazon makes it wait no longer than that, and it is not there before; a busy machine adds work of its own.
    assert took.waiting <= 1.1 * predicted
    assert took.all >= 0.9 * predicted
    assert published_days(warehouse, "sales_daily") == 330


class Killed(BaseException):
    """Stands for a kill -9: nothing in the code may catch it."""


def test_an_onboarding_that_is_killed_goes_on_with_the_same_reports_and_asks_nothing_twice(
    opened: Opener, amazon: SimulatorProcess, warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    amazon.control("PUT", "/clock", {"speed": 2_000.0})
    onboarding = opened()
    onboarding.plan({"sales_daily": 90, "traffic_daily": 60})
    write_down, written = report_requests.mark_waiting, []

    def die_at_the_fifth(*report: Any) -> None:
        written.append(report)
        if len(written) == 5:
            raise Killed
        write_down(*report)

    with monkeypatch.context() as patch:
        patch.setattr(report_requests, "mark_waiting", die_at_the_fifth)
        with pytest.raises(Killed):
            finish(onboarding)
    again = opened()
    assert again.plan({"sales_daily": 90, "traffic_daily": 60}) == 0
    finish(again)
    assert published_days(warehouse, "sales_daily") == 90
    assert published_days(warehouse, "traffic_daily") == 60
    asked = asked_windows(amazon)
    assert len(asked) == 6 + 4
    assert set(asked.values()) == {1}
    assert opened().plan({"sales_daily": 90, "traffic_daily": 60}) == 0


def test_a_dawn_run_finds_most_of_the_burst_and_waits_for_none_of_the_far_history(
    opened: Opener, warehouse: str, settings: Settings
) -> None:
    onboarding = opened()
    onboarding.plan({"sales_daily": 150})
    onboarding.advance()
    left = WarehouseQuota("spapi_demo_de", warehouse).bucket("createReport", 0.0167, 15)
    assert left.tokens >= 15 - SHARE_TOKENS
    dawn = replace(onboarding.extraction, is_backfill=False)
    with transaction(warehouse) as connection:
        plan_morning(connection, [ACCOUNT], datetime.now(UTC), "dawn", settings, dataset_codes=PULLED)
    seen = dawn._open_requests()
    assert {request.dataset_code for request in seen} == PULLED
    assert {request.run_id for request in seen if request.dataset_code == "traffic_daily"} == {"dawn"}
    # The newest fortnight of the history is the dawn run's, too: an onboarding that is given up leaves no gap.
    assert [request.run_id for request in seen if request.dataset_code == "sales_daily"] == ["history"]
    assert len(onboarding.extraction._open_requests()) > len(seen)
