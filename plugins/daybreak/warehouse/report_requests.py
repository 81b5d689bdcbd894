"""The ledger of what was asked of Amazon: asked, waiting, then done, no_data or failed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import psycopg
from psycopg.rows import class_row

from daybreak.warehouse.statements import statement

FailureKind = Literal["retry", "give_up", "skip", "data_error"]
Purpose = Literal["due", "backfill"]


@dataclass(frozen=True)
class LastAttempt:
    """How the newest request for a day stands or ended. ``reason`` is in words, where there is one;
    ``is_delivered``: its document holds the day; ``delivered_until`` is the last date of which a document that was read
    speaks."""

    status_code: str
    failure_kind_code: str | None
    reason: str | None
    is_delivered: bool = False
    delivered_until: date | None = None

    @property
    def is_denied(self) -> bool:
        """Amazon refused it for want of a role, or it could not be asked for without a second credential."""
        return self.failure_kind_code == "no_access"


@dataclass(frozen=True)
class OpenRequest:
    """One report that is owed: asked for (``asked``), or asked at Amazon and not finished (``waiting``)."""

    request_id: int
    dataset_code: str
    variant_code: str
    window_start_date: date
    window_end_date: date
    generation: int
    status_code: Literal["asked", "waiting"]
    run_id: str
    purpose_code: Purpose
    amazon_report_id: str | None
    amazon_document_id: str | None
    amazon_status_code: str | None
    asking_at: datetime | None
    asked_at: datetime | None

    @property
    def label(self) -> str:
        """How people read of this request in logs and errors."""
        variant = f" {self.variant_code}" if self.variant_code else ""
        return f"{self.dataset_code}{variant} {self.window_start_date} to {self.window_end_date}"

    @property
    def window(self) -> tuple[date, date]:
        """First and last day asked for, both included."""
        return (self.window_start_date, self.window_end_date)

    def covers(self, day: date) -> bool:
        return self.window_start_date <= day <= self.window_end_date


def read_open_requests(connection: psycopg.Connection, account_id: str) -> list[OpenRequest]:
    """What is still owed for ``account_id``, the newest window first."""
    with connection.cursor(row_factory=class_row(OpenRequest)) as cursor:
        return cursor.execute(statement("ops/report_request/read_open_requests"), {"account_id": account_id}).fetchall()


def insert_request(
    connection: psycopg.Connection,
    account_id: str,
    dataset_code: str,
    variant_code: str,
    window: tuple[date, date],
    run_id: str,
    purpose: Purpose = "due",
) -> int:
    """Writes the intent to ask for ``window`` as its next generation; returns the request's id.

    Of a ``backfill`` no morning waits for the days that lie further back than it looks.
    """
    row = connection.execute(
        statement("ops/report_request/insert_request"),
        {
            "account_id": account_id,
            "dataset_code": dataset_code,
            "variant_code": variant_code,
            "window_start_date": window[0],
            "window_end_date": window[1],
            "run_id": run_id,
            "purpose_code": purpose,
        },
    ).fetchone()
    if row is None:
        raise RuntimeError(f"{account_id} {dataset_code} {window[0]}: the request was not written")
    return int(row[0])


def mark_asking(connection: psycopg.Connection, account_id: str, request_id: int) -> None:
    """From here on a crash may have left a report at Amazon: look it up before asking again."""
    _update(connection, "mark_asking", account_id, request_id)


def clear_asking(connection: psycopg.Connection, account_id: str, request_id: int) -> None:
    """Amazon certainly has no report of this attempt."""
    _update(connection, "clear_asking", account_id, request_id)


def mark_waiting(connection: psycopg.Connection, account_id: str, request_id: int, amazon_report_id: str) -> None:
    """Amazon has the request under ``amazon_report_id``."""
    _update(connection, "mark_waiting", account_id, request_id, amazon_report_id=amazon_report_id)


def mark_polled(
    connection: psycopg.Connection, account_id: str, request_id: int, amazon_status: str, amazon_document_id: str | None
) -> None:
    """Amazon's latest word on the report."""
    _update(
        connection,
        "mark_polled",
        account_id,
        request_id,
        amazon_status_code=amazon_status,
        amazon_document_id=amazon_document_id,
    )


def finish_request(
    connection: psycopg.Connection,
    account_id: str,
    request_id: int,
    status_code: Literal["done", "no_data", "failed"],
    failure_kind: FailureKind | None = None,
    reason: str | None = None,
) -> None:
    """Nothing more is done for this request; a later plan asks anew where a day is still owed."""
    _update(
        connection,
        "finish_request",
        account_id,
        request_id,
        status_code=status_code,
        failure_kind_code=failure_kind,
        reason=reason,
    )


def finish_denied(
    connection: psycopg.Connection, account_id: str, dataset_code: str, request_id: int, reason: str
) -> list[int]:
    """Ends the refused request and those of its dataset that were not begun; returns the ids of all that ended."""
    rows = connection.execute(
        statement("ops/report_request/finish_denied"),
        {"account_id": account_id, "dataset_code": dataset_code, "request_id": request_id, "reason": reason},
    )
    return [int(row[0]) for row in rows]


def unknown_report_ids(
    connection: psycopg.Connection, account_id: str, dataset_code: str, amazon_ids: Iterable[str]
) -> set[str]:
    """Those of ``amazon_ids`` that no request for the dataset has: orders whose id was lost in a crash."""
    candidates = set(amazon_ids)
    rows = connection.execute(
        statement("ops/report_request/read_known_report_ids"),
        {"account_id": account_id, "dataset_code": dataset_code, "amazon_report_ids": sorted(candidates)},
    )
    return candidates - {row[0] for row in rows}


def read_failures_of_run(connection: psycopg.Connection, run_id: str) -> list[str]:
    """In words, the requests of a run that were refused for a reason that waiting does not cure."""
    rows = connection.execute(statement("ops/report_request/read_failures_of_run"), {"run_id": run_id})
    return [
        f"{account_id} {dataset}{' ' + variant if variant else ''} {first} to {last}: {reason}"
        for account_id, dataset, variant, first, last, reason in rows
    ]


def read_last_reasons(
    connection: psycopg.Connection, account_id: str, dataset_code: str, variant_code: str, days: Collection[date]
) -> dict[date, LastAttempt]:
    """For each of ``days`` that was ever asked for: the newest request that covered it."""
    rows = connection.execute(
        statement("ops/report_request/read_last_reason"),
        {
            "account_id": account_id,
            "dataset_code": dataset_code,
            "variant_code": variant_code,
            "days": sorted(days),
        },
    )
    return {row[0]: LastAttempt(*row[1:]) for row in rows}


def read_usual_seconds(connection: psycopg.Connection) -> float | None:
    """How many seconds Amazon usually works on a request, by the newest of all accounts; None before the first."""
    row = connection.execute(statement("ops/report_request/read_usual_seconds")).fetchone()
    return None if row is None or row[0] is None else float(row[0])


def count_of_runs(connection: psycopg.Connection, run_ids: Collection[str]) -> tuple[int, int]:
    """How many requests the runs planned, and how many of them have ended, well or not."""
    row = connection.execute(statement("ops/report_request/count_of_runs"), {"run_ids": list(run_ids)}).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _update(connection: psycopg.Connection, name: str, account_id: str, request_id: int, **values: object) -> None:
    connection.execute(
        statement(f"ops/report_request/{name}"), {"account_id": account_id, "request_id": request_id, **values}
    )
