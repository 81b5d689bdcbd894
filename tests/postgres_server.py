"""One Postgres per test run: the process's own, or with ``-n`` one that all workers share."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from daybreak.stack.postgres import EmbeddedPostgres
from daybreak.warehouse.preparation import prepare_warehouse
from daybreak.warehouse.roles import make_roles

TEMPLATE = "template_warehouse"
WORLD_TEMPLATE = "template_simulated_world"
GIVEN_SERVER = os.environ.get("DAYBREAK_TEST_POSTGRES_URL")
"""A superuser's address of another server to test on, of any version: a scratch one, where roles may be left behind."""

_SHARED = pytest.StashKey[EmbeddedPostgres]()


@dataclass(frozen=True)
class GivenPostgres(EmbeddedPostgres):
    """A server that somebody else started; ``directory`` holds nothing of it."""

    address: str = ""

    def url(self, database: str = "postgres", user: str = "", password: str | None = None) -> str:
        place = make_url(self.address).set(database=database)
        if user:
            place = place.set(username=user, password=password or self.password)
        return place.render_as_string(hide_password=False)

    @property
    def password(self) -> str:
        return str(make_url(self.address).password)


@contextmanager
def _running_server() -> Iterator[EmbeddedPostgres]:
    with tempfile.TemporaryDirectory(prefix="daybreak-test-", ignore_cleanup_errors=True) as directory:
        if GIVEN_SERVER:
            given = GivenPostgres(Path(directory), GIVEN_SERVER)
            _drop_templates(given)
            yield given
            _drop_templates(given)
            return
        server = EmbeddedPostgres(Path(directory) / "postgres")
        server.start()
        with psycopg.connect(server.url(), autocommit=True) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(sql.SQL("alter system set {} = off").format(sql.Identifier(setting)))
            connection.execute("select pg_reload_conf()")
        try:
            yield server
        finally:
            server.stop("immediate")


@contextmanager
def database_clone(server: EmbeddedPostgres, template: str, prefix: str = "warehouse") -> Iterator[str]:
    """The name of a database like ``template`` that goes afterwards. Copied file by file, which takes a fifth of the
    processor time that the default way through the log takes."""
    name = f"{prefix}_{secrets.token_hex(4)}"
    identifier = sql.Identifier(name)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {} strategy file_copy").format(identifier, sql.Identifier(template))
        )
        try:
            yield name
        finally:
            connection.execute(sql.SQL("drop database {} with (force)").format(identifier))


def _drop_templates(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        for name in (WORLD_TEMPLATE, TEMPLATE):
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _make_template(server: EmbeddedPostgres) -> None:
    url = server.ensure_database(TEMPLATE, "warehouse_login", secrets.token_urlsafe(16))
    make_roles(server.url(TEMPLATE), login="warehouse_login")
    prepare_warehouse(url, events=())


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """The controller starts the server, with the template in it, before its first worker, and tells each of it."""
    config: pytest.Config = node.config
    if _SHARED not in config.stash:
        running = ExitStack()
        server = running.enter_context(_running_server())
        config.add_cleanup(running.close)
        _make_template(server)
        config.stash[_SHARED] = server
    node.workerinput["postgres_directory"] = str(config.stash[_SHARED].directory)


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[EmbeddedPostgres]:
    """The test run's own Postgres, which goes with it."""
    shared = getattr(request.config, "workerinput", {}).get("postgres_directory")
    if shared is None:
        with _running_server() as server:
            yield server
    elif GIVEN_SERVER:
        yield GivenPostgres(Path(shared), GIVEN_SERVER)
    else:
        yield EmbeddedPostgres(Path(shared))


@pytest.fixture(scope="session")
def warehouse_template(request: pytest.FixtureRequest, postgres: EmbeddedPostgres) -> str:
    """The name of a database that is prepared as a warehouse and holds neither facts nor events."""
    if not hasattr(request.config, "workerinput"):
        _make_template(postgres)
    return TEMPLATE
