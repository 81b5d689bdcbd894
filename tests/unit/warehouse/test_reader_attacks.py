"""What a client could try beyond reading: become another, lift the security, run code, be told by errors."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors

from tests.unit.warehouse.secured_world import FOREIGN, OWN, SecuredWorld

REFUSED = (errors.InsufficientPrivilege,)


@pytest.fixture
def client(world: SecuredWorld) -> Iterator[psycopg.Connection]:
    with world.as_reader() as connection:
        yield connection


def refused(connection: psycopg.Connection, statement: str) -> None:
    with pytest.raises(REFUSED) as caught:
        connection.execute(statement.encode())
    assert FOREIGN not in str(caught.value)


@pytest.mark.parametrize(
    "role",
    [
        *("postgres", "warehouse_login", "daybreak_owner", "daybreak_loader", "daybreak_transformer", "daybreak_board"),
        *("daybreak_analyst", "pg_read_all_data", "pg_read_all_stats", "pg_execute_server_program"),
    ],
)
def test_a_client_becomes_no_other_role(client: psycopg.Connection, role: str) -> None:
    refused(client, f"set role {role}")
    refused(client, f"set session authorization {role}")
    refused(client, f"select set_config('role', '{role}', false)")
    refused(client, f"grant {role} to current_user")


def test_a_client_does_not_become_another_client(world: SecuredWorld, client: psycopg.Connection) -> None:
    with world.as_reader("other") as other:
        name = other.info.user
    refused(client, f"set role {name}")
    refused(client, f"set session authorization {name}")
    refused(client, f"alter role {name} password 'x'")
    refused(client, f"drop role {name}")
    refused(client, f"alter role daybreak_client rename to {name}_2")


@pytest.mark.parametrize(
    "setting",
    [
        "set row_security = off",
        "select set_config('row_security', 'off', false)",
        f"set daybreak.board_accounts = '{{{OWN},{FOREIGN}}}'",
        f"select set_config('daybreak.board_accounts', '{{{FOREIGN}}}', false)",
        "set search_path = mart, core, ops, staging, candidate",
        "set default_transaction_read_only = off",
        "set enable_seqscan = off; set enable_indexscan = off; set enable_bitmapscan = off",
        "set plan_cache_mode = force_generic_plan",
    ],
)
def test_no_setting_shows_a_client_more(world: SecuredWorld, client: psycopg.Connection, setting: str) -> None:
    client.execute(setting.encode())
    for relation in world.relations(schemas=("core", "mart")):
        try:
            seen = {row[0] for row in client.execute(f"select account_id from {relation}")}
        except errors.InsufficientPrivilege as error:
            # row_security = off means: an error rather than filtered rows.
            assert "row-level security" in str(error)  # noqa: PT017
            seen = {OWN}
        assert seen == {OWN}, relation


@pytest.mark.parametrize(
    "statement",
    [
        "set session_replication_role = replica",
        "set log_statement = 'all'",
        "alter role current_user bypassrls",
        "alter role current_user superuser",
        "alter role current_user createrole",
        "alter table core.sales_daily disable row level security",
        "alter table core.sales_daily no force row level security",
        "drop policy daybreak_accounts_of_client on core.sales_daily",
        "alter policy daybreak_accounts_of_client on core.sales_daily using (true)",
        "create policy mine on core.sales_daily using (true)",
        "grant select on core.sales_daily_202603 to current_user",
        "alter table core.sales_daily owner to current_user",
        "comment on table core.sales_daily is 'mine'",
        "analyze core.sales_daily",
    ],
)
def test_a_client_does_not_lift_the_security(client: psycopg.Connection, statement: str) -> None:
    if statement.startswith("analyze"):
        notices: list[str] = []
        client.add_notice_handler(lambda notice: notices.append(str(notice.message_primary)))
        client.execute(statement)
        assert notices
        # In the words of Postgres 16 and newer, or of 15.
        assert all("permission denied" in notice or "can analyze it" in notice for notice in notices)
    else:
        refused(client, statement)


@pytest.mark.parametrize(
    "statement",
    [
        f"insert into ops.client_account (account_id, role_name) values ('{FOREIGN}', current_user)",
        f"update ops.client_account set account_id = '{FOREIGN}'",
        "delete from ops.client_account",
        f"update core.sales_daily set account_id = '{FOREIGN}'",
        "insert into core.product (account_id, asin, valid_from_date)"
        f" values ('{FOREIGN}', 'asin of {FOREIGN}', '2026-03-02')",
        f"insert into core.product (account_id, asin, valid_from_date) values ('{OWN}', 'B000000001', '2026-03-02')"
        " on conflict do nothing",
        "merge into core.product as p using core.product as q on p.asin = q.asin when matched then delete",
        "delete from mart.stock_coverage_daily",
        "truncate core.sales_daily",
        "select * from core.sales_daily for update",
        "begin; lock table core.sales_daily in share mode",
        "select nextval('ops.publish_sequence')",
    ],
)
def test_a_client_writes_and_locks_nothing_so_that_no_unique_key_can_tell_it_what_is_there(
    client: psycopg.Connection, statement: str
) -> None:
    refused(client, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "create function public.leak(text) returns boolean language plpgsql cost 0.01 as 'begin return true; end'",
        "create function pg_temp.leak(text) returns boolean language plpgsql cost 0.01 as 'begin return true; end'",
        "create temporary table kept as select 1 as one",
        "create temporary view kept as select 1 as one",
        "create table public.kept (a text)",
        "create table mart.kept (a text)",
        "create schema mine",
        "create extension hstore schema mart",
        "create operator public.=~ (leftarg = text, rightarg = text, function = texteq)",
        "create aggregate public.leak (text) (sfunc = textcat, stype = text)",
        "create publication everything for all tables",
        "create event trigger spy on ddl_command_start execute function f()",
    ],
)
def test_a_client_makes_nothing_that_runs_or_stays(client: psycopg.Connection, statement: str) -> None:
    refused(client, statement)


def test_no_language_but_those_that_stay_inside_and_no_way_to_other_servers(client: psycopg.Connection) -> None:
    languages = {name for (name,) in client.execute("select lanname from pg_language")}
    assert languages == {"internal", "c", "sql", "plpgsql"}
    assert {name for (name,) in client.execute("select extname from pg_extension")} == {"plpgsql"}
    assert client.execute("select count(*) from pg_proc where proname like 'dblink%'").fetchone() == (0,)


def test_a_do_block_is_a_clients_statement_like_any_other(client: psycopg.Connection) -> None:
    notices: list[str] = []
    client.add_notice_handler(lambda notice: notices.append(str(notice.message_primary)))
    client.execute(
        "do $$ declare this record; begin for this in select account_id, asin from core.sales_daily loop"
        " raise notice '% %', this.account_id, this.asin; end loop; end $$"
    )
    assert notices == [f"{OWN} asin of {OWN}"]


@pytest.mark.parametrize(
    "statement",
    [
        "copy (select 1) to program 'id'",
        "copy core.product from program 'id'",
        "copy core.product to '/tmp/daybreak_leak'",
        "copy core.product from '/etc/hostname'",
        "copy core.product from stdin",
        "copy core.sales_daily_202603 to stdout",
        "select pg_read_file('/etc/hostname')",
        "select pg_read_binary_file('postgresql.conf')",
        "select pg_ls_dir('.')",
        "select pg_stat_file('postgresql.conf')",
        "select * from pg_authid",
        "select rolpassword from pg_authid",
        "select * from pg_file_settings",
        "select * from pg_hba_file_rules",
        "select * from pg_statistic",
        "select * from pg_largeobject",
        "select pg_reload_conf()",
        "select pg_switch_wal()",
        "select pg_create_physical_replication_slot('spy')",
        "select lo_create(0)",
        "select lo_from_bytea(0, 'kept')",
        "select lo_import('/etc/hostname')",
        "select pg_advisory_lock(hashtextextended('extract|rival_de', 0))",
        "select pg_try_advisory_xact_lock(4019871125)",
        "select ops.make_partitions('core.sales_daily', '2027-01-01', '2027-01-01')",
        "select ops.drop_staging_table('sales_daily', 1)",
        "select ops.take_quota('x', 'y', 1, 1, 0)",
        "select core.note_first_seen('rival_de', 'sales_daily', 1, '{2026-03-02}', true)",
        "select access.secure()",
        "select access.logins()",
        "select access.set_accounts(current_user::text, null)",
    ],
)
def test_a_client_reaches_neither_files_nor_programs_nor_what_runs_the_warehouse(
    client: psycopg.Connection, statement: str
) -> None:
    refused(client, statement)


def test_copy_to_stdout_carries_a_clients_own_rows_only(world: SecuredWorld, client: psycopg.Connection) -> None:
    for relation in world.relations(kinds=("r", "p"), schemas=("core", "mart")):
        with client.cursor().copy(f"copy (select account_id from {relation}) to stdout") as rows:
            assert b"".join(bytes(part) for part in rows).decode().split() == [OWN], relation
    with client.cursor().copy("copy core.product to stdout") as rows:
        assert FOREIGN.encode() not in b"".join(bytes(part) for part in rows)


@pytest.mark.parametrize(
    "condition",
    [
        "asin::integer = 1",
        "1 / (case when account_id = 'rival_de' then 0 else 1 end) = 1",
        "cast(asin as date) > '2026-01-01'",
        "asin::jsonb is not null",
        "('x' || asin)::bytea is not null and decode(asin, 'base64') is not null",
        "to_date(asin, asin) is not null",
        "asin::regclass is not null",
        "set_config('daybreak.told', asin, false)::integer = 1",
        "xmlparse(document asin) is not null",
        "asin ~ ('(' || asin)",
    ],
)
def test_an_error_in_a_condition_tells_nothing_of_a_foreign_row(client: psycopg.Connection, condition: str) -> None:
    """A condition that may fail is asked only of rows that the policy lets through, in whatever order it stands."""
    for setting in ("off", "on"):
        client.execute(f"set enable_seqscan = {setting}")
        for query in (
            f"select * from core.sales_daily where {condition} and account_id = '{FOREIGN}'",
            f"select * from core.sales_daily where {condition}",
            f"select * from (select * from core.sales_daily offset 0) as t where {condition}",
            f"select count(*) filter (where {condition}) from core.sales_daily",
            f"select * from core.sales_daily as s inner join core.product as t using (account_id) where s.{condition}"
            if condition.startswith("asin") and condition.count("asin") == 1
            else "select 1",
        ):
            try:
                client.execute(query)
            except psycopg.Error as error:
                assert FOREIGN not in str(error), query  # noqa: PT017
    told = client.execute("select current_setting('daybreak.told', true)").fetchone()
    assert told is not None
    assert FOREIGN not in (told[0] or "")


def test_a_division_by_zero_of_a_foreign_row_never_happens(client: psycopg.Connection) -> None:
    client.execute(
        f"select 1 / (case when account_id = '{FOREIGN}' then 0 else 1 end) from core.sales_daily"
        " where ordered_units > 0"
    )


NO_ACCOUNTS_DATA = {"ops.event_calendar", "ops.dataset"}
"""Tables whose rows are nobody's: the same for every account, open to every reader."""


