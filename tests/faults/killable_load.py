"""A load in a process of its own that can be killed at one exact place.

``killable_load.py load FILE RECEIVED_AT [DEATH]`` or ``killable_load.py publish LOAD_ID [DEATH]``, with warehouse and
landing folder from the environment as everywhere. At ``DEATH``, one of ``DEATHS``, the process ends itself by SIGKILL,
which nothing can catch, clean up after or flush. The product knows nothing of it: its functions are wrapped from
outside.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import psycopg

from daybreak.landing import files, reports
from daybreak.settings import get_settings
from daybreak.steps import file_loading, publishing, staging
from daybreak.warehouse import publish as publish_module
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.loads import read_load
from tests.faults.load_desk import ACCOUNT, DATASET, LAST_MART_DATE


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise SystemExit("unreachable: SIGKILL ends the process")


def die_before(module: ModuleType, function: str) -> None:
    def instead(*_: object, **__: object) -> NoReturn:
        die()

    setattr(module, function, instead)


def die_after(module: ModuleType, function: str) -> None:
    original: Callable[..., object] = getattr(module, function)

    def instead(*given: object, **named: object) -> NoReturn:
        original(*given, **named)
        die()

    setattr(module, function, instead)


def die_in_copy() -> None:
    """Dies when the server has taken rows of an unfinished COPY."""
    original = staging.copy_rows
    # The first of two chunks is larger than all that client and server hold back before they take a row.
    reports.CHUNK_BYTES = 1 << 17

    def instead(connection: psycopg.Connection, *given: Any) -> int:
        *others, chunks = given

        def until_taken() -> Iterator[bytes]:
            first, *_ = chunks
            yield first
            wait_for_copied_rows(connection.info.backend_pid)
            die()

        return original(connection, *others, until_taken())

    setattr(staging, "copy_rows", instead)  # noqa: B010 - a plain assignment is a type error, as it should be


def wait_for_copied_rows(backend_pid: int) -> None:
    with psycopg.connect(get_settings().warehouse_dsn(), autocommit=True) as watcher:
        for _ in range(600):
            query = "select tuples_processed from pg_stat_progress_copy where pid = %s and tuples_processed > 0"
            if watcher.execute(query, (backend_pid,)).fetchone():
                return
            time.sleep(0.05)
    raise SystemExit("the server has taken no row of the COPY within 30 s")


DEATHS_OF_A_LOAD: dict[str, Callable[[], None]] = {
    "while the document is written": lambda: die_before(files, "_place"),
    "after landing": lambda: die_before(file_loading, "stage_or_reject"),
    "in the middle of COPY": die_in_copy,
    "before staging commits": lambda: die_after(staging, "replace_load_slices"),
    "before the gate": lambda: die_before(file_loading, "gate_load"),
}
DEATHS_OF_A_PUBLISHER: dict[str, Callable[[], None]] = {
    "before publishing begins": lambda: die_before(publishing, "publish_load"),
    "in the middle of publishing": lambda: die_after(publish_module, "_merge"),
    "before publishing commits": lambda: die_after(publishing, "publish_load"),
    "after publishing commits": lambda: die_after(publishing, "_publish"),
}


def load(file: str, received_at: str) -> None:
    outcome = file_loading.load_file(
        Path(file), ACCOUNT, DATASET, get_settings(), received_at=datetime.fromisoformat(received_at)
    )
    sys.stdout.write(outcome.sentence)


def publish(load_id: str) -> None:
    with transaction() as connection:
        waiting = read_load(connection, int(load_id))
    if waiting is None:
        raise SystemExit(f"there is no load {load_id}")
    publishing.publish_one(ACCOUNT, waiting, LAST_MART_DATE, get_settings())


def main(arguments: list[str]) -> None:
    command, *rest = arguments
    run, takes = {"load": (load, 2), "publish": (publish, 1)}[command]
    for death in rest[takes:]:
        (DEATHS_OF_A_LOAD | DEATHS_OF_A_PUBLISHER)[death]()
    run(*rest[:takes])


if __name__ == "__main__":
    main(sys.argv[1:])
