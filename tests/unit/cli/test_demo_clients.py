"""The demo's clients hand over what the controls need beside Amazon's figures."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from daybreak.accounts import read_accounts
from daybreak.cli.demo_clients import load_client_files
from daybreak.settings import Settings, get_settings
from daybreak.stack.demo_accounts import World, client_folder, write_demo


@pytest.fixture
def settings(warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setenv("DAYBREAK_HOME", str(tmp_path))
    monkeypatch.setenv("DAYBREAK_ACCOUNTS_FILE", str(tmp_path / "accounts.yml"))
    monkeypatch.setenv("DAYBREAK_WAREHOUSE_URL", warehouse)
    get_settings.cache_clear()
    yield get_settings()
    get_settings.cache_clear()


def test_every_client_has_costs_life_cycles_and_planned_promotions_however_often_they_come(
    settings: Settings, connection: psycopg.Connection
) -> None:
    write_demo(settings, "http://127.0.0.1:4711", World(asins=60))
    now = datetime.now(UTC)
    assert load_client_files(settings, now) == []
    counts = "select account_id, count(*), count(unit_cost_amount) from core.product group by 1 order by 1"
    first = connection.execute(counts).fetchall()
    assert [account_id for account_id, _, _ in first] == ["demo_de", "demo_fr", "demo_it"]
    assert all(rows >= 55 and costs == rows for _, rows, costs in first)
    planned = connection.execute("select count(*) from core.promotion where source_code = 'PLANNED'").fetchone()
    files = [client_folder(settings, each.account_id) for each in read_accounts(settings.accounts_path)]
    written = sum(len((folder / "promotions.csv").read_text().splitlines()) - 1 for folder in files)
    assert planned == (written,)
    assert written > 0
    assert load_client_files(settings, now) == []
    assert connection.execute(counts).fetchall() == first
