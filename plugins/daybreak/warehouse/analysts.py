"""The logins of people who read the warehouse with SQL: analysts, and clients who see their own accounts only."""

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from sqlalchemy import make_url

from daybreak.warehouse.engine import transaction
from daybreak.warehouse.statements import statement

# What needs no quotes in SQL, without the names that Postgres and Daybreak keep for themselves.
_NAME = re.compile(r"(?!pg_|daybreak)[a-z][a-z0-9_]{1,39}")


class AccessRefused(ValueError):
    """A login could not be made or changed; nothing was. Says why, and what there is."""


@dataclass(frozen=True)
class Analyst:
    """One login. ``account_ids`` is None for one that reads every account, those to come included."""

    login_name: str
    account_ids: tuple[str, ...] | None


def add_analyst(name: str, account_ids: Sequence[str] | None, dsn: str) -> str:
    """Makes the login ``name`` for ``account_ids``, or for every account when None; returns its connection URL.

    The URL holds the password, which is told nowhere else: the server is sent and keeps only its SCRAM verifier.

    Raises:
        AccessRefused: the name cannot be a login or is taken, or an account is unknown.
    """
    if _NAME.fullmatch(name) is None:
        raise AccessRefused(
            f"{name!r} cannot be a login: 2 to 40 lower-case letters, digits and underscores, a letter first, "
            "and neither pg_ nor daybreak at its beginning"
        )
    password = secrets.token_urlsafe(24)
    with _refusals_told(), transaction(dsn, role="owner") as connection:
        verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
        connection.execute(
            statement("ops/client_account/add_login"),
            {"login_name": name, "verifier": verifier, "account_ids": _listed(account_ids)},
        )
    url = make_url(dsn)
    kept = {key: value for key, value in url.query.items() if key == "sslmode"}
    shared = url.set(drivername="postgresql", username=name, password=password, query=kept)
    return shared.render_as_string(hide_password=False)


def change_accounts(name: str, account_ids: Sequence[str] | None, dsn: str | None = None) -> None:
    """Afterwards the login sees exactly ``account_ids``, or every account when None; open sessions of it, too.

    Raises:
        AccessRefused: there is no such login, or an account is unknown.
    """
    with _refusals_told(), transaction(dsn, role="owner") as connection:
        connection.execute(
            statement("ops/client_account/set_accounts"), {"login_name": name, "account_ids": _listed(account_ids)}
        )


def remove_analyst(name: str, dsn: str | None = None) -> None:
    """Afterwards the login is gone, and a session that it still has open reads nothing.

    Raises:
        AccessRefused: there is no such login, or something in the cluster still belongs to it.
    """
    with _refusals_told(), transaction(dsn, role="owner") as connection:
        connection.execute(statement("ops/client_account/remove_login"), {"login_name": name})


def read_analysts(dsn: str | None = None) -> list[Analyst]:
    """Every login that reads this warehouse, by name."""
    with transaction(dsn, role="owner") as connection:
        rows = connection.execute(statement("ops/client_account/read_logins")).fetchall()
    return [Analyst(name, None if account_ids is None else tuple(account_ids)) for name, account_ids in rows]


def _listed(account_ids: Sequence[str] | None) -> list[str] | None:
    if account_ids is not None and not account_ids:
        raise AccessRefused("name at least one account, or all of them: a login that sees nothing is of no use")
    return None if account_ids is None else list(account_ids)


@contextmanager
def _refusals_told() -> Iterator[None]:
    try:
        yield
    except psycopg.errors.RaiseException as error:
        raise AccessRefused(str(error.diag.message_primary)) from None
    except psycopg.errors.DependentObjectsStillExist as error:
        raise AccessRefused(f"{error.diag.message_primary}: {error.diag.message_detail}") from None
    except psycopg.errors.DuplicateObject as error:
        raise AccessRefused(f"{error.diag.message_primary}; choose another name") from None
