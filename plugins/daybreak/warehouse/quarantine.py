"""The rows that could not be accepted, as the ledger keeps them."""

from typing import Any

import psycopg
from psycopg.rows import dict_row

from daybreak.warehouse.statements import statement


def read_quarantine(
    connection: psycopg.Connection, account_id: str, load_id: int, limit: int | None = None
) -> list[dict[str, Any]]:
    """The refused rows of a load in the document's order, all of them or the first ``limit``: row_number,
    business_date, asin, field_name, reason and raw_row, the text as received.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            statement("ops/quarantine/read_rows"), {"account_id": account_id, "load_id": load_id, "row_limit": limit}
        ).fetchall()
