"""``daybreak analyst``: the connection is printed once and works; what cannot be done is one message."""

import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import Result
from typer.testing import CliRunner

from daybreak.cli import app
from daybreak.cli.failures import explained
from daybreak.settings import get_settings
from daybreak.warehouse.analysts import read_analysts, remove_analyst
from daybreak.warehouse.preparation import prepare_warehouse

Command = Callable[..., Result]


@pytest.fixture
def command(
    warehouse: str, connection: psycopg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Command]:
    """Runs ``daybreak analyst …`` on a warehouse with two accounts; its logins go with it."""
    prepare_warehouse(warehouse)
    connection.execute("set session_replication_role = replica")
    for account_id in ("acme_it", "rival_de"):
        connection.execute(
            "insert into ops.account values"
            " (%s, 'A', 'IT', 'M', 'EUR', 'Europe/Rome', 'c', 'SOURCING', '{}', true, now())",
            (account_id,),
        )
        connection.execute("insert into core.product values (%s, 'B000000001', '2026-03-02')", (account_id,))
    monkeypatch.setenv("DAYBREAK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAYBREAK_WAREHOUSE_URL", warehouse)
    get_settings.cache_clear()

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["analyst", *arguments])

    yield run
    for each in read_analysts(warehouse):
        remove_analyst(each.login_name, warehouse)
    get_settings.cache_clear()


@pytest.fixture
def name() -> str:
    return f"reader_{secrets.token_hex(4)}"


def seen(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("select account_id from core.product order by 1")]


def test_the_printed_connection_reads_the_given_accounts_until_it_is_taken_away(command: Command, name: str) -> None:
    added = command("add", name, "--accounts", "acme_it")
    assert added.exit_code == 0, added.output
    url = added.stdout.strip()
    assert url.startswith(f"postgresql://{name}:")
    assert "acme_it" in added.stderr
    assert url not in added.stderr
    assert seen(url) == ["acme_it"]
    changed = command("accounts", name, "--accounts", "acme_it, rival_de")
    assert (changed.exit_code, changed.stdout) == (0, f"{name} reads acme_it, rival_de from now on.\n")
    assert seen(url) == ["acme_it", "rival_de"]
    listed = command("list", "--format", "json")
    assert json.loads(listed.stdout) == [{"login": name, "accounts": "acme_it, rival_de"}]
    assert command("remove", name).exit_code == 0
    with pytest.raises(psycopg.OperationalError):
        seen(url)
    assert json.loads(command("list", "--format", "json").stdout) == []


def test_all_means_every_account(command: Command, name: str) -> None:
    assert seen(command("add", name, "--all").stdout.strip()) == ["acme_it", "rival_de"]
    assert "every account" in command("list").stdout


@pytest.mark.parametrize("choice", [[], ["--all", "--accounts", "acme_it"]])
def test_either_some_accounts_or_all_must_be_said(command: Command, name: str, choice: list[str]) -> None:
    refused = command("add", name, *choice)
    assert refused.exit_code == 2
    assert "either --accounts a,b or --all" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["add", "acme-reader", "--all"], "cannot be a login"),
        (["add", "postgres", "--all"], "a role named postgres exists"),
        (["add", "acme_reader", "--accounts", "nobody_fr"], "knows no account nobody_fr"),
        (["add", "acme_reader", "--accounts", ","], "name at least one account"),
        (["remove", "nobody_there"], "nobody_there is no reader of this warehouse"),
        (["accounts", "nobody_there", "--all"], "nobody_there is no reader of this warehouse"),
    ],
)
def test_what_cannot_be_done_is_one_message(
    command: Command, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit) as ended, explained():
        app(["analyst", *arguments], standalone_mode=False)
    told = capsys.readouterr().err
    assert ended.value.code == 1
    assert message in told
    assert "Traceback" not in told
