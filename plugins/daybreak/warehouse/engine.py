"""Connections to the warehouse."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import Literal, cast

import psycopg
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.pool import NullPool

from daybreak.settings import get_settings

# Whose rights a connection has. Each transaction has a connection of its own, so the role is part of opening it: that
# costs no round trip, no statement can forget it, and a failed transaction cannot leave it behind.
Role = Literal["owner", "loader", "transformer", "board"]


class WarehouseDiskFull(RuntimeError):
    """The database server has no disk left; what was written is rolled back. Says what it was and what to do."""


@cache
def _engine(dsn: str, role: Role | None) -> Engine:
    options = "-c timezone=UTC -c jit=off"
    url = make_url(dsn).set(drivername="postgresql+psycopg")
    return create_engine(
        url,
        poolclass=NullPool,  # tasks are short and fork; a pooled socket shared by two processes corrupts both
        hide_parameters=True,
        connect_args={
            "connect_timeout": 10,
            "options": options if role is None else f"{options} -c role=daybreak_{role}",
            "application_name": "daybreak",
        },
    )


def warehouse_engine(dsn: str | None = None, role: Role | None = None) -> Engine:
    """The SQLAlchemy engine of the warehouse; ``dsn`` defaults to the configured one.

    Without a ``role`` its connections have what the login has by itself: locks, and no table.
    """
    return _engine(dsn or get_settings().warehouse_dsn(), role)


@contextmanager
def transaction(dsn: str | None = None, *, role: Role = "loader") -> Iterator[psycopg.Connection]:
    """One transaction on a connection of its own: committed at the end, rolled back on any exception.

    It has the rights of ``role`` and no others: the loader's for facts and the ledger, the transformer's for whatever
    reads or writes marts. Gives the psycopg connection itself, for COPY and for bound parameters in ``%(name)s`` form.
    """
    pooled = warehouse_engine(dsn, role).raw_connection()
    try:
        yield cast("psycopg.Connection", pooled.driver_connection)
        pooled.commit()
    except BaseException:
        # A connection that broke rolls back by itself; that it cannot be told to must not hide why it broke.
        with suppress(psycopg.OperationalError):
            pooled.rollback()
        raise
    finally:
        pooled.close()


@contextmanager
def board_transaction(account_ids: Sequence[str], dsn: str | None = None) -> Iterator[psycopg.Connection]:
    """One transaction with the board's rights, which sees and writes rows of ``account_ids`` only.

    ``account_ids`` is what the signed-in person may see, as the caller has verified it.
    """
    with transaction(dsn, role="board") as connection:
        connection.execute(
            "select set_config('daybreak.board_accounts', (%(account_ids)s::text[])::text, true)",
            {"account_ids": list(account_ids)},
        )
        yield connection


@contextmanager
def full_disk_named(what: str) -> Iterator[None]:
    """Around a transaction that writes ``what``: a full disk is told in words that name it.

    Raises:
        WarehouseDiskFull: from Postgres's own error; the transaction is rolled back.
    """
    try:
        yield
    except psycopg.errors.DiskFull as error:
        raise WarehouseDiskFull(
            f"{what}: the warehouse's disk is full ({error.diag.message_primary}); nothing of it was kept. "
            "Free space on the database server, then run the step again"
        ) from error
