"""The demo's world: three client accounts, the simulator that plays Amazon for them, and their credentials.

Written once per home and kept, so that the next start shows the same world. Only addresses follow the ports, and what
the clients hand over follows the day.
"""

import json
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from daybreak.accounts import MARKETPLACES
from daybreak.settings import CHECKOUT, Settings
from daybreak.stack.airflow_home import base_environment, connections_file
from daybreak.stack.failures import StackFailure
from daybreak.stack.record import write_private

_HISTORY_MONTHS = 25
_ACCOUNTS = {
    "demo_it": ("Demo Italy", "IT"),
    "demo_de": ("Demo Germany", "DE"),
    "demo_fr": ("Demo France", "FR"),
}
_WITHOUT_SELLER = "demo_fr"
"""This client has no seller account of its own, so that the demo shows what is then missing."""
_MOST_WATCHED = 40
"""Of a client's products so many are compared with competitors', whose offers and pages are looked at too."""
CLIENT_FILES = {"product": "products.csv", "promotion": "promotions.csv"}
"""What a client hands over, by dataset; without planned promotions there is no file of them."""


@dataclass(frozen=True)
class World:
    """The size and pace of the simulated Amazon: products per account, and how much faster its rates and lags run."""

    asins: int = 200
    speed: float = 60.0
    seed: int = 7


DEMO_WORLD = World()


class DemoNotWritten(StackFailure):
    """The demo's files could not be written; says which and why."""


def uses_demo_accounts(settings: Settings) -> bool:
    """True when the operator has named no accounts: the demo's are used, and so is the simulator."""
    return settings.accounts_path.resolve() == (settings.home / "accounts.yml").resolve()


def simulator_file(settings: Settings) -> Path:
    return settings.home.resolve() / "simulator.yml"


def read_control_token(settings: Settings) -> str:
    """The token that the simulator's ``/control`` addresses ask for."""
    return str(yaml.safe_load(simulator_file(settings).read_text())["control_token"])


def client_folder(settings: Settings, account_id: str) -> Path:
    """Where the files that a demo client hands over are written."""
    return settings.home.resolve() / "client_files" / account_id


def write_client_files(settings: Settings) -> None:
    """Afterwards the folder of each demo account holds its ``CLIENT_FILES`` as of now, and its ``relations.json``.

    Raises:
        DemoNotWritten: the simulator could not write them.
    """
    written = subprocess.run(
        [
            sys.executable, "-m", "simulator", "client-files", "--config", str(simulator_file(settings)),
            "--out", str(settings.home.resolve() / "client_files"), "--most-watched", str(_MOST_WATCHED),
        ],
        cwd=CHECKOUT,
        env={**os.environ, **base_environment(settings)},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if written.returncode:
        raise DemoNotWritten(f"the simulator did not write the clients' files: {written.stderr.strip()}")


def write_demo(settings: Settings, simulator_url: str, world: World) -> str:
    """Afterwards the demo's accounts, simulator and Airflow connections are on disk; returns the simulator's text.

    ``world`` counts when they are written for the first time.
    """
    simulator = _simulator(settings, world)
    simulator["public_base_url"] = simulator_url
    text = yaml.safe_dump(simulator, sort_keys=False)
    write_private(simulator_file(settings), text)
    accounts = settings.home / "accounts.yml"
    if not accounts.exists():
        write_client_files(settings)
        accounts.write_text(yaml.safe_dump({"accounts": _accounts(settings, simulator)}, sort_keys=False))
    path = connections_file(settings)
    own = yaml.safe_load(path.read_text()) if path.exists() else {}
    write_private(path, yaml.safe_dump({**(own or {}), **_connections(simulator)}, sort_keys=False))
    return text


def first_of_month(months_ago: int, today: date) -> date:
    """The first day of the month that lies ``months_ago`` before the month of ``today``."""
    months = today.year * 12 + today.month - 1 - months_ago
    return date(months // 12, months % 12 + 1, 1)


def _connection_id(account_id: str) -> str:
    return f"spapi_{account_id}"


def _seller_connection_id(account_id: str) -> str:
    return f"spapi_{account_id}_seller"


def _accounts(settings: Settings, simulator: dict[str, Any]) -> list[dict[str, Any]]:
    sellers = {account["account_id"]: account.get("seller") for account in simulator["accounts"]}
    return [
        {
            "account_id": account_id,
            "name": name,
            "marketplace_code": marketplace_code,
            "vendor_connection_id": _connection_id(account_id),
            **_seller_keys(account_id, sellers.get(account_id)),
            **json.loads((client_folder(settings, account_id) / "relations.json").read_text()),
        }
        for account_id, (name, marketplace_code) in _ACCOUNTS.items()
    ]


def _seller_keys(account_id: str, seller: dict[str, Any] | None) -> dict[str, Any]:
    """The accounts file's entries for the second credential and for whose Buy Box is the brand's, where it has one."""
    if not seller:
        return {}
    return {"seller_connection_id": _seller_connection_id(account_id), "own_seller_ids": [seller["seller_id"]]}


def _new_credential() -> dict[str, str]:
    return {
        "client_id": secrets.token_urlsafe(24),
        "client_secret": secrets.token_urlsafe(32),
        "refresh_token": secrets.token_urlsafe(48),
    }


def _new_seller(account_id: str) -> dict[str, Any]:
    """The account's entry for its seller in the simulator's file; a seller id is ``A`` and 13 letters or digits."""
    if account_id == _WITHOUT_SELLER:
        return {}
    return {"seller": {**_new_credential(), "seller_id": "A" + secrets.token_hex(8).upper()[:13]}}


def _simulator(settings: Settings, world: World) -> dict[str, Any]:
    path = simulator_file(settings)
    if path.exists():
        kept: dict[str, Any] = yaml.safe_load(path.read_text())
        return kept
    accounts = []
    for offset, (account_id, (_, marketplace_code)) in enumerate(_ACCOUNTS.items()):
        marketplace = MARKETPLACES[marketplace_code]
        accounts.append(
            {
                "account_id": account_id,
                "marketplace_id": marketplace.marketplace_id,
                "currency_code": marketplace.currency_code,
                "time_zone": marketplace.time_zone,
                "asins": world.asins,
                **_new_credential(),
                "seed_offset": offset,
                **_new_seller(account_id),
            }
        )
    return {
        "seed": world.seed,
        "start_date": first_of_month(_HISTORY_MONTHS, datetime.now(UTC).date()),
        "clock": {"now": None, "speed": world.speed},
        "control_token": secrets.token_urlsafe(32),
        "accounts": accounts,
    }


def _connections(simulator: dict[str, Any]) -> dict[str, Any]:
    """The Airflow connections of every credential: each account's own and, where it has one, its seller's."""
    base = simulator["public_base_url"]
    found = {_connection_id(account["account_id"]): _connection(account, base) for account in simulator["accounts"]}
    return found | {
        _seller_connection_id(account["account_id"]): _connection(account["seller"], base)
        for account in simulator["accounts"]
        if account.get("seller")
    }


def _connection(credential: dict[str, Any], base: str) -> dict[str, Any]:
    return {
        "conn_type": "generic",
        "host": base,
        "login": credential["client_id"],
        "password": credential["client_secret"],
        "extra_dejson": {"refresh_token": credential["refresh_token"], "login_url": f"{base}/auth/o2/token"},
    }
