"""Logins of readers: made with a password that nobody keeps, changed while they are open, and taken away at once."""

import secrets
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import make_url

from daybreak.warehouse.analysts import (
    AccessRefused,
    Analyst,
    add_analyst,
    change_accounts,
    read_analysts,
    remove_analyst,
)
from tests.postgres_server import GIVEN_SERVER
from tests.unit.warehouse.secured_world import FOREIGN, OWN, SecuredWorld


@pytest.fixture
def name() -> str:
    return f"reader_{secrets.token_hex(4)}"


@pytest.fixture
def reader(world: SecuredWorld, name: str) -> Iterator[str]:
    """The URL of a login that reads OWN's rows."""
    yield add_analyst(name, [OWN], world.admin_url)
    if name in {each.login_name for each in read_analysts(world.admin_url)}:
        remove_analyst(name, world.admin_url)


def seen(connection: psycopg.Connection) -> set[str]:
    return {row[0] for row in connection.execute("select account_id from core.product")}


def test_the_connection_is_told_once_and_the_server_keeps_no_password(
    world: SecuredWorld, name: str, reader: str
) -> None:
    url = make_url(reader)
    assert (url.drivername, url.username, url.port) == ("postgresql", name, make_url(world.admin_url).port)
    assert url.password is not None
    assert len(url.password) >= 32
    with psycopg.connect(reader) as connection:
        assert seen(connection) == {OWN}
    with world.as_admin() as admin:
        kept = admin.execute("select rolpassword from pg_authid where rolname = %s", (name,)).fetchone()
        assert kept is not None
        assert kept[0].startswith("SCRAM-SHA-256$")
        assert url.password not in kept[0]
        attributes = admin.execute(
            "select rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls, rolconnlimit"
            " from pg_roles where rolname = %s",
            (name,),
        ).fetchone()
    assert attributes == (False, 10)


# DAYBREAK_TEST_POSTGRES_URL names a server whose log lies elsewhere; that of the embedded one is looked at.
@pytest.mark.skipif(GIVEN_SERVER is not None, reason="the log of a server that somebody else started is not at hand")
def test_nothing_of_the_password_is_in_the_servers_log_even_when_it_logs_everything(
    world: SecuredWorld, name: str, postgres
) -> None:
    log = postgres.directory / "postgres.log"
    with world.as_admin() as admin:
        admin.execute("alter system set log_statement = 'all'")
        admin.execute("select pg_reload_conf()")
    try:
        password = make_url(add_analyst(name, None, world.admin_url)).password
        remove_analyst(name, world.admin_url)
    finally:
        with world.as_admin() as admin:
            admin.execute("alter system reset log_statement")
            admin.execute("select pg_reload_conf()")
    told = log.read_text(errors="replace")
    assert password is not None
    assert name in told
    assert password not in told


def test_other_accounts_count_for_an_open_session_from_its_next_query_on(
    world: SecuredWorld, name: str, reader: str
) -> None:
    with psycopg.connect(reader, autocommit=True) as connection:
        assert seen(connection) == {OWN}
        change_accounts(name, [FOREIGN], world.admin_url)
        assert seen(connection) == {FOREIGN}
        change_accounts(name, None, world.admin_url)
        assert seen(connection) == {OWN, FOREIGN}
        change_accounts(name, [OWN, OWN], world.admin_url)
        assert seen(connection) == {OWN}


def test_a_removed_login_reads_nothing_in_the_session_that_it_has_open_and_opens_no_other(
    world: SecuredWorld, name: str, reader: str
) -> None:
    with psycopg.connect(reader, autocommit=True) as connection:
        assert seen(connection) == {OWN}
        remove_analyst(name, world.admin_url)
        with pytest.raises(errors.Error):
            seen(connection)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(reader)
    assert name not in {each.login_name for each in read_analysts(world.admin_url)}
    with world.as_admin() as admin:
        assert admin.execute("select 1 from ops.client_account where role_name = %s", (name,)).fetchone() is None


def test_the_list_names_every_reader_with_its_accounts(world: SecuredWorld, name: str, reader: str) -> None:
    found = {each.login_name: each for each in read_analysts(world.admin_url)}
    assert found[name] == Analyst(name, (OWN,))
    everything = make_url(world.urls["everything"]).username
    assert found[str(everything)].account_ids is None
    assert not any(each.startswith("daybreak") for each in found)


@pytest.mark.parametrize(
    "wrong",
    ["", "a", "Acme", "acme-it", "acme it", "1acme", "pg_acme", "daybreak_acme", "x" * 41, 'a"; drop role b', "ä"],
)
def test_a_name_that_cannot_be_a_login_is_refused(world: SecuredWorld, wrong: str) -> None:
    with pytest.raises(AccessRefused, match="cannot be a login"):
        add_analyst(wrong, None, world.admin_url)


def test_a_name_that_is_taken_is_refused_and_its_login_stays_as_it_is(
    world: SecuredWorld, name: str, reader: str
) -> None:
    with pytest.raises(AccessRefused, match=f"a role named {name} exists"):
        add_analyst(name, None, world.admin_url)
    with pytest.raises(AccessRefused, match="a role named postgres exists"):
        add_analyst("postgres", [OWN], world.admin_url)
    with psycopg.connect(reader) as connection:
        assert seen(connection) == {OWN}


def test_an_unknown_account_is_named_with_the_known_ones_and_leaves_no_login(world: SecuredWorld, name: str) -> None:
    with pytest.raises(AccessRefused, match=rf"knows no account nobody_fr .*there are: {OWN}, {FOREIGN}"):
        add_analyst(name, [OWN, "nobody_fr"], world.admin_url)
    with world.as_admin() as admin:
        assert admin.execute("select 1 from pg_roles where rolname = %s", (name,)).fetchone() is None
    with pytest.raises(AccessRefused, match="name at least one account"):
        add_analyst(name, [], world.admin_url)


@pytest.mark.parametrize("other", ["postgres", "daybreak_loader", "nobody_at_all"])
def test_only_a_reader_of_this_warehouse_can_be_changed_or_removed(world: SecuredWorld, other: str) -> None:
    with pytest.raises(AccessRefused, match=f"{other} is no reader of this warehouse"):
        remove_analyst(other, world.admin_url)
    with pytest.raises(AccessRefused, match=f"{other} is no reader of this warehouse"):
        change_accounts(other, [OWN], world.admin_url)
