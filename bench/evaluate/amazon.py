"""The simulator as a process of its own: started, moved in time, asked for what clients hand over and for the truth."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx
import time_machine
import yaml

from bench.evaluate.scoring import Truth
from bench.evaluate.worlds import ACCOUNT_ID, EvaluatedWorld
from daybreak.settings import CHECKOUT

_PATIENCE_SECONDS = 60.0


class SimulatorFailed(RuntimeError):
    """The simulator did not do what it was asked; says what it wrote."""


@dataclass(frozen=True)
class Amazon:
    """A running simulator of one world. ``file`` is its configuration, ``entry`` its account's part of it."""

    base_url: str
    file: Path
    control_token: str
    entry: dict[str, Any]

    def travel(self, instant: datetime) -> AbstractContextManager[Any]:
        """Within it, it is ``instant`` here and at Amazon, and time goes on from there."""
        self._control("PUT", "clock", {"now": instant.isoformat()})
        return time_machine.travel(instant, tick=True)

    def forget(self) -> None:
        """Afterwards no report or query stands in the simulator's books: they would be listed and kept for ever."""
        self._control("DELETE", "reports")
        self._control("DELETE", "queries")

    def client_files(self, folder: Path, at: datetime) -> Path:
        """Where the account's client files are, written as of ``at``."""
        _simulator("client-files", "--config", str(self.file), "--out", str(folder), "--at", at.isoformat())
        return folder / ACCOUNT_ID

    def truth(self, first: date, last: date) -> list[Truth]:
        """What holds on at least one day from ``first`` to ``last``."""
        told = _simulator("truth", "--config", str(self.file), "--from", str(first), "--to", str(last))
        return [_fact(json.loads(line)) for line in told.splitlines()]

    def _control(self, method: str, path: str, body: Any = None) -> None:
        headers = {"x-control-token": self.control_token}
        httpx.request(method, f"{self.base_url}/control/{path}", headers=headers, json=body).raise_for_status()


@contextmanager
def running_amazon(world: EvaluatedWorld, folder: Path) -> Iterator[Amazon]:
    """The simulator of ``world`` on a free loopback port; its file and log are in ``folder``.

    Raises:
        SimulatorFailed: it ended, or does not answer.
    """
    told = world.simulator_file()
    file = folder / "simulator.yml"
    file.touch(mode=0o600)
    file.write_text(yaml.safe_dump(told))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base_url = f"http://127.0.0.1:{port}"
    with (folder / "simulator.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "simulator", "serve", "--config", str(file), "--port", str(port)],
            cwd=CHECKOUT, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _wait(base_url, process, folder / "simulator.log")
            yield Amazon(base_url, file, told["control_token"], told["accounts"][0])
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait(base_url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"{base_url}/control/health").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.05)  # a start takes about a second: looked at often enough, and the start keeps the core
        else:
            return
    raise SimulatorFailed(f"the simulator does not answer; its log ends with: {log.read_text()[-500:]}")


def _simulator(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "simulator", *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SimulatorFailed(f"python -m simulator {arguments[0]} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def _fact(told: dict[str, Any]) -> Truth:
    return Truth(
        asin=told["asin"],
        kind=told["kind"],
        first_day=date.fromisoformat(told["first_day"]),
        last_day=date.fromisoformat(told["last_day"]),
        is_incident=told["is_incident"],
        is_small=told["is_small"],
        causes=frozenset(cause.split()[0] for cause in told["causes"]),
    )
