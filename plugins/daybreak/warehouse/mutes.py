"""Known outages that a person muted: still shown, no longer red."""

from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg.rows import class_row

from daybreak.warehouse.statements import statement


@dataclass(frozen=True)
class Mute:
    """No dataset means the whole account."""

    dataset_code: str | None
    until_date: date
    reason: str


def read_mutes(connection: psycopg.Connection, account_id: str, on_date: date) -> list[Mute]:
    """The account's mutes that hold on ``on_date``."""
    with connection.cursor(row_factory=class_row(Mute)) as cursor:
        return cursor.execute(
            statement("ops/mute/read_mutes"), {"account_id": account_id, "on_date": on_date}
        ).fetchall()


def insert_mute(connection: psycopg.Connection, account_id: str, mute: Mute, muted_by: str) -> None:
    """Notes that gaps of the account, or of one dataset of it, are known and raise no alarm until the date."""
    connection.execute(
        statement("ops/mute/insert_mute"),
        {
            "account_id": account_id,
            "dataset_code": mute.dataset_code,
            "until_date": mute.until_date,
            "reason": mute.reason,
            "muted_by": muted_by,
        },
    )


def end_mutes(connection: psycopg.Connection, account_id: str, dataset_code: str | None, on_date: date) -> int:
    """Ends what is muted of the account as a whole, or of one dataset, as of ``on_date``; how many mutes that were."""
    return connection.execute(
        statement("ops/mute/end_mutes"),
        {"account_id": account_id, "dataset_code": dataset_code, "on_date": on_date},
    ).rowcount
