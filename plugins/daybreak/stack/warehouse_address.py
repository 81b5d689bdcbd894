"""Whether the address in ``DAYBREAK_WAREHOUSE_URL`` leads to a Postgres that Daybreak can use."""

import psycopg
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from daybreak.stack.failures import StackFailure

LOWEST_POSTGRES = 17


class WarehouseUnusable(StackFailure):
    """``DAYBREAK_WAREHOUSE_URL`` leads to no Postgres of version 17 or newer; names host, port and database only."""


def check_warehouse(url: str) -> None:
    """Nothing, when ``url`` leads to a Postgres that is new enough and lets us in.

    Raises:
        WarehouseUnusable: in every other case.
    """
    try:
        place = make_url(url)
    except ArgumentError:
        raise WarehouseUnusable(
            "DAYBREAK_WAREHOUSE_URL is no database address; it looks like postgresql://user:password@host:5432/name"
        ) from None
    where = f"DAYBREAK_WAREHOUSE_URL ({place.host}:{place.port or 5432}/{place.database})"
    if place.get_backend_name() != "postgresql":
        raise WarehouseUnusable(f"{where} is {place.get_backend_name()}; Daybreak needs Postgres {LOWEST_POSTGRES}+")
    try:
        plain = place.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, connect_timeout=10) as connection:
            found = connection.info.server_version
    except psycopg.OperationalError as error:
        raise WarehouseUnusable(f"{where} does not answer: {error}") from None
    if found < LOWEST_POSTGRES * 10_000:
        raise WarehouseUnusable(f"{where} is Postgres {found // 10_000}; Daybreak needs {LOWEST_POSTGRES} or newer")