def test_statistics_of_a_secured_table_are_hidden(world: SecuredWorld, client: psycopg.Connection) -> None:
    with world.as_admin() as admin:
        admin.execute("analyze")
        kept = admin.execute("select count(*) from pg_stats where schemaname in ('core', 'mart', 'ops')").fetchone()
    assert kept is not None
    assert kept[0] > 100
    for view in ("pg_stats", "pg_stats_ext", "pg_stats_ext_exprs"):
        rows = client.execute(
            f"select schemaname, tablename from {view}"
            " where schemaname in ('core', 'mart', 'ops', 'staging', 'candidate')"
        ).fetchall()
        assert {f"{schema}.{table}" for schema, table in rows} <= NO_ACCOUNTS_DATA, view


def test_a_plan_tells_no_value_of_a_foreign_row(world: SecuredWorld, client: psycopg.Connection) -> None:
    """Numbers of rows in a plan are estimates from the whole table, and ANALYZE counts what a filter removed."""
    with world.as_admin() as admin:
        admin.execute("analyze")
    for options in ("", "analyze, verbose, buffers off", "verbose, settings"):
        prefix = f"explain ({options})" if options else "explain"
        for relation in world.relations(schemas=("core", "mart")):
            plan = "\n".join(line for (line,) in client.execute(f"{prefix} select * from {relation}"))
            assert FOREIGN not in plan, relation


