"""Each test that needs a warehouse gets a clone of the migrated template."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql

from daybreak.stack.postgres import EmbeddedPostgres

pytest_plugins = (
    "tests.postgres_server",
    "tests.work_order",
    "tests.morning",
    "tests.simulator_process",
    "tests.sweep_day",
)

os.environ.pop("SP_API_DEFAULT_MARKETPLACE", None)


@contextmanager
def _clone(postgres: EmbeddedPostgres, template: str) -> Iterator[str]:
    name = f"warehouse_{secrets.token_hex(4)}"
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        yield postgres.url(name)
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def warehouse(postgres: EmbeddedPostgres, warehouse_template: str) -> Iterator[str]:
    """The URL of an empty, migrated warehouse of this test's own."""
    with _clone(postgres, warehouse_template) as url:
        yield url


@pytest.fixture(scope="module")
def module_warehouse(postgres: EmbeddedPostgres, warehouse_template: str) -> Iterator[str]:
    """The URL of a migrated warehouse that the tests of a module look at together."""
    with _clone(postgres, warehouse_template) as url:
        yield url


@pytest.fixture
def connection(warehouse: str) -> Iterator[psycopg.Connection]:
    """An autocommitting connection to this test's warehouse."""
    with psycopg.connect(warehouse, autocommit=True) as opened:
        yield opened
