"""Products that the client has not described: what the newest page says of them, whichever load came first."""

import itertools
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from daybreak.datasets import DATASETS
from daybreak.steps.file_loading import load_file
from tests.unit.landing.page_documents import DAY, HERE, item
from tests.unit.warehouse.test_page_snapshots import ACCOUNT, NOON, A, B, C, Looks

EAN = "8000000000011"
PREFILLED = date(1970, 1, 1)
Row = tuple[Any, ...]


class Shelf(Looks):
    """Looks at pages beside traffic reports and lists of the client."""

    def __init__(self, dsn: str, home: Path) -> None:
        super().__init__(dsn, home)
        self.home = home

    def load(self, dataset: str, content: str) -> None:
        self.count += 1
        file = self.home / f"{dataset}_{self.count}"
        file.write_text(content)
        at = NOON + timedelta(minutes=self.count)
        outcome = load_file(file, ACCOUNT, DATASETS[dataset], self.settings, received_at=at, dsn=self.dsn)
        assert outcome.is_published, outcome.sentence

    def see(self, *asins: str, day: date = DAY) -> None:
        """Amazon's traffic report of ``day`` names these products."""
        told = {"startDate": str(day), "endDate": str(day)}
        specification = {
            "reportType": "GET_VENDOR_TRAFFIC_REPORT",
            "reportOptions": {"reportPeriod": "DAY"},
            "dataStartTime": str(day),
            "dataEndTime": str(day),
            "marketplaceIds": [ACCOUNT.marketplace.marketplace_id],
        }
        rows = [told | {"asin": asin, "glanceViews": 7} for asin in asins]
        document = {
            "reportSpecification": specification,
            "trafficAggregate": [told | {"glanceViews": 7 * len(asins)}],
            "trafficByAsin": rows,
        }
        self.load("traffic_daily", json.dumps(document))

    def look(self, asin: str, title: str | None, day: date = DAY, **sections: Any) -> None:
        """The page of ``asin`` on ``day``; ``title`` None: Amazon left out its summaries and attributes."""
        parts: dict[str, Any] = {"summaries": [HERE | {"itemName": title, "brand": "Torrefa"}]}
        if title is None:
            parts = {"summaries": None, "attributes": None}
        self.publish([asin], [item(asin, **parts | sections)], day=day)

    def products(self) -> list[Row]:
        return self.rows(
            "select asin, valid_from_date, name, brand_name, ean, parent_asin, lifecycle_code, priority_code, "
            "first_seen_date, load_id is null from core.product order by 1, 2"
        )


@pytest.fixture
def shelf(warehouse: str, tmp_path: Path) -> Shelf:
    return Shelf(warehouse, tmp_path)


def test_a_product_of_the_reports_is_described_by_its_page(shelf: Shelf) -> None:
    shelf.see(A, B)
    identifiers = [{"identifierType": "GTIN", "identifier": f"0{EAN}"}, {"identifierType": "EAN", "identifier": EAN}]
    shelf.look(A, "Moka", identifiers=[HERE | {"identifiers": identifiers}])
    assert shelf.products() == [
        (A, PREFILLED, "Moka", "Torrefa", EAN, "B00PARENT1", "active", "B", DAY, True),
        (B, PREFILLED, None, None, None, None, "active", "B", DAY, True),
    ]


def test_any_order_of_loads_ends_in_the_newest_page(shelf: Shelf, connection: psycopg.Connection) -> None:
    steps: list[Callable[[], None]] = [
        lambda: shelf.see(A),
        lambda: shelf.look(A, "Old title", day=DAY - timedelta(days=40)),
        lambda: shelf.look(A, "New title", relationships=[HERE]),
    ]
    for order in itertools.permutations(steps):
        connection.execute(
            "truncate core.product, core.content_snapshot, core.traffic_daily, ops.slice, ops.load cascade"
        )
        for step in order:
            step()
        assert shelf.products() == [(A, PREFILLED, "New title", "Torrefa", None, None, "active", "B", DAY, True)]


def test_a_title_of_4000_characters_with_markup_names_the_product_as_it_stands(shelf: Shelf) -> None:
    title = ("<b>Moka</b> &amp; <script>alert(1)</script> " * 100)[:3999] + "."
    shelf.see(A)
    shelf.look(A, title)
    assert [row[2] for row in shelf.products()] == [title]
    assert len(title) == 4000


def test_a_page_that_is_gone_leaves_the_last_description_and_one_without_a_title_leaves_no_name(shelf: Shelf) -> None:
    shelf.see(A, B)
    shelf.look(A, "Moka")
    shelf.publish([A], [], day=DAY + timedelta(days=1))
    shelf.look(A, None, day=DAY + timedelta(days=2))
    shelf.look(B, "", attributes={})
    assert [row[:4] for row in shelf.products()] == [
        (A, PREFILLED, "Moka", "Torrefa"),
        (B, PREFILLED, None, "Torrefa"),
    ]


def test_what_the_client_says_stays_as_the_client_says_it(shelf: Shelf) -> None:
    shelf.load("product", f"asin;name;valid_from_date\n{A};Caffettiera;1970-01-01\n{B};;2026-01-01\n")
    shelf.see(A, B, C)
    shelf.publish([A, B, C], [item(A), item(B), item(C)])
    assert [(*row[:3], row[-1]) for row in shelf.products()] == [
        (A, PREFILLED, "Caffettiera", False),
        (B, date(2026, 1, 1), None, False),
        (C, PREFILLED, "Moka per sei tazze, alluminio", True),
    ]


def test_a_description_that_the_client_replaces_is_the_client_s_from_then_on(shelf: Shelf) -> None:
    shelf.see(A)
    shelf.look(A, "Moka")
    shelf.load("product", f"asin;name;valid_from_date\n{A};Caffettiera;1970-01-01\n")
    shelf.look(A, "Moka, nuova", day=DAY + timedelta(days=1))
    assert [(*row[:3], row[-1]) for row in shelf.products()] == [(A, PREFILLED, "Caffettiera", False)]


def test_the_same_page_once_more_changes_no_row_and_a_competitor_s_page_makes_none(shelf: Shelf) -> None:
    shelf.see(A)
    shelf.look(A, "Moka")
    before = shelf.rows("select *, xmin from core.product")
    shelf.look(A, "Moka", day=DAY + timedelta(days=1))
    shelf.look(B, "Another brand's")
    shelf.see(A, day=DAY + timedelta(days=1))
    assert shelf.rows("select *, xmin from core.product") == before
    assert len(before) == 1


@pytest.mark.parametrize(
    ("identifiers", "ean"),
    [
        ([{"identifierType": "JAN", "identifier": "4900000000019"}], "4900000000019"),
        ([{"identifierType": "UPC", "identifier": "012345678905"}], "0012345678905"),
        ([{"identifierType": "UPC", "identifier": "012345678905"}, {"identifierType": "EAN", "identifier": EAN}], EAN),
        ([{"identifierType": "SKU", "identifier": "X-1"}], None),
        (None, None),
    ],
)
def test_the_article_number_is_the_european_one(shelf: Shelf, identifiers: Any, ean: str | None) -> None:
    shelf.see(A)
    shelf.look(A, "Moka", identifiers=[HERE | {"identifiers": identifiers}])
    assert [row[4] for row in shelf.products()] == [ean]
