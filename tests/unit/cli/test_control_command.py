"""What people type to say what they did about a control, and what is kept of it."""

import getpass
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import Result
from psycopg.rows import dict_row
from typer.testing import CliRunner

from daybreak.cli import app
from daybreak.settings import get_settings
from tests.sql.mart_cases import build_and_publish

ACCOUNTS = """accounts:
  - {account_id: brand_it, name: Brand IT, marketplace_code: IT, vendor_connection_id: spapi_brand_it}
  - {account_id: other_it, name: Other IT, marketplace_code: IT, vendor_connection_id: spapi_other_it}
"""
LINE = "brand_it:supply:B000000001:2026-06-01"
STRANGER = "closed_it:supply:B000000001:2026-06-01"
LATER = f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%d}"
Command = Callable[..., Result]


@pytest.fixture
def command(
    warehouse: str, connection: psycopg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Command]:
    """Runs ``daybreak …`` on a warehouse in which one line of two products was shown on two mornings."""
    (tmp_path / "accounts.yml").write_text(ACCOUNTS)
    monkeypatch.setenv("DAYBREAK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAYBREAK_ACCOUNTS_FILE", str(tmp_path / "accounts.yml"))
    monkeypatch.setenv("DAYBREAK_WAREHOUSE_URL", warehouse)
    get_settings.cache_clear()
    show_lines(connection)
    yield lambda *arguments: CliRunner().invoke(app, ["control", *map(str, arguments)])
    get_settings.cache_clear()


def show_lines(connection: psycopg.Connection) -> None:
    """The lines of two mornings, those of an account that is no longer ours among them."""
    for account_id in ("brand_it", "other_it", "closed_it"):
        connection.execute(
            "insert into ops.account values (%(a)s, %(a)s, 'IT', 'APJ6JRA9NG5V4', 'EUR', 'Europe/Rome', 'x',"
            " 'MANUFACTURING', '{}', true, now())",
            {"a": account_id},
        )
    connection.execute("select ops.make_partitions('mart.control_cause_daily', '2026-06-01', '2026-06-02')")
    for account_id, asin, day, cause in (
        ("brand_it", "B000000001", "2026-06-01", "po_overdue"),
        ("brand_it", "B000000001", "2026-06-02", "no_po"),
        ("brand_it", "B000000002", "2026-06-02", "no_po"),
        ("closed_it", "B000000001", "2026-06-02", "po_overdue"),
    ):
        connection.execute(
            "insert into mart.control_cause_daily (account_id, business_date, asin, family_code, cause_code, severity,"
            " opened_date, reopened_count, bundle_code, currency_code, evidence, data_status_code, built_at) values"
            " (%(a)s, %(d)s, %(p)s, 'supply', %(c)s, 1,"
            " case %(p)s when 'B000000001' then date '2026-06-01' else %(d)s end,"
            " 0, 'purchase_order:PO1', 'EUR', '{}', 'published', now())",
            {"a": account_id, "d": day, "p": asin, "c": cause},
        )
    spans = [(account_id, date(2026, 6, 1), date(2026, 6, 2)) for account_id in ("brand_it", "closed_it")]
    build_and_publish(connection, "daily_control", spans)


def recorded(connection: psycopg.Connection) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("select * from ops.control_action order by action_id").fetchall()


@pytest.mark.parametrize(
    ("typed", "action_code"),
    [
        (["ack"], "acknowledged"),
        (["snooze", "--until", LATER], "snoozed"),
        (["sent"], "sent_to_client"),
        (["agree"], "agreed"),
        (["refuse"], "refused"),
        (["done"], "done"),
    ],
)
def test_what_somebody_did_is_kept_with_name_and_time(
    command: Command, connection: psycopg.Connection, typed: list[str], action_code: str
) -> None:
    before = datetime.now(UTC)
    outcome = command(*typed, LINE, "--note", " case 12 ")
    assert outcome.exit_code == 0, outcome.output
    assert f"brand_it {LINE} (no_po): {action_code} by {getpass.getuser()}" in outcome.output
    [row] = recorded(connection)
    told = (row["account_id"], row["control_id"], row["action_code"], row["actor_name"], row["note"], row["asin"])
    assert told == ("brand_it", LINE, action_code, getpass.getuser(), "case 12", None)
    assert before <= row["acted_at"] <= datetime.now(UTC)
    assert (row["follow_up_date"] is not None) == (action_code == "snoozed")
    assert row["spend_amount"] is None


def test_cost_and_the_day_to_look_again_are_kept(command: Command, connection: psycopg.Connection) -> None:
    assert command("agree", LINE, "--by", "Rita", "--spend", "120.50", "--follow-up", LATER).exit_code == 0
    assert command("done", LINE, "--by", "Rita", "--spend", "0").exit_code == 0
    agreed, done = recorded(connection)
    assert (agreed["actor_name"], agreed["spend_amount"], str(agreed["follow_up_date"]), agreed["note"]) == (
        "Rita", Decimal("120.50"), LATER, None,
    )  # fmt: skip
    assert done["spend_amount"] == 0


def test_products_that_are_not_invited_are_each_named(command: Command, connection: psycopg.Connection) -> None:
    outcome = command("not-invited", LINE)
    assert "not_invited" in outcome.output
    assert "of B000000001, B000000002" in outcome.output
    command("not-invited", LINE, "--asin", "B000000002")
    kept = [(row["action_code"], row["asin"]) for row in recorded(connection)]
    assert kept == [("not_invited", asin) for asin in ("B000000001", "B000000002", "B000000002")]


def test_one_product_of_a_line_is_named(command: Command, connection: psycopg.Connection) -> None:
    command("refuse", LINE, "--asin", "B000000002", "--asin", "B000000002")
    assert [row["asin"] for row in recorded(connection)] == ["B000000002"]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (["ack", "nothing"], "there is no control nothing of brand_it, other_it"),
        (["ack", "nothing"], "daybreak controls --format json"),
        (["history", "nothing"], "there is no control nothing of brand_it, other_it"),
        (["done", STRANGER], f"there is no control {STRANGER}"),
        (["ack", LINE, "--by", " "], "--by must name who did it"),
        (["snooze", LINE, "--until", "2026-01-01"], "2026-01-01 is not after today"),
        (["snooze", LINE], "--until"),
        (["done", LINE, "--spend", "a lot"], "--spend a lot is no amount of money; write it as 120.50"),
        (["done", LINE, "--spend", "-1"], "--spend -1 is no amount of money"),
        (["done", LINE, "--spend", "NaN"], "--spend NaN is no amount of money"),
        (["done", LINE, "--asin", "B000000009"], "B000000009 is no product of"),
        (["done", LINE, "--asin", "B000000009"], "it speaks of B000000001, B000000002"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_reason(
    command: Command, connection: psycopg.Connection, typed: list[str], says: str
) -> None:
    outcome = command(*typed)
    assert outcome.exit_code == 2
    assert says in " ".join(outcome.output.split())
    assert recorded(connection) == []


def test_the_history_of_a_control_is_told_oldest_first(command: Command) -> None:
    for typed in (["ack", LINE, "--by", "Rita"], ["done", LINE, "--by", "Ugo", "--note", "=1+1"]):
        assert command(*typed).exit_code == 0
    rows = json.loads(command("history", LINE, "--format", "json").stdout)
    assert [(row["action_code"], row["actor_name"], row["note"]) for row in rows] == [
        ("acknowledged", "Rita", None),
        ("done", "Ugo", "=1+1"),
    ]
    assert f"brand_it {LINE}: no_po" in " ".join(command("history", LINE).stdout.split())
