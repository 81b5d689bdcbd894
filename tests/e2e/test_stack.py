"""The local stack comes up, survives the loss of any part, and goes down without a trace, time and again."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psutil
import psycopg
import pytest

from daybreak.stack import airflow_home, local
from daybreak.stack.processes import session_members

if TYPE_CHECKING:
    from tests.e2e.conftest import RunningStack

LOADER = "-c role=daybreak_loader"
COMPONENTS = ("simulator", *airflow_home.COMPONENTS)

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]


def leader(running: "RunningStack", name: str) -> int:
    if name == "postgres":
        server = local.postgres_of(running.settings)
        return int((server.data / "postmaster.pid").read_text().splitlines()[0])
    session = local.component_of(running.settings, name).session
    assert session is not None, name
    return session


def kill(pid: int) -> None:
    """kill -9, and afterwards the process is gone."""
    process = psutil.Process(pid)
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([process], timeout=10)


def assert_all_alive(running: "RunningStack") -> None:
    assert [part.name for part in local.status(running.settings) if not part.is_alive] == []
    health = running.api.health()
    beating = ("metadatabase", "scheduler", "triggerer", "dag_processor")
    assert {health[name]["status"] for name in beating} == {"healthy"}
    headers = {"x-control-token": running.control_token}
    assert httpx.get(f"{running.simulator_url}/control/health", headers=headers, trust_env=False).is_success


def daybreak(running: "RunningStack", *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [str(Path(sys.executable).with_name("daybreak")), *arguments]
    return subprocess.run(command, env=running.environment, capture_output=True, text=True, check=False, timeout=300)


def test_every_part_runs_and_answers(running_stack: "RunningStack") -> None:
    assert_all_alive(running_stack)


def test_a_second_up_leaves_every_process_alone(running_stack: "RunningStack") -> None:
    before = {name: leader(running_stack, name) for name in ("postgres", *COMPONENTS)}
    began = time.monotonic()
    running_stack.up()
    assert time.monotonic() - began < 15
    assert {name: leader(running_stack, name) for name in ("postgres", *COMPONENTS)} == before


def test_the_api_lets_in_the_generated_password_only(running_stack: "RunningStack") -> None:
    assert isinstance(running_stack.api.import_errors(), dict)
    wrong = {"username": airflow_home.ADMIN, "password": "admin"}
    answer = httpx.post(f"{running_stack.stack.airflow_url}/auth/token", json=wrong, trust_env=False)
    assert answer.status_code == httpx.codes.UNAUTHORIZED


def test_every_server_listens_on_loopback_only(running_stack: "RunningStack") -> None:
    processes = local.postgres_of(running_stack.settings).processes()
    for name in COMPONENTS:
        processes += session_members(leader(running_stack, name))
    listening = {
        connection.laddr.ip
        for process in processes
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_warehouse_and_metadata_are_databases_of_different_roles(running_stack: "RunningStack") -> None:
    record = running_stack.stack.record
    with psycopg.connect(running_stack.warehouse_url, options=LOADER) as connection:
        warehouse = connection.execute("select current_database(), session_user, to_regclass('ops.load')").fetchone()
    with psycopg.connect(str(record.airflow_database_url)) as connection:
        metadata = connection.execute("select current_database(), current_user, to_regclass('dag_run')").fetchone()
    assert warehouse == ("warehouse", "warehouse", "ops.load")
    assert metadata == ("airflow", "airflow", "dag_run")
    crossed = str(record.airflow_database_url).replace("/airflow", "/warehouse").replace("//warehouse:", "//airflow:")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(crossed)


def test_up_on_the_command_line_tells_where_the_password_is_and_not_what_it_is(running_stack: "RunningStack") -> None:
    before = {name: leader(running_stack, name) for name in ("postgres", *COMPONENTS)}
    ended = daybreak(running_stack, "up")
    assert ended.returncode == 0, ended.stderr
    assert {name: leader(running_stack, name) for name in ("postgres", *COMPONENTS)} == before
    assert running_stack.stack.airflow_url in ended.stdout
    assert str(airflow_home.passwords_file(running_stack.settings)) in ended.stdout
    assert airflow_home.read_admin_password(running_stack.settings) not in ended.stdout


def test_no_log_holds_a_secret(running_stack: "RunningStack") -> None:
    secrets = {airflow_home.read_admin_password(running_stack.settings), running_stack.control_token}
    secrets |= set(running_stack.stack.record.secrets.model_dump().values())
    connections = airflow_home.connections_file(running_stack.settings).read_text()
    assert running_stack.simulator_url in connections
    logs = [path for path in (running_stack.settings.home / "logs").rglob("*") if path.is_file()]
    assert logs
    for path in logs:
        text = path.read_text(errors="replace")
        assert not [secret for secret in secrets if secret in text], path


@pytest.mark.parametrize("name", ["postgres", *COMPONENTS])
def test_up_works_again_after_kill_9_of_one_part(running_stack: "RunningStack", name: str) -> None:
    before = leader(running_stack, name)
    address = running_stack.stack.airflow_url, running_stack.warehouse_url, running_stack.simulator_url
    kill(before)
    assert name in [part.name for part in local.status(running_stack.settings) if not part.is_alive]
    running_stack.up()
    assert_all_alive(running_stack)
    assert leader(running_stack, name) != before
    assert not session_members(before), "orphans of the killed leader"
    assert address == (running_stack.stack.airflow_url, running_stack.warehouse_url, running_stack.simulator_url)


def test_after_kill_9_of_everything_at_once_up_works_again_and_nothing_is_lost(running_stack: "RunningStack") -> None:
    mark = {"account_id": "survivor"}
    with psycopg.connect(running_stack.warehouse_url, autocommit=True, options=LOADER) as connection:
        connection.execute("create table staging.survivor (account_id text)")
        connection.execute("insert into staging.survivor values (%(account_id)s)", mark)
    sessions = [leader(running_stack, name) for name in COMPONENTS]
    for pid in (leader(running_stack, "postgres"), *sessions):
        kill(pid)
    running_stack.up()
    assert_all_alive(running_stack)
    assert [session for session in sessions if session_members(session)] == []
    with psycopg.connect(running_stack.warehouse_url, autocommit=True, options=LOADER) as connection:
        assert connection.execute("select account_id from staging.survivor").fetchall() == [("survivor",)]
        connection.execute("drop table staging.survivor")


def test_down_leaves_no_process_and_may_be_repeated(running_stack: "RunningStack") -> None:
    settings = running_stack.settings
    sessions = [leader(running_stack, name) for name in COMPONENTS]
    for _ in range(2):
        ended = daybreak(running_stack, "down")
        assert ended.returncode == 0, ended.stderr
        assert [session for session in sessions if session_members(session)] == []
        assert local.postgres_of(settings).processes() == []
        assert not any(part.is_alive for part in local.status(settings))
    assert "warehouse_url" not in json.loads(settings.stack_file.read_text())


def test_of_two_callers_of_up_one_starts_the_stack_and_the_other_finds_it_running(
    running_stack: "RunningStack",
) -> None:
    local.down(running_stack.settings)
    program = str(Path(sys.executable).with_name("daybreak"))
    callers = [
        subprocess.Popen([program, "up"], env=running_stack.environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [caller.communicate(timeout=300)[0] for caller in callers]
    assert [caller.returncode for caller in callers] == [0, 0], told
    assert sorted("starting postgres" in text for text in told) == [False, True]
    running_stack.up()
    assert_all_alive(running_stack)
