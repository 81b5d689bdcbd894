"""Which products an account has, as its facts tell."""

from datetime import date

import psycopg

from daybreak.warehouse.statements import statement


def read_catalogue(connection: psycopg.Connection, account_id: str, on_date: date) -> list[str]:
    """The ASINs of the account's catalogue on ``on_date``, in order."""
    values = {"account_id": account_id, "on_date": on_date}
    return [asin for (asin,) in connection.execute(statement("core/content_snapshot/read_catalogue"), values)]
