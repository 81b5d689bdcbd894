"""One Postgres per test run; each test that needs a warehouse gets a clone of the migrated template."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from daybreak.stack.postgres import EmbeddedPostgres
from daybreak.warehouse.preparation import prepare_warehouse

pytest_plugins = ("tests.morning", "tests.simulator_process")

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
    """The name of a database that is prepared and holds neither facts nor events."""
    url = postgres.ensure_database("template_warehouse", "warehouse_owner", secrets.token_urlsafe(16))
    prepare_warehouse(url, events=())
    return "template_warehouse"


@pytest.fixture
def warehouse(postgres: EmbeddedPostgres, warehouse_template: str) -> Iterator[str]:
    """The URL of an empty, migrated warehouse of this test's own."""
    name = f"warehouse_{secrets.token_hex(4)}"
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(warehouse_template))
        )
        yield postgres.url(name)
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def connection(warehouse: str) -> Iterator[psycopg.Connection]:
    """An autocommitting connection to this test's warehouse."""
    with psycopg.connect(warehouse, autocommit=True) as opened:
        yield opened
