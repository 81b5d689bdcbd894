"""The ledger of loads: one document on its way from a landed file to published facts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

import psycopg
from psycopg.rows import class_row

from daybreak.warehouse.statements import statement


@dataclass(frozen=True)
class Load:
    """One load of ``ops.load`` with the landed document behind it."""

    load_id: int
    dataset_code: str
    variant_code: str
    request_id: int | None
    window_start_date: date | None
    window_end_date: date | None
    report_period_code: str
    status_code: str
    verdict_code: str | None
    last_updated_date: date | None
    requested_at: datetime
    row_count: int | None
    staged_row_count: int | None
    quarantined_row_count: int | None
    undelivered_row_count: int
    reason: str | None
    document_path: str | None
    document_sha256: str | None


@dataclass(frozen=True)
class AccountLoad(Load):
    """A load looked up by its number alone, with the account it belongs to."""

    account_id: str


@dataclass(frozen=True)
class LandedDocument:
    """Where a document was stored: path below the landing folder, SHA-256 in hexadecimal, size in bytes."""

    path: str
    sha256: str
    size_bytes: int
    received_at: datetime
    source_code: Literal["spapi", "file"]


@dataclass(frozen=True)
class LoadSlice:
    """One day of a load, beside what is published of that day."""

    business_date: date
    row_count: int
    content_hash: str
    is_changed: bool
    published_row_count: int | None


def insert_load(
    connection: psycopg.Connection,
    account_id: str,
    dataset_code: str,
    variant_code: str,
    document: LandedDocument,
    *,
    request_id: int | None,
    window: tuple[date, date] | None,
    requested_at: datetime,
    report_period: str = "DAY",
) -> int:
    """Writes the landed document and a load in state ``landed``; returns the load's id.

    ``report_period`` (DAY or WEEK) is what a row was asked to span, kept for whoever stages the load.
    """
    document_row = connection.execute(
        statement("ops/document/insert_document"),
        {"account_id": account_id, "request_id": request_id, "dataset_code": dataset_code, **vars(document)},
    ).fetchone()
    load_row = connection.execute(
        statement("ops/load/insert_load"),
        {
            "account_id": account_id,
            "dataset_code": dataset_code,
            "variant_code": variant_code,
            "document_id": document_row[0] if document_row else None,
            "request_id": request_id,
            "window_start_date": window[0] if window else None,
            "window_end_date": window[1] if window else None,
            "requested_at": requested_at,
            "report_period_code": report_period,
        },
    ).fetchone()
    if load_row is None:
        raise RuntimeError(f"{account_id} {dataset_code}: the load of {document.path} was not written")
    return int(load_row[0])


def insert_shared_load(connection: psycopg.Connection, account_id: str, load_id: int, dataset_code: str) -> int:
    """Writes a load of ``dataset_code`` for the document that load ``load_id`` landed; returns its id."""
    row = connection.execute(
        statement("ops/load/insert_shared_load"),
        {"account_id": account_id, "load_id": load_id, "dataset_code": dataset_code},
    ).fetchone()
    if row is None:
        raise RuntimeError(f"{account_id} load {load_id} vanished before its document became one of {dataset_code}")
    return int(row[0])


def record_no_data(
    connection: psycopg.Connection,
    account_id: str,
    dataset_code: str,
    variant_code: str,
    request_id: int,
    window: tuple[date, date],
    requested_at: datetime,
) -> int:
    """Records Amazon's "no data" for ``window`` as an empty load; published figures of those days stay."""
    key: dict[str, object] = {
        "account_id": account_id,
        "dataset_code": dataset_code,
        "variant_code": variant_code,
        "requested_at": requested_at,
    }
    row = connection.execute(
        statement("ops/load/insert_no_data_load"),
        {**key, "request_id": request_id, "window_start_date": window[0], "window_end_date": window[1]},
    ).fetchone()
    if row is None:
        raise RuntimeError(f"{account_id} {dataset_code}: the empty load was not written")
    connection.execute(
        statement("ops/slice/insert_no_data_slices"),
        {**key, "load_id": row[0], "from_date": window[0], "to_date": window[1]},
    )
    return int(row[0])


