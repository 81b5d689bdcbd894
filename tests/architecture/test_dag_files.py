"""DAG files are wiring: short, explicit, the same at every parse, and read without asking anything of the world."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.source_tree import DAGS, PLUGINS, python_files, shown

LONGEST_DAG_FILE = 100
SAID_BY_EVERY_DAG = frozenset({"dag_id", "doc_md", "schedule", "start_date", "catchup", "max_active_runs", "tags"})
SAID_FOR_EVERY_TASK = frozenset({"owner", "retries", "retry_delay", "execution_timeout"})


def parse(folder: Path, home: Path) -> dict[str, Any]:
    """What Airflow finds in ``folder``, read in a process whose sockets, databases and Variables raise."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("dag_parse.py")), str(folder)],
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW__", "DAYBREAK_"))},
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(home / "plugins"),
            "PYTHONPATH": str(PLUGINS),
        },
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("parsed: ")]
    assert lines, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(lines[-1].removeprefix("parsed: "))
    return found


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return parse(DAGS, tmp_path_factory.mktemp("airflow"))


def unsaid(source: str) -> list[str]:
    """What a DAG leaves to Airflow's defaults, which differ between versions and installations."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    dags = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in {"DAG", "dag"}]
    if not dags:
        return ["a DAG"]
    missing = set()
    for call in dags:
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        missing |= SAID_BY_EVERY_DAG - given.keys()
        defaults = given.get("default_args")
        keys = defaults.keys if isinstance(defaults, ast.Dict) else []
        missing |= SAID_FOR_EVERY_TASK - {key.value for key in keys if isinstance(key, ast.Constant)}
    return sorted(str(name) for name in missing)


def test_there_is_a_dag_and_every_file_is_read_without_asking_anything(parsed: dict[str, Any]) -> None:
    assert parsed["errors"] == {}
    assert "daily_controls" in parsed["dags"]
    assert {dag["file"] for dag in parsed["dags"].values()} == {path.name for path in python_files(DAGS)}


def test_a_dag_has_the_name_of_its_file(parsed: dict[str, Any]) -> None:
    assert {dag_id: f"{dag_id}.py" for dag_id in parsed["dags"]} == {
        dag_id: dag["file"] for dag_id, dag in parsed["dags"].items()
    }


def test_a_dag_is_the_same_tomorrow(parsed: dict[str, Any]) -> None:
    assert [dag_id for dag_id, dag in parsed["dags"].items() if dag["serialized"] != dag["serialized_tomorrow"]] == []


def test_a_dag_explains_itself_and_each_task_has_an_owner_and_an_end(parsed: dict[str, Any]) -> None:
    for dag_id, dag in parsed["dags"].items():
        assert len(dag["doc_md"] or "") > 200, dag_id
        assert dag["has_start_date"], dag_id
        for task_id, task in dag["tasks"].items():
            assert task["owner"] not in {"airflow", ""}, task_id
            assert task["has_timeout"], task_id


def test_a_dag_file_says_what_it_means_and_is_short() -> None:
    files = python_files(DAGS)
    assert len(files) >= 1
    assert {shown(path): missing for path in files if (missing := unsaid(path.read_text()))} == {}
    lengths = {shown(path): len(path.read_text().splitlines()) for path in files}
    assert {path: length for path, length in lengths.items() if length > LONGEST_DAG_FILE} == {}


def test_what_a_dag_leaves_to_defaults_is_found() -> None:
    missing = unsaid('with DAG(dag_id="x", schedule=None, default_args={"owner": "o", "retries": 1}): ...')
    assert missing == sorted(
        {"doc_md", "start_date", "catchup", "max_active_runs", "tags", "retry_delay", "execution_timeout"}
    )
    assert unsaid("x = 1") == ["a DAG"]


GREEDY = """
import socket, sqlite3, datetime
import psycopg
from airflow.sdk import DAG, Variable, Connection
with DAG(dag_id="{name}", schedule=None, start_date={start}, catchup=False):
    {asks}
"""
FIXED = "datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)"
ASKS = {
    "address": 'socket.create_connection(("127.0.0.1", 9))',
    "variable": 'Variable.get("clients")',
    "connection": 'Connection.get("vendor")',
    "warehouse": 'psycopg.connect("postgresql://127.0.0.1/none")',
    "database": 'sqlite3.connect(":memory:")',
}


def test_a_file_that_asks_the_world_and_a_dag_that_moves_with_the_clock_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "dags"
    folder.mkdir()
    for name, asks in ASKS.items():
        (folder / f"{name}.py").write_text(GREEDY.format(name=name, start=FIXED, asks=asks))
    moving = GREEDY.format(name="moving", start="datetime.datetime.now(datetime.UTC)", asks="pass")
    (folder / "moving.py").write_text(moving)
    found = parse(folder, tmp_path)
    assert found["errors"].keys() == {f"{name}.py" for name in ASKS}
    assert all("AskedWhileParsingError" in error for error in found["errors"].values())
    assert found["dags"]["moving"]["serialized"] != found["dags"]["moving"]["serialized_tomorrow"]
