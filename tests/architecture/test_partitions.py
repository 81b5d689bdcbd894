"""A table that grows with time is partitioned by month and says how long it is kept; keys begin with the account."""

import psycopg

from daybreak.contracts import TableContract, read_contracts

TIMES = {"date", "timestamptz"}
# Tables of core and mart with a date or an instant in their key that need no partitions, and why.
NOT_PARTITIONED = {
    "core.product": "a row per described version of a product: it grows with what people change, not with days",
}


def stored_tables(contracts: list[TableContract]) -> list[TableContract]:
    return [each for each in contracts if each.layer in ("core", "mart") and each.kind == "table"]


def grows_with_time(contract: TableContract) -> bool:
    return any(contract.columns[name].type in TIMES for name in contract.key)


def partition_keys(connection: psycopg.Connection) -> dict[str, str]:
    """The first partition column of every partitioned table of core and mart."""
    rows = connection.execute(
        "select p.partrelid::regclass::text, a.attname from pg_partitioned_table as p"
        " join pg_attribute as a on a.attrelid = p.partrelid and a.attnum = p.partattrs[0] where p.partstrat = 'r'"
    )
    return dict(rows.fetchall())


def test_every_table_whose_key_has_a_time_is_partitioned_or_has_a_reason(connection: psycopg.Connection) -> None:
    partitioned = partition_keys(connection)
    growing = {each.table for each in stored_tables(read_contracts()) if grows_with_time(each)}
    assert growing - partitioned.keys() == NOT_PARTITIONED.keys()


def test_what_is_partitioned_says_how_long_it_is_kept_and_nothing_else_does(connection: psycopg.Connection) -> None:
    assert {each.table for each in read_contracts() if each.kept} == partition_keys(connection).keys()


def test_a_table_is_partitioned_by_a_time_of_its_key(connection: psycopg.Connection) -> None:
    contracts = {each.table: each for each in read_contracts()}
    for table, column in partition_keys(connection).items():
        assert column in contracts[table].key, table
        assert contracts[table].columns[column].type in TIMES, table


def test_every_primary_key_of_core_and_mart_begins_with_the_account() -> None:
    tables = stored_tables(read_contracts())
    assert len(tables) >= 13
    assert [each.table for each in tables if each.key[0] != "account_id"] == []


def test_hourly_tables_are_kept_as_hourly() -> None:
    hourly = {each.table: each.kept for each in read_contracts() if each.table.endswith("_hourly")}
    assert hourly == dict.fromkeys(("core.inventory_hourly", "core.sales_hourly", "core.traffic_hourly"), "hourly")
