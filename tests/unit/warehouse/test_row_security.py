"""A client's login, over TCP as a client has it, finds no row of another client by any way of reading."""

import psycopg
import pytest
from psycopg import errors

from daybreak.settings import CHECKOUT
from daybreak.warehouse.engine import Role, board_transaction, transaction
from daybreak.warehouse.preparation import prepare_warehouse
from tests.unit.warehouse.secured_world import DAY, FOREIGN, OWN, SecuredWorld

READERS_OF_ONE = {"own": OWN, "other": FOREIGN}
FUNCTIONS = (
    "core.sales_daily_as_of(now())",
    "core.inventory_daily_as_of(now())",
    "core.traffic_daily_as_of(now())",
    "core.margin_daily_as_of(now())",
    "core.featured_offer_loss_daily_as_of(now())",
    "core.sales_daily_as_of('2026-03-05 00:00+00')",
    "mart.data_status_at(now())",
)
# What a reader of accounts may read of the ledger; the views and the way back to a document need it.
LEDGER = {"ops.account", "ops.slice", "ops.load_slice", "ops.document", "ops.client_account", "ops.watched_competitor"}
LEDGER_IN_PART = {"ops.load", "ops.report_request"}


def accounts_in(connection: psycopg.Connection, relation: str) -> set[str]:
    return {row[0] for row in connection.execute(f"select account_id from {relation}")}


def partition_attempts(connection: psycopg.Connection, partitions: list[str]) -> list[str]:
    """The partitions that answered at all."""
    answered = []
    for partition in partitions:
        try:
            connection.execute(f"select count(*) from {partition}")
        except errors.InsufficientPrivilege:
            continue
        answered.append(partition)
    return answered


def unsecured(connection: psycopg.Connection) -> list[str]:
    """Tables of accounts' rows without forced row security, or without one of the three policies."""
    rows = connection.execute(
        """
        select c.oid::regclass::text
        from pg_class as c
        inner join pg_attribute as a on a.attrelid = c.oid and a.attname = 'account_id' and not a.attisdropped
        where c.relnamespace::regnamespace::text in ('ops', 'core', 'mart') and c.relkind in ('r', 'p')
            and not c.relispartition and not (
                c.relrowsecurity and c.relforcerowsecurity
                and (select array_agg(p.polname::text order by p.polname) from pg_policy as p where p.polrelid = c.oid)
                = array['daybreak_accounts_of_board', 'daybreak_accounts_of_client', 'daybreak_every_account']
            )
        order by 1
        """
    )
    return [name for (name,) in rows]


def side_doors(connection: psycopg.Connection) -> list[str]:
    """Partitions, staging and candidate tables and materialised views that are open to more than the working roles."""
    rows = connection.execute(
        """
        select distinct
            c.oid::regclass::text || ' to ' || case when e.grantee = 0 then 'public' else e.grantee::regrole::text end
        from pg_class as c
        cross join lateral (
            select x.grantee from aclexplode(c.relacl) as x
            union
            select x.grantee
            from pg_attribute as a cross join lateral aclexplode(a.attacl) as x
            where a.attrelid = c.oid
        ) as e
        where c.relnamespace::regnamespace::text in ('ops', 'staging', 'core', 'candidate', 'mart')
            and (
                c.relispartition or c.relkind = 'm' or e.grantee = 0
                or c.relnamespace::regnamespace::text in ('staging', 'candidate')
            )
            and e.grantee not in (c.relowner, 'daybreak_loader'::regrole, 'daybreak_transformer'::regrole)
        order by 1
        """
    )
    return [name for (name,) in rows]


