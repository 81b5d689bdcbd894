"""Makes months ahead, drops what has been kept long enough, and clears what finished work left behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import psycopg

from daybreak.warehouse.statements import statement


@dataclass(frozen=True)
class KeptMonths:
    """What was done to one table: how many months were made ahead, and the partitions that were dropped."""

    made_count: int
    dropped: tuple[str, ...]


def keep_months(
    connection: psycopg.Connection, table: str, on_date: date, ahead_months: int, keep_from: date
) -> KeptMonths:
    """Afterwards ``table`` has every month from ``on_date`` on and none that ended before ``keep_from``.

    Whole months only, and of this table only: a month goes when its last day lies before ``keep_from``.

    Raises:
        psycopg.errors.LockNotAvailable: somebody has read the table for over ten seconds; nothing was made or dropped.
    """
    values = {"table_name": table, "on_date": on_date, "ahead_months": ahead_months, "keep_from": keep_from}
    row = connection.execute(statement("ops/slice/keep_months"), values).fetchone()
    return KeptMonths(row[0], tuple(row[1])) if row else KeptMonths(0, ())


def expire_days(connection: psycopg.Connection, dataset_code: str, keep_from: date) -> int:
    """Marks the published days of the dropped months as expired, so that no sum takes them for days without sales."""
    values = {"dataset_code": dataset_code, "keep_from": keep_from}
    return connection.execute(statement("ops/slice/expire_slices"), values).rowcount


def forget_dirty_days(connection: psycopg.Connection, mart: str, keep_from: date) -> int:
    """Takes the marks off a mart's days whose month was dropped; returns how many."""
    values = {"mart_code": mart, "keep_from": keep_from}
    return connection.execute(statement("ops/dirty_mart/delete_expired"), values).rowcount


def expire_documents(connection: psycopg.Connection, before: datetime) -> int:
    """Marks documents received before ``before`` as expired unless a load of theirs still waits; returns how many."""
    return connection.execute(statement("ops/document/expire_documents"), {"before_at": before}).rowcount


def read_kept_paths(connection: psycopg.Connection, paths: Sequence[str]) -> dict[str, bool]:
    """Those of ``paths`` that the ledger knows, each with whether a document still needs the file."""
    rows = connection.execute(statement("ops/document/read_paths"), {"paths": list(paths)}).fetchall()
    return dict(rows)


def delete_judgements(connection: psycopg.Connection, before: datetime) -> dict[str, int]:
    """Deletes what the ledger holds of loads that are over and judged before ``before``; rows gone by table."""
    return {
        f"ops.{table}": connection.execute(statement(f"ops/{table}/delete_expired"), {"before_at": before}).rowcount
        for table in ("gate_result", "quarantine", "load_slice")
    }


def abandon_requests(connection: psycopg.Connection, before: datetime, reason: str) -> int:
    """Ends the requests that were begun before ``before`` and never finished, for ``reason``; returns how many."""
    values = {"before_at": before, "reason": reason}
    return connection.execute(statement("ops/report_request/abandon_expired"), values).rowcount


def analyze_changed(connection: psycopg.Connection) -> tuple[str, ...]:
    """Takes the planner's statistics anew where rows have changed; the tables and partitions, by name."""
    row = connection.execute(statement("ops/build/analyze_changed")).fetchone()
    return tuple(row[0]) if row else ()


def drop_left_staging(connection: psycopg.Connection, before: datetime) -> tuple[str, ...]:
    """Drops the staging tables of loads that are over, and of those blocked since before ``before``; their names."""
    row = connection.execute(statement("ops/load/drop_left_staging"), {"before_at": before}).fetchone()
    return tuple(row[0]) if row else ()


def delete_left_candidates(connection: psycopg.Connection, before: datetime) -> int:
    """Deletes the candidate rows of builds that are over, and of those blocked since before ``before``; how many."""
    row = connection.execute(statement("ops/build/delete_left_candidates"), {"before_at": before}).fetchone()
    return row[0] if row else 0
