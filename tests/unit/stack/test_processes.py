"""A component's processes are found and ended whatever was killed, and nobody else's ever are."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from daybreak.stack.processes import Command, Component, birth_mark, session_members

# A leader with a child that, like Airflow's tasks, moves to a process group of its own.
LEADER_WITH_CHILD = """
import os, sys, time
if os.fork() == 0:
    os.setpgid(0, 0)
    open(sys.argv[1] + "/child", "w").write(str(os.getpid()))
    time.sleep(300)
time.sleep(300)
"""


def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def number_in(path: Path) -> int:
    until(lambda: path.exists() and path.read_text())
    return int(path.read_text())


@pytest.fixture
def component(tmp_path: Path) -> Iterator[Component]:
    made = Component(tmp_path / "home", "part")
    yield made
    made.stop(patience_seconds=0)


@pytest.fixture
def stranger() -> Iterator[psutil.Popen]:
    """A process that is none of the stack's, in a session of its own."""
    process = psutil.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def sleeper(tmp_path: Path, *more: str) -> Command:
    return Command([sys.executable, "-c", "import time; time.sleep(300)", *more], {}, tmp_path)


def family(tmp_path: Path) -> Command:
    return Command([sys.executable, "-c", LEADER_WITH_CHILD, str(tmp_path)], {}, tmp_path)


def record_file(component: Component) -> Path:
    return component.log.parents[1] / "run" / "part.json"


def test_a_second_start_leaves_the_running_process_alone(component: Component, tmp_path: Path) -> None:
    assert component.start(sleeper(tmp_path)) is True
    first = component.session
    assert component.start(sleeper(tmp_path)) is False
    assert component.session == first


def test_a_changed_command_or_configuration_replaces_the_process(component: Component, tmp_path: Path) -> None:
    component.start(sleeper(tmp_path))
    sessions = [component.session]
    for command in (
        sleeper(tmp_path, "more"),
        Command(sleeper(tmp_path).arguments, {"A": "1"}, tmp_path),
        Command(sleeper(tmp_path).arguments, {"A": "1"}, tmp_path, configuration="new text"),
    ):
        assert component.start(command) is True
        sessions.append(component.session)
    assert len(set(sessions)) == 4
    assert all(not session_members(int(session or 0)) for session in sessions[:-1])


def test_stopping_ends_the_leader_and_the_children_outside_its_group_and_may_be_repeated(
    component: Component, tmp_path: Path
) -> None:
    component.start(family(tmp_path))
    leader, child = component.session, number_in(tmp_path / "child")
    assert os.getpgid(child) != leader
    component.stop(patience_seconds=0.2)
    assert birth_mark(child) is None
    assert birth_mark(int(leader or 0)) is None
    assert component.session is None
    component.stop()


def test_a_start_after_kill_9_of_the_leader_first_ends_its_orphans(component: Component, tmp_path: Path) -> None:
    component.start(family(tmp_path))
    child = number_in(tmp_path / "child")
    os.kill(int(component.session or 0), signal.SIGKILL)
    until(lambda: not component.is_alive())
    assert birth_mark(child) is not None, "the orphan must outlive its leader, or this test tests nothing"
    (tmp_path / "child").unlink()
    assert component.start(family(tmp_path)) is True
    assert component.is_alive()
    assert birth_mark(child) is None


def test_a_number_that_belongs_to_another_process_by_now_is_left_alone(
    component: Component, tmp_path: Path, stranger: psutil.Popen
) -> None:
    component.start(sleeper(tmp_path))
    component.stop()
    claim_to = {"pid": stranger.pid, "birth_mark": f"{str(birth_mark(stranger.pid)).partition(':')[0]}:1"}
    write_record(component, tmp_path, claim_to)
    assert not component.is_alive()
    component.stop(patience_seconds=0)
    assert stranger.is_running()


def test_a_record_from_before_the_machine_was_started_anew_names_nobody(
    component: Component, tmp_path: Path, stranger: psutil.Popen
) -> None:
    write_record(component, tmp_path, {"pid": stranger.pid, "birth_mark": "another-boot:12345"})
    component.stop(patience_seconds=0)
    assert stranger.is_running()


