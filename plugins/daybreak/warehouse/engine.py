"""Connections to the warehouse."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import cast

import psycopg
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.pool import NullPool

from daybreak.settings import get_settings


class WarehouseDiskFull(RuntimeError):
    """The database server has no disk left; what was written is rolled back. Says what it was and what to do."""


@cache
def _engine(dsn: str) -> Engine:
    url = make_url(dsn).set(drivername="postgresql+psycopg")
    return create_engine(
        url,
        poolclass=NullPool,  # tasks are short and fork; a pooled socket shared by two processes corrupts both
        hide_parameters=True,
        connect_args={"connect_timeout": 10, "options": "-c timezone=UTC -c jit=off", "application_name": "daybreak"},
    )


def warehouse_engine(dsn: str | None = None) -> Engine:
    """The SQLAlchemy engine of the warehouse; ``dsn`` defaults to the configured one."""
    return _engine(dsn or get_settings().warehouse_dsn())


@contextmanager
def transaction(dsn: str | None = None) -> Iterator[psycopg.Connection]:
    """One transaction on a connection of its own: committed at the end, rolled back on any exception.

    Gives the psycopg connection itself, for COPY and for bound parameters in ``%(name)s`` form.
    """
    pooled = warehouse_engine(dsn).raw_connection()
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
