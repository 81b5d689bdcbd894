"""``daybreak doctor`` and ``daybreak onboard`` as a person runs them: connections from Airflow, a real warehouse."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from click.testing import Result
from typer.testing import CliRunner

from daybreak.cli import app, onboard
from daybreak.settings import get_settings
from tests.simulator_process import SimulatorProcess

ACCOUNTS = """
accounts:
  - {account_id: demo_it, name: Demo Italy, marketplace_code: IT, vendor_connection_id: spapi_demo_it,
     seller_connection_id: spapi_demo_it_seller}
  - {account_id: demo_de, name: Demo Germany, marketplace_code: DE, vendor_connection_id: spapi_demo_de}
"""
Command = Callable[..., Result]


def connection_of(simulator: SimulatorProcess, entry: dict[str, Any]) -> str:
    extra = {"refresh_token": entry["refresh_token"], "login_url": f"{simulator.base_url}/auth/o2/token"}
    return json.dumps(
        {
            "conn_type": "generic",
            "host": simulator.base_url,
            "login": entry["client_id"],
            "password": entry["client_secret"],
            "extra": extra,
        }
    )


@pytest.fixture
def command(
    simulator_process: SimulatorProcess, warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Command]:
    """Runs ``daybreak …`` for two accounts whose credentials stand in Airflow connections of the environment."""
    simulator_process.control("DELETE", "/faults")
    simulator_process.control("DELETE", "/reports")
    simulator_process.control("PUT", "/clock", {"now": datetime.now(UTC).isoformat(), "speed": 2_000.0})
    accounts = simulator_process.accounts
    monkeypatch.setenv("AIRFLOW_CONN_SPAPI_DEMO_IT", connection_of(simulator_process, accounts["demo_it"]))
    monkeypatch.setenv("AIRFLOW_CONN_SPAPI_DEMO_DE", connection_of(simulator_process, accounts["demo_de"]))
    seller = connection_of(simulator_process, accounts["demo_it"]["seller"])
    monkeypatch.setenv("AIRFLOW_CONN_SPAPI_DEMO_IT_SELLER", seller)
    (tmp_path / "accounts.yml").write_text(ACCOUNTS)
    monkeypatch.setenv("DAYBREAK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAYBREAK_ACCOUNTS_FILE", str(tmp_path / "accounts.yml"))
    monkeypatch.setenv("DAYBREAK_WAREHOUSE_URL", warehouse)
    # The simulator is 2,000 times as fast as Amazon: a nap as long as Amazon's quota asks for would be the whole test.
    monkeypatch.setattr(onboard, "time", SimpleNamespace(sleep=lambda seconds: time.sleep(min(seconds, 1.0))))
    get_settings.cache_clear()
    yield lambda *arguments: CliRunner().invoke(app, [str(each) for each in arguments])
    get_settings.cache_clear()


def secrets_of(simulator: SimulatorProcess) -> set[str]:
    partners = [*simulator.accounts.values(), simulator.accounts["demo_it"]["seller"]]
    return {partner[name] for partner in partners for name in ("client_secret", "refresh_token", "client_id")}


def test_the_doctor_finds_everything_well_and_says_what_the_account_without_a_seller_goes_without(
    command: Command, simulator_process: SimulatorProcess
) -> None:
    result = command("doctor", "--format", "json")
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)
    surroundings = {row["check"]: row["outcome"] for row in rows if row["account_id"] is None}
    assert surroundings == dict.fromkeys(("accounts file", "warehouse", "disk", "clock"), "works")
    outcomes = {(row["account_id"], row["credential"], row["check"]): row for row in rows if row["account_id"]}
    assert outcomes["demo_it", "seller", "getItemOffersBatch"]["outcome"] == "works"
    without = outcomes["demo_de", "seller", "connection"]
    assert without["outcome"] == "not configured"
    assert "Buy Box" in without["costs_controls"]
    assert not any(secret in result.output for secret in secrets_of(simulator_process))


def test_the_doctor_ends_with_1_for_a_missing_role_and_names_it_in_its_table(
    command: Command, simulator_process: SimulatorProcess
) -> None:
    fault = {"kind": "role_missing", "operation": "searchCatalogItems", "account_id": "demo_de"}
    simulator_process.control("POST", "/faults", [fault])
    result = command("doctor", "--account", "demo_de")
    assert result.exit_code == 1
    words = " ".join(result.output.split())
    assert "role missing" in words
    assert "Product Listing" in words
    assert "page score" in words


def test_the_doctor_without_a_warehouse_says_so_and_asks_amazon_nothing(
    command: Command, simulator_process: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAYBREAK_WAREHOUSE_URL", "postgresql://nobody@127.0.0.1:9/none")
    get_settings.cache_clear()
    before = simulator_process.control("GET", "/state")["calls"]
    result = command("doctor", "--format", "json")
    assert result.exit_code == 1
    warehouse = next(row for row in json.loads(result.stdout) if row["check"] == "warehouse")
    assert "does not answer" in warehouse["words"]
    assert simulator_process.control("GET", "/state")["calls"] == before


def test_the_doctor_tells_a_warehouse_that_lacks_migrations(command: Command, warehouse: str) -> None:
    with psycopg.connect(warehouse, autocommit=True, options="-c role=daybreak_owner") as connection:
        connection.execute("delete from public.daybreak_migration where revision = '0001'")
    result = command("doctor", "--format", "json")
    assert result.exit_code == 1
    assert "migrations 0001 are not applied" in result.output


def test_an_unknown_connection_is_named(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_SPAPI_DEMO_DE")
    result = command("doctor", "--account", "demo_de", "--format", "json")
    assert result.exit_code == 1
    assert "Airflow has no connection spapi_demo_de" in result.output


def test_an_onboarding_says_when_it_arrives_loads_the_history_and_has_nothing_left_the_second_time(
    command: Command, warehouse: str
) -> None:
    first = command("onboard", "demo_de", "--days", "20")
    assert first.exit_code == 0, first.output
    assert "reports to come" in first.output
    assert "Expected at" in first.output
    with psycopg.connect(warehouse) as connection:
        days = dict(connection.execute("select dataset_code, count(distinct business_date) from ops.slice group by 1"))
    assert days["sales_daily"] == days["traffic_daily"] == days["featured_offer_loss_daily"] == 20
    again = command("onboard", "demo_de", "--days", "20")
    assert again.exit_code == 0
    assert "0 reports to come, 0 of them new" in again.output


def test_an_onboarding_without_waiting_begins_and_says_how_it_goes_on(command: Command, warehouse: str) -> None:
    begun = command("onboard", "demo_de", "--days", "20", "--no-wait")
    assert begun.exit_code == 0, begun.output
    assert "to come: 'daybreak onboard demo_de'" in begun.output
    with psycopg.connect(warehouse) as connection:
        assert connection.execute("select count(*) from ops.report_request where asked_at is not null").fetchone() > (
            2,
        )


def test_two_onboardings_of_one_account_do_not_meet(command: Command, warehouse: str) -> None:
    from daybreak.warehouse.account_lock import account_lock

    with account_lock("demo_de onboarding", warehouse):
        refused = command("onboard", "demo_de", "--days", "1")
    assert refused.exit_code != 0
    assert "demo_de onboarding" in str(refused.exception)
