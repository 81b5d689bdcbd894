"""Each role may do its work and nothing else; the roles are made once, by whoever may, and own the warehouse."""

import re
import secrets
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg import errors, sql

from daybreak.settings import SQL_DIR
from daybreak.stack.postgres import EmbeddedPostgres
from daybreak.warehouse.engine import Role, transaction
from daybreak.warehouse.migrations import MIGRATIONS_DIR, migrate_warehouse
from daybreak.warehouse.preparation import prepare_warehouse
from daybreak.warehouse.roles import RolesMissing, make_roles
from tests.unit.warehouse.secured_world import SecuredWorld

# By role and layer: what the catalogue must say of every table there, partitions excepted.
TABLE_RIGHTS: dict[str, dict[str, set[str]]] = {
    "daybreak_loader": {"core": {"SELECT", "INSERT", "UPDATE", "DELETE"}, "mart": set(), "candidate": set()},
    "daybreak_transformer": {
        "core": {"SELECT"},
        "mart": {"SELECT", "INSERT", "UPDATE", "DELETE"},
        "candidate": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    },
    "daybreak_board": {"core": {"SELECT"}, "mart": {"SELECT"}, "candidate": set()},
    "daybreak_analyst": {"core": {"SELECT"}, "mart": {"SELECT"}, "candidate": set()},
    "daybreak_client": {"core": {"SELECT"}, "mart": {"SELECT"}, "candidate": set()},
}
WRITES_OF_THE_LEDGER: dict[str, dict[str, set[str]]] = {
    "daybreak_transformer": {
        "ops.build": {"INSERT", "UPDATE"},
        "ops.dirty_mart": {"INSERT", "UPDATE", "DELETE"},
        "ops.gate_result": {"INSERT", "DELETE"},
        "ops.morning": {"INSERT"},
        "ops.client_report": {"INSERT"},
    },
    "daybreak_board": {"ops.control_action": {"INSERT"}},
    "daybreak_analyst": {},
    "daybreak_client": {},
}
CLOSED_TO_THE_LOADER = {"ops.build": {"SELECT"}, "ops.control_action": {"SELECT"}, "ops.client_account": set[str]()}


def rights(connection: psycopg.Connection, role: str, schema: str) -> dict[str, set[str]]:
    """The rights of ``role`` on each table of ``schema``, partitions excepted."""
    rows = connection.execute(
        """
        select c.oid::regclass::text, array(
            select p
            from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) as p
            where has_table_privilege(%(role)s, c.oid, p)
        )
        from pg_class as c
        where c.relnamespace::regnamespace::text = %(schema)s and c.relkind in ('r', 'p') and not c.relispartition
        """,
        {"role": role, "schema": schema},
    )
    return {table: set(found) for table, found in rows}


@pytest.mark.parametrize("role", sorted(TABLE_RIGHTS))
def test_a_role_has_the_rights_of_its_work_on_every_fact_and_mart_and_no_others(world: SecuredWorld, role: str) -> None:
    with world.as_admin() as admin:
        for schema, expected in TABLE_RIGHTS[role].items():
            found = rights(admin, role, schema)
            assert found
            assert {table: each for table, each in found.items() if each != expected} == {}


@pytest.mark.parametrize("role", sorted(WRITES_OF_THE_LEDGER))
def test_a_role_writes_of_the_ledger_what_is_its_own(world: SecuredWorld, role: str) -> None:
    with world.as_admin() as admin:
        written = {table: found - {"SELECT"} for table, found in rights(admin, role, "ops").items()}
    assert {table: found for table, found in written.items() if found} == WRITES_OF_THE_LEDGER[role]


