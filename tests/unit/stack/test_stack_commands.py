"""``daybreak demo``, ``up`` and ``down`` end with the exit code, the words and the stack that their user expects."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from daybreak.cli import controls, demo_clients
from daybreak.cli import stack as commands
from daybreak.settings import Settings
from daybreak.stack import airflow_home, dag_runs, local
from daybreak.stack.airflow_api import LogLine, TaskState
from daybreak.stack.dag_runs import RunView
from daybreak.stack.local import Part, Stack
from daybreak.stack.readiness import StackNotStarted
from daybreak.stack.record import StackRecord

STARTED = datetime(2026, 3, 1, 5, 15, tzinfo=UTC)


class Airflow:
    """Stands in for the api-server: one account's gate, blocked or not."""

    def __init__(self, state: str) -> None:
        self.calls: list[str] = []
        self.tasks = [
            TaskState("plan", -1, "", "success", 1, STARTED, STARTED),
            TaskState("morning.gate_facts", 0, "Demo Italy", state, 1, STARTED, STARTED),
        ]

    def __enter__(self) -> "Airflow":
        return self

    def __exit__(self, *_error: object) -> None: ...

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *_arguments: self.calls.append(name)

    def run_state(self, _dag_id: str, _run_id: str) -> str:
        return str(self.tasks[-1].state)

    def task_instances(self, _dag_id: str, _run_id: str) -> list[TaskState]:
        return self.tasks

    def log_lines(self, _dag_id: str, _run_id: str, _task: TaskState) -> list[LogLine]:
        return [LogLine("info", "looking"), LogLine("error", "Blocked: [row 7] has no asin")]


@dataclass
class World:
    """What the commands see and what they did to the stack."""

    settings: Settings
    airflow: Airflow
    is_running: bool = False
    is_first: bool = True
    downs: int = 0
    mornings: list[Settings] = field(default_factory=list)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    settings = Settings(home=tmp_path, accounts_file=tmp_path / "accounts.yml")
    made = World(settings, Airflow("success"))
    airflow_home.ensure_admin_password(settings)

    def up(_settings: Settings, say: Callable[[str], None]) -> Stack:
        say("starting everything")
        return Stack(settings, StackRecord(airflow_url="http://127.0.0.1:4710"), made.is_first)

    def down(_settings: Settings, _say: Callable[[str], None]) -> None:
        made.downs += 1

    def follow(_api: Airflow, _dag_id: str, run_id: str, _timeout: float) -> Iterator[RunView]:
        yield RunView(run_id, made.airflow.run_state("", ""), made.airflow.tasks)

    monkeypatch.setattr(commands, "get_settings", lambda: made.settings)
    monkeypatch.setattr(local, "up", up)
    monkeypatch.setattr(local, "down", down)
    monkeypatch.setattr(local, "status", lambda _: [Part("scheduler", made.is_running, tmp_path)])
    monkeypatch.setattr(Stack, "airflow", lambda _: made.airflow)
    monkeypatch.setattr(dag_runs, "follow_run", follow)
    monkeypatch.setattr(controls, "print_morning", made.mornings.append)
    monkeypatch.setattr(demo_clients, "load_client_files", lambda _settings, _instant: [])
    return made


def run(*arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    commands.register(app)
    ended = CliRunner().invoke(app, list(arguments))
    return ended.exit_code, ended.output


def test_a_demo_that_succeeds_shows_each_task_the_morning_and_where_to_look(world: World) -> None:
    code, output = run("demo")
    assert code == 0
    assert "morning.gate_facts [Demo Italy]: success" in output
    assert world.mornings == [world.settings]
    for place in ("http://127.0.0.1:4710", str(world.settings.stack_file), str(world.settings.landing)):
        assert place in output
    assert world.airflow.calls == ["wait_for_dag", "trigger", "unpause"] * len(commands.DEMO_DAGS)


def test_a_demo_whose_run_fails_says_which_task_and_why_and_ends_with_1(world: World) -> None:
    world.airflow = Airflow("failed")
    code, output = run("demo")
    assert code == 1
    assert "failed: morning.gate_facts [Demo Italy]" in output
    assert "Blocked: [row 7] has no asin" in output
    assert "daybreak status" in output


@pytest.mark.parametrize(("is_running", "downs"), [(True, 0), (False, 1)])
def test_a_demo_leaves_the_stack_as_it_found_it(world: World, is_running: bool, downs: int) -> None:
    world.is_running = is_running
    code, output = run("demo")
    assert code == 0
    assert world.downs == downs
    assert ("goes on running" if is_running else "down again") in output


def test_a_demo_never_runs_on_accounts_of_the_operators_own(world: World) -> None:
    world.settings = Settings(home=world.settings.home, accounts_file=world.settings.home / "clients.yml")
    code, output = run("demo")
    assert code == 1
    assert "clients.yml" in output
    assert world.airflow.calls == []
    assert world.downs == 0


def test_up_shows_the_password_the_first_time_only(world: World) -> None:
    password = airflow_home.read_admin_password(world.settings)
    _, first = run("up")
    world.is_first = False
    _, second = run("up")
    assert password in first
    assert password not in second
    assert str(airflow_home.passwords_file(world.settings)) in second


def test_a_stack_that_does_not_start_ends_in_its_message(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> Stack:
        raise StackNotStarted("scheduler ended twice [see its log]")

    monkeypatch.setattr(local, "up", fail)
    code, output = run("up")
    assert code == 1
    assert output.strip() == "scheduler ended twice [see its log]"


def test_down_says_that_it_is_down(world: World) -> None:
    assert run("down") == (0, "The local stack is down.\n")
    assert world.downs == 1
