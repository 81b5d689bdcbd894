"""Lets a command read the connections of the Airflow that the local stack made."""

import os

from daybreak.settings import Settings


def use_local_airflow(settings: Settings) -> None:
    """Where a local stack was made, its Airflow holds the credentials; elsewhere the environment names another."""
    from daybreak.stack.airflow_home import airflow_environment, airflow_home

    if (airflow_home(settings) / "airflow.cfg").exists():
        for name, value in airflow_environment(settings).items():
            os.environ.setdefault(name, value)
