"""Follows a DAG run to its end and explains a failed one."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from daybreak.stack.airflow_api import ENDED, AirflowApi, TaskState
from daybreak.stack.failures import StackFailure

_PAUSE_SECONDS = 1.0
_ERROR_LINES = 6


class RunNotEnded(StackFailure):
    """A run was still at work when the time was up; names its unfinished tasks."""


@dataclass(frozen=True)
class RunView:
    """A run as it stands at one moment."""

    run_id: str
    state: str
    tasks: list[TaskState]

    def labels(self) -> dict[int, str]:
        """The label of each map index: a task's own is known once it has run, its neighbours' serves as well."""
        found: dict[int, str] = {}
        for task in self.tasks:
            if task.map_index not in found or task.label != str(task.map_index):
                found[task.map_index] = task.label
        return found


@dataclass(frozen=True)
class TaskFailure:
    """A failed task: its name with its label, and the errors at the end of its log."""

    task: str
    errors: list[str]


def follow_run(api: AirflowApi, dag_id: str, run_id: str, timeout_seconds: float) -> Iterator[RunView]:
    """Views of the run that works at the moment, about one a second; the last is the end of ``run_id``.

    A DAG that runs one at a time may have another to end first: unpausing starts the last run that its schedule missed.

    Raises:
        RunNotEnded: after ``timeout_seconds``.
    """
    deadline = time.monotonic() + timeout_seconds
    before: str | None = None
    while True:
        state = api.run_state(dag_id, run_id)
        working = run_id if state != "queued" else (api.running_run(dag_id) or run_id)
        if before not in (None, working):
            yield _view(api, dag_id, str(before))  # how the one before ended
        before = working
        view = _view(api, dag_id, working)
        yield view
        if working == run_id and view.state in ENDED:
            return
        if time.monotonic() > deadline:
            unfinished = sorted({task.task_id for task in view.tasks if task.state not in ("success", "skipped")})
            raise RunNotEnded(
                f"{dag_id} run {working} is {view.state} after {timeout_seconds:.0f} s; "
                f"unfinished: {', '.join(unfinished) or 'nothing was started'}"
            )
        time.sleep(_PAUSE_SECONDS)


def explain_failures(api: AirflowApi, dag_id: str, run_id: str) -> list[TaskFailure]:
    """The tasks of ``run_id`` that failed, in the order of their end."""
    view = _view(api, dag_id, run_id)
    labels = view.labels()
    failed = [task for task in view.tasks if task.state == "failed"]
    failed.sort(key=lambda task: (task.ended_at is None, task.ended_at and task.ended_at.timestamp(), task.task_id))
    found = []
    for task in failed:
        lines = api.log_lines(dag_id, run_id, task)
        errors = [line.text for line in lines if line.level in ("error", "critical")]
        label = labels[task.map_index]
        found.append(TaskFailure(f"{task.task_id} [{label}]" if label else task.task_id, errors[-_ERROR_LINES:]))
    return found


def _view(api: AirflowApi, dag_id: str, run_id: str) -> RunView:
    state = api.run_state(dag_id, run_id)
    return RunView(run_id, state, api.task_instances(dag_id, run_id))
