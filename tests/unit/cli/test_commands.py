"""The commands as a person uses them: real files, a real warehouse, one clear message for what cannot be used."""

import csv
import gzip
import io
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import Result
from typer.testing import CliRunner

from daybreak.accounts import read_accounts
from daybreak.cli import app
from daybreak.datasets import DATASETS
from daybreak.settings import get_settings
from daybreak.warehouse.account_registry import register_account
from daybreak.warehouse.missing_access import note_missing_access

ACCOUNTS = """
accounts:
  - account_id: brand_us
    name: Brand US
    marketplace_code: US
    vendor_connection_id: spapi_brand_us
    distributor_views: [MANUFACTURING, SOURCING]
"""
Command = Callable[..., Result]


@pytest.fixture
def command(warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs ``daybreak …`` on a warehouse of this test's own."""
    (tmp_path / "accounts.yml").write_text(ACCOUNTS)
    monkeypatch.setenv("DAYBREAK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAYBREAK_ACCOUNTS_FILE", str(tmp_path / "accounts.yml"))
    monkeypatch.setenv("DAYBREAK_WAREHOUSE_URL", warehouse)
    get_settings.cache_clear()
    yield lambda *arguments: CliRunner().invoke(app, [str(each) for each in arguments])
    get_settings.cache_clear()


def traffic(**changes: Any) -> dict[str, Any]:
    """A traffic document of one day with two rows."""
    row = {"startDate": "2026-03-01", "endDate": "2026-03-01", "asin": "B00000000A", "glanceViews": 5}
    document = {
        "reportSpecification": {
            "reportType": "GET_VENDOR_TRAFFIC_REPORT",
            "reportOptions": {"reportPeriod": "DAY"},
            "lastUpdatedDate": "2026-03-05",
            "dataStartTime": "2026-03-01",
            "dataEndTime": "2026-03-01",
            "marketplaceIds": ["ATVPDKIKX0DER"],
        },
        "trafficAggregate": [{"startDate": "2026-03-01", "endDate": "2026-03-01", "glanceViews": 12}],
        "trafficByAsin": [row, row | {"asin": "B00000000B", "glanceViews": 7}],
    }
    return document | changes


def load(command: Command, path: Path, content: bytes, dataset: str = "traffic_daily") -> Result:
    path.write_bytes(content)
    return command("load", path, "--account", "brand_us", "--dataset", dataset)


def test_a_document_from_disk_is_published_and_loading_it_again_changes_nothing(
    command: Command, warehouse: str, tmp_path: Path
) -> None:
    content = gzip.compress(json.dumps(traffic()).encode())
    first = load(command, tmp_path / "a.json.gz", content)
    assert first.exit_code == 0, first.output
    assert "2 new, 0 changed, 0 gone" in first.output
    again = load(command, tmp_path / "a.json.gz", content)
    assert "0 new, 0 changed, 0 gone" in again.output
    with psycopg.connect(warehouse) as connection:
        rows = connection.execute("select asin, glance_views from core.traffic_daily order by 1").fetchall()
    assert rows == [("B00000000A", 5), ("B00000000B", 7)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (gzip.compress(json.dumps(traffic()).encode())[:-20], "gzip"),
        (b"<html><title>Website Temporarily Unavailable</title></html>", "HTML"),
        (b"<Error><Code>AccessDenied</Code></Error>", "XML"),
        (json.dumps(traffic()).encode()[:-9], "JSON"),
        (b"", "empty"),
        (json.dumps(traffic()).replace("ATVPDKIKX0DER", "A1PA6795UKMFR9").encode(), "A1PA6795UKMFR9"),
        (json.dumps(traffic()).replace('"DAY"', '"WEEK"').encode(), "WEEK"),
    ],
)
def test_what_cannot_be_used_is_one_message_that_names_the_file_and_publishes_nothing(
    command: Command, warehouse: str, tmp_path: Path, content: bytes, words: str
) -> None:
    result = load(command, tmp_path / "bad.json", content)
    assert result.exit_code == 1
    assert words in result.output
    assert "bad-" in result.output
    assert len(result.output.strip().splitlines()) == 1
    with psycopg.connect(warehouse) as connection:
        assert connection.execute("select count(*) from core.traffic_daily").fetchone() == (0,)
        (path,) = connection.execute("select path from ops.document").fetchone()
    assert (get_settings().landing / path).read_bytes() == content


def test_a_blocked_load_can_be_released_with_name_and_reason(command: Command, warehouse: str, tmp_path: Path) -> None:
    document = traffic()
    document["trafficByAsin"].append(document["trafficByAsin"][0])
    blocked = load(command, tmp_path / "doubled.json", json.dumps(document).encode())
    assert blocked.exit_code == 1
    assert "daybreak gate release 1 --reason" in blocked.output
    assert "B00000000A" in blocked.output
    released = command("gate", "release", "1", "--reason", "the client confirmed it", "--by", "on call")
    assert released.exit_code == 0, released.output
    with psycopg.connect(warehouse) as connection:
        kept = connection.execute("select status_code, released_by, release_reason from ops.load").fetchall()
        rows = connection.execute("select asin from core.traffic_daily").fetchall()
    assert kept == [("published", "on call", "the client confirmed it")]
    assert rows == [("B00000000B",)]
    again = command("gate", "release", "1", "--reason", "once more")
    assert "is published, not blocked" in str(again.exception)


