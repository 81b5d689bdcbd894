"""``daybreak mute``: what is known alarms nobody until a day, is shown all the same, and can be heard again."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from click.testing import Result
from typer.testing import CliRunner

from daybreak.accounts import read_accounts
from daybreak.cli import app
from daybreak.settings import get_settings
from daybreak.steps.verdict import MorningIncomplete, SeriesState, judge_morning, read_series
from daybreak.warehouse.engine import transaction
from tests.unit.cli.test_controls import morning  # noqa: F401 - an account with nothing published

TODAY = datetime.now(UTC).date()
LATER = (TODAY + timedelta(days=9)).isoformat()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def account_id(morning: psycopg.Connection, tmp_path: Path) -> str:  # noqa: F811
    return read_accounts(tmp_path / "accounts.yml")[0].account_id


def states() -> dict[str, SeriesState]:
    settings = get_settings()
    with transaction() as connection:
        series = read_series(connection, read_accounts(settings.accounts_path), datetime.now(UTC), settings)
    return {each.dataset_code: each for each in series}


def test_a_muted_dataset_is_shown_with_its_reason_and_turns_nothing_red_while_others_do(account_id: str) -> None:
    told = run("mute", account_id, "--dataset", "sales_daily", "--until", LATER, "--reason", "Amazon case 7")
    assert told.exit_code == 0, told.output
    assert f"{account_id} sales_daily: muted until {LATER}" in told.output
    found = states()
    assert found["sales_daily"].status == "muted"
    assert f"muted until {LATER}: Amazon case 7" in found["sales_daily"].sentence()
    assert found["traffic_daily"].status == "missing"
    assert "Amazon case 7" in " ".join(run("status").output.split())


def test_a_muted_account_is_green_and_red_again_once_it_is_unmuted(account_id: str) -> None:
    run("mute", account_id, "--until", LATER, "--reason", "the brand moves to another vendor code")
    assert {each.status for each in states().values()} == {"muted"}
    judge_morning(list(states().values()), [])
    assert run("unmute", account_id).exit_code == 0
    assert {each.status for each in states().values()} == {"missing"}
    with pytest.raises(MorningIncomplete):
        judge_morning(list(states().values()), [])


def test_a_dataset_that_is_unmuted_leaves_the_muted_account_as_it_is(account_id: str) -> None:
    run("mute", account_id, "--until", LATER, "--reason", "all of it")
    refused = run("unmute", account_id, "--dataset", "sales_daily")
    assert refused.exit_code != 0
    assert "sales_daily is not muted" in " ".join(refused.output.split())
    assert states()["sales_daily"].status == "muted"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nobody", "--until", LATER, "--reason", "x"), "nobody is not in"),
        (("{account}", "--until", LATER, "--reason", " "), "--reason must say why"),
        (("{account}", "--until", "2020-01-01", "--reason", "x"), "2020-01-01 is past"),
        (("{account}", "--dataset", "sails", "--until", LATER, "--reason", "x"), "sails is no dataset"),
    ],
)
def test_what_cannot_be_muted_is_refused_in_words_and_mutes_nothing(
    account_id: str, connection: psycopg.Connection, arguments: tuple[str, ...], words: str
) -> None:
    told = run("mute", *(each.format(account=account_id) for each in arguments))
    assert told.exit_code != 0
    assert words in " ".join(told.output.replace("\u2502", " ").split())
    assert connection.execute("select count(*) from ops.mute").fetchone() == (0,)
