"""``daybreak report monday``: kept as the weekly run keeps it, or written to one file; bad input is one message."""

from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from daybreak.cli import app
from daybreak.settings import get_settings
from tests.unit.steps.test_week_reports import insert_week

ACCOUNTS = """
accounts:
  - {account_id: brand, name: Brand, marketplace_code: IT, vendor_connection_id: v}
  - {account_id: empty, name: Empty, marketplace_code: DE, vendor_connection_id: v}
"""


@pytest.fixture(autouse=True)
def week(connection: psycopg.Connection, warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = tmp_path / "accounts.yml"
    accounts.write_text(ACCOUNTS)
    for name, value in {"HOME": tmp_path, "ACCOUNTS_FILE": accounts, "WAREHOUSE_URL": warehouse}.items():
        monkeypatch.setenv(f"DAYBREAK_{name}", str(value))
    get_settings.cache_clear()
    insert_week(connection)


def report(*words: str) -> Result:
    return CliRunner().invoke(app, ["report", "monday", *words])


def test_any_day_names_its_week_and_the_report_is_kept_once(tmp_path: Path) -> None:
    first = report("--week", "2026-03-18", "--account", "brand")
    assert first.exit_code == 0, first.output
    assert "brand: the report of the week to 2026-03-21 is kept" in first.output
    second = report("--week", "2026-03-21", "--account", "brand", "--format", "xlsx")
    assert "is unchanged" in second.output
    assert str(tmp_path / "reports/brand/2026-03-21/buy_box_brand_2026-03-21_it_1.xlsx") in second.output


def test_a_file_of_ones_own_is_written_and_nothing_is_kept(tmp_path: Path, connection: psycopg.Connection) -> None:
    for form, begins in (("html", b"<!DOCTYPE html>"), ("xlsx", b"PK")):
        out = tmp_path / f"own.{form}"
        done = report(
            "--week", "2026-03-21", "--account", "brand", "--language", "en", "--format", form, "--out", str(out)
        )
        assert done.exit_code == 0, done.output
        assert out.read_bytes().startswith(begins)
    assert connection.execute("select count(*) from ops.client_report").fetchone() == (0,)


def test_an_account_without_figures_is_told_and_the_others_are_reported() -> None:
    done = report("--week", "2026-03-21")
    assert done.exit_code == 1
    assert "brand: the report of the week to 2026-03-21 is kept" in done.output
    assert "empty: mart.buy_box_weekly has no figures of the week to 2026-03-21" in done.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--week", "2200-01-01"), "is not over"),
        (("--week", "2026-03-21", "--account", "nobody"), "nobody is not in"),
        (("--week", "2026-03-21", "--out", "x.html"), "name one account"),
        (("--week", "last"), "does not match"),
    ],
)
def test_bad_input_is_one_message(words: tuple[str, ...], message: str) -> None:
    done = report(*words)
    assert done.exit_code == 2
    assert message in " ".join(done.output.replace("│", " ").split())
