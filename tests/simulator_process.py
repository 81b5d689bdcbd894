"""A simulator as a process of its own on a free loopback port, one per test module."""

import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[1]
MARKETPLACES = {
    "demo_it": ("APJ6JRA9NG5V4", "Europe/Rome"),
    "demo_de": ("A1PA6795UKMFR9", "Europe/Berlin"),
}
WITH_SELLER = frozenset({"demo_it"})
"""The accounts whose brand has a seller account of its own."""


@dataclass(frozen=True)
class SimulatorProcess:
    """Where a running simulator is and what it lets in. ``accounts`` are the entries of its configuration."""

    base_url: str
    control_token: str
    accounts: dict[str, dict[str, Any]]

    def control(self, method: str, path: str, json: Any = None) -> Any:
        """The JSON answer of a control endpoint."""
        headers = {"x-control-token": self.control_token}
        return (
            httpx.request(method, f"{self.base_url}/control{path}", headers=headers, json=json)
            .raise_for_status()
            .json()
        )

    def login(self, account_id: str, *, is_seller: bool = False, **changes: str) -> httpx.Response:
        """The answer to a token request of the account or its seller, with ``changes`` made to its form."""
        partner = self.accounts[account_id]["seller"] if is_seller else self.accounts[account_id]
        names = ("client_id", "client_secret", "refresh_token")
        form = {"grant_type": "refresh_token"} | {name: partner[name] for name in names} | changes
        return httpx.post(f"{self.base_url}/auth/o2/token", data=form)

    def access_token(self, account_id: str, *, is_seller: bool = False) -> str:
        return str(self.login(account_id, is_seller=is_seller).raise_for_status().json()["access_token"])


def _credential() -> dict[str, str]:
    return {
        "client_id": secrets.token_hex(8),
        "client_secret": secrets.token_hex(16),
        "refresh_token": secrets.token_hex(16),
    }


def simulator_configuration() -> dict[str, Any]:
    """Two accounts of 60 products, the first with a seller account of its brand."""
    return {
        "seed": 11,
        "start_date": "2026-06-01",
        "clock": {"now": "2026-11-23T04:15:00Z", "speed": 300.0},
        "control_token": secrets.token_hex(16),
        "world": {"incident_rates": {"DAY_WITHOUT_DATA": 0}},
        "accounts": [
            {
                "account_id": account_id,
                "marketplace_id": marketplace_id,
                "currency_code": "EUR",
                "time_zone": time_zone,
                "asins": 60,
                **_credential(),
                "seller": _credential() | {"seller_id": "A2QUITEANID01"} if account_id in WITH_SELLER else None,
            }
            for account_id, (marketplace_id, time_zone) in MARKETPLACES.items()
        ],
    }


def _wait_until_healthy(base_url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the simulator ended at once with exit code {process.returncode}")
        try:
            httpx.get(f"{base_url}/control/health").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the simulator did not answer within 60 seconds")


@contextmanager
def running_simulator(configuration: dict[str, Any], directory: Path) -> Iterator[SimulatorProcess]:
    """A simulator of ``configuration`` on a free loopback port, whose file stands in ``directory``."""
    path = directory / "simulator.yml"
    path.write_text(yaml.safe_dump(configuration))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "simulator", "serve", "--config", str(path), "--port", str(port)]
    process = subprocess.Popen(command, cwd=CHECKOUT)
    base_url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(base_url, process)
        accounts = {account["account_id"]: account for account in configuration["accounts"]}
        yield SimulatorProcess(base_url, configuration["control_token"], accounts)
    finally:
        process.terminate()
        process.wait(timeout=20)


def write_client_files(configuration: Path, folder: Path, instant: datetime, most_watched: int) -> None:
    """What the clients of a simulator's file hand their agency at ``instant``, a folder for each in ``folder``."""
    command = [
        sys.executable, "-m", "simulator", "client-files", "--config", str(configuration), "--out", str(folder),
        "--at", instant.isoformat(), "--most-watched", str(most_watched),
    ]  # fmt: skip
    subprocess.run(command, cwd=CHECKOUT, check=True)


@pytest.fixture(scope="module")
def simulator_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    """A simulator 300 times as fast as Amazon, on the morning of 23 November 2026."""
    with running_simulator(simulator_configuration(), tmp_path_factory.mktemp("simulator")) as simulator:
        yield simulator
