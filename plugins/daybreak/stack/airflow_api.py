"""A small client of the local api-server: what the demo, the command line and the tests ask of Airflow."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import httpx

from daybreak.stack.failures import StackFailure

ENDED = ("success", "failed")
_PAGE = 100


class AirflowRefused(StackFailure):
    """The api-server answered a call with an error; names the call, the status and the reason given."""


class AirflowUnreachable(StackFailure):
    """Nobody answers at the api-server's address, which the message names."""


class RunExists(AirflowRefused):
    """A run of that id, or of that logical date, is there already."""


class DagNotThere(StackFailure):
    """A DAG did not appear in time; holds the import errors that Airflow reports."""


@dataclass(frozen=True)
class TaskState:
    """One task instance: ``label`` is its rendered map index, or the index itself; ``state`` null means not yet due."""

    task_id: str
    map_index: int
    label: str
    state: str | None
    try_number: int
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class RunState:
    run_id: str
    state: str


@dataclass(frozen=True)
class LogLine:
    level: str
    text: str


class AirflowApi:
    """Logs in on first use. Use as a context manager, or call ``close``."""

    def __init__(self, base_url: str, user: str, password: str) -> None:
        # trust_env: a proxy of the machine must not see calls to 127.0.0.1.
        transport = httpx.HTTPTransport(retries=3)
        self._http = httpx.Client(base_url=base_url, timeout=30.0, trust_env=False, transport=transport)
        self._login = {"username": user, "password": password}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def health(self) -> dict[str, Any]:
        """``/api/v2/monitor/health``: status and newest heartbeat per component. Needs no login.

        Raises:
            httpx.HTTPError: nobody answers, or not with 200.
        """
        answer = self._http.get("/api/v2/monitor/health", timeout=5.0)
        answer.raise_for_status()
        return dict(answer.json())

    def wait_for_dag(self, dag_id: str, timeout_seconds: float = 120.0) -> None:
        """Afterwards Airflow has parsed ``dag_id``.

        Raises:
            DagNotThere: not within ``timeout_seconds``.
        """
        deadline = time.monotonic() + timeout_seconds
        while not self._has_dag(dag_id):
            if time.monotonic() > deadline:
                raise DagNotThere(
                    f"Airflow has not parsed {dag_id} after {timeout_seconds:.0f} s: {self._told_errors()}"
                )
            time.sleep(0.5)

    def import_errors(self) -> dict[str, str]:
        """DAG files that Airflow cannot import, with the traceback of each."""
        rows = self._call("GET", "/api/v2/importErrors", params={"limit": _PAGE})["import_errors"]
        return {row["filename"]: row["stack_trace"] for row in rows}

    def is_paused(self, dag_id: str) -> bool:
        """Whether runs of ``dag_id`` wait until somebody unpauses it.

        Raises:
            DagNotThere: Airflow does not know the DAG; holds the import errors that it reports.
        """
        if not self._has_dag(dag_id):
            raise DagNotThere(f"Airflow has no DAG {dag_id}: {self._told_errors()}")
        return bool(self._call("GET", f"/api/v2/dags/{dag_id}")["is_paused"])

    def unpause(self, dag_id: str) -> None:
        self._call("PATCH", f"/api/v2/dags/{dag_id}", params={"update_mask": "is_paused"}, json={"is_paused": False})

    def trigger(
        self, dag_id: str, run_id: str, logical_date: datetime | None, conf: Mapping[str, Any] | None = None
    ) -> None:
        """Afterwards the run ``run_id`` is queued. ``logical_date`` must be unique per DAG and carry its zone.

        Raises:
            RunExists: the DAG has a run of that id or logical date.
        """
        body = {
            "dag_run_id": run_id,
            "logical_date": logical_date.isoformat() if logical_date else None,
            "conf": dict(conf or {}),
        }
        self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", json=body)

    def run_state(self, dag_id: str, run_id: str) -> str:
        """``queued``, ``running``, ``success`` or ``failed``."""
        return str(self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def runs(self, dag_id: str, run_id_prefix: str, *, states: Sequence[str] = ()) -> list[RunState]:
        """The runs of ``dag_id`` whose id begins so, in any of ``states`` (default all), the earliest made first."""
        found: list[RunState] = []
        asked: dict[str, Any] = {"run_id_prefix_pattern": run_id_prefix, "order_by": "id", "limit": _PAGE}
        while True:
            asked |= {"state": list(states), "offset": len(found)}
            page = self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns", params=asked)
            found += [RunState(row["dag_run_id"], row["state"]) for row in page["dag_runs"]]
            if not page["dag_runs"] or len(found) >= page["total_entries"]:
                return found

    def fail_run(self, dag_id: str, run_id: str) -> None:
        """Afterwards the run is failed: its running and deferred tasks are ended, the others are never begun."""
        self._call("PATCH", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}", json={"state": "failed"})

    def running_run(self, dag_id: str) -> str | None:
        """The id of the run of ``dag_id`` that runs longest; null when none runs."""
        parameters = {"state": "running", "order_by": "start_date", "limit": 1}
        runs = self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns", params=parameters)["dag_runs"]
        return str(runs[0]["dag_run_id"]) if runs else None

    def task_instances(self, dag_id: str, run_id: str) -> list[TaskState]:
        """Every task instance of the run, mapped ones each for itself."""
        found: list[TaskState] = []
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        while True:
            page = self._call("GET", path, params={"limit": _PAGE, "offset": len(found), "order_by": "id"})
            found += [_task_state(row) for row in page["task_instances"]]
            if not page["task_instances"] or len(found) >= page["total_entries"]:
                return found

    def log_lines(self, dag_id: str, run_id: str, task: TaskState) -> list[LogLine]:
        """The log of the task instance's newest attempt."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task.task_id}/logs/{max(task.try_number, 1)}"
        answer = self._call("GET", path, params={"map_index": task.map_index, "full_content": "true"})
        return [_log_line(entry) for entry in answer["content"]]

    def wait_for_run(self, dag_id: str, run_id: str, timeout_seconds: float) -> str:
        """The final state of the run, or its present one after ``timeout_seconds``."""
        deadline = time.monotonic() + timeout_seconds
        while (state := self.run_state(dag_id, run_id)) not in ENDED and time.monotonic() < deadline:
            time.sleep(0.5)
        return state

    def _told_errors(self) -> str:
        errors = self.import_errors()
        return "\n".join(f"{name}: {text}" for name, text in errors.items()) or "no import error is reported"

    def _has_dag(self, dag_id: str) -> bool:
        self._log_in()
        answer = self._send("GET", f"/api/v2/dags/{dag_id}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return False
        self._check(answer)
        return not answer.json().get("is_stale", False)

    def _log_in(self) -> None:
        if "authorization" not in self._http.headers:
            answer = self._send("POST", "/auth/token", json=self._login)
            self._check(answer)
            self._http.headers["authorization"] = f"Bearer {answer.json()['access_token']}"

    def _call(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        self._log_in()
        answer = self._send(method, path, **arguments)
        self._check(answer)
        return dict(answer.json())

    def _send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **arguments)
        except httpx.TransportError as error:
            raise AirflowUnreachable(
                f"Airflow does not answer at {self._http.base_url}: {error or type(error).__name__}. "
                "'make up' starts the local one; of another, look at its api-server and DAYBREAK_AIRFLOW_URL"
            ) from None

    @staticmethod
    def _check(answer: httpx.Response) -> None:
        if answer.is_success:
            return
        call = f"{answer.request.method} {answer.request.url.path}"
        refused = RunExists if answer.status_code == httpx.codes.CONFLICT else AirflowRefused
        raise refused(f"Airflow answered {call} with {answer.status_code}: {answer.text[:500]}")


def _task_state(row: Mapping[str, Any]) -> TaskState:
    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(row[name]) if row[name] else None

    return TaskState(
        task_id=row["task_id"],
        map_index=row["map_index"],
        label=row["rendered_map_index"] or (str(row["map_index"]) if row["map_index"] >= 0 else ""),
        state=row["state"],
        try_number=row["try_number"],
        started_at=moment("start_date"),
        ended_at=moment("end_date"),
    )


def _log_line(entry: "Mapping[str, Any] | str") -> LogLine:
    if isinstance(entry, str):
        return LogLine("info", entry)
    text = str(entry["event"])
    for problem in entry.get("error_detail") or []:
        text += f"\n{problem.get('exc_type')}: {problem.get('exc_value')}"
    return LogLine(str(entry.get("level", "info")), text)
