"""``daybreak controls`` and ``daybreak explain``: the morning's list as people read it, and why a line stands."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from click.testing import Result
from typer.testing import CliRunner

from daybreak.accounts import read_accounts
from daybreak.cli import app
from daybreak.controls.control_words import ACTIONS, CAUSES, INPUTS, LANES
from daybreak.settings import get_settings
from daybreak.steps.mart_building import build_span
from daybreak.warehouse.account_registry import sync_accounts

ASIN = "B000000001"
CONTROL = f"brand_it:supply:{ASIN}:2026-06-30"


@pytest.fixture
def morning(
    warehouse: str, connection: psycopg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[psycopg.Connection]:
    """One account whose product was out of stock on the last day of June, with its list built."""
    (tmp_path / "accounts.yml").write_text(
        "accounts:\n"
        "  - {account_id: brand_it, name: Brand Italy, marketplace_code: IT, vendor_connection_id: spapi_brand_it}\n"
    )
    monkeypatch.setenv("DAYBREAK_HOME", str(tmp_path))
    monkeypatch.setenv("DAYBREAK_ACCOUNTS_FILE", str(tmp_path / "accounts.yml"))
    monkeypatch.setenv("DAYBREAK_WAREHOUSE_URL", warehouse)
    get_settings.cache_clear()
    accounts = read_accounts(tmp_path / "accounts.yml")
    sync_accounts(connection, accounts)
    connection.execute("select ops.make_partitions('mart.stock_coverage_daily', '2026-06-01', '2026-06-30')")
    connection.execute(
        "insert into mart.stock_coverage_daily (account_id, business_date, asin, currency_code, demand_basis_code,"
        " demand_day_count, lead_time_days, stock_status_code, supply_cause_code, data_status_code, built_at,"
        " expected_units_per_day, average_selling_price_amount, revenue_at_risk_amount, sellable_on_hand_units)"
        " select 'brand_it', date '2026-06-01' + d, %(a)s, 'EUR', 'trailing', 28, 14,"
        " case when d in (0, 29) then 'out_of_stock' else 'healthy' end, 'no_po', 'published', now(), 2, 10, 280, 0"
        " from generate_series(0, 29) as d",
        {"a": ASIN},
    )
    connection.execute(
        "insert into core.product (account_id, asin, valid_from_date, lifecycle_code, priority_code, client_sku, name)"
        " values ('brand_it', %(a)s, '1970-01-01', 'active', 'A', '=SKU-1', 'Moka')",
        {"a": ASIN},
    )
    for mart in ("control_cause_daily", "daily_control"):
        (built,) = build_span(accounts, mart, date(2026, 6, 1), date(2026, 6, 30), warehouse)
        assert built.is_published, built.sentence
    yield connection
    get_settings.cache_clear()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_the_list_names_the_product_the_cause_the_stake_and_what_to_do(morning: psycopg.Connection) -> None:
    told = run("controls", "--date", "2026-07-01").output
    for words in ("Brand Italy", ASIN, "Moka", "no order for 21 days", "140.00 EUR", CONTROL):
        assert words in told
    assert "watch_list of accounts.yml" in told, "what would give more controls"


def test_the_list_speaks_italian(morning: psycopg.Connection) -> None:
    told = run("controls", "--date", "2026-07-01", "--language", "it").output
    assert "Oggi 1" in told
    assert "Indicare i concorrenti" in told
    (line,) = json.loads(run("controls", "--date", "2026-07-01", "--language", "it", "--format", "json").stdout)
    assert "nessun ordine da 21 giorni" in line["cause"]


def test_a_morning_without_controls_says_so(morning: psycopg.Connection) -> None:
    assert "no controls" in run("controls", "--date", "2026-07-05").output


def test_programs_get_every_figure_as_it_stands(morning: psycopg.Connection) -> None:
    (line,) = json.loads(run("controls", "--date", "2026-07-01", "--format", "json").stdout)
    assert (line["control_id"], line["stake_amount"], line["lane_code"]) == (CONTROL, 140.0, "today")
    told = run("controls", "--date", "2026-07-01", "--format", "csv").stdout
    assert "'=SKU-1" in told, "no sheet may run what a client wrote"


def test_a_workbook_has_a_sheet_per_account_and_runs_nothing(morning: psycopg.Connection, tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "controls.xlsx"
    assert run("controls", "--date", "2026-07-01", "--format", "xlsx", "--out", str(path)).exit_code == 0
    with zipfile.ZipFile(path) as book:
        assert 'name="brand_it"' in book.read("xl/workbook.xml").decode()
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "=SKU-1" in book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "<v>140</v>" in sheet


def test_a_control_is_explained_by_its_figures_and_their_formulas(morning: psycopg.Connection) -> None:
    told = " ".join(run("explain", CONTROL).output.split())
    for words in ("no order for 21 days", "Born to Run", "mart.stock_coverage_daily", "revenue_at_risk_amount", "280"):
        assert words in told
    assert "lead time" in told, "the formula of the figure stands beside it"


def test_a_control_that_nobody_knows_and_a_foreign_product_are_refused_by_name(morning: psycopg.Connection) -> None:
    unknown = run("explain", "brand_it:supply:B000000009:2026-06-30")
    assert unknown.exit_code == 2
    assert "'daybreak controls' names them" in " ".join(unknown.output.split())
    assert ASIN in run("explain", CONTROL, "--asin", "B000000009").output


def test_a_line_that_somebody_snoozed_waits_at_once(morning: psycopg.Connection, warehouse: str) -> None:
    yesterday = datetime.now(get_settings().zone).date() - timedelta(days=1)
    days = {"d": yesterday}
    morning.execute("select ops.make_partitions('mart.stock_coverage_daily', %(d)s::date, %(d)s::date)", days)
    morning.execute(
        "update mart.stock_coverage_daily set business_date = %(d)s where business_date = '2026-06-30'", days
    )
    accounts = read_accounts(get_settings().accounts_path)
    for mart in ("control_cause_daily", "daily_control"):
        build_span(accounts, mart, yesterday, yesterday, warehouse)
    control_id = f"brand_it:supply:{ASIN}:{yesterday}"
    assert json.loads(run("controls", "--format", "json").stdout)[0]["lane_code"] == "today"
    until = f"{yesterday + timedelta(days=9)}"
    assert run("control", "snooze", control_id, "--until", until, "--note", "case 17").exit_code == 0
    (line,) = json.loads(run("controls", "--format", "json").stdout)
    assert (line["lane_code"], line["human_status_code"], line["follow_up_date"]) == ("waiting", "snoozed", until)


def test_every_cause_action_lane_and_input_has_its_words_in_both_languages(connection: psycopg.Connection) -> None:
    rules = connection.execute("select cause_code, action_code, lane_code from mart.control_rules()").fetchall()
    assert {cause for cause, _, _ in rules} == CAUSES.keys()
    assert {action for _, action, _ in rules} == ACTIONS.keys()
    assert {lane for _, _, lane in rules} <= LANES.keys()
    for words in (*CAUSES.values(), *ACTIONS.values(), *LANES.values(), *INPUTS.values()):
        assert len(set(words)) == 2, words