def bad_rows(count: int) -> dict[str, Any]:
    """A document with ``count`` rows that no table takes, each full of what must not reach a screen or a sheet."""
    document = traffic()
    row = document["trafficByAsin"][0]
    document["trafficByAsin"] += [
        row | {"asin": f"=<b>\x1b[2J{n:03}", "glanceViews": "\x07<script>"} for n in range(count)
    ]
    return document


def test_a_gate_shows_what_it_found_and_where_every_row_is_that_it_put_aside(
    command: Command, warehouse: str, tmp_path: Path
) -> None:
    blocked = load(command, tmp_path / "bad.json", json.dumps(bad_rows(30)).encode())
    assert "daybreak gate show 1" in blocked.output
    with psycopg.connect(warehouse) as connection:
        kept = connection.execute(
            "select unexpected_row_count, examples from ops.gate_result where expectation_code = 'no_row_quarantined'"
        ).fetchone()
        counts = connection.execute(
            "select quarantined_row_count, (select count(*) from ops.quarantine as q where q.load_id = l.load_id) "
            "from ops.load as l"
        ).fetchone()
    assert kept is not None
    shown_values = "".join(str(value) for example in kept[1] for value in example.values())
    assert (kept[0], len(kept[1])) == (30, 20)
    assert counts == (30, 30)
    assert "&lt;script&gt;" in shown_values
    assert not set(shown_values) & set("<\x1b\x07")
    shown = command("gate", "show", "1")
    assert "quarantined_share_within_limit" in shown.output
    assert "30 rows in quarantine, all of them: daybreak gate quarantine 1" in shown.output
    assert "daybreak gate release 1" in shown.output
    assert not set(shown.output) & set("\x1b\x07<")
    assert "delivered_days_within_window" not in shown.output
    assert "delivered_days_within_window" in command("gate", "show", "1", "--all").output


def test_the_whole_quarantine_can_be_written_as_csv_that_no_sheet_runs(command: Command, tmp_path: Path) -> None:
    load(command, tmp_path / "bad.json", json.dumps(bad_rows(30)).encode())
    written = command("gate", "quarantine", "1", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(written.output)))
    assert [row["row_number"] for row in rows] == [str(n) for n in range(3, 33)]
    assert {row["field_name"] for row in rows} == {"glanceViews"}
    assert all(row["asin"].startswith("'=") for row in rows)
    assert "<script>" in rows[0]["raw_row"]
    assert not set(written.output) & set("\x1b\x07")
    assert "there is no load 9" in command("gate", "quarantine", "9").output


def test_a_release_says_how_many_rows_stay_out(command: Command, warehouse: str, tmp_path: Path) -> None:
    document = bad_rows(3)
    document["trafficByAsin"].append(document["trafficByAsin"][0])
    load(command, tmp_path / "bad.json", json.dumps(document).encode())
    released = command("gate", "release", "1", "--reason", "the client confirmed it")
    # Three that no table takes, and the two of the key that stands twice.
    assert "5 rows stay out, in quarantine: daybreak gate quarantine 1" in released.output
    with psycopg.connect(warehouse) as connection:
        assert connection.execute("select quarantined_row_count from ops.load").fetchone() == (5,)
        assert connection.execute("select count(*) from ops.quarantine").fetchone() == (5,)


def test_maintenance_says_what_it_did_and_a_second_run_does_nothing(command: Command) -> None:
    first = json.loads(command("maintain", "--format", "json").stdout)
    assert {row["made"] for row in first if row["subject"].startswith(("core.", "mart."))} == {4}
    again = command("maintain", "--format", "json")
    assert again.exit_code == 0
    assert {(row["made"], row["removed"], row["note"]) for row in json.loads(again.stdout)} == {(0, 0, None)}


