"""A table of its own with the columns, key and partitions of ``core.inventory_daily``, for the plain ways to fill."""

import psycopg

from bench.load.inventory_document import ACCOUNT, InventoryDocument, catalogue

TABLE = "inventory_rival"
SCHEMA = "bench"

_MAKE = """
create schema bench;
create table bench.inventory_rival (like core.inventory_daily including all) partition by range (business_date);
-- Partitions are made with the rights of the warehouse's owner.
grant usage, create on schema bench to daybreak_owner;
alter table bench.inventory_rival owner to daybreak_owner;
"""
_PARTITIONS = "select ops.make_partitions('bench.inventory_rival'::regclass, %(first)s, %(last)s)"
_EXPORT = """
copy (
    select c.*
    from core.inventory_daily as c
    inner join unnest(%(asins)s::text[]) with ordinality as listed (asin, place) on c.asin = listed.asin
    where c.account_id = %(account_id)s
    order by c.business_date, listed.place
) to stdout (format csv)
"""
# Not known_from: each way stamps its own.
_COMPARE = """
select
    (select count(*) from bench.inventory_rival),
    (
        select round(sum(sellable_on_hand_cost_amount + net_received_cost_amount + sellable_on_hand_units), 2)
        from bench.inventory_rival
    )
"""


class WrongRows(RuntimeError):
    """A rival did not load the rows of the document, so that its time says nothing."""


def make_rival_table(dsn: str, document: InventoryDocument) -> None:
    """Afterwards ``bench.inventory_rival`` is there and empty."""
    with psycopg.connect(dsn) as connection:
        connection.execute(_MAKE)
        connection.execute(_PARTITIONS, {"first": document.first, "last": document.last})


def export_published(dsn: str, document: InventoryDocument) -> bytes:
    """The published rows of the document as COPY's CSV, in the document's order."""
    parts: list[bytes] = []
    values = {"account_id": ACCOUNT.account_id, "asins": catalogue(document.asin_count)}
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor, cursor.copy(_EXPORT, values) as rows:
        parts.extend(bytes(part) for part in rows)
    return b"".join(parts)


def fingerprint(dsn: str) -> tuple[int, object]:
    """The number of rows of the rival table, and a sum over three of their figures."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(_COMPARE).fetchone()
    return (0, None) if row is None else (row[0], row[1])


def require_rows(dsn: str, expected: tuple[int, object]) -> None:
    """Returns only if the rival table holds what ``expected``, a fingerprint, says.

    Raises:
        WrongRows: it does not.
    """
    found = fingerprint(dsn)
    if found != expected:
        raise WrongRows(f"bench.inventory_rival: rows and sum are {found}, must be {expected}")
