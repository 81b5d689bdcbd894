"""The catalogue of an account, as far as it is known."""

import psycopg

from daybreak.warehouse.statements import statement


def read_any_asin(connection: psycopg.Connection, account_id: str) -> str | None:
    """One ASIN of the account, the newest known; None before its first report."""
    row = connection.execute(statement("core/product/read_any_asin"), {"account_id": account_id}).fetchone()
    return None if row is None else str(row[0])