def read_loads(connection: psycopg.Connection, account_id: str, status_codes: Collection[str]) -> list[Load]:
    """The account's loads in any of ``status_codes``, the earliest request first."""
    with connection.cursor(row_factory=class_row(Load)) as cursor:
        return cursor.execute(
            statement("ops/load/read_loads_by_status"), {"account_id": account_id, "status_codes": list(status_codes)}
        ).fetchall()


def read_load(connection: psycopg.Connection, load_id: int) -> AccountLoad | None:
    """The load of that number, whichever account it belongs to."""
    with connection.cursor(row_factory=class_row(AccountLoad)) as cursor:
        return cursor.execute(statement("ops/load/read_load"), {"load_id": load_id}).fetchone()


def read_unknown_fields(connection: psycopg.Connection, account_id: str, load_id: int) -> list[str]:
    """The names in the load's document that mean nothing to Daybreak."""
    key = {"account_id": account_id, "load_id": load_id}
    row = connection.execute(statement("ops/load/read_unknown_fields"), key).fetchone()
    return list(row[0] or ()) if row else []


def lock_load(connection: psycopg.Connection, account_id: str, load_id: int) -> tuple[str, datetime | None]:
    """The load's state, held against every other step until the transaction ends, and the time read while holding it.

    ``gone`` and None where there is no such load.
    """
    key = {"account_id": account_id, "load_id": load_id}
    row = connection.execute(statement("ops/load/lock_load"), key).fetchone()
    return (row[0], row[1]) if row else ("gone", None)


def lock_series(connection: psycopg.Connection, account_id: str, load: Load) -> None:
    """Waits until no other transaction publishes to the load's account, dataset and view; to be taken before a load."""
    connection.execute(
        statement("ops/slice/lock_series"),
        {"account_id": account_id, "dataset_code": load.dataset_code, "variant_code": load.variant_code},
    )


def read_load_slices(connection: psycopg.Connection, account_id: str, load_id: int) -> list[LoadSlice]:
    """The days of a load in order."""
    with connection.cursor(row_factory=class_row(LoadSlice)) as cursor:
        return cursor.execute(
            statement("ops/load_slice/read_slices"), {"account_id": account_id, "load_id": load_id}
        ).fetchall()


def update_load(
    connection: psycopg.Connection, account_id: str, load_id: int, change: str, values: Mapping[str, object]
) -> bool:
    """Runs ``ops/load/<change>.sql``; true when the load was in the state that the change starts from."""
    cursor = connection.execute(
        statement(f"ops/load/{change}"), {"account_id": account_id, "load_id": load_id, **values}
    )
    return cursor.rowcount == 1


@dataclass(frozen=True)
class AggregateFigure:
    """One additive figure of one day: the sum over ASIN rows and the report's own total; None is unknown."""

    business_date: date
    measure: str
    sum_of_asins: Decimal | None
    aggregate: Decimal | None


def read_aggregates(connection: psycopg.Connection, account_id: str, load: Load) -> list[AggregateFigure]:
    """The staged days' sums beside the report's own totals."""
    with connection.cursor(row_factory=class_row(AggregateFigure)) as cursor:
        return cursor.execute(
            statement("ops/load_slice/read_aggregates"),
            {"account_id": account_id, "load_id": load.load_id, "dataset_code": load.dataset_code},
        ).fetchall()


def read_usual_rows(
    connection: psycopg.Connection, account_id: str, load: Load, before: date
) -> tuple[float | None, int]:
    """The median rows of the 28 newest published days before ``before``, and how many days that is of."""
    row = connection.execute(
        statement("ops/slice/read_usual_rows"),
        {
            "account_id": account_id,
            "dataset_code": load.dataset_code,
            "variant_code": load.variant_code,
            "before_date": before,
        },
    ).fetchone()
    return (row[0], int(row[1])) if row else (None, 0)