def public_functions(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute(
        """
        select f.oid::regprocedure::text
        from pg_proc as f cross join lateral aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) as a
        where f.pronamespace::regnamespace::text in ('ops', 'core', 'mart', 'access', 'staging', 'candidate')
            and a.grantee = 0
        """
    )
    return [name for (name,) in rows]


@pytest.mark.parametrize("reader", sorted(READERS_OF_ONE))
def test_a_client_finds_its_own_rows_in_every_fact_and_mart_and_no_others(world: SecuredWorld, reader: str) -> None:
    with world.as_admin() as admin, world.as_reader(reader) as client:
        for relation in world.relations(schemas=("core", "mart")):
            assert accounts_in(admin, relation) == {OWN, FOREIGN}, f"{relation} would prove nothing"
            assert accounts_in(client, relation) == {READERS_OF_ONE[reader]}, relation


@pytest.mark.parametrize("reader", sorted(READERS_OF_ONE))
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_shows_a_client_its_own_rows_and_no_others(world: SecuredWorld, reader: str, function: str) -> None:
    with world.as_admin() as admin, world.as_reader(reader) as client:
        assert accounts_in(admin, function) == {OWN, FOREIGN}
        assert accounts_in(client, function) == {READERS_OF_ONE[reader]}


def test_every_table_function_with_accounts_rows_is_among_those_tried(world: SecuredWorld) -> None:
    with world.as_admin() as admin:
        rows = admin.execute(
            "select f.oid::regproc::text from pg_proc as f where f.pronamespace::regnamespace::text in ('core', 'mart')"
            " and (f.prorettype::regtype::text like 'core.%%' or 'account_id' = any(f.proargnames)) and f.proretset"
        ).fetchall()
    assert {name for (name,) in rows} == {call.partition("(")[0] for call in FUNCTIONS}


@pytest.mark.parametrize("reader", sorted(READERS_OF_ONE))
def test_a_client_reads_of_the_ledger_what_explains_its_own_days_and_nothing_else(
    world: SecuredWorld, reader: str
) -> None:
    with world.as_admin() as admin, world.as_reader(reader) as client:
        for relation in world.relations(schemas=("ops",)):
            assert accounts_in(admin, relation) == {OWN, FOREIGN}, f"{relation} would prove nothing"
            if relation in LEDGER | LEDGER_IN_PART:
                assert accounts_in(client, relation) == {READERS_OF_ONE[reader]}, relation
            else:
                with pytest.raises(errors.InsufficientPrivilege):
                    client.execute(f"select account_id from {relation}")
        for relation in ("ops.credential", "ops.quota", "public.daybreak_migration"):
            with pytest.raises(errors.InsufficientPrivilege):
                client.execute(f"select * from {relation}")
        for column in ("released_by", "release_reason", "unknown_fields"):
            with pytest.raises(errors.InsufficientPrivilege):
                client.execute(f"select {column} from ops.load")
        for column in ("amazon_report_id", "amazon_document_id", "run_id"):
            with pytest.raises(errors.InsufficientPrivilege):
                client.execute(f"select {column} from ops.report_request")


def test_an_analyst_reads_every_account_and_no_credential(world: SecuredWorld) -> None:
    with world.as_reader("everything") as analyst:
        for relation in world.relations(schemas=("core", "mart")):
            assert accounts_in(analyst, relation) == {OWN, FOREIGN}, relation
        for relation in ("ops.credential", "ops.quota", "ops.quarantine", "ops.client_account", "ops.control_action"):
            with pytest.raises(errors.InsufficientPrivilege):
                analyst.execute(f"select * from {relation}")
        with pytest.raises(errors.InsufficientPrivilege):
            analyst.execute("insert into core.product (account_id, asin) values ('acme_it', 'B0')")


@pytest.mark.parametrize("reader", ["own", "everything"])
def test_the_documented_way_from_a_figure_to_its_document_is_open_to_readers(world: SecuredWorld, reader: str) -> None:
    page = (CHECKOUT / "docs" / "cookbooks" / "walk_a_figure.md").read_text()
    query = page.split("```sql", 1)[1].split("```", 1)[0].replace("'brand_it'", "%(account_id)s")
    query = query.replace("'2026-10-15'", "%(day)s").replace("'B000000001'", "%(asin)s")
    with world.as_reader(reader) as connection:
        for account_id in (OWN, FOREIGN):
            values = {"account_id": account_id, "day": DAY, "asin": f"asin of {account_id}"}
            rows = connection.execute(query, values).fetchall()
            assert bool(rows) == (account_id == OWN or reader == "everything"), account_id


def test_a_group_by_itself_sees_nobodys_rows(world: SecuredWorld) -> None:
    with world.as_reader() as client:
        client.execute("set role daybreak_client")
        for relation in world.relations(schemas=("core", "mart")):
            assert accounts_in(client, relation) == set(), relation


@pytest.mark.parametrize("reader", ["own", "other", "everything"])
def test_no_reader_reads_a_partition_directly(world: SecuredWorld, reader: str) -> None:
    partitions = world.partitions()
    assert len(partitions) >= 7
    with world.as_reader(reader) as connection:
        assert partition_attempts(connection, partitions) == []


def test_a_partition_made_later_is_closed_too_and_its_rows_are_secured(world: SecuredWorld) -> None:
    with world.as_role("loader") as loader:
        loader.execute("select ops.make_partitions('core.traffic_daily', '2027-05-01', '2027-05-01')")
        loader.commit()
    assert "core.traffic_daily_202705" in world.partitions()
    with world.as_reader() as client, world.as_admin() as admin:
        assert partition_attempts(client, ["core.traffic_daily_202705"]) == []
        assert side_doors(admin) == []


def test_every_table_of_accounts_rows_is_secured_and_no_side_door_is_open(world: SecuredWorld) -> None:
    with world.as_admin() as admin:
        assert unsecured(admin) == []
        assert side_doors(admin) == []
        assert public_functions(admin) == []


def test_a_later_table_is_covered_without_being_named(warehouse: str, connection: psycopg.Connection) -> None:
    connection.execute(
        "create table core.returns_daily (account_id text, business_date date, asin text)"
        " partition by range (business_date);"
        "create table core.returns_daily_202603 partition of core.returns_daily"
        " for values from ('2026-03-01') to ('2026-04-01');"
        "grant select on core.returns_daily_202603 to daybreak_client, daybreak_analyst;"
        "grant select (asin) on core.returns_daily_202603 to public;"
        "create view core.lent as select * from core.returns_daily; grant select on core.lent to daybreak_client;"
        "create materialized view mart.kept as select * from core.returns_daily;"
        "grant select on mart.kept to daybreak_board;"
        "create function mart.told() returns integer language sql as 'select 1';"
        "alter table core.product no force row level security;"
        "drop policy daybreak_accounts_of_client on core.promotion"
    )
    assert unsecured(connection) == ["core.product", "core.promotion", "core.returns_daily"]
    assert len(side_doors(connection)) == 4
    assert public_functions(connection) == ["mart.told()"]
    prepare_warehouse(warehouse)
    assert unsecured(connection) == []
    assert side_doors(connection) == []
    assert public_functions(connection) == []
    readable = connection.execute(
        "select has_table_privilege('daybreak_client', r, 'select')"
        " from unnest(array['core.returns_daily', 'core.lent', 'mart.kept']) with ordinality as t (r, n) order by n"
    ).fetchall()
    assert readable == [(True,), (False,), (False,)]
    with transaction(warehouse) as loader:
        loader.execute("insert into core.returns_daily values ('acme_it', '2026-03-02', 'B000000001')")


def test_the_board_sees_and_writes_what_it_was_told_and_nothing_before(world: SecuredWorld) -> None:
    with world.as_role("board") as board:
        for relation in world.relations(schemas=("core", "mart")):
            assert accounts_in(board, relation) == set(), relation
    with board_transaction([OWN], world.admin_url) as board:
        for relation in [*world.relations(schemas=("core", "mart")), "ops.morning", "ops.control_action", "ops.mute"]:
            assert accounts_in(board, relation) == {OWN}, relation
        with pytest.raises(errors.InsufficientPrivilege, match="row-level security"), board.transaction():
            act(board, FOREIGN)
        act(board, OWN)
        with pytest.raises(errors.InsufficientPrivilege), board.transaction():
            board.execute("delete from ops.control_action")
        board.rollback()
    with board_transaction([], world.admin_url) as board:
        assert accounts_in(board, "mart.stock_coverage_daily") == set()
    with board_transaction([OWN, FOREIGN], world.admin_url) as board:
        assert accounts_in(board, "mart.stock_coverage_daily") == {OWN, FOREIGN}


def act(connection: psycopg.Connection, account_id: str) -> None:
    connection.execute(
        "insert into ops.control_action (account_id, control_id, action_code, actor_name)"
        " values (%s, 'stock', 'done', 'somebody')",
        (account_id,),
    )


def test_what_the_board_was_told_ends_with_its_transaction(world: SecuredWorld) -> None:
    with psycopg.connect(world.admin_url, options="-c role=daybreak_board") as board:
        board.execute("select set_config('daybreak.board_accounts', %s, true)", ("{" + OWN + "}",))
        assert accounts_in(board, "core.product") == {OWN}
        board.commit()
        assert accounts_in(board, "core.product") == set()


@pytest.mark.parametrize("condition", [f"business_date = '{DAY}'", f"business_date between '{DAY}' and '{DAY}'"])
def test_a_clients_query_reads_only_the_partition_and_the_keys_that_it_needs(
    world: SecuredWorld, condition: str
) -> None:
    with world.as_admin() as admin:
        admin.execute("select ops.make_partitions('core.sales_daily', '2026-01-01', '2026-12-01')")
    with world.as_reader() as client:
        client.execute("set enable_seqscan = off")
        rows = client.execute(f"explain select * from core.sales_daily where {condition}").fetchall()
    plan = "\n".join(line for (line,) in rows)
    assert "core.sales_daily_202603" in plan or "sales_daily_202603" in plan
    assert "sales_daily_202604" not in plan
    # The accounts are looked up once, before the scan, and lead into the primary key.
    assert "InitPlan" in plan
    assert "account_id = ANY" in plan.split("Index Cond:", 1)[1].splitlines()[0]


@pytest.mark.parametrize(
    ("roles", "query"),
    [
        (
            ("loader", "transformer"),
            "select * from core.sales_daily as s inner join core.product as p using (account_id, asin)"
            f" where account_id = '{OWN}' and business_date = '{DAY}'",
        ),
        (
            ("loader",),
            "merge into core.sales_daily as c using (select * from core.sales_daily_history) as s"
            f" on c.account_id = '{OWN}' and c.business_date = s.business_date and c.asin = s.asin"
            " when matched and c.ordered_units is distinct from s.ordered_units then update set ordered_units = 1"
            " when not matched then insert (account_id, business_date, asin) values ('x', s.business_date, s.asin)",
        ),
        (
            ("loader",),
            f"delete from core.sales_daily as c where c.account_id = '{OWN}' and c.business_date = any('{{{DAY}}}')"
            " and not exists (select 1 from ops.quarantine as q where q.account_id = c.account_id and q.asin = c.asin)",
        ),
        (("transformer",), f"select * from mart.asin_history('{OWN}', '{DAY}', '{DAY}')"),
        (("transformer",), "select * from mart.data_status"),
    ],
)
def test_the_policies_of_the_working_roles_leave_no_trace_in_their_plans(
    world: SecuredWorld, roles: tuple[Role, ...], query: str
) -> None:
    with world.as_admin() as admin:
        unbound = admin.execute(f"explain (costs off) {query}").fetchall()
    for role in roles:
        with world.as_role(role) as connection:
            assert connection.execute(f"explain (costs off) {query}").fetchall() == unbound
