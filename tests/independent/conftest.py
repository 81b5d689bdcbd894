"""The simulator's world is lived through once per test run, whoever needs it first, and copied for each module."""

import fcntl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import psycopg
import pytest
from psycopg import sql

from daybreak.stack.postgres import EmbeddedPostgres
from tests.independent.simulated_world import CLIENTS, built_days, live_through
from tests.postgres_server import WORLD_TEMPLATE, database_clone


@dataclass(frozen=True)
class SimulatedWorld:
    """A warehouse in which every mart of ``account_ids`` and ``days`` is built from facts that came through Daybreak.

    ``dsn`` is its address; the module that asked may change what is in it.
    """

    dsn: str
    account_ids: tuple[str, ...]
    days: tuple[date, ...]


@pytest.fixture(scope="session")
def world_template(
    postgres: EmbeddedPostgres, warehouse_template: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The name of a database that holds the simulated world. Of several workers one makes it and the others wait."""
    with (
        (postgres.directory / "simulated_world.lock").open("w") as lock,
        psycopg.connect(postgres.url(), autocommit=True) as connection,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        is_made = connection.execute("select from pg_database where datname = %(n)s", {"n": WORLD_TEMPLATE}).fetchone()
        if is_made is None:
            with database_clone(postgres, warehouse_template, prefix="simulated_world") as name:
                live_through(postgres.url(name), tmp_path_factory.mktemp("simulated_world"))
                copied = "create database {} template {} strategy file_copy"
                connection.execute(sql.SQL(copied).format(sql.Identifier(WORLD_TEMPLATE), sql.Identifier(name)))
    return WORLD_TEMPLATE


@pytest.fixture(scope="module")
def simulated_world(postgres: EmbeddedPostgres, world_template: str) -> Iterator[SimulatedWorld]:
    """Three accounts and 60 days of the simulator's world, in a warehouse that the tests of a module share."""
    with database_clone(postgres, world_template) as name:
        yield SimulatedWorld(postgres.url(name), tuple(client.account_id for client in CLIENTS), tuple(built_days()))
