"""The sweep task and the command line as processes with Airflow's own connections, against the simulator."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.sweep_day import SweepDay

DAYBREAK = ("-c", "from daybreak.cli import main; main()")


@pytest.fixture
def environment(sweep_day: SweepDay, tmp_path: Path) -> dict[str, str]:
    """What a worker has: accounts, warehouse, landing, and the seller's connection."""
    account = sweep_day.account
    entry = account.model_dump(include={"account_id", "name", "marketplace_code", "vendor_connection_id"})
    entry |= {"seller_connection_id": account.seller_connection_id, "own_seller_ids": list(account.own_seller_ids)}
    accounts = tmp_path / "accounts.yml"
    accounts.write_text(yaml.safe_dump({"accounts": [entry]}))
    simulator = sweep_day.morning.simulator
    seller = simulator.accounts["demo_it"]["seller"]
    connection: dict[str, Any] = {
        "conn_type": "generic",
        "host": simulator.base_url,
        "login": seller["client_id"],
        "password": seller["client_secret"],
        "extra": {"refresh_token": seller["refresh_token"], "login_url": f"{simulator.base_url}/auth/o2/token"},
    }
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DAYBREAK"))},
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW_CONN_SPAPI_DEMO_IT_SELLER": json.dumps(connection),
        "DAYBREAK_HOME": str(sweep_day.settings.home),
        "DAYBREAK_ACCOUNTS_FILE": str(accounts),
        "DAYBREAK_WAREHOUSE_URL": sweep_day.morning.dsn,
    }


def run(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, check=False, timeout=240
    )


def slow_down(day: SweepDay) -> None:
    """One call in two seconds: more than the task waits for, as at Amazon."""
    day.morning.simulator.control("PUT", "/clock", {"now": day.morning.instant.isoformat(), "speed": 5.0})


def test_the_task_defers_while_the_quota_makes_it_wait_and_lands_what_its_trigger_gathered(
    sweep_day: SweepDay, environment: dict[str, str]
) -> None:
    slow_down(sweep_day)
    sweep_day.plan()
    ended = run(environment, "-m", "tests.faults.sweep_task", "demo_it")
    assert ended.returncode == 0, ended.stderr[-3000:]
    told = json.loads(ended.stdout.splitlines()[-1])
    assert (told["landed"], told["label"]) == (1, "Demo")
    assert told["waits"]
    assert min(told["waits"]) >= 14.5
    products = sweep_day.morning.rows("select count(distinct asin) from core.product")
    assert sweep_day.gate_and_publish()[0] == []
    assert sweep_day.morning.rows("select count(*) from core.offer_snapshot") == products


def test_the_command_line_looks_at_named_products_now(sweep_day: SweepDay, environment: dict[str, str]) -> None:
    wanted = [asin for (asin,) in sweep_day.morning.rows("select asin from core.product order by asin limit 2")]
    named = [word for asin in wanted for word in ("--asin", asin)]
    ended = run(environment, *DAYBREAK, "sweep", "--account", "demo_it", *named)
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert "rows of offer_snapshot, 0 in quarantine" in ended.stdout
    assert sweep_day.morning.rows("select asin from core.offer_snapshot order by asin") == [(a,) for a in wanted]


def test_the_command_line_says_what_it_cannot_do(sweep_day: SweepDay, environment: dict[str, str]) -> None:
    odd = run(environment, *DAYBREAK, "sweep", "--account", "demo_it", "--asin", "b0odd")
    assert (odd.returncode, "ten capital letters" in odd.stderr) == (2, True)
    unnamed = {name: value for name, value in environment.items() if not name.startswith("AIRFLOW_CONN")}
    missing = run(unnamed, *DAYBREAK, "sweep", "--account", "demo_it")
    assert missing.returncode == 1
    assert "spapi_demo_it_seller" in missing.stderr
    assert "Traceback" not in missing.stderr
