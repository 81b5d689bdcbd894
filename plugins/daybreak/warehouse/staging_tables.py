"""Brings decoded rows into a staging table of the load's own by COPY, with the load's days and rejected rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from daybreak.warehouse.loads import Load
from daybreak.warehouse.statements import statement

_PLANNED_BY = ("business_date", "asin", "distributor_view_code")


@dataclass(frozen=True)
class StagedSlice:
    """One day of the document: its rows, the hash of their bytes, and whether it differs from what is published."""

    business_date: date
    row_count: int
    content_hash: str
    is_changed: bool
    aggregate_figures: Mapping[str, str | None] = field(default_factory=dict)
    """The report's own totals of the day by our column names, as exact decimal text."""


@dataclass(frozen=True)
class QuarantinedRow:
    """A row that could not be accepted, with its reason and its text as received."""

    row_number: int
    business_date: date | None
    asin: str | None
    field_name: str | None
    reason: str
    raw_row: str


def copy_rows(
    connection: psycopg.Connection,
    dataset_code: str,
    load_id: int,
    columns: Sequence[str],
    copy_options: str,
    chunks: Iterable[bytes],
) -> int:
    """Makes the load's staging table anew and copies ``chunks`` into it; returns its number of rows.

    Both or neither: within the caller's transaction, or in one of their own.
    """
    table = sql.Identifier("staging", f"{dataset_code}_{load_id}")
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(statement("ops/load/make_staging_table"), {"dataset_code": dataset_code, "load_id": load_id})
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        # Nobody sees the table before its rows are committed. Frozen, they need no look at the commit log, and the
        # first reader does not write every page once more to note that they were committed.
        options = sql.SQL(copy_options + ", FREEZE")
        with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN WITH ({})").format(table, names, options)) as copy:
            for chunk in chunks:
                copy.write(chunk)
        copied = cursor.rowcount
        _analyze(cursor, table, columns)
    return copied


def _analyze(cursor: psycopg.Cursor, table: sql.Identifier, columns: Sequence[str]) -> None:
    """Tells the planner what it needs to publish: without, it takes a fresh table for empty and joins by loops.

    It joins by day and ASIN, picks out a view and reads all else whole: statistics of every column, and of more than
    a few thousand rows, cost many times as much and change no plan.
    """
    wanted = sql.SQL(", ").join(sql.Identifier(name) for name in columns if name in _PLANNED_BY)
    cursor.execute("SET LOCAL default_statistics_target = 10")
    cursor.execute(sql.SQL("ANALYZE {} ({})").format(table, wanted))
    cursor.execute("SET LOCAL default_statistics_target TO DEFAULT")


def drop_staging_table(connection: psycopg.Connection, dataset_code: str, load_id: int) -> None:
    connection.execute(statement("ops/load/drop_staging_table"), {"dataset_code": dataset_code, "load_id": load_id})


def count_staged(connection: psycopg.Connection, dataset_code: str, load_id: int) -> int | None:
    """Rows in the load's staging table; None when the table is not there (dropped, or never made)."""
    row = connection.execute(
        statement("ops/load/count_staged"), {"dataset_code": dataset_code, "load_id": load_id}
    ).fetchone()
    return row[0] if row else None


def is_whole(connection: psycopg.Connection, load: Load) -> bool:
    """The staging table still holds what was staged: crash recovery empties an unlogged table."""
    return count_staged(connection, load.dataset_code, load.load_id) == load.staged_row_count


def replace_load_slices(
    connection: psycopg.Connection, account_id: str, load_id: int, slices: Iterable[StagedSlice]
) -> None:
    """Afterwards the ledger holds exactly ``slices`` for the load."""
    key = {"account_id": account_id, "load_id": load_id}
    connection.execute(statement("ops/load_slice/delete_slices"), key)
    with connection.cursor() as cursor:
        cursor.executemany(
            statement("ops/load_slice/insert_slice"),
            [
                {
                    **key,
                    "business_date": each.business_date,
                    "row_count": each.row_count,
                    "content_hash": each.content_hash,
                    "is_changed": each.is_changed,
                    "aggregate_figures": Jsonb(dict(each.aggregate_figures)),
                }
                for each in slices
            ],
        )


def replace_quarantine(
    connection: psycopg.Connection, account_id: str, load_id: int, rows: Iterable[QuarantinedRow]
) -> None:
    """Afterwards the quarantine holds exactly ``rows`` for the load."""
    key = {"account_id": account_id, "load_id": load_id}
    connection.execute(statement("ops/quarantine/delete_rows"), key)
    with connection.cursor() as cursor:
        cursor.executemany(statement("ops/quarantine/insert_row"), [{**key, **vars(row)} for row in rows])
