"""A part counts as there when it answers for itself, not when its dead predecessor did."""

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import respx

from daybreak.stack.airflow_api import AirflowApi
from daybreak.stack.processes import Command, Component
from daybreak.stack.readiness import StackNotStarted, answering_airflow, answers, wait_until_healthy

URL = "http://airflow.test"
STARTED = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()
NAMES = ("api-server", "scheduler", "dag-processor", "triggerer")


def health(beat: str, status: str = "healthy") -> dict[str, object]:
    return {
        "metadatabase": {"status": "healthy"},
        "scheduler": {"status": status, "latest_scheduler_heartbeat": beat},
        "triggerer": {"status": status, "latest_triggerer_heartbeat": beat},
        "dag_processor": {"status": status, "latest_dag_processor_heartbeat": beat},
    }


@pytest.fixture
def api() -> Iterator[AirflowApi]:
    with AirflowApi(URL, "admin", "") as made:
        yield made


@pytest.mark.parametrize(
    ("answer", "there"),
    [
        (health("2026-03-01T12:00:01+00:00"), set(NAMES)),
        (health("2026-03-01T11:59:59+00:00"), {"api-server"}),
        (health("2026-03-01T12:00:01+00:00", status="unhealthy"), {"api-server"}),
        ({"metadatabase": {"status": "unhealthy"}}, set()),
        ({"metadatabase": {"status": "healthy"}, "scheduler": {"status": None}}, {"api-server"}),
    ],
    ids=["a beat of its own", "its predecessor's beat", "said to be unhealthy", "no database", "no beat at all"],
)
@respx.mock
def test_a_component_is_there_by_a_healthy_beat_after_its_own_start(
    api: AirflowApi, answer: dict[str, object], there: set[str]
) -> None:
    respx.get(f"{URL}/api/v2/monitor/health").respond(json=answer)
    assert answering_airflow(api, dict.fromkeys(NAMES, STARTED)) == there


@respx.mock
def test_nobody_is_there_while_the_api_server_does_not_answer(api: AirflowApi) -> None:
    respx.get(f"{URL}/api/v2/monitor/health").mock(side_effect=httpx.ConnectError("refused"))
    assert answering_airflow(api, dict.fromkeys(NAMES, STARTED)) == set()
    respx.get("http://simulator.test/control/health").respond(401)
    assert not answers("http://simulator.test/control/health", {"x-control-token": "wrong"})


def part(tmp_path: Path, program: str) -> tuple[Component, Command]:
    return Component(tmp_path, "part"), Command([sys.executable, "-c", program], {}, tmp_path)


def test_a_part_that_ends_is_started_once_more_and_then_reported_with_its_log(tmp_path: Path) -> None:
    component, command = part(tmp_path, "import sys; sys.exit('no such option')")
    said: list[str] = []
    component.start(command)
    with pytest.raises(StackNotStarted, match=r"ended twice(.|\n)*no such option"):
        wait_until_healthy({"part": (component, command)}, set, said.append, 20.0)
    assert said == ["part ended; starting it once more"]
    component.stop(patience_seconds=0)


def test_a_part_that_lives_and_never_answers_is_reported_when_the_time_is_up(tmp_path: Path) -> None:
    component, command = part(tmp_path, "import time; print('busy', flush=True); time.sleep(60)")
    component.start(command)
    began = time.monotonic()
    with pytest.raises(StackNotStarted, match="part does not answer after 0 s"):
        wait_until_healthy({"part": (component, command)}, set, lambda _: None, 0.4)
    assert time.monotonic() - began < 5
    component.stop(patience_seconds=0)


def test_each_part_is_announced_once_when_it_answers(tmp_path: Path) -> None:
    component, command = part(tmp_path, "import time; time.sleep(60)")
    component.start(command)
    answers_in_turn = iter([set[str](), {"part"}])
    said: list[str] = []
    wait_until_healthy({"part": (component, command)}, lambda: next(answers_in_turn), said.append, 20.0)
    assert said == ["part is there"]
    component.stop(patience_seconds=0)
