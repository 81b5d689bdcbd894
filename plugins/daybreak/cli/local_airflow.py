"""Lets a command read the connections of the Airflow that the local stack made, and talk to its api-server."""

import os
from typing import TYPE_CHECKING

from daybreak.settings import Settings

if TYPE_CHECKING:
    from daybreak.stack.airflow_api import AirflowApi


def use_local_airflow(settings: Settings) -> None:
    """Where a local stack was made, its Airflow holds the credentials; elsewhere the environment names another."""
    from daybreak.stack.airflow_home import airflow_environment, airflow_home

    if (airflow_home(settings) / "airflow.cfg").exists():
        for name, value in airflow_environment(settings).items():
            os.environ.setdefault(name, value)


def open_airflow(settings: Settings) -> "AirflowApi":
    """A client of the api-server that ``DAYBREAK_AIRFLOW_URL`` names, or else of the local stack's.

    Raises:
        AirflowUnreachable: neither is there, or the password of the named one is missing.
    """
    from daybreak.stack.airflow_api import AirflowApi, AirflowUnreachable
    from daybreak.stack.airflow_home import ADMIN, read_admin_password
    from daybreak.stack.record import read_record

    if settings.airflow_url is not None:
        if settings.airflow_password is None:
            raise AirflowUnreachable(
                f"DAYBREAK_AIRFLOW_URL names {settings.airflow_url}; "
                f"DAYBREAK_AIRFLOW_PASSWORD must hold the password of {settings.airflow_user} there"
            )
        return AirflowApi(settings.airflow_url, settings.airflow_user, settings.airflow_password.get_secret_value())
    address = read_record(settings.stack_file).airflow_url
    if address is None:
        raise AirflowUnreachable(
            "no Airflow runs here: 'make up' starts the local one, DAYBREAK_AIRFLOW_URL names another"
        )
    return AirflowApi(address, ADMIN, read_admin_password(settings))