def test_maintenance_refuses_a_retention_that_is_too_short(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAYBREAK_MART_DAYS", "400")
    get_settings.cache_clear()
    refused = command("maintain")
    assert refused.exit_code == 1
    assert re.search(r"DAYBREAK_KEEP_\w+_DAYS is \d+, but mart\.\w+ reads .* keep at least", str(refused.exception))


def test_names_that_are_not_there_are_told_with_those_that_are(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    assert "brand_us" in command("load", tmp_path / "a.json", "--account", "x", "--dataset", "traffic_daily").output
    assert "traffic_daily" in command("load", tmp_path / "a.json", "--account", "brand_us", "--dataset", "x").output
    assert "does not exist" in command("load", tmp_path / "no", "--account", "x", "--dataset", "x").output
    assert "stock_coverage_daily" in command("build", "x", "--from", "2026-03-01", "--to", "2026-03-01").output
    exchanged = command("build", "stock_coverage_daily", "--from", "2026-03-02", "--to", "2026-03-01")
    assert "exchange them" in exchanged.output


def test_status_ends_with_1_and_names_what_is_missing(command: Command) -> None:
    result = command("status", "--date", "2026-03-10", "--format", "json")
    assert result.exit_code == 1
    series = json.loads(result.stdout)
    assert {(each["dataset"], each["view"]) for each in series} == {
        ("sales_daily", "MANUFACTURING"),
        ("sales_daily", "SOURCING"),
        ("inventory_daily", "MANUFACTURING"),
        ("inventory_daily", "SOURCING"),
        ("traffic_daily", None),
        ("margin_daily", None),
        ("featured_offer_loss_daily", None),
        ("forecast_weekly", None),
        ("sales_hourly", None),
        ("traffic_hourly", None),
        ("inventory_hourly", None),
        ("promotion", "DEAL"),
        ("promotion", "COUPON"),
        ("content_snapshot", None),
        ("purchase_order_line", None),
        ("offer_snapshot", None),
        ("offer", None),
        ("product", None),
        ("promotion", "PLANNED"),
    }
    assert {each["dataset"] for each in series} == set(DATASETS)
    due = [each for each in series if each["newest_due_date"]]
    assert {each["status"] for each in due} == {"missing"}
    assert all("never asked for" in each["why"] for each in due)
    assert {each["dataset"]: each["status"] for each in series if each not in due} == {
        "offer_snapshot": "not swept",
        "offer": "not swept",
        "product": "not supplied",
        "promotion": "not supplied",
    }


MODELS = Path(os.environ.get("SP_API_MODELS_DIR", "no-models"))
EXAMPLES = {
    "sales_daily": ("vendorSalesReport", "salesByAsin"),
    "inventory_daily": ("vendorInventoryReport", "inventoryByAsin"),
    "traffic_daily": ("vendorTrafficReport", "trafficByAsin"),
}
CHECKED = {
    "sales_daily": (
        "ordered_units, shipped_units, shipped_cogs_amount",
        ("orderedUnits", "shippedUnits", "shippedCogs"),
    ),
    "inventory_daily": (
        "sellable_on_hand_units, sellable_on_hand_cost_amount, sell_through_ratio",
        ("sellableOnHandInventoryUnits", "sellableOnHandInventoryCost", "sellThroughRate"),
    ),
    "traffic_daily": ("glance_views", ("glanceViews",)),
}


@pytest.mark.skipif(not MODELS.is_dir(), reason="SP_API_MODELS_DIR does not name a folder with Amazon's models")
@pytest.mark.parametrize("dataset", EXAMPLES)
def test_amazons_own_example_documents_come_out_of_core_value_for_value(
    command: Command, warehouse: str, tmp_path: Path, dataset: str
) -> None:
    name, member = EXAMPLES[dataset]
    columns, fields = CHECKED[dataset]
    for example in json.loads((MODELS / "schemas" / "reports" / f"{name}.json").read_text())["examples"]:
        options = example["reportSpecification"]["reportOptions"]
        if options.get("sellingProgram", "RETAIL") != "RETAIL":
            continue  # programmes are never added to RETAIL, which holds them already
        (tmp_path / "example.json").write_text(json.dumps(example))
        view = options.get("distributorView")
        choice = ["--view", view] if view else []
        result = command(
            "load",
            tmp_path / "example.json",
            "--account",
            "brand_us",
            "--dataset",
            dataset,
            "--period",
            "WEEK",
            *choice,
        )
        assert result.exit_code == 0, result.output
        where = "where distributor_view_code = %(view)s" if view else ""
        with psycopg.connect(warehouse) as connection:
            rows = connection.execute(
                f"select business_date::text, asin, {columns} from core.{dataset} {where}", {"view": view}
            ).fetchall()
        stored = {row[:2]: tuple(None if each is None else float(each) for each in row[2:]) for row in rows}
        expected = {
            (row["startDate"], row["asin"]): tuple(_number(row.get(f)) for f in fields) for row in example[member]
        }
        assert stored == expected


def _number(value: Any) -> float | None:
    plain = value["amount"] if isinstance(value, dict) else value
    return None if plain is None else float(plain)


def test_status_says_what_cannot_be_read_and_what_that_costs(command: Command, warehouse: str) -> None:
    refused = 'spapi_brand_us: createReport: access is denied. Amazon says: "Unauthorized"'
    with psycopg.connect(warehouse) as connection:
        register_account(connection, read_accounts(get_settings().accounts_path)[0])
        note_missing_access(connection, "brand_us", DATASETS["margin_daily"], "role_missing", refused)
    rows = json.loads(command("status", "--account", "brand_us", "--format", "json").stdout)
    margins = next(row for row in rows if row["dataset"] == "margin_daily")
    assert margins["status"] == "no access"
    assert margins["missing_days"] == 60
    told = " ".join(command("status", "--account", "brand_us").output.split())
    assert "What cannot be read" in told
    assert "costs the controls price and margin, Born to Run" in margins["why"]
