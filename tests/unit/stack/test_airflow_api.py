"""The client says what Airflow said, page by page, and names what went wrong."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import respx

from daybreak.stack.airflow_api import AirflowApi, AirflowRefused, DagNotThere, LogLine, TaskState

URL = "http://airflow.test"


@pytest.fixture
def airflow() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=URL, assert_all_called=False) as router:
        router.post("/auth/token", name="login").respond(201, json={"access_token": "a-token"})
        yield router


@pytest.fixture
def api() -> Iterator[AirflowApi]:
    with AirflowApi(URL, "admin", "a-password") as made:
        yield made


def row(number: int, **values: Any) -> dict[str, Any]:
    return {
        "task_id": f"task_{number}",
        "map_index": -1,
        "rendered_map_index": None,
        "state": "success",
        "try_number": 1,
        "start_date": "2026-03-01T05:15:00Z",
        "end_date": None,
        **values,
    }


def test_it_logs_in_once_and_carries_the_token(airflow: respx.MockRouter, api: AirflowApi) -> None:
    state = airflow.get("/api/v2/dags/d/dagRuns/r").respond(json={"state": "running"})
    assert [api.run_state("d", "r"), api.run_state("d", "r")] == ["running", "running"]
    assert airflow["login"].call_count == 1
    assert json.loads(airflow["login"].calls[0].request.content) == {"username": "admin", "password": "a-password"}
    assert {call.request.headers["authorization"] for call in state.calls} == {"Bearer a-token"}


def test_a_triggered_run_carries_its_id_date_and_configuration(airflow: respx.MockRouter, api: AirflowApi) -> None:
    route = airflow.post("/api/v2/dags/d/dagRuns").respond(json={})
    api.trigger("d", "r", datetime(2026, 3, 1, 5, 15, tzinfo=UTC), {"refetch": True})
    assert json.loads(route.calls[0].request.content) == {
        "dag_run_id": "r",
        "logical_date": "2026-03-01T05:15:00+00:00",
        "conf": {"refetch": True},
    }


def test_task_instances_are_read_to_the_last_page(airflow: respx.MockRouter, api: AirflowApi) -> None:
    rows = [row(number) for number in range(150)]
    path = "/api/v2/dags/d/dagRuns/r/taskInstances"
    for offset in (0, 100):
        page = {"task_instances": rows[offset : offset + 100], "total_entries": 150}
        airflow.get(path, params={"offset": offset}).respond(json=page)
    assert [task.task_id for task in api.task_instances("d", "r")] == [each["task_id"] for each in rows]


def test_a_task_is_labelled_by_its_rendered_index_else_by_its_number_else_not_at_all(
    airflow: respx.MockRouter, api: AirflowApi
) -> None:
    rows = [row(0, map_index=0, rendered_map_index="Demo Italy"), row(1, map_index=1, state=None), row(2)]
    page = {"task_instances": rows, "total_entries": 3}
    airflow.get("/api/v2/dags/d/dagRuns/r/taskInstances").respond(json=page)
    found = api.task_instances("d", "r")
    assert [task.label for task in found] == ["Demo Italy", "1", ""]
    assert found[0] == TaskState("task_0", 0, "Demo Italy", "success", 1, datetime(2026, 3, 1, 5, 15, tzinfo=UTC), None)


def test_a_log_line_tells_the_exception_too(airflow: respx.MockRouter, api: AirflowApi) -> None:
    entry = {"event": "Task failed", "level": "error", "error_detail": [{"exc_type": "Blocked", "exc_value": "row 7"}]}
    airflow.get("/api/v2/dags/d/dagRuns/r/taskInstances/t/logs/2").respond(json={"content": [entry, "a plain line"]})
    task = TaskState("t", -1, "", "failed", 2, None, None)
    assert api.log_lines("d", "r", task) == [
        LogLine("error", "Task failed\nBlocked: row 7"),
        LogLine("info", "a plain line"),
    ]


def test_a_refusal_names_call_status_and_reason(airflow: respx.MockRouter, api: AirflowApi) -> None:
    airflow.patch("/api/v2/dags/d").respond(403, json={"detail": "Forbidden"})
    with pytest.raises(AirflowRefused, match=r"PATCH /api/v2/dags/d with 403: .*Forbidden"):
        api.unpause("d")


def test_a_dag_that_never_appears_is_reported_with_the_import_errors(
    airflow: respx.MockRouter, api: AirflowApi
) -> None:
    airflow.get("/api/v2/dags/d").respond(404)
    errors = {"import_errors": [{"filename": "d.py", "stack_trace": "NameError: morning"}]}
    airflow.get("/api/v2/importErrors").respond(json=errors)
    with pytest.raises(DagNotThere, match=r"d\.py: NameError: morning"):
        api.wait_for_dag("d", timeout_seconds=0)


def test_a_dag_whose_file_is_gone_is_waited_for(airflow: respx.MockRouter, api: AirflowApi) -> None:
    answers = [{"is_stale": True}, {"is_stale": False}]
    airflow.get("/api/v2/dags/d").mock(side_effect=[respx.MockResponse(json=answer) for answer in answers])
    api.wait_for_dag("d", timeout_seconds=10)
    assert [call.request.url.path for call in airflow.calls] == ["/auth/token", "/api/v2/dags/d", "/api/v2/dags/d"]
