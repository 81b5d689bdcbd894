"""The runs of ``repair_window`` that the command line starts, watches and stops: one per window, by its own name."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from daybreak.stack.airflow_api import AirflowApi, RunExists, RunState
from daybreak.stack.failures import StackFailure

DAG_ID = "repair_window"
OPEN = ("queued", "running")
_LONGEST_NAMES = 80


class RepairNotStarted(StackFailure):
    """Airflow would not begin the repair, or it is repaired already; says which and what to do."""


@dataclass(frozen=True)
class RepairRequest:
    """What one command asks to repair. No accounts or datasets means all of them."""

    windows: tuple[tuple[date, date], ...]
    account_ids: tuple[str, ...] = ()
    dataset_codes: tuple[str, ...] = ()

    @property
    def scope_name(self) -> str:
        """Of the same accounts and datasets always the same, in any order; names them where that is not too long."""
        names = (
            "-".join(["+".join(sorted(set(each))) for each in (self.account_ids, self.dataset_codes) if each]) or "all"
        )
        return names if len(names) <= _LONGEST_NAMES else hashlib.sha256(names.encode()).hexdigest()[:16]

    def prefix(self, window: tuple[date, date]) -> str:
        """How the id of every run of that window begins; its number follows."""
        return f"repair__{window[0]}__{window[1]}__{self.scope_name}__"


def start_repair(api: AirflowApi, request: RepairRequest) -> list[str]:
    """Triggers one run per window, in their order; returns their ids.

    Raises:
        RepairNotStarted: the DAG is paused, or the same is being repaired or started by another command.
        DagNotThere, AirflowUnreachable, AirflowRefused: as they say.
    """
    if api.is_paused(DAG_ID):
        raise RepairNotStarted(
            f"{DAG_ID} is paused, so nothing would begin: unpause it on Airflow's page, then run this command again"
        )
    known = [api.runs(DAG_ID, request.prefix(window)) for window in request.windows]
    if busy := [run.run_id for runs in known for run in runs if run.state in OPEN]:
        raise RepairNotStarted(
            f"this is being repaired already, by {len(busy)} runs of {DAG_ID}, the first is {busy[0]}: "
            "'daybreak backfill --wait' shows how far it is, 'daybreak backfill --stop' ends it"
        )
    started: list[str] = []
    for window, runs in zip(request.windows, known, strict=True):
        run_id = f"{request.prefix(window)}{_next_number(runs)}"
        conf = {
            "from_date": window[0].isoformat(),
            "to_date": window[1].isoformat(),
            "accounts": list(request.account_ids),
            "datasets": list(request.dataset_codes),
        }
        try:
            api.trigger(DAG_ID, run_id, None, conf)
        except RunExists:
            raise RepairNotStarted(
                f"another command starts this repair at this moment ({run_id} is there already): "
                "'daybreak backfill --wait' shows how far it is"
            ) from None
        started.append(run_id)
    return started


def open_runs(api: AirflowApi) -> list[RunState]:
    """The runs that a command started and that have not ended, in the order of their start."""
    return api.runs(DAG_ID, "repair__", states=OPEN)


def stop_repairs(api: AirflowApi) -> list[str]:
    """Ends every open run, the last one first, so that none begins meanwhile; returns their ids in order."""
    found = [run.run_id for run in open_runs(api)]
    for run_id in reversed(found):
        api.fail_run(DAG_ID, run_id)
    return found


def window_of(run_id: str) -> str:
    """The window of a run in words."""
    _, first, last, *_ = run_id.split("__")
    return f"{first} to {last}"


def _next_number(runs: Sequence[RunState]) -> int:
    numbers = [int(tail) for run in runs if (tail := run.run_id.rpartition("__")[2]).isdigit()]
    return max(numbers, default=0) + 1
