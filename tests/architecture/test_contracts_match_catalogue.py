"""A migrated warehouse holds what the contracts say, and no table that no contract speaks of."""

from dataclasses import dataclass

import psycopg
import pytest

from daybreak.contracts import ColumnContract, TableContract, comment_statements, read_contracts

SHORT_TYPE_NAMES = {"timestamp with time zone": "timestamptz"}


@dataclass(frozen=True)
class LiveTable:
    """What the catalogue says of one table: (name, type, nullable) in order, and the primary key's columns in order.

    A view promises neither in the catalogue: every column may be null, there is no key.
    """

    columns: tuple[tuple[str, str, bool], ...]
    key: tuple[str, ...]
    is_view: bool = False


def live_catalogue(connection: psycopg.Connection, *schemas: str) -> dict[str, LiveTable]:
    """Every table and view of ``schemas``, partitions excepted, by its qualified name."""
    columns: dict[str, list[tuple[str, str, bool]]] = {}
    views: set[str] = set()
    rows = connection.execute(
        """
        select c.oid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod), not a.attnotnull, c.relkind = 'v'
        from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace::regnamespace::text = any(%(schemas)s) and c.relkind in ('r', 'p', 'v', 'm', 'f')
            and not c.relispartition
        order by c.oid, a.attnum
        """,
        {"schemas": list(schemas)},
    )
    for table, name, type_name, nullable, is_view in rows.fetchall():
        columns.setdefault(table, []).append((name, SHORT_TYPE_NAMES.get(type_name, type_name), nullable))
        if is_view:
            views.add(table)
    keys: dict[str, tuple[str, ...]] = {}
    rows = connection.execute(
        """
        select i.indrelid::regclass::text, array_agg(a.attname::text order by k.place)
        from pg_index as i
        cross join unnest(i.indkey::smallint[]) with ordinality as k (attnum, place)
        join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum
        where i.indisprimary
        group by i.indrelid
        """
    )
    for table, names in rows.fetchall():
        keys[table] = tuple(names)
    return {table: LiveTable(tuple(found), keys.get(table, ()), table in views) for table, found in columns.items()}


def promised(contract: TableContract) -> LiveTable:
    """What the catalogue must say for the contract to be true."""
    is_view = contract.kind == "view"
    columns = ((name, column.type, column.nullable or is_view) for name, column in contract.columns.items())
    return LiveTable(tuple(columns), () if is_view else contract.key, is_view)


def disagreements(contracts: list[TableContract], live: dict[str, LiveTable]) -> list[str]:
    """One line for each table that only one side knows and for each difference between the two."""
    wanted = {contract.table: promised(contract) for contract in contracts}
    lines = [f"{table} is in the warehouse and has no table.yml" for table in sorted(live.keys() - wanted.keys())]
    lines += [f"{table} has a table.yml and is not in the warehouse" for table in sorted(wanted.keys() - live.keys())]
    for table in sorted(wanted.keys() & live.keys()):
        if wanted[table].is_view != live[table].is_view:
            lines.append(f"{table}: only one of table.yml and the warehouse says that it is a view")
        if wanted[table].key != live[table].key:
            lines.append(f"{table}: key {wanted[table].key} in table.yml, {live[table].key} in the warehouse")
        if wanted[table].columns != live[table].columns:
            only_words = [column for column in wanted[table].columns if column not in live[table].columns]
            only_live = [column for column in live[table].columns if column not in wanted[table].columns]
            lines.append(
                f"{table}: only in table.yml {only_words}, only in the warehouse {only_live}, or another order"
            )
    return lines


def test_every_table_is_as_its_contract_says_and_has_one(connection: psycopg.Connection) -> None:
    assert disagreements(read_contracts(), live_catalogue(connection, "ops", "core", "mart")) == []


def test_every_mart_has_a_candidate_with_its_columns(connection: psycopg.Connection) -> None:
    candidates = live_catalogue(connection, "candidate")
    tables = (contract for contract in read_contracts() if contract.layer == "mart" and contract.kind == "table")
    marts = {contract.name: promised(contract) for contract in tables}
    assert {table.partition(".")[2] for table in candidates} == marts.keys()
    for name, mart in marts.items():
        # The candidate's rows belong to a build; when they were built stands there.
        expected = {("build_id", "bigint", False), *mart.columns} - {("built_at", "timestamptz", False)}
        assert set(candidates[f"candidate.{name}"].columns) == expected, name