def test_what_a_tool_reads_of_the_catalogue_is_open(client: psycopg.Connection) -> None:
    described = client.execute(
        "select c.relname, pg_get_viewdef(c.oid), obj_description(c.oid) from pg_class as c"
        " where c.oid = 'mart.data_status'::regclass"
    ).fetchone()
    assert described is not None
    assert "data_status_at" in described[1]
    assert described[2]
    columns = client.execute(
        "select count(*) from information_schema.columns"
        " where table_schema = 'mart' and table_name = 'stock_coverage_daily'"
    ).fetchone()
    assert columns is not None
    assert columns[0] > 10


def test_prepared_statements_and_cursors_are_secured_when_they_run(client: psycopg.Connection) -> None:
    client.execute("prepare asked (text) as select account_id from core.sales_daily where account_id = $1")
    for _ in range(7):
        assert client.execute(f"execute asked ('{FOREIGN}')").fetchall() == []
    assert client.execute(f"execute asked ('{OWN}')").fetchall() == [(OWN,)]
    with client.transaction():
        client.execute("declare held scroll cursor with hold for select account_id from core.sales_daily")
    assert client.execute("fetch all from held").fetchall() == [(OWN,)]
    client.execute("close held")


def test_a_plan_made_for_one_role_is_not_used_for_another(client: psycopg.Connection) -> None:
    client.execute("set plan_cache_mode = force_generic_plan")
    client.execute("prepare again as select account_id from core.sales_daily")
    assert client.execute("execute again").fetchall() == [(OWN,)]
    client.execute("set role daybreak_client")
    assert client.execute("execute again").fetchall() == []
    client.execute("reset role")
    assert client.execute("execute again").fetchall() == [(OWN,)]


