"""A vendor with a seller account of its own, and calls in the name of either."""

import secrets
from typing import Any

from starlette.testclient import TestClient

from simulator.config import AccountConfig, ClockConfig, SellerConfig, SimulatorConfig
from simulator.server import build_app
from simulator.simulation import Simulation

from .conftest import NOW, START_DATE, MakeAccount, ManualTime

SELLER_ID = "A2QUITEANID01"


def make_seller(**changes: object) -> dict[str, object]:
    fields: dict[str, object] = {name: secrets.token_hex(8) for name in ("client_id", "client_secret", "refresh_token")}
    return fields | {"seller_id": SELLER_ID} | changes


class Partners:
    """One simulation without a process. ``vendor`` and ``seller`` are headers with an access token."""

    def __init__(self, *accounts: AccountConfig) -> None:
        self.time = ManualTime()
        config = SimulatorConfig(
            seed=7,
            start_date=START_DATE,
            clock=ClockConfig(now=NOW),
            control_token=secrets.token_hex(16),
            accounts=list(accounts),
        )
        self.simulation = Simulation(config, "http://127.0.0.1:1", self.time, self.time)
        self.client = TestClient(build_app(self.simulation))
        self.account = accounts[0]
        self.vendor = self.log_in(self.account)
        self.seller = self.log_in(self.account.seller) if self.account.seller else {}

    def log_in(self, partner: AccountConfig | SellerConfig) -> dict[str, str]:
        form = {
            "grant_type": "refresh_token",
            "client_id": partner.client_id,
            "client_secret": partner.client_secret.get_secret_value(),
            "refresh_token": partner.refresh_token.get_secret_value(),
        }
        answer = self.client.post("/auth/o2/token", data=form).raise_for_status().json()
        return {"x-amz-access-token": answer["access_token"]}

    def arm(self, **fault: Any) -> None:
        token = {"x-control-token": self.simulation.config.control_token.get_secret_value()}
        self.client.post("/control/faults", json=[fault], headers=token).raise_for_status()

    def wait(self, seconds: float) -> None:
        self.time.seconds += seconds


def make_partners(make_account: MakeAccount, **changes: object) -> Partners:
    return Partners(make_account(seller=make_seller(), **changes))
