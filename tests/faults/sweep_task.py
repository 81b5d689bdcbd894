"""Runs the sweep task of one account as Airflow does, in a process of its own: execute, trigger, resume, to the end.

Prints one JSON line: how often it was deferred, the seconds from each deferral to its event, and what it landed.
"""

import asyncio
import json
import sys
import time
from typing import Any

from airflow.sdk.exceptions import TaskDeferred

from daybreak.orchestration.sweeps import SweepOffers, SweepTrigger


async def fire(trigger: SweepTrigger) -> dict[str, Any]:
    """The payload of the trigger's event, by a trigger made anew from what is kept of it."""
    path, kept = trigger.serialize()
    assert path == f"{SweepTrigger.__module__}.{SweepTrigger.__qualname__}"
    async for event in SweepTrigger(**kept).run():
        payload: dict[str, Any] = event.payload
        return payload
    raise AssertionError("the trigger ended without an event")


def main(account_id: str) -> None:
    group = {"credential_id": "", "label": "Demo", "account_ids": [account_id]}
    task = SweepOffers(task_id="sweep", group=group)
    waits: list[float] = []
    context: Any = {}
    step: Any = lambda: task.execute(context)  # noqa: E731
    while True:
        try:
            landed = step()
            break
        except TaskDeferred as deferred:
            began = time.monotonic()
            event = asyncio.run(fire(deferred.trigger))
            waits.append(time.monotonic() - began)
            kept = json.loads(json.dumps(deferred.kwargs))
            step = lambda kept=kept, event=event: task.resume(context, event, **kept)  # noqa: E731
    print(json.dumps({"waits": waits, "landed": landed, "label": context["account_label"]}))


if __name__ == "__main__":
    main(sys.argv[1])
