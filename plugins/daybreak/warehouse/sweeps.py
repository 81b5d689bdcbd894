"""What sweeps of offers know in the warehouse: the products to look at, and what was left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import psycopg
from psycopg.rows import class_row

from daybreak.warehouse.statements import statement


@dataclass(frozen=True)
class SweepProduct:
    """A product of the catalogue or the watch list, and when it was seen last within the week."""

    asin: str
    is_competitor: bool
    priority_code: str
    observed_at: datetime | None
    is_lost: bool


@dataclass(frozen=True)
class SweepRequest:
    """One sweep of a run; ``published_row_count`` is None until its document is published."""

    account_id: str
    request_id: int
    dataset_code: str
    variant_code: str
    window_start_date: date
    status_code: str
    failure_kind_code: str | None
    reason: str | None
    published_row_count: int | None

    @property
    def is_denied(self) -> bool:
        """Amazon refused the account's offers for want of a role: what that costs is told, and nobody is woken."""
        return self.failure_kind_code == "no_access"


@dataclass(frozen=True)
class NewestSweep:
    """The sweep of an account that was planned last."""

    request_id: int
    variant_code: str
    window_start_date: date
    status_code: str
    reason: str | None


@dataclass(frozen=True)
class SweepGap:
    """What one sweep left out for one reason: how many products, and the first 20 of them."""

    account_id: str
    request_id: int
    variant_code: str
    window_start_date: date
    reason_code: str
    asin_count: int
    asins: list[str]
    reason: str


def read_candidates(connection: psycopg.Connection, account_id: str, on_date: date) -> list[SweepProduct]:
    """The account's catalogue and watch list on ``on_date``, by ASIN."""
    with connection.cursor(row_factory=class_row(SweepProduct)) as cursor:
        return cursor.execute(
            statement("core/offer_snapshot/read_candidates"), {"account_id": account_id, "on_date": on_date}
        ).fetchall()


def replace_gaps(
    connection: psycopg.Connection, account_id: str, request_id: int, gaps: Mapping[str, tuple[str, str]]
) -> None:
    """Afterwards the sweep has exactly ``gaps``: by ASIN the reason's code and words."""
    key = {"account_id": account_id, "request_id": request_id}
    connection.execute(statement("ops/sweep_gap/delete_gaps"), key)
    with connection.cursor() as cursor:
        cursor.executemany(
            statement("ops/sweep_gap/insert_gap"),
            [
                {**key, "asin": asin, "reason_code": code, "reason": reason}
                for asin, (code, reason) in sorted(gaps.items())
            ],
        )


def is_requested(
    connection: psycopg.Connection, account_id: str, dataset_code: str, variant_code: str, day: date
) -> bool:
    """Whether this sweep is in the ledger already, whatever became of it."""
    row = connection.execute(
        statement("ops/report_request/is_requested"),
        {
            "account_id": account_id,
            "dataset_code": dataset_code,
            "variant_code": variant_code,
            "window_start_date": day,
        },
    ).fetchone()
    return bool(row and row[0])


def read_gaps_of_run(connection: psycopg.Connection, run_id: str) -> list[SweepGap]:
    """What the sweeps of a run left out, by account, sweep and reason."""
    with connection.cursor(row_factory=class_row(SweepGap)) as cursor:
        return cursor.execute(statement("ops/sweep_gap/count_gaps"), {"run_id": run_id}).fetchall()


def read_gaps_of_sweep(connection: psycopg.Connection, account_id: str, request_id: int) -> list[SweepGap]:
    """What one sweep left out, by reason."""
    with connection.cursor(row_factory=class_row(SweepGap)) as cursor:
        key = {"account_id": account_id, "request_id": request_id}
        return cursor.execute(statement("ops/sweep_gap/count_gaps_of_sweep"), key).fetchall()


def read_newest_sweep(
    connection: psycopg.Connection, account_id: str, dataset_code: str, asked_before: datetime
) -> NewestSweep | None:
    """The sweep that was planned last before that instant, whatever became of it."""
    values = {"account_id": account_id, "dataset_code": dataset_code, "asked_before": asked_before}
    with connection.cursor(row_factory=class_row(NewestSweep)) as cursor:
        return cursor.execute(statement("ops/report_request/read_newest_request"), values).fetchone()


def read_sweeps_of_run(connection: psycopg.Connection, run_id: str) -> list[SweepRequest]:
    """Every sweep that a run asked for."""
    with connection.cursor(row_factory=class_row(SweepRequest)) as cursor:
        return cursor.execute(statement("ops/report_request/read_requests_of_run"), {"run_id": run_id}).fetchall()


def read_troubles_of_run(connection: psycopg.Connection, run_id: str) -> list[str]:
    """In words, the loads of a run that were blocked or rejected."""
    rows = connection.execute(statement("ops/load/read_troubles_of_run"), {"run_id": run_id})
    return [
        f"{account_id} load {load_id} ({dataset}) is {status}: {reason}"
        for account_id, load_id, dataset, status, reason in rows
    ]
