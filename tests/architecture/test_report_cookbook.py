"""The cookbook's report is added to a copy of the project block by block, and its document reaches core there."""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from tests.architecture.source_tree import CHECKOUT

COOKBOOK = CHECKOUT / "docs" / "cookbooks" / "add_a_report.md"
KEY = "market_basket_daily"
FENCE = re.compile(r"(?m)^```.*\n")
ANCHOR = re.compile(r"(?s)above\s+`(?P<anchor>[^`]+)`:$")
PATH = re.compile(r"`((?:plugins|include)/[\w/.]+)`")
MONDAY, TUESDAY = date(2026, 3, 9), date(2026, 3, 10)
# What the copy does in one process: prepares its warehouse, then one command line after the other.
SESSION = """
import json, sys
from typer.testing import CliRunner
from daybreak.cli import app
from daybreak.warehouse.preparation import prepare_warehouse
print(json.dumps(prepare_warehouse(events=())))
for line in sys.stdin:
    done = CliRunner().invoke(app, json.loads(line))
    print(json.dumps(done.stdout + repr(done.exception)), flush=True)
"""


@dataclass(frozen=True)
class Block:
    """Code of the cookbook: a new file at ``path``, or lines of it above the one that holds ``anchor``."""

    path: str
    anchor: str | None
    code: str


def blocks() -> list[Block]:
    """The example's blocks in order. The paragraph before a block names its file, or means that of the block before."""
    example = COOKBOOK.read_text().split("## An example, whole", 1)[1]
    words, *rest = FENCE.split(example)
    found: list[Block] = []
    for paragraph, code in zip([words, *rest[1::2]], rest[::2], strict=False):
        lead = paragraph.strip().split("\n\n")[-1]
        anchor, path = ANCHOR.search(lead), PATH.search(lead)
        found.append(Block(path[1] if path else found[-1].path, anchor["anchor"] if anchor else None, code))
    return found


def apply(block: Block, checkout: Path) -> None:
    """Writes the block's file, or puts its lines above the one line of the file that holds the anchor."""
    number = len(list((checkout / "include/sql/migrations").glob("*.sql"))) + 1
    path = checkout / block.path.replace("NNNN", f"{number:04d}")
    if block.anchor is None:
        assert not path.exists(), f"{block.path} exists already: the cookbook must say above which line the block goes"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.code)
        return
    lines = path.read_text().splitlines(keepends=True)
    [place] = [place for place, line in enumerate(lines) if block.anchor in line]
    indent = re.match(r"\s*", lines[place])
    assert indent is not None
    lines.insert(place, textwrap.indent(block.code, indent[0]))
    path.write_text("".join(lines))


@dataclass(frozen=True)
class Extended:
    """A copy of the project with the cookbook's report, and a warehouse that it prepared."""

    checkout: Path
    warehouse: str

    def run(self, code: str, standard_input: str = "") -> list[str]:
        """The lines that ``code`` writes in the copy's Python."""
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=self.checkout,
            env={
                **os.environ,
                "PYTHONPATH": f"{self.checkout / 'plugins'}{os.pathsep}{self.checkout}",
                "DAYBREAK_WAREHOUSE_URL": self.warehouse,
                "DAYBREAK_ACCOUNTS_FILE": str(self.checkout / "accounts.yml"),
                "DAYBREAK_HOME": str(self.checkout / "home"),
                "DAYBREAK_MINIMUM_FREE_MEBIBYTES": "0",
            },
            input=standard_input,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.splitlines()

    def session(self, *commands: list[str]) -> list[Any]:
        """The migrations that the copy applies to its warehouse, then what each command line of it says."""
        return [json.loads(line) for line in self.run(SESSION, "\n".join(map(json.dumps, commands)))]

    def load(self, name: str, rows: list[dict[str, Any]]) -> list[str]:
        """The command that loads a document of the two days with ``rows``."""
        file = self.checkout / f"{name}.json"
        file.write_text(json.dumps(document(rows)))
        return ["load", str(file), "--account", "acme_it", "--dataset", KEY]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.warehouse) as connection:
            return connection.execute(query).fetchall()  # type: ignore[arg-type]  # the key is the cookbook's own


