"""What people type to load a client's list and to see the days on which demand is not usual."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from daybreak.cli import app, main
from daybreak.settings import get_settings

ACCOUNTS = """accounts:
  - {account_id: brand_it, name: Brand IT, marketplace_code: IT, vendor_connection_id: spapi_brand_it}
"""
Command = Callable[..., Result]


@pytest.fixture
def command(warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """Runs ``daybreak …`` on a warehouse of this test's own, with the operator's events in ``own_events.yml``."""
    (tmp_path / "accounts.yml").write_text(ACCOUNTS)
    (tmp_path / "own_events.yml").write_text("")
    monkeypatch.setenv("DAYBREAK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAYBREAK_ACCOUNTS_FILE", str(tmp_path / "accounts.yml"))
    monkeypatch.setenv("DAYBREAK_OWN_EVENTS_FILE", str(tmp_path / "own_events.yml"))
    monkeypatch.setenv("DAYBREAK_WAREHOUSE_URL", warehouse)
    get_settings.cache_clear()
    yield lambda *arguments: CliRunner().invoke(app, [str(each) for each in arguments])
    get_settings.cache_clear()


def test_a_list_is_loaded_and_says_which_line_it_did_not_take(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "prodotti.csv"
    file.write_bytes("\ufeffASIN;Costo\r\nB000000001;12,50\r\nB000000002;tanto\r\n".encode())
    outcome = command("load", file, "--account", "brand_it", "--dataset", "product")
    assert outcome.exit_code == 0, outcome.output
    assert "1 new, 0 changed, 0 gone, 1 rows in quarantine; published" in outcome.output
    assert "line 3, column Costo (unit_cost_amount): not a number: 'tanto'" in outcome.output


def test_what_is_no_list_ends_with_1_and_what_to_do(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "promo.csv"
    file.write_text("asin;inizio\nB000000001;2026-05-01\n")
    outcome = command("load", file, "--account", "brand_it", "--dataset", "promotion")
    assert outcome.exit_code == 1
    assert "its first line names no column promotion_id; it has 'asin', 'inizio'" in outcome.output


def test_events_are_listed_by_year_and_marketplace(command: Command, tmp_path: Path) -> None:
    own = "events: [{name: Fair, marketplaces: [DE], dates: [{first: 2027-02-01, last: 2027-02-03}]}]"
    (tmp_path / "own_events.yml").write_text(own)
    rows = json.loads(command("events", "list", "--year", 2027, "--marketplace", "DE", "--format", "json").stdout)
    assert {"marketplace_code": "DE", "start_date": "2027-02-01", "end_date": "2027-02-03", "name": "Fair"} in rows
    assert {row["marketplace_code"] for row in rows} == {"DE"}
    assert {row["start_date"][:4] for row in rows} == {"2027"}


def test_events_that_cannot_be_read_are_one_message_and_no_traceback(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own_events.yml").write_text("events: [{name: Fair, marketplaces: [XX], rule: easter, years: [1, 2]}]")
    monkeypatch.setattr("sys.argv", ["daybreak", "events", "list"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert "own_events.yml" in said
    assert "XX is none of" in said
    assert "Traceback" not in said
