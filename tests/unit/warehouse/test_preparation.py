"""A prepared warehouse describes itself in the words of the contracts, to whoever opens it in a SQL tool."""

import psycopg

from daybreak.contracts import comment_statements, read_contracts
from daybreak.warehouse.preparation import prepare_warehouse

KEPT = """
select
    case when d.objsubid = 0 then case c.relkind when 'v' then 'view ' else 'table ' end || c.oid::regclass::text
        else 'column ' || c.oid::regclass::text || '.' || a.attname end,
    d.description
from pg_description as d
inner join pg_class as c on d.classoid = 'pg_class'::regclass and d.objoid = c.oid
left join pg_attribute as a on a.attrelid = c.oid and a.attnum = d.objsubid and d.objsubid > 0
where c.relnamespace::regnamespace::text in ('ops', 'core', 'mart')
"""


def test_every_table_and_column_carries_its_contracts_words_and_nothing_else_does(
    warehouse: str, connection: psycopg.Connection
) -> None:
    assert prepare_warehouse(warehouse) == []
    kept = dict(connection.execute(KEPT).fetchall())
    said = dict(comment_statements(read_contracts()))
    assert len(said) > 200
    assert kept == said


def test_new_words_replace_the_old_ones_without_a_migration(warehouse: str, connection: psycopg.Connection) -> None:
    connection.execute("comment on table core.sales_daily is 'old words'")
    prepare_warehouse(warehouse)
    assert dict(connection.execute(KEPT).fetchall())["table core.sales_daily"] != "old words"
