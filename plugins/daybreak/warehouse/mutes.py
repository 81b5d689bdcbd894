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
