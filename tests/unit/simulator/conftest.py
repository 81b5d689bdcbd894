"""A small world and a simulation without a process, shared by the simulator's unit tests."""

import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from simulator.config import AccountConfig, ClockConfig, SimulatorConfig, WorldConfig
from simulator.simulation import Simulation
from simulator.world.history import AccountWorld
from simulator.world.kinds import Kind

START_DATE = date(2024, 11, 1)
NOW = datetime(2026, 11, 23, 4, 15, tzinfo=UTC)


class ManualTime:
    """Seconds that move only when told to."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


MakeAccount = Callable[..., AccountConfig]


@pytest.fixture(scope="session")
def make_account() -> MakeAccount:
    def make(account_id: str = "demo_it", **changes: object) -> AccountConfig:
        fields: dict[str, object] = {
            "account_id": account_id,
            "marketplace_id": "APJ6JRA9NG5V4",
            "currency_code": "EUR",
            "time_zone": "Europe/Rome",
            "asins": 120,
            "client_id": secrets.token_hex(8),
            "client_secret": secrets.token_hex(16),
            "refresh_token": secrets.token_hex(16),
        }
        return AccountConfig.model_validate(fields | changes)

    return make


@pytest.fixture(scope="session")
def world(make_account: MakeAccount) -> AccountWorld:
    return AccountWorld(make_account(), 7, START_DATE)


@pytest.fixture
def manual_time() -> ManualTime:
    return ManualTime()


@pytest.fixture
def simulation(make_account: MakeAccount, manual_time: ManualTime) -> Simulation:
    config = SimulatorConfig(
        seed=7,
        start_date=START_DATE,
        clock=ClockConfig(now=NOW),
        control_token=secrets.token_hex(16),
        world=WorldConfig(incident_rates={Kind.DAY_WITHOUT_DATA: 0.0}),
        accounts=[make_account()],
    )
    return Simulation(config, "http://127.0.0.1:1", manual_time, manual_time)
