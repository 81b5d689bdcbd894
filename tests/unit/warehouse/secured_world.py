"""Two clients' rows in every table that has any, and connections over TCP as each kind of reader."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from daybreak.stack.postgres import EmbeddedPostgres
from daybreak.warehouse.analysts import add_analyst, remove_analyst
from daybreak.warehouse.engine import Role
from daybreak.warehouse.preparation import prepare_warehouse
from tests.postgres_server import database_clone

OWN = "acme_it"
FOREIGN = "rival_de"
DAY = "2026-03-02"

_VALUE_BY_TYPE = {
    "integer": "7",
    "bigint": "7",
    "numeric": "7",
    "double precision": "7",
    "boolean": "true",
    "date": DAY,
    "timestamp with time zone": "2026-03-06 06:00+00",
    "jsonb": '{"figure": "7"}',
    "text[]": "{}",
}
# What the views need in order to say anything of a row.
_VALUE_BY_COLUMN = {
    "time_zone": "Europe/Rome",
    "dataset_code": "sales_daily",
    "variant_code": "MANUFACTURING",
    "distributor_view_code": "MANUFACTURING",
    "primary_distributor_view_code": "MANUFACTURING",
    "status_code": "published",
    "confirmed_at": "2026-03-12 06:00+00",
    "known_to": "2026-03-06 06:00+00",
}


@dataclass
class SecuredWorld:
    """``own`` reads OWN's rows only, ``other`` FOREIGN's, ``everything`` those of both. Values name their account."""

    admin_url: str
    urls: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def as_reader(self, name: str = "own") -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.urls[name], autocommit=True) as connection:
            yield connection

    @contextmanager
    def as_role(self, role: Role) -> Iterator[psycopg.Connection]:
        """As Daybreak acts: one role for the connection, nothing of which is kept."""
        with psycopg.connect(self.admin_url, options=f"-c role=daybreak_{role}") as connection:
            yield connection
            connection.rollback()

    @contextmanager
    def as_admin(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            yield connection

    def relations(self, kinds: Sequence[str] = ("r", "p", "v"), schemas: Sequence[str] = ("ops", "core", "mart")):
        """The qualified names of tables and views that have the column account_id, partitions excepted."""
        with self.as_admin() as connection:
            rows = connection.execute(
                """
                select c.oid::regclass::text
                from pg_class as c
                inner join pg_attribute as a on a.attrelid = c.oid and a.attname = 'account_id'
                where c.relnamespace::regnamespace::text = any(%(schemas)s) and c.relkind::text = any(%(kinds)s)
                    and not c.relispartition
                order by 1
                """,
                {"schemas": list(schemas), "kinds": list(kinds)},
            )
            return [name for (name,) in rows]

    def partitions(self) -> list[str]:
        with self.as_admin() as connection:
            rows = connection.execute(
                "select inhrelid::regclass::text from pg_inherits join pg_class as c on c.oid = inhrelid"
                " where c.relkind = 'r' order by 1"
            )
            return [name for (name,) in rows]


@contextmanager
def secured_world(postgres: EmbeddedPostgres, template: str) -> Iterator[SecuredWorld]:
    with database_clone(postgres, template, "secured") as name:
        made = SecuredWorld(postgres.url(name))
        # A clone has its template's tables, and not its template's answer to who may connect.
        prepare_warehouse(made.admin_url)
        _fill(made)
        accounts = {"own": [OWN], "other": [FOREIGN], "everything": None}
        logins = {key: f"{key}_{secrets.token_hex(4)}" for key in accounts}
        made.urls = {key: add_analyst(logins[key], ids, made.admin_url) for key, ids in accounts.items()}
        yield made
        for login in logins.values():
            remove_analyst(login, made.admin_url)


def _fill(made: SecuredWorld) -> None:
    with made.as_admin() as connection:
        # A row of every table, without the stories that the keys between them would need.
        connection.execute("set session_replication_role = replica")
        for table, constraint in connection.execute(
            "select conrelid::regclass::text, conname from pg_constraint where contype = 'c' and coninhcount = 0"
            " and connamespace::regnamespace::text in ('ops', 'core', 'mart')"
        ).fetchall():
            connection.execute(f'alter table {table} drop constraint "{constraint}"')
        for table in made.relations(kinds=("r", "p")):
            if table == "ops.client_account":
                continue
            kind = connection.execute(
                "select relkind::text from pg_class where oid = %s::regclass", (table,)
            ).fetchone()
            if kind == ("p",):
                connection.execute("select ops.make_partitions(%s::regclass, %s, %s)", (table, DAY, DAY))
            for account_id in (OWN, FOREIGN):
                _insert(connection, table, account_id)


def _insert(connection: psycopg.Connection, table: str, account_id: str) -> None:
    columns = connection.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0 and not attisdropped",
        (table,),
    ).fetchall()
    values = {
        column: _VALUE_BY_COLUMN.get(column) or _VALUE_BY_TYPE.get(type_name) or f"{column} of {account_id}"
        for column, type_name in columns
    }
    values["account_id"] = account_id
    if table.endswith("_history"):
        values["known_from"] = "2026-03-04 06:00+00"
    connection.execute(
        sql.SQL("insert into {} ({}) overriding system value values ({})").format(
            sql.SQL(table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(sql.Literal(value) for value in values.values()),
        )
    )
