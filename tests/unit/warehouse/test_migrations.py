"""Migrations: applied once, in order, all or nothing, and never edited afterwards."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from daybreak.stack.postgres import EmbeddedPostgres
from daybreak.warehouse.migrations import MigrationRefused, migrate_warehouse, read_migrations
from tests.postgres_server import database_clone


def test_a_migrated_warehouse_holds_every_file_once_and_a_second_run_applies_none(warehouse: str) -> None:
    with psycopg.connect(warehouse) as connection:
        rows = connection.execute("select revision, checksum from public.daybreak_migration order by 1").fetchall()
    assert rows == [(migration.revision, migration.checksum) for migration in read_migrations()]
    assert migrate_warehouse(warehouse) == []


@pytest.fixture
def empty_database(postgres: EmbeddedPostgres) -> Iterator[str]:
    with database_clone(postgres, "template0", "empty") as name:
        yield postgres.url(name)


def _write(directory: Path, name: str, sql: str) -> None:
    (directory / name).write_text(sql)


FIRST = (
    "create table public.daybreak_migration (revision text primary key, file_name text not null, "
    "checksum text not null, applied_at timestamptz not null default now());"
)


def test_a_failing_file_leaves_nothing_of_the_files_before_it(tmp_path: Path, empty_database: str) -> None:
    _write(tmp_path, "0001_first.sql", FIRST + " create table t (a int);")
    _write(tmp_path, "0002_second.sql", "create table t (a int);")
    with pytest.raises(Exception, match="already exists"):
        migrate_warehouse(empty_database, tmp_path)
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("select to_regclass('public.t')").fetchone() == (None,)


def test_an_edited_file_is_refused_by_name_and_a_newer_warehouse_too(tmp_path: Path, empty_database: str) -> None:
    _write(tmp_path, "0001_first.sql", FIRST)
    _write(tmp_path, "0002_percent.sql", "select '100 %', $$%(x)s$$;")
    assert migrate_warehouse(empty_database, tmp_path) == ["0001", "0002"]
    _write(tmp_path, "0002_percent.sql", "select 1;")
    with pytest.raises(MigrationRefused, match=r"0002_percent\.sql was edited"):
        migrate_warehouse(empty_database, tmp_path)
    (tmp_path / "0002_percent.sql").unlink()
    with pytest.raises(MigrationRefused, match="update the checkout"):
        migrate_warehouse(empty_database, tmp_path)


@pytest.mark.parametrize(("name", "message"), [("1_a.sql", "not named"), ("0002_a.sql", "should carry number 0001")])
def test_a_misnamed_file_is_refused(tmp_path: Path, name: str, message: str) -> None:
    _write(tmp_path, name, "select 1;")
    with pytest.raises(MigrationRefused, match=message):
        read_migrations(tmp_path)
