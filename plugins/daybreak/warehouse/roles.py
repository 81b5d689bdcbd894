"""The roles that share the work on a warehouse: makes them, and gives the owner what is his."""

import psycopg
from psycopg import sql
from sqlalchemy import Connection

from daybreak.settings import SQL_DIR
from daybreak.warehouse.engine import warehouse_engine
from daybreak.warehouse.statements import statement

_MAKE_ROLES = "roles/make_roles"


class RolesMissing(RuntimeError):
    """The warehouse's login may neither make the roles nor act as them; says what an administrator runs once."""


def make_roles(dsn: str | None = None, login: str | None = None) -> None:
    """Afterwards Daybreak's roles are there, ``login`` may act as them, and strangers may not enter this database.

    ``login`` defaults to that of ``dsn``; an administrator names another's. Committed at once, so that no other
    warehouse of the cluster waits for a migration of this one.

    Raises:
        RolesMissing: this login may not; what has to be done is in the message.
    """
    with warehouse_engine(dsn).connect() as connection:
        database, current = connection.engine.url.database, connection.engine.url.username
        driver = _driver(connection)
        try:
            if login is not None:
                driver.execute(sql.SQL("set local daybreak.login = {}").format(sql.Literal(login)))
            driver.execute(statement(_MAKE_ROLES).encode())
        except psycopg.errors.InsufficientPrivilege as error:
            raise RolesMissing(
                f"{current} may not prepare the roles of the warehouse {database} ({error.diag.message_primary}). "
                "An administrator of the server runs this once, connected to that database: "
                f'psql "$ADMINISTRATOR_URL" -c "set daybreak.login = \'{login or current}\'" '
                f"-f {SQL_DIR.relative_to(SQL_DIR.parents[1])}/{_MAKE_ROLES}.sql"
            ) from None
        driver.commit()


def become_owner(connection: Connection) -> None:
    """From here to the end of the transaction, what is made belongs to the owner, and so does what the login had made.

    Raises:
        RolesMissing: something in the warehouse belongs to a third role.
    """
    driver = _driver(connection)
    try:
        driver.execute(statement("roles/hand_over").encode())
    except psycopg.errors.InsufficientPrivilege as error:
        raise RolesMissing(
            f"the login may not take over {error.diag.message_primary}: an administrator gives it to daybreak_owner"
        ) from None
    driver.execute("set local role daybreak_owner")


def _driver(connection: Connection) -> psycopg.Connection:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError(f"the warehouse is opened by {type(driver).__name__}, not by psycopg")
    return driver
