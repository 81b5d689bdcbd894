"""One Postgres per test run; each test that needs a warehouse gets a clone of the migrated template."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from daybreak.stack.postgres import EmbeddedPostgres
from daybreak.warehouse.preparation import prepare_warehouse
from daybreak.warehouse.roles import make_roles

pytest_plugins = ("tests.morning", "tests.simulator_process", "tests.sweep_day")

os.environ.pop("SP_API_DEFAULT_MARKETPLACE", None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """The test run's own embedded Postgres, in a directory that goes with it."""
    with tempfile.TemporaryDirectory(prefix="daybreak-test-", ignore_cleanup_errors=True) as directory:
        server = EmbeddedPostgres(Path(directory) / "postgres")
        server.start()
        with psycopg.connect(server.url(), autocommit=True) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(sql.SQL("alter system set {} = off").format(sql.Identifier(setting)))
            connection.execute("select pg_reload_conf()")
        yield server
        server.stop("immediate")


@pytest.fixture(scope="session")
def warehouse_template(postgres: EmbeddedPostgres) -> str:
    """The name of a database that is prepared as a warehouse and holds neither facts nor events."""
    url = postgres.ensure_database("template_warehouse", "warehouse_login", secrets.token_urlsafe(16))
    make_roles(postgres.url("template_warehouse"), login="warehouse_login")
    prepare_warehouse(url, events=())
    return "template_warehouse"


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