def test_joins_subqueries_and_set_operations_add_no_foreign_row(client: psycopg.Connection) -> None:
    for query in (
        "select account_id from core.product where asin in (select asin from core.sales_daily)",
        "select p.account_id from core.product as p full join core.sales_daily as s on true",
        "select s.account_id from core.product as p cross join lateral (select * from core.sales_daily) as s",
        "with recursive r as (select account_id, 1 as n from core.product union all select s.account_id, n + 1 from r"
        " cross join core.sales_daily as s where n < 3) select account_id from r",
        "table core.product union all table core.product",
        "select account_id from core.sales_daily tablesample system (100)",
        "select (s).account_id from core.sales_daily as s",
        "select x.account_id from query_to_xml('select account_id from core.product', true, true, '') as q"
        " cross join lateral xmltable('//row' passing q columns account_id text) as x"
        if supports_xml(client)
        else "select account_id from core.product",
    ):
        rows = client.execute(query).fetchall()
        assert rows, query
        assert {row[0] for row in rows} <= {OWN} or query.startswith("table"), query
        assert FOREIGN not in str(rows), query


def supports_xml(connection: psycopg.Connection) -> bool:
    try:
        connection.execute("select xml '<a/>'")
    except errors.FeatureNotSupported:
        return False
    return True


def test_a_client_sees_of_other_sessions_no_query(world: SecuredWorld, client: psycopg.Connection) -> None:
    with world.as_role("loader") as loader:
        loader.execute(f"select asin from core.sales_daily where account_id = '{FOREIGN}'")
        seen = client.execute("select query from pg_stat_activity where pid <> pg_backend_pid()").fetchall()
    assert seen
    assert FOREIGN not in str(seen)


def test_a_client_ends_no_session_of_others(world: SecuredWorld, client: psycopg.Connection) -> None:
    with world.as_role("loader") as loader:
        refused(client, f"select pg_terminate_backend({loader.info.backend_pid})")
        refused(client, f"select pg_cancel_backend({loader.info.backend_pid})")


def test_another_database_of_the_cluster_lets_no_reader_in(world: SecuredWorld, warehouse_template: str) -> None:
    url = world.urls["own"].rpartition("/")[0]
    for database in (warehouse_template, "postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(f"{url}/{database}")
