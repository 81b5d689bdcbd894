"""Following a run shows whichever run of the DAG works, ends with the asked one, and explains what failed."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from daybreak.stack import dag_runs
from daybreak.stack.airflow_api import LogLine, TaskState
from daybreak.stack.dag_runs import RunNotEnded, RunView, TaskFailure, explain_failures, follow_run


@dataclass
class Airflow:
    """Stands in for the api-server: one picture of all runs per look at the asked run, the last one for ever."""

    pictures: list[dict[str, str]]
    tasks: list[TaskState] = field(default_factory=list)
    looks: int = 0

    def picture(self) -> dict[str, str]:
        return self.pictures[min(self.looks, len(self.pictures) - 1)]

    def run_state(self, _dag_id: str, run_id: str) -> str:
        return self.picture()[run_id]

    def running_run(self, _dag_id: str) -> str | None:
        return next((run_id for run_id, state in self.picture().items() if state == "running"), None)

    def task_instances(self, _dag_id: str, _run_id: str) -> list[TaskState]:
        return self.tasks

    def log_lines(self, _dag_id: str, _run_id: str, task: TaskState) -> list[LogLine]:
        return [LogLine("info", "started"), *(LogLine("error", f"{task.task_id} {n}") for n in range(9))]

    def sleep(self, _seconds: float) -> None:
        self.looks += 1


def watch(airflow: Airflow, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    monkeypatch.setattr(dag_runs.time, "sleep", airflow.sleep)
    return [(view.run_id, view.state) for view in follow_run(airflow, "d", "asked", 60.0)]  # type: ignore[arg-type]


def test_a_run_is_followed_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    airflow = Airflow([{"asked": "queued"}, {"asked": "running"}, {"asked": "failed"}])
    assert watch(airflow, monkeypatch) == [("asked", "queued"), ("asked", "running"), ("asked", "failed")]


def test_a_run_that_goes_first_is_shown_with_its_end_before_the_asked_one(monkeypatch: pytest.MonkeyPatch) -> None:
    airflow = Airflow(
        [
            {"missed": "running", "asked": "queued"},
            {"missed": "success", "asked": "running"},
            {"missed": "success", "asked": "success"},
        ]
    )
    assert watch(airflow, monkeypatch) == [
        ("missed", "running"),
        ("missed", "success"),
        ("asked", "running"),
        ("asked", "success"),
    ]


def test_a_run_that_does_not_end_in_time_is_an_error_that_names_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = [
        TaskState("plan", -1, "", "success", 1, None, None),
        TaskState("morning.extract", 0, "Demo Italy", "deferred", 1, None, None),
    ]
    airflow = Airflow([{"asked": "running"}], tasks)
    monkeypatch.setattr(dag_runs.time, "sleep", airflow.sleep)
    with pytest.raises(RunNotEnded, match=r"asked is running after 0 s; unfinished: morning\.extract$"):
        list(follow_run(airflow, "d", "asked", 0.0))  # type: ignore[arg-type]


def test_failed_tasks_are_explained_in_the_order_of_their_end_with_their_last_errors() -> None:
    def failed(task_id: str, label: str, minute: int) -> TaskState:
        return TaskState(task_id, 0, label, "failed", 1, None, datetime(2026, 3, 1, 5, minute, tzinfo=UTC))

    tasks = [
        failed("publish", "Demo Italy", 20),
        failed("gate", "0", 10),
        TaskState("plan", -1, "", "success", 1, None, None),
    ]
    explained = explain_failures(Airflow([{"asked": "failed"}], tasks), "d", "asked")  # type: ignore[arg-type]
    assert explained == [
        TaskFailure("gate [Demo Italy]", [f"gate {n}" for n in range(3, 9)]),
        TaskFailure("publish [Demo Italy]", [f"publish {n}" for n in range(3, 9)]),
    ]


def test_one_rendered_label_names_its_whole_map_index() -> None:
    tasks = [
        TaskState("extract", 1, "Demo Germany", "success", 1, None, None),
        TaskState("gate", 1, "1", None, 0, None, None),
        TaskState("extract", 2, "2", None, 0, None, None),
    ]
    assert RunView("r", "running", tasks).labels() == {1: "Demo Germany", 2: "2"}
