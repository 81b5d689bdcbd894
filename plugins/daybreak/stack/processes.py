"""Starts, recognises and ends the long-running processes of the local stack.

Each component leads a session of its own. Airflow moves its tasks into process groups of their own, so a group alone
misses them; nothing in the stack opens another session, so the session id names every process of a component, also
after its leader was killed.
"""

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from daybreak.stack.failures import StackFailure

# The program writes down its own number before it runs: no moment exists in which it lives unrecorded.
_CLAIM_THEN_RUN = 'echo "$$" > "$0.part" && mv "$0.part" "$0" && exec "$@"'
_POLL_SECONDS = 0.05
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# Another Airflow's or another Daybreak's settings in the caller's shell must not reach this stack. Connections may.
_FOREIGN_PREFIXES = ("AIRFLOW__", "AIRFLOW_HOME", "AIRFLOW_CONFIG", "DAYBREAK_")


class ProcessNotEnded(StackFailure):
    """A process of the stack outlived SIGKILL; names it."""


@dataclass(frozen=True)
class Command:
    """What a component runs: arguments, the variables it needs beside the machine's own, and its directory."""

    arguments: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    directory: Path
    configuration: str = field(default="", repr=False)
    """Text that the program reads at its start; after a change of it the program must start anew."""

    @property
    def fingerprint(self) -> str:
        parts = [list(self.arguments), sorted(self.environment.items()), str(self.directory), self.configuration]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def full_environment(self) -> dict[str, str]:
        """The caller's variables without another installation's, and on top those of this command."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN_PREFIXES)}
        return {**kept, **self.environment}


@dataclass(frozen=True)
class _Record:
    pid: int
    birth_mark: str
    started_at: float
    directory: str
    fingerprint: str


def _boot_id() -> str:
    return _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else ""


def birth_mark(pid: int) -> str | None:
    """What tells this process from a later one with the same number; null when no such process lives.

    On Linux the boot and the clock tick of its start: a wall-clock time moves whenever the machine's clock is set.
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        if boot := _boot_id():
            return f"{boot}:{Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[19]}"
        return f":{process.create_time():.2f}"
    except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
        return None


def session_members(session: int) -> list[psutil.Process]:
    """Every living process whose session is ``session``."""
    members: list[psutil.Process] = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):  # processes end while one looks, and some belong to others
            if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process)
    return members


def kill_all(members: Sequence[psutil.Process]) -> None:
    """Sends SIGKILL to each; one that has ended meanwhile is no error."""
    for member in members:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()


class Component:
    """One long-running program of the stack: its record under ``home/run``, its log under ``home/logs``."""

    # Of this interpreter: a child that ended must be waited for, or it stays a zombie.
    _children: dict[int, subprocess.Popen[bytes]] = {}  # noqa: RUF012

    def __init__(self, home: Path, name: str) -> None:
        self.name = name
        self.log = home / "logs" / f"{name}.log"
        self._record = home / "run" / f"{name}.json"
        self._claim = home / "run" / f"{name}.pid"

    @property
    def started_at(self) -> float:
        """When the recorded leader was started, in seconds since the epoch; 0 when nothing is recorded."""
        record = self._read()
        return record.started_at if record else 0.0

    @property
    def session(self) -> int | None:
        """The leader's process id, which is the session id of all its processes; null after a clean stop."""
        record = self._read()
        return record.pid if record else None

    def is_alive(self) -> bool:
        """True while the recorded leader itself runs; its orphans do not count."""
        record = self._read()
        return record is not None and birth_mark(record.pid) == record.birth_mark

    def start(self, command: Command) -> bool:
        """Afterwards the component runs ``command`` and no process of an earlier start lives.

        True when it was started now, false when it ran already with this very command and configuration.
        """
        record = self._read()
        if record is not None and record.fingerprint == command.fingerprint and self.is_alive():
            return False
        self.stop()
        for directory in (self._record.parent, self.log.parent, command.directory):
            directory.mkdir(parents=True, exist_ok=True)
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))
        with os.fdopen(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
            process = subprocess.Popen(
                ["/bin/sh", "-c", _CLAIM_THEN_RUN, str(self._claim), *command.arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=command.directory,
                env=command.full_environment(),
                start_new_session=True,
            )
        self._children[process.pid] = process
        mark = birth_mark(process.pid) or "ended"
        self._write(_Record(process.pid, mark, time.time(), str(command.directory), command.fingerprint))
        return True

    def stop(self, patience_seconds: float = 15.0) -> None:
        """Afterwards no process of this component lives and no record is left. Safe to repeat.

        SIGTERM to the leader's group first; who still lives after ``patience_seconds``, orphans included, is killed.

        Raises:
            ProcessNotEnded: a process outlived SIGKILL by ten seconds.
        """
        record = self._read()
        if record is not None:
            if birth_mark(record.pid) == record.birth_mark:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(record.pid, signal.SIGTERM)
                self._wait(record, patience_seconds)
            kill_all(self._members(record))
            self._wait(record, 10.0)
            if left := self._members(record):
                raise ProcessNotEnded(f"{self.name}: process {left[0].pid} outlived SIGKILL; see 'ps {left[0].pid}'")
        self._record.unlink(missing_ok=True)
        self._claim.unlink(missing_ok=True)

    def tail(self, lines: int = 15) -> str:
        """The last lines of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    def _members(self, record: _Record) -> list[psutil.Process]:
        """The living processes that are certainly of this component."""
        self._reap()
        if record.birth_mark.partition(":")[0] not in (_boot_id(), "ended"):
            return []  # the machine was started anew: every number means another process now
        living = birth_mark(record.pid)
        if living == record.birth_mark:
            return session_members(record.pid)
        if living is not None:
            return []  # a number is given out again only after its whole session has ended
        members = []
        for member in session_members(record.pid):
            with contextlib.suppress(psutil.Error):
                if member.cwd() == record.directory:
                    members.append(member)
        return members

    def _wait(self, record: _Record, patience_seconds: float) -> None:
        deadline = time.monotonic() + patience_seconds
        while self._members(record) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)

    def _reap(self) -> None:
        for pid, child in list(self._children.items()):
            if child.poll() is not None:
                self._children.pop(pid, None)

    def _write(self, record: _Record) -> None:
        part = self._record.with_suffix(".part")
        part.write_text(json.dumps(asdict(record)))
        part.replace(self._record)

    def _read(self) -> _Record | None:
        with contextlib.suppress(FileNotFoundError, ValueError, TypeError):  # a power cut leaves an empty file
            return _Record(**json.loads(self._record.read_text()))
        if not self._claim.exists():
            return None
        # Whoever started it was killed before it could write the record. The process is ours if it is older than
        # its claim: one that got the number later is younger.
        pid, claimed_at = int(self._claim.read_text()), self._claim.stat().st_mtime
        mark = "ended"
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            if process.create_time() <= claimed_at + 1:
                return _Record(pid, birth_mark(pid) or mark, claimed_at, process.cwd(), "unknown")
        return _Record(pid, mark, claimed_at, "", "unknown")
