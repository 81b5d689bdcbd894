"""Loads heavy libraries once in the processes that fork Airflow's tasks, so that no task pays for the import.

Airflow imports this module in each of its processes, from the plugins folder. Only the scheduler (LocalExecutor forks
its workers and tasks from it) and the parent of a Celery worker's pool load anything; everywhere else it costs nothing.
"""

import sys
from importlib import import_module

# Airflow reads every public name of this module as a setting or a policy of its own.
__all__: list[str] = []

_PRELOADED = (
    "great_expectations",
    "pandas",
    "psycopg",
    "msgspec",
    # What each task process imports first.
    "airflow.sdk.execution_time.task_runner",
    "airflow.dag_processing.dagbag",
)


def _preload(**_signal: object) -> None:
    for name in _PRELOADED:
        import_module(name)
    import_module("daybreak.quality.gate").warm()


if sys.argv[1:2] == ["scheduler"]:
    _preload()
elif sys.argv[1:3] == ["celery", "worker"]:
    from celery.signals import import_modules

    import_modules.connect(_preload, weak=False)