@pytest.fixture
def extended(warehouse: str, tmp_path: Path) -> Extended:
    kept = shutil.ignore_patterns("__pycache__")
    for folder in ("plugins/daybreak", "include"):
        shutil.copytree(CHECKOUT / folder, tmp_path / folder, ignore=kept)
    for block in blocks():
        apply(block, tmp_path)
    account = {
        "account_id": "acme_it",
        "name": "Acme Italy",
        "marketplace_code": "IT",
        "vendor_connection_id": "spapi_vendor_acme_it",
    }
    (tmp_path / "accounts.yml").write_text(yaml.safe_dump({"accounts": [account]}))
    return Extended(tmp_path, warehouse)


def document(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The report of the two days as Amazon's schema gives it."""
    specification = {
        "reportType": "GET_BRAND_ANALYTICS_MARKET_BASKET_REPORT",
        "reportOptions": {"reportPeriod": "DAY"},
        "dataStartTime": str(MONDAY),
        "dataEndTime": str(TUESDAY),
        "marketplaceIds": ["APJ6JRA9NG5V4"],
    }
    return {"reportSpecification": specification, "dataByAsin": rows}


def basket(day: date, number: int, share: Any = 0.25) -> dict[str, Any]:
    return {
        "startDate": str(day),
        "endDate": str(day),
        "asin": f"B0OWN{number:05d}",
        "purchasedWithAsin": f"B0OTHER{number:03d}",
        "purchasedWithRank": 1,
        "combinationPct": share,
    }


def test_a_report_is_one_entry_one_decoder_one_migration_and_one_folder(extended: Extended) -> None:
    good = [basket(day, number) for day in (MONDAY, TUESDAY) for number in range(20)]
    [applied], first, restated, in_percent, status = extended.session(
        extended.load("first", [*good, basket(MONDAY, 99, "a third")]),
        extended.load("restated", [*good[:-1], basket(TUESDAY, 20)]),
        extended.load("in_percent", [basket(day, number, 25.0) for day in (MONDAY, TUESDAY) for number in range(20)]),
        ["status", "--date", "2026-03-14", "--format", "json"],
    )
    assert int(applied) == len(list((CHECKOUT / "include/sql/migrations").glob("*.sql"))) + 1
    assert "40 new, 0 changed, 0 gone, 1 rows in quarantine" in first
    assert "1 new, 0 changed, 1 gone; published" in restated
    assert "is blocked" in in_percent
    assert "combination_ratio" in in_percent

    assert extended.rows(
        f"select account_id, asin, other_asin, rank, combination_ratio from core.{KEY} "
        "where business_date = '2026-03-10' and asin = 'B0OWN00007'"
    ) == [("acme_it", "B0OWN00007", "B0OTHER007", 1, Decimal("0.25"))]
    assert extended.rows(f"select count(*), max(combination_ratio) from core.{KEY}") == [(40, Decimal("0.25"))]
    assert set(extended.rows("select asin, field_name from ops.quarantine")) == {("B0OWN00099", "combinationPct")}

    series, _ = json.JSONDecoder().raw_decode(status)
    [told] = [each for each in series if each["dataset"] == KEY]
    assert (told["newest_published_date"], told["newest_due_date"]) == (str(TUESDAY), str(TUESDAY))
    assert "never asked for" in told["why"]


def test_the_laws_hold_of_the_report(extended: Extended) -> None:
    laws = (
        "from daybreak.contracts import read_contracts; from daybreak.datasets import DAWN_DATASETS; "
        "from daybreak.feeds import FEEDS; from daybreak.quality.suites import read_suite; "
        f"assert 'core.{KEY}' in {{each.table for each in read_contracts()}}; assert '{KEY}' in DAWN_DATASETS; "
        f"assert FEEDS['{KEY}'] and read_suite('core.{KEY}').expectations; print('all hold')"
    )
    assert extended.run(laws) == ["all hold"]
