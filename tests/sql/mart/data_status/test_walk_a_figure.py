"""The cookbook's walk, step by step as it stands there: from a cell of a mart to the bytes that Amazon sent."""

import gzip
import json
import re
import subprocess
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from daybreak.accounts import Account
from daybreak.contracts import read_contracts
from daybreak.datasets import PERIOD_REPORTS
from daybreak.settings import CHECKOUT, Settings
from daybreak.steps.file_loading import load_file
from daybreak.steps.maintenance import maintain
from daybreak.steps.mart_building import build_span
from tests.unit.landing.report_documents import document, inventory_row, sales_row, traffic_row

PAGE = (CHECKOUT / "docs" / "cookbooks" / "walk_a_figure.md").read_text()
(QUERY,) = re.findall(r"(?ms)^```sql\n(.*?)^```", PAGE)
SHELL = re.findall(r"(?ms)^```sh\n(.*?)^```", PAGE)
ACCOUNT = Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_brand")
LAST = date(2026, 10, 15)
Row = dict[str, Any]


class Warehouse:
    """Documents of 1 to 15 October 2026, loaded as a person loads them, and the stock mart of the 15th."""

    def __init__(self, dsn: str, home: Path) -> None:
        self.dsn, self.home = dsn, home
        self.settings = Settings(
            home=home / ".daybreak", landing_dir=home / ".daybreak" / "landing", minimum_free_mebibytes=1
        )

    def load(self, dataset: str, name: str, rows: list[Row], day_of_november: int) -> int:
        file = self.home / f"{name}.gz"
        file.write_bytes(gzip.compress(json.dumps(document(dataset, rows)).encode()))
        received_at = datetime(2026, 11, day_of_november, tzinfo=UTC)
        loaded = load_file(file, ACCOUNT, PERIOD_REPORTS[dataset], self.settings, received_at=received_at, dsn=self.dsn)
        assert loaded.is_published, loaded.sentence
        return loaded.load_id

    def build(self) -> None:
        (built,) = build_span([ACCOUNT], "stock_coverage_daily", LAST, LAST, self.dsn)
        assert built.is_published, built.sentence

    def walk(self) -> dict[tuple[str, date], Row]:
        with psycopg.connect(self.dsn) as connection, connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(QUERY.encode()).fetchall()
        found = {(row["dataset_code"], row["fact_date"]): row for row in rows}
        assert len(found) == len(rows)
        return found


@pytest.fixture
def loaded(warehouse: str, tmp_path: Path) -> Warehouse:
    """Sales of every day but the 7th, stock of the 15th with a second product, views of none but another product."""
    made = Warehouse(warehouse, tmp_path)
    made.load("sales_daily", "sales", [*(sales_row(n) for n in range(1, 16) if n != 7), sales_row(7, "B000000002")], 1)
    made.load("inventory_daily", "stock", [inventory_row(15), inventory_row(15, "B000000002")], 2)
    made.load("traffic_daily", "traffic", [traffic_row(15, "B000000002")], 3)
    made.build()
    return made


def test_every_fact_of_the_cell_leads_to_its_load_and_document(loaded: Warehouse) -> None:
    walked = loaded.walk()
    assert Counter(dataset for dataset, _ in walked) == {
        "sales_daily": 15, "inventory_daily": 1, "traffic_daily": 1,
    }  # fmt: skip
    stock = walked["inventory_daily", LAST]
    assert stock["has_row"] is True
    assert re.fullmatch(r"brand_it/inventory_daily/2026/11/stock-[0-9a-f]{12}\.bin", stock["path"])
    assert {row["path"] for key, row in walked.items() if key[0] == "sales_daily"} == {
        walked["sales_daily", LAST]["path"]
    }


def test_a_published_day_without_the_product_leads_to_the_report_that_left_it_out(loaded: Warehouse) -> None:
    walked = loaded.walk()
    assert [key for key, row in walked.items() if not row["has_row"]] == [
        ("sales_daily", date(2026, 10, 7)), ("traffic_daily", LAST),
    ]  # fmt: skip
    assert "/traffic-" in walked["traffic_daily", LAST]["path"]


def test_a_restated_figure_leads_to_the_old_document_until_the_row_is_built_anew(loaded: Warehouse) -> None:
    before = loaded.walk()["sales_daily", date(2026, 10, 14)]
    absent = loaded.walk()["sales_daily", date(2026, 10, 7)]
    again = [sales_row(n, orderedUnits=4) for n in range(1, 16) if n != 7] + [
        sales_row(7, "B000000002", orderedUnits=9)
    ]
    newer = loaded.load("sales_daily", "restated", again, 4)
    assert loaded.walk()["sales_daily", date(2026, 10, 14)] == before
    assert loaded.walk()["sales_daily", date(2026, 10, 7)] == absent
    loaded.build()
    for day in (7, 14):
        after = loaded.walk()["sales_daily", date(2026, 10, day)]
        assert after["load_id"] == newer
        assert "/restated-" in after["path"]


def test_the_query_knows_every_mart_and_looks_back_as_far_as_each_reaches() -> None:
    reaches: dict[str, dict[str, int]] = {}
    for mart, read, days in re.findall(r"\('(\w+)', '((?:core|mart)\.\w+)', (\d+)\)", QUERY):
        reaches.setdefault(mart, {})[read] = int(days)
    built = {each.name: each for each in read_contracts() if each.layer == "mart" and each.kind == "table"}
    assert reaches == {name: each.reach_days for name, each in built.items()}
    assert set(re.findall(r"from mart\.(\w+) as m\n *where q\.mart_code = '\1'", QUERY)) == set(built)
    facts = {read for tables in reaches.values() for read in tables if read.startswith("core.")}
    assert facts == {f"core.{name}" for name in re.findall(r"(?:lateral|join) core\.(\w+?)(?:_as_of\(| as f)", QUERY)}


def test_the_commands_of_the_page_show_the_hash_and_the_row_that_amazon_sent(loaded: Warehouse) -> None:
    stock = loaded.walk()["inventory_daily", LAST]
    hashed, shown = (
        subprocess.run(
            ["bash", "-c", block.replace("<path>", stock["path"])],
            cwd=loaded.home,
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for block in SHELL
    )
    assert hashed.split()[0] == stock["sha256"]
    (line,) = shown.splitlines()
    assert "'sellableOnHandInventoryUnits': 120" in line
    assert json.dumps("1234.56").strip('"') in line


def test_the_walk_says_that_a_file_was_removed_and_still_names_it(loaded: Warehouse) -> None:
    before = loaded.walk()
    assert {row["expired_at"] for row in before.values()} == {None}
    much_later = datetime(2026, 11, 2, tzinfo=UTC) + timedelta(days=loaded.settings.keep_landing_days)
    maintain(loaded.settings, much_later, loaded.dsn)
    after = loaded.walk()
    gone = {dataset for (dataset, _), row in after.items() if row["expired_at"] is not None}
    assert gone == {"sales_daily"}
    assert {key: (row["path"], row["sha256"]) for key, row in after.items()} == {
        key: (row["path"], row["sha256"]) for key, row in before.items()
    }