def test_a_partition_is_not_taken_for_a_table(connection: psycopg.Connection) -> None:
    before = live_catalogue(connection, "core")
    made = connection.execute("select ops.make_partitions('core.sales_daily', '2026-01-31', '2026-02-01')").fetchone()
    assert made == (2,)
    assert live_catalogue(connection, "core") == before


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("create table core.returns_daily (account_id text primary key)", "core.returns_daily is in the warehouse"),
        ("create view ops.open_load as select 1 as one", "ops.open_load is in the warehouse and has no table.yml"),
        ("drop table ops.mute", "ops.mute has a table.yml and is not in the warehouse"),
        ("alter table ops.mute alter reason type jsonb using null", "ops.mute: only in table.yml [('reason', 'text'"),
        ("alter table ops.mute alter reason drop not null", "('reason', 'text', True)"),
        ("alter table ops.mute drop constraint mute_pkey", "ops.mute: key ('account_id', 'mute_id') in table.yml, ()"),
        ("alter table ops.mute add column noted text", "only in the warehouse [('noted', 'text', True)]"),
        (
            "alter view mart.data_status rename to kept;"
            " create table mart.data_status as select * from mart.kept; drop view mart.kept",
            "mart.data_status: only one of table.yml and the warehouse says that it is a view",
        ),
    ],
)
def test_a_difference_in_either_direction_is_found(
    connection: psycopg.Connection, statement: str, complaint: str
) -> None:
    connection.execute(statement.encode())
    found = disagreements(read_contracts(), live_catalogue(connection, "ops", "core", "mart"))
    assert any(complaint in line for line in found), found


def keys_without_account_first(live: dict[str, LiveTable]) -> list[str]:
    """Tables of accounts' rows whose primary key does not begin with the account."""
    return [
        table
        for table, found in live.items()
        if any(name == "account_id" for name, _, _ in found.columns)
        and found.key[:1] != ("account_id",)
        and not found.is_view
    ]


def lending_views(connection: psycopg.Connection) -> list[str]:
    """The views that read with their owner's rights and so would show rows that row security keeps from the reader."""
    rows = connection.execute(
        "select oid::regclass::text from pg_class where relkind = 'v' and relnamespace::regnamespace::text in"
        " ('ops', 'core', 'mart') and not coalesce('security_invoker=true' = any(reloptions), false) order by 1"
    )
    return [name for (name,) in rows]


def test_every_key_of_an_accounts_row_begins_with_the_account(connection: psycopg.Connection) -> None:
    live = live_catalogue(connection, "ops", "core", "mart")
    assert len(live) > 20
    assert keys_without_account_first(live) == []


def test_the_key_of_a_view_begins_with_the_account() -> None:
    views = {contract.table: contract.key[0] for contract in read_contracts() if contract.kind == "view"}
    assert views
    assert set(views.values()) == {"account_id"}


def test_a_view_shows_no_more_than_its_reader_may_see(connection: psycopg.Connection) -> None:
    assert lending_views(connection) == []
    connection.execute("create view mart.lent with (security_invoker = false) as select * from core.product")
    assert lending_views(connection) == ["mart.lent"]


def test_a_key_that_begins_with_something_else_is_found() -> None:
    columns = (("asin", "text", False), ("account_id", "text", False))
    tables = {"a": LiveTable(columns, ("asin", "account_id")), "b": LiveTable(columns, ("account_id", "asin"))}
    assert keys_without_account_first({**tables, "c": LiveTable(columns[:1], ("asin",))}) == ["a"]


def test_postgres_accepts_every_comment(connection: psycopg.Connection) -> None:
    for target, words in comment_statements(read_contracts()):
        quoted = psycopg.sql.SQL("comment on {} is {}").format(psycopg.sql.SQL(target), psycopg.sql.Literal(words))
        connection.execute(quoted)
    told = connection.execute("select obj_description('ops.slice'::regclass)").fetchone()
    assert told is not None
    assert told[0].startswith("The ledger's unit")


def test_one_name_has_one_type_everywhere() -> None:
    types: dict[str, set[str]] = {}
    for contract in read_contracts():
        for name, column in contract.columns.items():
            types.setdefault(name, set()).add(column.type)
    assert {name: found for name, found in types.items() if len(found) > 1} == {}


ENDINGS = {
    "_date": {"date"},
    "_at": {"timestamptz"},
    "_units": {"integer", "bigint", "numeric"},
    "_amount": {"numeric"},
    "_ratio": {"numeric"},
    "_days": {"numeric", "integer"},
    "_code": {"text"},
    "_name": {"text"},
}


def misnamed(columns: dict[str, ColumnContract]) -> list[str]:
    """Columns whose type is not the one that their name promises."""
    wrong = [
        name
        for name, column in columns.items()
        for ending, types in ENDINGS.items()
        if name.endswith(ending) and column.type not in types
    ]
    return wrong + [
        name for name, column in columns.items() if name.startswith(("is_", "has_")) != (column.type == "boolean")
    ]


def test_a_columns_name_tells_its_type() -> None:
    found = {contract.table: misnamed(contract.columns) for contract in read_contracts()}
    assert {table: names for table, names in found.items() if names} == {}


def test_a_name_that_promises_another_type_is_found() -> None:
    def column(type_name: str) -> ColumnContract:
        return ColumnContract.model_validate({"type": type_name, "nullable": True, "meaning": "Something."})

    wrong = {"sent_at": column("date"), "done": column("boolean"), "is_new": column("text")}
    assert misnamed({**wrong, "price_amount": column("numeric"), "is_open": column("boolean")}) == list(wrong)
