"""``daybreak backfill``: what it says before it begins, the runs it makes, and one message for what cannot be done."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from click.testing import Result
from typer.testing import CliRunner

from daybreak.cli import app
from daybreak.cli.failures import explained
from daybreak.settings import get_settings

URL = "http://airflow.test"
RUNS = f"{URL}/api/v2/dags/repair_window/dagRuns"
ACCOUNTS = """
accounts:
  - {account_id: brand_it, name: Brand IT, marketplace_code: IT, vendor_connection_id: spapi_it}
"""
LAST = datetime.now(UTC).date() - timedelta(days=60)
FIRST = LAST - timedelta(days=29)
Command = Callable[..., Result]


@dataclass
class Airflow:
    """Stands in for the api-server: keeps runs; each look at the open ones ends the first of them in ``ends_as``."""

    router: respx.MockRouter
    is_paused: bool = False
    ends_as: str | None = None
    runs: dict[str, str] = field(default_factory=dict)
    configurations: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.router.post(f"{URL}/auth/token").respond(201, json={"access_token": "a-token"})
        self.router.get(f"{URL}/api/v2/dags/repair_window").mock(side_effect=self._dag)
        self.router.get(RUNS).mock(side_effect=self._list)
        self.router.post(RUNS).mock(side_effect=self._trigger)
        self.router.patch(url__regex=rf"{RUNS}/(?P<run_id>[^/]+)$").mock(side_effect=self._patch)
        self.router.get(url__regex=rf"{RUNS}/(?P<run_id>[^/]+)$").mock(side_effect=self._read)
        tasks = {"task_instances": [], "total_entries": 0}
        self.router.get(url__regex=rf"{RUNS}/[^/]+/taskInstances").respond(json=tasks)

    def _dag(self, _request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"is_paused": self.is_paused})

    def _list(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        states = asked.get_list("state")
        if states and self.ends_as:
            for run_id in [run_id for run_id, state in self.runs.items() if state == "queued"][:1]:
                self.runs[run_id] = self.ends_as
        found = [
            {"dag_run_id": run_id, "state": state}
            for run_id, state in self.runs.items()
            if run_id.startswith(asked["run_id_prefix_pattern"]) and (not states or state in states)
        ]
        return httpx.Response(200, json={"dag_runs": found, "total_entries": len(found)})

    def _trigger(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if body["dag_run_id"] in self.runs:
            return httpx.Response(409, json={"detail": "exists"})
        assert body["logical_date"] is None
        self.runs[body["dag_run_id"]] = "queued"
        self.configurations.append(body["conf"])
        return httpx.Response(200, json={})

    def _patch(self, request: httpx.Request, run_id: str) -> httpx.Response:
        self.runs[run_id] = json.loads(request.content)["state"]
        return httpx.Response(200, json={})

    def _read(self, _request: httpx.Request, run_id: str) -> httpx.Response:
        return httpx.Response(200, json={"state": self.runs[run_id]})


@pytest.fixture
def airflow() -> Iterator[Airflow]:
    with respx.mock(assert_all_called=False) as router:
        yield Airflow(router)


@pytest.fixture
def command(module_warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """Runs ``daybreak backfill …`` as the program does; nothing of the account is in the warehouse."""
    (tmp_path / "accounts.yml").write_text(ACCOUNTS)
    monkeypatch.setenv("DAYBREAK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAYBREAK_ACCOUNTS_FILE", str(tmp_path / "accounts.yml"))
    monkeypatch.setenv("DAYBREAK_WAREHOUSE_URL", module_warehouse)
    monkeypatch.setenv("DAYBREAK_AIRFLOW_URL", URL)
    monkeypatch.setenv("DAYBREAK_AIRFLOW_PASSWORD", secrets.token_hex(8))
    monkeypatch.setattr("daybreak.cli.backfill._LOOK_SECONDS", 0.0)
    get_settings.cache_clear()
    yield lambda *arguments: CliRunner().invoke(app, ["backfill", *[str(each) for each in arguments]])
    get_settings.cache_clear()


def repair(command: Command, *more: Any, first: date = FIRST, last: date = LAST) -> Result:
    return command("--from", first, "--to", last, *more)


def refusal(result: Result, capsys: pytest.CaptureFixture[str]) -> str:
    """What a person reads on standard error instead of a traceback."""
    assert result.exit_code != 0
    if isinstance(result.exception, SystemExit):
        return " ".join(result.output.replace("│", " ").split())
    with pytest.raises(SystemExit), explained():
        raise result.exception or AssertionError(result.output)
    return capsys.readouterr().err


def test_thirty_days_are_two_runs_with_both_ends_and_the_same_again_is_the_next_number(
    command: Command, airflow: Airflow
) -> None:
    result = repair(command, "--dataset", "sales_daily", "--account", "brand_it")
    assert result.exit_code == 0, result.output
    assert "2 requests in 2 runs" in result.output
    middle = FIRST + timedelta(days=14)
    assert airflow.configurations == [
        {"from_date": f"{first}", "to_date": f"{last}", "accounts": ["brand_it"], "datasets": ["sales_daily"]}
        for first, last in ((FIRST, middle), (middle + timedelta(days=1), LAST))
    ]
    assert next(iter(airflow.runs)) == f"repair__{FIRST}__{middle}__brand_it-sales_daily__1"
    airflow.runs = dict.fromkeys(airflow.runs, "failed")
    assert repair(command, "--dataset", "sales_daily", "--account", "brand_it").exit_code == 0
    assert [run_id.rpartition("__")[2] for run_id in airflow.runs] == ["1", "1", "2", "2"]


def test_a_dry_run_tells_what_is_fetched_and_what_cannot_be_had_and_needs_no_airflow(
    command: Command, airflow: Airflow
) -> None:
    airflow.router.get(f"{URL}/api/v2/dags/repair_window").mock(side_effect=httpx.ConnectError("refused"))
    result = repair(command, "--dry-run", "--format", "json")
    assert result.exit_code == 0, result.output
    seen = {row["dataset"]: row for row in json.loads(result.stdout)}
    assert (seen["sales_daily"]["to_fetch"], seen["sales_daily"]["requests"]) == (f"{FIRST} to {LAST}", 2)
    for dataset in ("offer", "content_snapshot", "sales_hourly"):
        assert seen[dataset]["to_fetch"] is None
        assert seen[dataset]["cannot_be_had"] == f"{FIRST} to {LAST}"
        assert seen[dataset]["why"]
    assert "Amazon's quotas make it last about" in result.stderr
    assert airflow.runs == {}


@pytest.mark.parametrize(("ends_as", "exit_code"), [("success", 0), ("failed", 1)])
def test_waiting_follows_each_window_to_its_end(
    command: Command, airflow: Airflow, ends_as: str, exit_code: int
) -> None:
    airflow.ends_as = ends_as
    result = repair(command, "--wait", "--dataset", "sales_daily")
    assert result.exit_code == exit_code, result.output
    assert result.output.count(": repaired" if ends_as == "success" else ": failed") == 2


def test_stopping_ends_what_runs_and_what_waits(command: Command, airflow: Airflow) -> None:
    repair(command, "--dataset", "sales_daily")
    assert "goes on with it" in command("--stop").output
    assert set(airflow.runs.values()) == {"failed"}
    assert "No backfill runs." in command("--stop").output
    assert "No backfill runs." in command("--wait").output


def test_what_is_repaired_already_is_not_begun_again(
    command: Command, airflow: Airflow, capsys: pytest.CaptureFixture[str]
) -> None:
    repair(command, "--dataset", "sales_daily")
    again = refusal(repair(command, "--dataset", "sales_daily"), capsys)
    assert "is being repaired already" in again
    assert len(airflow.runs) == 2


def test_of_two_commands_at_the_same_moment_one_is_told_so(
    command: Command, airflow: Airflow, capsys: pytest.CaptureFixture[str]
) -> None:
    airflow.router.post(RUNS).respond(409, json={"detail": "exists"})
    assert "another command starts this repair" in refusal(repair(command, "--dataset", "sales_daily"), capsys)


def test_a_paused_dag_and_an_airflow_that_is_down_are_said_in_one_message(
    command: Command, airflow: Airflow, capsys: pytest.CaptureFixture[str]
) -> None:
    airflow.is_paused = True
    assert "repair_window is paused" in refusal(repair(command), capsys)
    airflow.router.post(f"{URL}/auth/token").mock(side_effect=httpx.ConnectError("refused"))
    assert "Airflow does not answer at http://airflow.test" in refusal(repair(command), capsys)
    assert airflow.runs == {}


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"first": LAST, "last": FIRST}, "exchange them"),
        ({"first": LAST, "last": datetime.now(UTC).date() + timedelta(days=3)}, "is in the future"),
        ({"first": date(2019, 1, 1), "last": date(2019, 1, 9)}, "nothing of these days can be had any more"),
    ],
)
def test_days_that_cannot_be_repaired_are_refused(
    command: Command, airflow: Airflow, capsys: pytest.CaptureFixture[str], how: dict[str, date], words: str
) -> None:
    assert words in refusal(repair(command, **how), capsys)
    assert airflow.runs == {}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--account", "nobody"], "no account nobody"),
        (["--dataset", "sales"], "no dataset sales"),
    ],
)
def test_names_that_are_not_known_are_refused_with_those_that_are(
    command: Command, airflow: Airflow, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    told = refusal(repair(command, *options), capsys)
    assert words in told
    assert "there are:" in told


def test_days_that_amazon_has_not_published_yet_are_nothing_to_do(command: Command, airflow: Airflow) -> None:
    today = datetime.now(UTC).date() - timedelta(days=1)
    result = repair(command, "--dataset", "sales_daily", first=today, last=today)
    assert result.exit_code == 0, result.output
    assert "there is nothing to do" in result.output
    assert airflow.runs == {}
