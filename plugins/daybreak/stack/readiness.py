"""Waits until every part of the local stack answers, by its own health address or heartbeat."""

import contextlib
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import httpx

from daybreak.stack.airflow_api import AirflowApi
from daybreak.stack.failures import StackFailure
from daybreak.stack.processes import Command, Component

# The api-server reports on the others; that its database answers is its own sign of life.
_HEALTH_KEYS = {
    "api-server": "metadatabase",
    "scheduler": "scheduler",
    "dag-processor": "dag_processor",
    "triggerer": "triggerer",
}
_PAUSE_SECONDS = 0.2


class StackNotStarted(StackFailure):
    """A part of the stack did not come up; names it and holds the end of its log."""


def wait_until_healthy(
    parts: Mapping[str, tuple[Component, Command]],
    answering: Callable[[], set[str]],
    say: Callable[[str], None],
    timeout_seconds: float,
) -> None:
    """Afterwards every part has answered once. One that ends meanwhile is started once more.

    Raises:
        StackNotStarted: a part ended twice, or did not answer within ``timeout_seconds``.
    """
    deadline = time.monotonic() + timeout_seconds
    waiting, restarted = set(parts), set[str]()
    while waiting:
        for name in sorted(waiting):
            component, command = parts[name]
            if component.is_alive():
                continue
            if name in restarted:
                raise _not_started(component, "ended twice while it started")
            restarted.add(name)
            say(f"{name} ended; starting it once more")
            component.start(command)
        there = answering() & waiting
        for name in sorted(there):
            say(f"{name} is there")
        waiting -= there
        if waiting and time.monotonic() > deadline:
            raise _not_started(parts[min(waiting)][0], f"does not answer after {timeout_seconds:.0f} s")
        time.sleep(_PAUSE_SECONDS if waiting else 0)


def answering_airflow(api: AirflowApi, started_at: Mapping[str, float]) -> set[str]:
    """Which of Airflow's components (a name and when it was started) are healthy by a heartbeat of their own.

    Airflow counts a killed predecessor's heartbeat for half a minute; ``started_at`` tells the two apart.
    """
    try:
        health = api.health()
    except httpx.HTTPError:
        return set()
    return {name for name, moment in started_at.items() if _is_healthy(health, name, moment)}


def answers(url: str, headers: Mapping[str, str]) -> bool:
    """True when a GET of ``url`` ends well."""
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(url, headers=dict(headers), timeout=5.0, trust_env=False).is_success
    return False


def _is_healthy(health: Mapping[str, Any], name: str, started_at: float) -> bool:
    key = _HEALTH_KEYS[name]
    part = health.get(key) or {}
    if part.get("status") != "healthy":
        return False
    if name == "api-server":
        return True
    beat = part.get(f"latest_{key}_heartbeat")
    return beat is not None and datetime.fromisoformat(beat).timestamp() >= started_at


def _not_started(component: Component, what: str) -> StackNotStarted:
    return StackNotStarted(f"{component.name} {what}. The end of {component.log}:\n{component.tail()}")
