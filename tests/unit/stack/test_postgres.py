"""The embedded Postgres comes back after any crash, with its data, and runs as a plain user."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from daybreak.stack.postgres import EmbeddedPostgres, free_port


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with tempfile.TemporaryDirectory(prefix="daybreak-postgres-", ignore_cleanup_errors=True) as directory:
        made = EmbeddedPostgres(Path(directory) / "postgres")
        made.start()
        yield made
        made.stop("immediate")


def postmaster(server: EmbeddedPostgres) -> int:
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])


def test_a_start_after_kill_9_of_the_server_keeps_port_and_committed_rows(server: EmbeddedPostgres) -> None:
    server.start()
    port = server.port
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("create table kept (n integer)")
        connection.execute("insert into kept values (7)")
    os.kill(postmaster(server), signal.SIGKILL)
    server.start(preferred_port=port)
    assert server.port == port
    with psycopg.connect(server.url()) as connection:
        assert connection.execute("select n from kept").fetchall() == [(7,)]


def test_a_pid_file_that_names_a_living_stranger_neither_passes_for_a_server_nor_hinders_one(
    server: EmbeddedPostgres,
) -> None:
    server.start()
    lines = (server.data / "postmaster.pid").read_text().splitlines()
    server.stop("immediate")
    (server.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert not server.is_running()
    server.start()
    assert server.is_running()
    assert postmaster(server) != os.getpid()


def test_stopping_leaves_no_process_and_may_be_repeated(server: EmbeddedPostgres) -> None:
    server.start()
    assert server.processes()
    server.stop()
    server.stop()
    assert server.processes() == []
    assert not server.is_running()


def test_a_cluster_that_was_left_half_made_is_made_anew(tmp_path_factory: pytest.TempPathFactory) -> None:
    with tempfile.TemporaryDirectory(prefix="daybreak-postgres-", ignore_cleanup_errors=True) as directory:
        half_made = EmbeddedPostgres(Path(directory) / "postgres")
        unfinished = half_made.directory / "data.new-1234"
        unfinished.mkdir(parents=True)
        (unfinished / "PG_VERSION").write_text("18\n")
        half_made.start()
        try:
            assert half_made.is_running()
            assert not unfinished.exists()
        finally:
            half_made.stop("immediate")


def test_a_database_carries_the_comment_it_was_given(server: EmbeddedPostgres) -> None:
    server.start()
    server.ensure_database("commented", "commented", "secret")
    assert server.read_comment("commented") is None
    server.write_comment("commented", "it's at revision 'x'")
    assert server.read_comment("commented") == "it's at revision 'x'"


def test_a_taken_port_is_passed_over_and_a_free_one_is_kept(server: EmbeddedPostgres) -> None:
    server.start()
    assert free_port(server.port) != server.port
    free = free_port()
    assert free_port(free) == free


# Imports as root, because an interpreter under root's home is closed to others, and runs as nobody from then on.
PLAIN_USER = """
    import os, sys
    from pathlib import Path
    import psycopg
    from daybreak.stack.postgres import EmbeddedPostgres
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
    server = EmbeddedPostgres(Path(sys.argv[1]) / "postgres")
    server.start()
    with psycopg.connect(server.url()) as connection:
        print(connection.execute("select current_user").fetchone()[0], os.geteuid(), server.data.owner())
    server.stop()
    print(server.is_running())
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="all other tests run as a plain user already; only root can become one")
def test_a_plain_user_runs_postgres_too() -> None:
    with tempfile.TemporaryDirectory(prefix="daybreak-plain-", ignore_cleanup_errors=True) as directory:
        os.chown(directory, 65534, 65534)
        program = textwrap.dedent(PLAIN_USER)
        ended = subprocess.run([sys.executable, "-c", program, directory], capture_output=True, text=True, check=False)
        assert ended.stdout.splitlines() == ["postgres 65534 nobody", "False"], ended.stderr
