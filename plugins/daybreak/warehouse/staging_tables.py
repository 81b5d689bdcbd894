"""Brings decoded rows into a staging table of the load's own by COPY, with the load's days and rejected rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from daybreak.warehouse.loads import Load
from daybreak.warehouse.statements import statement


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
    """Makes the load's staging table anew and copies ``chunks`` into it; returns its number of rows."""
    connection.execute(statement("ops/load/make_staging_table"), {"dataset_code": dataset_code, "load_id": load_id})
    table = sql.Identifier("staging", f"{dataset_code}_{load_id}")
    with connection.cursor() as cursor:
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        options = sql.SQL(copy_options)
        with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN WITH ({})").format(table, names, options)) as copy:
            for chunk in chunks:
                copy.write(chunk)
        copied = cursor.rowcount
        # Without statistics the planner takes a fresh table for empty and publishes by nested loops. It joins by day
        # and ASIN and reads all else whole: statistics of every column cost four times as much and change no plan.
        cursor.execute(sql.SQL("ANALYZE {} (business_date, asin)").format(table))
    return copied


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