def test_orphans_of_a_stranger_who_led_a_session_of_the_same_number_are_left_alone(
    component: Component, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    program = "import os, sys, time\nif os.fork() == 0:\n    time.sleep(300)\n"
    leader = subprocess.Popen([sys.executable, "-c", program], cwd=elsewhere, start_new_session=True)
    leader.wait()
    orphan = session_members(leader.pid)[0]
    try:
        boot = str(birth_mark(os.getpid())).partition(":")[0]
        write_record(component, tmp_path, {"pid": leader.pid, "birth_mark": f"{boot}:1"})
        component.stop(patience_seconds=0)
        assert orphan.is_running()
    finally:
        orphan.kill()


def write_record(component: Component, tmp_path: Path, what: dict[str, object]) -> None:
    record = {"started_at": 1.0, "directory": str(tmp_path), "fingerprint": "x", **what}
    record_file(component).parent.mkdir(parents=True, exist_ok=True)
    record_file(component).write_text(json.dumps(record))


@pytest.mark.parametrize("left_behind", [None, ""], ids=["no record", "an empty record, as after a power cut"])
def test_a_process_whose_starter_was_killed_before_it_wrote_the_record_is_found(
    component: Component, tmp_path: Path, left_behind: str | None
) -> None:
    component.start(sleeper(tmp_path))
    session = int(component.session or 0)
    until(lambda: record_file(component).with_suffix(".pid").exists())
    record_file(component).unlink()
    if left_behind is not None:
        record_file(component).write_text(left_behind)
    assert component.is_alive()
    component.stop(patience_seconds=1)
    assert birth_mark(session) is None


def test_a_claim_of_a_number_that_a_younger_process_has_by_now_is_left_alone(
    component: Component, tmp_path: Path, stranger: psutil.Popen
) -> None:
    claim = record_file(component).with_suffix(".pid")
    claim.parent.mkdir(parents=True)
    claim.write_text(f"{stranger.pid}\n")
    os.utime(claim, (time.time() - 60, time.time() - 60))
    assert not component.is_alive()
    component.stop(patience_seconds=0)
    assert stranger.is_running()


def test_another_airflow_of_the_callers_shell_does_not_reach_the_component(
    component: Component, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AIRFLOW_HOME", "AIRFLOW_CONFIG", "AIRFLOW__CORE__EXECUTOR", "DAYBREAK_WAREHOUSE_URL"):
        monkeypatch.setenv(name, "foreign")
    monkeypatch.setenv("AIRFLOW_CONN_MINE", "kept")
    program = "import json, os; json.dump(dict(os.environ), open('seen.part', 'w')); os.rename('seen.part', 'seen')"
    component.start(Command([sys.executable, "-c", program], {"DAYBREAK_HOME": "ours"}, tmp_path))
    until((tmp_path / "seen").exists)
    seen = json.loads((tmp_path / "seen").read_text())
    assert "foreign" not in seen.values()
    assert seen["DAYBREAK_HOME"] == "ours"
    assert seen["AIRFLOW_CONN_MINE"] == "kept"


def test_the_log_is_the_owners_and_the_last_start_keeps_the_one_before(component: Component, tmp_path: Path) -> None:
    for text in ("first", "second"):
        component.start(Command([sys.executable, "-c", f"print({text!r})"], {}, tmp_path))
        until(lambda text=text: text in component.tail())
        until(lambda: not component.is_alive())
    assert component.tail() == "second"
    assert component.log.with_suffix(".log.1").read_text() == "first\n"
    assert component.log.stat().st_mode & 0o077 == 0


def test_a_process_that_ignores_the_polite_signal_is_killed(component: Component, tmp_path: Path) -> None:
    program = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open('deaf', 'w').write('1'); "
        "time.sleep(300)"
    )
    component.start(Command([sys.executable, "-c", program], {}, tmp_path))
    session = int(component.session or 0)
    number_in(tmp_path / "deaf")
    component.stop(patience_seconds=0.2)
    assert birth_mark(session) is None
    with contextlib.suppress(ChildProcessError):
        assert not session_members(session)
