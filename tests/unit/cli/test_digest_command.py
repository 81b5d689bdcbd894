"""``daybreak digest``: the mail of a morning, as text and as a page."""

import re
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from click.testing import Result
from typer.testing import CliRunner

from daybreak.accounts import read_accounts
from daybreak.board.morning_facts import read_morning
from daybreak.cli import app
from daybreak.steps.digest import keep_morning
from daybreak.warehouse.mornings import read_digest
from tests.unit.cli.test_controls import ASIN, CONTROL, morning  # noqa: F401 - the list that the mail shows


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["digest", "--date", "2026-07-01", *arguments])


@pytest.mark.usefixtures("morning")
def test_the_mail_names_product_cause_stake_action_and_freshness_in_the_accounts_language() -> None:
    told = run()
    assert told.exit_code == 0, told.output
    for words in ("Brand Italy, 1 lug: 1 cosa da fare oggi, 140 € a settimana in gioco", ASIN, "Moka", CONTROL):
        assert words in told.output.replace("\xa0", " ")
    assert "Vendite (manufacturing): ancora niente (in ritardo)" in told.output
    assert "1 thing to do today" in run("--language", "en").output


@pytest.mark.usefixtures("morning")
def test_the_page_fetches_nothing_and_runs_nothing(tmp_path: Path) -> None:
    page = tmp_path / "digest.html"
    told = run("--format", "html", "--out", str(page))
    assert told.exit_code == 0, told.output
    assert "<script" not in page.read_text()
    assert "Moka" in page.read_text()
    assert re.findall(r"(?:src|href)=\"(?!data:)", page.read_text()) == []


@pytest.mark.usefixtures("morning")
def test_a_page_without_a_file_and_a_file_for_nobody_are_refused_in_words() -> None:
    assert "name the file with --out" in run("--format", "html").output
    assert "nobody is not in" in run("--account", "nobody").output


def test_what_was_kept_is_what_is_shown(morning: psycopg.Connection, warehouse: str, tmp_path: Path) -> None:  # noqa: F811
    (account,) = read_accounts(tmp_path / "accounts.yml")
    keep_morning(account, datetime(2026, 7, 1, 6, tzinfo=UTC), "test", warehouse)
    morning.execute("delete from mart.daily_control")
    assert CONTROL in run().output
    kept = read_digest(morning, account.account_id, datetime(2026, 7, 1, tzinfo=UTC).date())
    assert kept is not None
    assert [line.control_id for line in read_morning(kept.digest).lane("today")] == [CONTROL]
