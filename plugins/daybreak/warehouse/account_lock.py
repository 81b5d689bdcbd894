"""One process at a time advances an account's requests: a dawn run and a repair may meet."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from daybreak.warehouse.engine import warehouse_engine
from daybreak.warehouse.statements import statement


class AccountBusy(RuntimeError):
    """Another process has worked on the account for longer than one waits."""


@contextmanager
def account_lock(account_id: str, dsn: str | None = None, wait_seconds: int = 300) -> Iterator[None]:
    """Holds the account's advisory lock on a connection of its own; the death of the holder frees it.

    Raises:
        AccountBusy: the lock was not free within ``wait_seconds``.
    """
    pooled = warehouse_engine(dsn).raw_connection()
    try:
        connection = pooled.driver_connection
        connection.autocommit = True  # type: ignore[union-attr]
        connection.execute(  # type: ignore[union-attr]
            statement("ops/account/set_lock_timeout"), {"lock_timeout": f"{wait_seconds}s"}
        )
        try:
            connection.execute(statement("ops/account/lock_account"), {"account_id": account_id})  # type: ignore[union-attr]
        except Exception as error:
            if getattr(error, "sqlstate", None) == "55P03":
                raise AccountBusy(
                    f"{account_id}: another run has worked on it for over {wait_seconds} s; "
                    "look for a second run of daily_controls or repair_window, this task tries again by itself"
                ) from None
            raise
        yield
    finally:
        pooled.close()


def lock_planning(connection: psycopg.Connection, account_id: str) -> None:
    """Until the caller's transaction ends nobody else plans for the account; what others planned can be read now."""
    connection.execute(statement("ops/account/lock_planning"), {"account_id": account_id})
