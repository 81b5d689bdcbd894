"""One warehouse for all SQL cases of a module: each test works in a transaction that is rolled back."""

from collections.abc import Iterator

import psycopg
import pytest

from daybreak.stack.postgres import EmbeddedPostgres
from tests.postgres_server import database_clone


@pytest.fixture(scope="module")
def shared_connection(postgres: EmbeddedPostgres, warehouse_template: str) -> Iterator[psycopg.Connection]:
    """A connection to a warehouse of this module's own, with the partitions that most cases need."""
    with (
        database_clone(postgres, warehouse_template) as name,
        psycopg.connect(postgres.url(name), options="-c timezone=UTC -c jit=off") as opened,
    ):
        opened.execute(
            "select ops.make_partitions(c.oid::regclass, '2026-03-01', '2026-07-01') from pg_class as c"
            " where c.relkind = 'p' and c.relnamespace in ('core'::regnamespace, 'mart'::regnamespace)"
        )
        opened.commit()
        yield opened


@pytest.fixture
def empty_warehouse(shared_connection: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The module's connection in a transaction of this test's own, nothing of which is kept."""
    yield shared_connection
    shared_connection.rollback()
