"""Each test that needs a warehouse gets a clone of the migrated template."""

import os
from collections.abc import Iterator

import psycopg
import pytest

from daybreak.stack.postgres import EmbeddedPostgres
from tests.postgres_server import database_clone

pytest_plugins = (
    "tests.postgres_server",
    "tests.work_order",
    "tests.morning",
    "tests.simulator_process",
    "tests.sweep_day",
)

os.environ.pop("SP_API_DEFAULT_MARKETPLACE", None)


@pytest.fixture
def warehouse(postgres: EmbeddedPostgres, warehouse_template: str) -> Iterator[str]:
    """The URL of an empty, migrated warehouse of this test's own."""
    with database_clone(postgres, warehouse_template) as name:
        yield postgres.url(name)


@pytest.fixture(scope="module")
def module_warehouse(postgres: EmbeddedPostgres, warehouse_template: str) -> Iterator[str]:
    """The URL of a migrated warehouse that the tests of a module look at together."""
    with database_clone(postgres, warehouse_template) as name:
        yield postgres.url(name)


@pytest.fixture
def connection(warehouse: str) -> Iterator[psycopg.Connection]:
    """An autocommitting connection to this test's warehouse."""
    with psycopg.connect(warehouse, autocommit=True) as opened:
        yield opened
