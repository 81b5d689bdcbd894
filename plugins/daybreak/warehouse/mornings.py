"""Every digest as it was shown, append-only."""

from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from daybreak.warehouse.statements import statement


@dataclass(frozen=True)
class KeptDigest:
    """The newest digest kept for an account and control date."""

    sequence: int
    digest_hash: str


def read_last_digest(connection: psycopg.Connection, account_id: str, control_date: date) -> KeptDigest | None:
    with connection.cursor(row_factory=class_row(KeptDigest)) as cursor:
        return cursor.execute(
            statement("ops/morning/read_last_digest"), {"account_id": account_id, "control_date": control_date}
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
