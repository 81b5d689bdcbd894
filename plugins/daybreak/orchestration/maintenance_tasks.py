"""The tasks of the maintenance graph: each does its step, or cleans Airflow's own database, and says what it did."""

import logging
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowFailException

from daybreak.orchestration.sweep_tasks import instant_of
from daybreak.settings import Settings, get_settings
from daybreak.steps import maintenance

logger = logging.getLogger(__name__)

_CONNECTION = ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__CORE__SQL_ALCHEMY_CONN")
_PATIENCE = timedelta(minutes=50)
_SHOWN_LINES = 15


def run_step(name: maintenance.StepName) -> list[str]:
    """Does one step of ``daybreak maintain``; returns what it did. Red when it left something, after all of it."""
    done = maintenance.run_step(name, get_settings(), datetime.now(UTC))
    left = [f"{each.subject}: {each.note}" for each in done if not each.is_done]
    if left:
        raise AirflowFailException("\n".join(left))
    return [f"{each.subject}: {each.made} made, {each.removed} removed" for each in done if each.made or each.removed]


def clean_airflow() -> str:
    """Removes Airflow's records of runs and tasks older than ``DAYBREAK_KEEP_AIRFLOW_DAYS``, by its own command.

    In a process of its own, because Airflow keeps its database from tasks.
    """
    settings = get_settings()
    before = instant_of(get_current_context()) - timedelta(days=settings.keep_airflow_days)
    command = [
        sys.executable, "-m", "airflow", "db", "clean", "--clean-before-timestamp", before.isoformat(), "--yes",
        "--skip-archive", "--error-on-cleanup-failure",
    ]  # fmt: skip
    ended = subprocess.run(
        command,
        env=cleaning_environment(dict(os.environ), settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE.total_seconds(),
    )
    if ended.returncode:
        said = "\n".join((ended.stdout + ended.stderr).splitlines()[-_SHOWN_LINES:])
        raise AirflowFailException(f"'airflow db clean' ended with {ended.returncode}:\n{said}")
    return f"Airflow's records before {before:%Y-%m-%d} are gone"


def cleaning_environment(inherited: dict[str, str], settings: Settings) -> dict[str, str]:
    """The environment in which Airflow's command finds its database: a task's own names one that does not exist."""
    environment = {name: value for name, value in inherited.items() if name not in _CONNECTION}
    if settings.airflow_database_url is not None:
        environment[_CONNECTION[0]] = settings.airflow_database_url.get_secret_value()
    return environment


def judge() -> str:
    """Red when a task of the run failed, naming each."""
    context = get_current_context()
    states: dict[str, Any] = context["ti"].get_task_states(
        dag_id=context["dag_run"].dag_id, run_ids=[context["run_id"]]
    )
    own = context["ti"].task_id
    failed = sorted(
        name for name, state in states[context["run_id"]].items() if name != own and str(state) != "success"
    )
    if failed:
        raise AirflowFailException(
            f"maintenance failed in {', '.join(failed)}; each log says why. The others are done. 'daybreak maintain' "
            "does the same by hand, and the next night tries again"
        )
    return "everything is kept in shape"
