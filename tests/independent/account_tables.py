"""What the second computations of pages and of the Buy Box read: the rows of one account, as they stand."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

Row = dict[str, Any]


@dataclass(frozen=True)
class Warehouse:
    """The rows of one account, by table."""

    account: Row
    connection: psycopg.Connection[Any]

    def rows(self, table: str) -> list[Row]:
        """All rows of the account in a table such as ``core.offer_snapshot``; figures stay Decimal, int and None."""
        query = sql.SQL("select * from {} where account_id = %(account_id)s").format(sql.Identifier(*table.split(".")))
        with self.connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, {"account_id": self.account["account_id"]}).fetchall()

    def event_days(self) -> list[Row]:
        with self.connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(
                "select * from ops.event_calendar where marketplace_code = %(m)s",
                {"m": self.account["marketplace_code"]},
            ).fetchall()

    def published_days(self, dataset: str, variant: str = "") -> list[date]:
        """The days of a dataset that are published, oldest first."""
        known = ("published", dataset, variant)
        return sorted(
            row["business_date"]
            for row in self.rows("ops.slice")
            if (row["status_code"], row["dataset_code"], row["variant_code"]) == known
        )


def read_warehouse(connection: psycopg.Connection[Any], account_id: str) -> Warehouse:
    """Raises LookupError where there is no such account."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute("select * from ops.account where account_id = %(a)s", {"a": account_id}).fetchone()
    if row is None:
        raise LookupError(f"account {account_id!r} is not in ops.account: plan a morning for it first")
    return Warehouse(row, connection)
