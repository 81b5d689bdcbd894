"""An embedded Postgres of the benchmark's own, and warehouses in it that each measurement starts anew from."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from daybreak.stack.postgres import EmbeddedPostgres
from daybreak.warehouse.preparation import prepare_warehouse
from daybreak.warehouse.roles import make_roles

_TEMPLATE = "bench_template"


@dataclass(frozen=True)
class BenchServer:
    """A running server with Daybreak's own configuration; durable writes as in production."""

    postgres: EmbeddedPostgres
    folder: Path
    role: str = field(default="bench", init=False)
    password: str = field(default_factory=lambda: secrets.token_urlsafe(16), init=False, repr=False)

    @contextmanager
    def warehouse(self) -> Iterator[str]:
        """The URL of an empty, migrated warehouse; dropped afterwards."""
        name = f"bench_{secrets.token_hex(4)}"
        with psycopg.connect(self.postgres.url(), autocommit=True) as connection:
            connection.execute(
                sql.SQL("create database {} owner {} template {}").format(
                    *map(sql.Identifier, (name, self.role, _TEMPLATE))
                )
            )
            try:
                # The rivals make tables of their own; each of Daybreak's steps acts as its role, whoever logs in.
                yield self.postgres.url(name)
            finally:
                connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    def settle(self) -> None:
        """Afterwards no earlier measurement's dirty pages are left to be written during the next one."""
        with psycopg.connect(self.postgres.url(), autocommit=True) as connection:
            connection.execute("checkpoint")

    def version(self) -> str:
        with psycopg.connect(self.postgres.url()) as connection:
            return str(connection.info.parameter_status("server_version"))


@contextmanager
def bench_server() -> Iterator[BenchServer]:
    """A server in a temporary directory; both are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="daybreak-bench-", ignore_cleanup_errors=True) as directory:
        folder = Path(directory)
        postgres = EmbeddedPostgres(folder / "postgres")
        postgres.start()
        try:
            server = BenchServer(postgres, folder)
            url = postgres.ensure_database(_TEMPLATE, server.role, server.password)
            make_roles(postgres.url(_TEMPLATE), login=server.role)
            prepare_warehouse(url)
            yield server
        finally:
            postgres.stop("immediate")
