"""Applies the numbered SQL files of ``include/sql/migrations``, forward only, through Alembic.

Each ``NNNN_name.sql`` is one Alembic revision; the file is the only thing one writes. Applied files are checksummed:
an edited one is refused, because two warehouses would then differ under one revision number.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, text

from daybreak.settings import SQL_DIR
from daybreak.warehouse.engine import warehouse_engine
from daybreak.warehouse.roles import become_owner, make_roles

MIGRATIONS_DIR = SQL_DIR / "migrations"
# Any process that migrates takes this lock, so that two starting at once apply each file once.
_LOCK_KEY = 4_019_871_125
_FILE_NAME = re.compile(r"(?P<revision>\d{4})_[a-z0-9_]+\.sql")


class MigrationRefused(RuntimeError):
    """The migration files and the warehouse disagree; says which file and what to do."""


@dataclass(frozen=True)
class Migration:
    """One numbered file: its revision, name, SQL text and SHA-256 in hexadecimal."""

    revision: str
    path: Path
    sql: str
    checksum: str


def read_migrations(directory: Path = MIGRATIONS_DIR) -> list[Migration]:
    """All migration files in their order.

    Raises:
        MigrationRefused: a file is misnamed, or the numbers do not run 0001, 0002, … without gap.
    """
    found: list[Migration] = []
    for path in sorted(directory.glob("*.sql")):
        match = _FILE_NAME.fullmatch(path.name)
        if match is None:
            raise MigrationRefused(f"{path} is not named NNNN_what_it_does.sql")
        if int(match["revision"]) != len(found) + 1:
            raise MigrationRefused(f"{path} should carry number {len(found) + 1:04d}: numbers run without gap")
        sql = path.read_text()
        found.append(Migration(match["revision"], path, sql, hashlib.sha256(sql.encode()).hexdigest()))
    return found


class _SqlFiles(ScriptDirectory):
    """Alembic's revision map, made from the SQL files instead of from Python modules."""

    def __init__(self, migrations: list[Migration]) -> None:
        self._migrations = migrations
        super().__init__(str(MIGRATIONS_DIR))

    def _load_revisions(self) -> Iterator[Script]:
        down: str | None = None
        for migration in self._migrations:
            module: Any = ModuleType(f"migration_{migration.revision}")
            module.revision, module.down_revision = migration.revision, down
            module.branch_labels = module.depends_on = None
            module.upgrade = lambda: None
            yield Script(module, migration.revision, str(migration.path))
            down = migration.revision


def _applied_checksums(connection: Connection) -> dict[str, str]:
    exists = connection.execute(text("select to_regclass('public.daybreak_migration')")).scalar()
    if exists is None:
        return {}
    rows = connection.execute(text("select revision, checksum from public.daybreak_migration"))
    return {row.revision: row.checksum for row in rows}


def _refuse_edited(migrations: list[Migration], applied: dict[str, str]) -> None:
    known = {migration.revision: migration for migration in migrations}
    for revision, checksum in applied.items():
        if revision not in known:
            raise MigrationRefused(
                f"the warehouse has migration {revision}, which this checkout lacks: it is newer; update the checkout"
            )
        if known[revision].checksum != checksum:
            raise MigrationRefused(
                f"{known[revision].path.name} was edited after it was applied: restore it, and write a new migration"
            )


def _apply(connection: Connection, migration: Migration) -> None:
    # The driver's own cursor: a file holds many statements and literal % signs.
    driver = connection.connection.driver_connection
    driver.execute(migration.sql.encode())  # type: ignore[union-attr]
    connection.execute(
        text(
            "insert into public.daybreak_migration (revision, file_name, checksum) values (:revision, :name, :checksum)"
        ),
        {"revision": migration.revision, "name": migration.path.name, "checksum": migration.checksum},
    )


def pending_migrations(dsn: str | None = None, directory: Path = MIGRATIONS_DIR) -> list[str]:
    """The revisions of this checkout that the warehouse does not have yet, oldest first. Changes nothing.

    Raises:
        MigrationRefused: an applied file was edited, or the warehouse is newer than the checkout.
    """
    migrations = read_migrations(directory)
    with warehouse_engine(dsn).begin() as connection:
        become_owner(connection)
        applied = _applied_checksums(connection)
    _refuse_edited(migrations, applied)
    return [migration.revision for migration in migrations if migration.revision not in applied]


def migrate_warehouse(dsn: str | None = None, directory: Path = MIGRATIONS_DIR) -> list[str]:
    """Brings the warehouse to the newest migration and returns the revisions applied now, oldest first.

    All or nothing: one transaction holds every pending file. Everything in the warehouse belongs to daybreak_owner
    afterwards, whichever login migrates.

    Raises:
        MigrationRefused: an applied file was edited, or the warehouse is newer than the checkout.
        RolesMissing: the login may not make the roles; the message says what an administrator does.
    """
    make_roles(dsn)
    migrations = read_migrations(directory)
    by_revision = {migration.revision: migration for migration in migrations}
    scripts = _SqlFiles(migrations)
    applied_now: list[str] = []
    with warehouse_engine(dsn).begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        become_owner(connection)
        _refuse_edited(migrations, _applied_checksums(connection))

        def pending(current: Any, _context: Any) -> Any:
            steps = scripts._upgrade_revs("head", current)
            for step in steps:
                _apply(connection, by_revision[step.revision.revision])
                applied_now.append(step.revision.revision)
            return steps

        with EnvironmentContext(Config(), scripts, fn=pending, destination_rev="head") as environment:
            environment.configure(connection=connection, version_table_schema="public", transaction_per_migration=False)
            environment.run_migrations()
    return applied_now