def test_the_loader_writes_the_ledger_but_not_what_others_answer_for(world: SecuredWorld) -> None:
    with world.as_admin() as admin:
        found = rights(admin, "daybreak_loader", "ops")
    everything = {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert {table: each for table, each in found.items() if each != everything} == CLOSED_TO_THE_LOADER


ALLOWED: list[tuple[Role, str]] = [
    ("loader", "insert into core.product (account_id, asin, valid_from_date) values ('acme_it', 'B0', '2026-03-02')"),
    ("loader", "delete from core.sales_daily"),
    ("loader", "select ops.make_staging_table('sales_daily', 99), ops.bind_staging_table('sales_daily', 99)"),
    ("loader", "select ops.make_staging_table('sales_daily', 99), ops.drop_staging_table('sales_daily', 99)"),
    ("loader", "select ops.make_partitions('core.sales_daily', '2027-01-01', '2027-01-01')"),
    ("loader", "select nextval('ops.publish_sequence')"),
    ("loader", "select pg_advisory_xact_lock(1)"),
    (
        "transformer",
        "insert into ops.build (account_id, mart_code, from_date, to_date) values ('acme_it', 'm', now(), now())",
    ),
    ("transformer", "delete from mart.stock_coverage_daily"),
    ("transformer", "delete from candidate.stock_coverage_daily"),
    ("transformer", "select ops.make_partitions('mart.stock_coverage_daily', '2027-01-01', '2027-01-01')"),
    ("transformer", "select * from core.sales_daily_as_of(now())"),
    ("owner", "create table core.late (account_id text); comment on table core.late is 'late'"),
    ("owner", "create role a_reader login; grant daybreak_client to a_reader; drop role a_reader"),
]
FORBIDDEN: list[tuple[Role, str]] = [
    ("loader", "select * from mart.stock_coverage_daily"),
    ("loader", "delete from candidate.stock_coverage_daily"),
    ("loader", "update ops.build set status_code = 'gated'"),
    ("loader", "insert into ops.client_account (account_id, role_name) values ('acme_it', 'somebody')"),
    ("loader", "delete from ops.control_action"),
    ("loader", "truncate core.sales_daily"),
    ("loader", "drop table core.sales_daily"),
    ("loader", "alter table core.sales_daily disable row level security"),
    ("loader", "create table core.late (account_id text)"),
    ("loader", "create role a_reader"),
    ("loader", "select * from core.sales_daily_202603"),
    ("transformer", "update core.sales_daily set ordered_units = 0"),
    (
        "transformer",
        "insert into core.product (account_id, asin, valid_from_date) values ('acme_it', 'B0', '2026-03-02')",
    ),
    ("transformer", "update ops.load set status_code = 'released'"),
    ("transformer", "select * from ops.quarantine"),
    ("transformer", "select * from ops.credential"),
    ("transformer", "select ops.make_staging_table('sales_daily', 99)"),
    ("transformer", "drop table mart.stock_coverage_daily"),
    ("board", "update mart.stock_coverage_daily set excess_units = 0"),
    ("board", "insert into ops.mute (account_id, until_date, reason, muted_by) values ('acme_it', now(), 'x', 'x')"),
    ("board", "update ops.control_action set note = 'x'"),
    ("board", "select * from ops.client_account"),
    ("board", "select * from ops.quarantine"),
    ("board", "select ops.take_quota('x', 'y', 1, 1, 0)"),
    ("board", "create temporary table kept (a text)"),
    ("owner", "create role a_reader superuser"),
    ("owner", "alter role postgres login"),
    ("owner", "copy core.product to program 'id'"),
]


@pytest.mark.parametrize(("role", "statement"), ALLOWED, ids=lambda each: str(each)[:60])
def test_a_role_may_do_its_work(world: SecuredWorld, role: Role, statement: str) -> None:
    with world.as_role(role) as connection:
        connection.execute(statement.encode())


@pytest.mark.parametrize(("role", "statement"), FORBIDDEN, ids=lambda each: str(each)[:60])
def test_a_role_may_do_no_others(world: SecuredWorld, role: Role, statement: str) -> None:
    with world.as_role(role) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_the_owner_owns_everything_but_the_loaders_staging_tables(world: SecuredWorld) -> None:
    with world.as_admin() as admin:
        admin.execute("select ops.make_staging_table('sales_daily', 98)")
        rows = admin.execute(
            "select distinct relnamespace::regnamespace::text, relowner::regrole::text from pg_class"
            " where relnamespace::regnamespace::text in ('ops', 'staging', 'core', 'candidate', 'mart', 'access')"
            " union select pronamespace::regnamespace::text, proowner::regrole::text from pg_proc"
            " where pronamespace::regnamespace::text in ('ops', 'staging', 'core', 'candidate', 'mart', 'access')"
        ).fetchall()
        admin.execute("select ops.drop_staging_table('sales_daily', 98)")
    owners = dict(rows)
    assert len(rows) == len(owners)
    assert owners.pop("staging") == "daybreak_loader"
    assert set(owners.values()) == {"daybreak_owner"}


def test_only_the_making_of_partitions_runs_with_its_owners_rights(world: SecuredWorld) -> None:
    with world.as_admin() as admin:
        rows = admin.execute(
            "select oid::regproc::text, proconfig from pg_proc"
            " where pronamespace::regnamespace::text in ('ops', 'core', 'mart', 'access') and prosecdef"
        ).fetchall()
    assert rows == [("ops.make_partitions", ["TimeZone=UTC", "search_path=pg_catalog, pg_temp"])]


def test_foreign_keys_hold_although_row_security_binds_the_owner(warehouse: str) -> None:
    with pytest.raises(errors.ForeignKeyViolation), transaction(warehouse) as loader:
        loader.execute(
            "insert into ops.mute (account_id, until_date, reason, muted_by) values ('nobody', now(), 'x', 'x')"
        )


@pytest.fixture
def login(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The URL of an empty database of a login that is no superuser and may make no roles."""
    name = f"plain_{secrets.token_hex(4)}"
    yield postgres.ensure_database(name, name, secrets.token_urlsafe(16))
    with psycopg.connect(postgres.url(), autocommit=True) as server:
        server.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
        server.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


def test_daybreaks_login_has_no_table_until_it_acts_as_a_role(postgres: EmbeddedPostgres, login: str) -> None:
    database = login.rpartition("/")[2]
    make_roles(postgres.url(database), login=database)
    prepare_warehouse(login)
    with psycopg.connect(login) as connection:
        for statement in (
            "select * from ops.load",
            "select * from core.sales_daily",
            "create table core.late (a text)",
        ):
            with pytest.raises(errors.InsufficientPrivilege), connection.transaction():
                connection.execute(statement.encode())
        connection.execute("set role daybreak_loader")
        connection.execute("select * from ops.load")
    with psycopg.connect(login) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("set role postgres")
    assert prepare_warehouse(login) == []


def test_a_login_that_may_make_no_roles_says_what_an_administrator_runs_and_that_is_enough(
    postgres: EmbeddedPostgres, login: str
) -> None:
    database = login.rpartition("/")[2]
    with pytest.raises(RolesMissing, match=r"An administrator .* runs this once") as caught:
        prepare_warehouse(login)
    assert login not in str(caught.value)
    told = re.search(r"-c \"(?P<setting>[^\"]+)\" -f (?P<file>\S+)$", str(caught.value))
    assert told is not None
    file = SQL_DIR.parents[1] / told["file"]
    assert file == SQL_DIR / "roles" / "make_roles.sql"
    with psycopg.connect(postgres.url(database), autocommit=True) as administrator:
        administrator.execute(told["setting"].encode())
        administrator.execute(file.read_bytes())
    assert prepare_warehouse(login) == [path.stem[:4] for path in sorted(MIGRATIONS_DIR.glob("*.sql"))]


@pytest.fixture
def cluster() -> Iterator[EmbeddedPostgres]:
    """A cluster that has no role of Daybreak's yet."""
    with tempfile.TemporaryDirectory(prefix="daybreak-roles-", ignore_cleanup_errors=True) as directory:
        server = EmbeddedPostgres(Path(directory) / "postgres")
        server.start()
        yield server
        server.stop("immediate")


def test_a_login_that_may_make_roles_needs_no_administrator(cluster: EmbeddedPostgres) -> None:
    url = cluster.ensure_database("warehouse", "warehouse", secrets.token_urlsafe(16))
    with psycopg.connect(cluster.url(), autocommit=True) as administrator:
        administrator.execute("alter role warehouse createrole")
    assert len(prepare_warehouse(url)) == len(list(MIGRATIONS_DIR.glob("*.sql")))
    assert prepare_warehouse(url) == []
    with transaction(url) as loader:
        assert loader.execute("select current_user, session_user").fetchone() == ("daybreak_loader", "warehouse")


def test_warehouses_of_one_cluster_make_their_roles_at_the_same_time(cluster: EmbeddedPostgres) -> None:
    names = [f"warehouse_{number}" for number in range(4)]
    for name in names:
        cluster.ensure_database(name, name, secrets.token_urlsafe(16))
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(lambda name: make_roles(cluster.url(name), login=name), names * 2))
    with psycopg.connect(cluster.url()) as connection:
        rows = connection.execute(
            "select count(*) from pg_auth_members as m join pg_roles as r on r.oid = m.member"
            " where m.roleid::regrole::text like 'daybreak%' and r.rolname like 'warehouse%'"
        ).fetchone()
    assert rows == (4 * len(names),)


def test_a_warehouse_older_than_the_roles_is_handed_over_with_its_rows(postgres: EmbeddedPostgres, login: str) -> None:
    database = login.rpartition("/")[2]
    before = sorted(MIGRATIONS_DIR.glob("*.sql"))[:4]
    with psycopg.connect(postgres.url(database), autocommit=True) as administrator:
        if administrator.info.server_version < 160_000:
            # Before 16 it decides what the owner of a database may do in it; an operator's login inherits.
            administrator.execute(f"alter role {database} inherit")
    with psycopg.connect(login, autocommit=True) as connection:
        for path in before:
            connection.execute(path.read_bytes())
        connection.execute("create table public.alembic_version (version_num varchar(32) primary key)")
        connection.execute("insert into public.alembic_version values (%s)", (before[-1].stem[:4],))
        connection.execute("insert into ops.credential (credential_id, kind_code) values ('kept', 'vendor')")
        connection.execute("select ops.make_partitions('core.sales_daily', '2026-03-01', '2026-03-01')")
        connection.execute("select ops.make_staging_table('sales_daily', 7)")
    make_roles(postgres.url(database), login=database)
    assert migrate_warehouse(login)[0] == f"{len(before) + 1:04d}"
    prepare_warehouse(login)
    with transaction(login) as loader:
        assert loader.execute("select credential_id from ops.credential").fetchall() == [("kept",)]
        loader.execute("analyze staging.sales_daily_7")
        loader.execute("select ops.drop_staging_table('sales_daily', 7)")
        assert loader.execute("select count(*) from core.sales_daily").fetchone() == (0,)
    for statement in ("select * from core.sales_daily_202603", "create table core.late (a text)"):
        with pytest.raises(errors.InsufficientPrivilege), transaction(login) as loader:
            loader.execute(statement.encode())


def test_what_a_third_role_owns_in_the_warehouse_is_named(postgres: EmbeddedPostgres, login: str) -> None:
    database = login.rpartition("/")[2]
    make_roles(postgres.url(database), login=database)
    prepare_warehouse(login)
    with psycopg.connect(postgres.url(database), autocommit=True) as administrator:
        administrator.execute("create table core.stray (account_id text)")
    with pytest.raises(RolesMissing, match=r"core\.stray, which belongs to postgres"):
        prepare_warehouse(login)
