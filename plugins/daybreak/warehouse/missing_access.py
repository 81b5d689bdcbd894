"""What of an account cannot be read for want of a role or of a second credential: ``ops.missing_access``."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import psycopg
from psycopg.rows import class_row

from daybreak.sources import CredentialCode, Dataset
from daybreak.warehouse.statements import statement

ReasonCode = Literal["role_missing", "no_credential"]


@dataclass(frozen=True)
class MissingAccess:
    """One dataset that an account cannot read, and since when. ``last_tried_at`` None: the next plan asks at once."""

    dataset_code: str
    credential_code: CredentialCode
    reason_code: ReasonCode
    role_name: str
    reason: str
    noted_at: datetime
    last_tried_at: datetime | None


def read_missing_access(connection: psycopg.Connection, account_id: str) -> dict[str, MissingAccess]:
    """What ``account_id`` cannot read, by dataset."""
    with connection.cursor(row_factory=class_row(MissingAccess)) as cursor:
        rows = cursor.execute(
            statement("ops/missing_access/read_missing_access"), {"account_id": account_id}
        ).fetchall()
    return {row.dataset_code: row for row in rows}


def note_missing_access(
    connection: psycopg.Connection, account_id: str, dataset: Dataset, reason_code: ReasonCode, reason: str
) -> None:
    """Afterwards the warehouse knows that ``dataset`` was refused just now; since when stays as it was."""
    connection.execute(
        statement("ops/missing_access/note_missing_access"),
        {
            "account_id": account_id,
            "dataset_code": dataset.key,
            "credential_code": dataset.credential_code,
            "reason_code": reason_code,
            "role_name": dataset.role,
            "reason": reason,
        },
    )


def forget_missing_access(connection: psycopg.Connection, account_id: str, dataset_codes: Collection[str]) -> None:
    """These datasets can be read, or are none any more."""
    _change(connection, "delete_missing_access", account_id, dataset_codes)


def allow_another_try(connection: psycopg.Connection, account_id: str, dataset_codes: Collection[str]) -> None:
    """The next plan asks for these datasets at once, although they were refused today."""
    _change(connection, "allow_another_try", account_id, dataset_codes)


def _change(connection: psycopg.Connection, name: str, account_id: str, dataset_codes: Collection[str]) -> None:
    connection.execute(
        statement(f"ops/missing_access/{name}"), {"account_id": account_id, "dataset_codes": sorted(dataset_codes)}
    )
