"""Parses the DAG folder as the dag-processor does, with the world switched off; prints what it found as JSON.

A program, run in a process of its own: ``python dag_parse.py FOLDER``. Whatever asks the network, a database, Airflow's
Variables or Connections, or the warehouse while a DAG file is read, fails that file.
"""

import json
import socket
import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn
from unittest import mock

import time_machine


class AskedWhileParsingError(RuntimeError):
    """A DAG file reached for something outside itself while it was read."""


def refuse(what: str) -> Callable[..., NoReturn]:
    def refused(*_arguments: object, **_settings: object) -> NoReturn:
        raise AskedWhileParsingError(what)

    return refused


def describe(dag: Any) -> dict[str, Any]:
    from airflow.serialization.serialized_objects import DagSerialization

    return {
        "file": Path(dag.fileloc).name,
        "doc_md": dag.doc_md,
        "has_start_date": dag.start_date is not None,
        "tasks": {
            task.task_id: {"owner": task.owner, "has_timeout": task.execution_timeout is not None} for task in dag.tasks
        },
        "serialized": json.dumps(DagSerialization.to_dict(dag), sort_keys=True, default=str),
    }


def parse(folder: Path) -> dict[str, Any]:
    import psycopg
    import sqlalchemy
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk import BaseHook, Connection, Variable

    forbidden = (
        (socket.socket, "connect", "a network address"),
        (socket, "getaddrinfo", "a host name"),
        (sqlite3, "connect", "a database"),
        (psycopg, "connect", "the warehouse"),
        (psycopg.Connection, "connect", "the warehouse"),
        (sqlalchemy.Engine, "connect", "a database"),
        (Variable, "get", "an Airflow Variable"),
        (Variable, "get", "an Airflow Variable"),
        (Connection, "get", "an Airflow Connection"),
        (BaseHook, "get_connection", "an Airflow Connection"),
    )
    patches = [mock.patch.object(owner, name, refuse(what)) for owner, name, what in forbidden]
    for patch in patches:
        patch.start()
    bag = DagBag(folder, safe_mode=False)
    dags = {dag_id: describe(dag) for dag_id, dag in bag.dags.items()}
    # Whatever a DAG takes from the clock differs tomorrow, and would make a new DAG version at each parse.
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1)):
        for dag_id, dag in DagBag(folder, safe_mode=False).dags.items():
            dags[dag_id]["serialized_tomorrow"] = describe(dag)["serialized"]
    return {"errors": {Path(file).name: error for file, error in bag.import_errors.items()}, "dags": dags}


if __name__ == "__main__":
    print("parsed: " + json.dumps(parse(Path(sys.argv[1]).resolve())))
