"""Every digest as it was shown, append-only."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from daybreak.warehouse.statements import statement


@dataclass(frozen=True)
class KeptDigest:
    """One version of a morning as it was kept."""

    sequence: int
    digest_hash: str
    digest: dict[str, Any]


def read_digest(
    connection: psycopg.Connection, account_id: str, control_date: date, sequence: int | None = None
) -> KeptDigest | None:
    """The version ``sequence`` of a morning, by default the newest; None when it is not kept."""
    with connection.cursor(row_factory=class_row(KeptDigest)) as cursor:
        return cursor.execute(
            statement("ops/morning/read_digest"),
            {"account_id": account_id, "control_date": control_date, "sequence": sequence},
        ).fetchone()


def insert_digest(
    connection: psycopg.Connection,
    account_id: str,
    control_date: date,
    *,
    sequence: int,
    digest: Jsonb,
    digest_hash: str,
    run_id: str,
) -> None:
    """Appends one digest; ``sequence`` counts from 1 within its account and control date."""
    connection.execute(
        statement("ops/morning/insert_digest"),
        {
            "account_id": account_id,
            "control_date": control_date,
            "sequence": sequence,
            "digest": digest,
            "digest_hash": digest_hash,
            "run_id": run_id,
        },
    )
