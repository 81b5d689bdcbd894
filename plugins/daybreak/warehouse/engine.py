"""Connections to the warehouse."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import cast

import psycopg
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.pool import NullPool

from daybreak.settings import get_settings


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
        pooled.rollback()
        raise
    finally:
        pooled.close()
