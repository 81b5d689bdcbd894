"""The gate and orders: days differ in how many there are, but what would take most of a day away is held back."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from daybreak.accounts import Account
from daybreak.datasets import DATASETS
from daybreak.landing.order_pages import ORDERS
from daybreak.settings import Settings
from daybreak.steps.file_loading import LoadedFile, load_file
from tests.unit.landing.order_documents import call, item, order

ITALY = Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_it")
FIRST, LAST = date(2026, 3, 2), date(2026, 3, 12)
MONDAY = datetime(2026, 3, 16, 9, tzinfo=UTC)


class Answers:
    """Documents of orders, each answered an hour after the last."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self.dsn = dsn
        self.folder = folder
        self.count = 0

    def load(self, lines_by_day: dict[int, int], hour: int | None = None) -> LoadedFile:
        """One order on each day (from 0, 2 March) with so many lines."""
        self.count += 1
        told = [
            order(
                f"PO{day}",
                *(item(str(number), f"B{number:09}") for number in range(lines)),
                purchaseOrderDate=f"{FIRST + timedelta(days=day)}T08:00:00Z",
            )
            for day, lines in lines_by_day.items()
            if lines
        ]
        file = self.folder / f"orders_{self.count}.jsonl"
        file.write_bytes(call(ORDERS, *told, first=FIRST, last=LAST))
        received_at = MONDAY + timedelta(hours=self.count if hour is None else hour)
        settings = Settings(home=self.folder, minimum_free_mebibytes=0)
        dataset = DATASETS["purchase_order_line"]
        return load_file(file, ITALY, dataset, settings, received_at=received_at, dsn=self.dsn)


@pytest.fixture
def answers(warehouse: str, tmp_path: Path) -> Answers:
    return Answers(warehouse, tmp_path)


def lines(connection: psycopg.Connection) -> dict[str, int]:
    query = "select po_number, count(*) from core.purchase_order_line group by 1 order by 1"
    return dict(connection.execute(query).fetchall())


def test_a_day_with_few_orders_or_none_after_full_days_is_published(
    answers: Answers, connection: psycopg.Connection
) -> None:
    assert answers.load(dict.fromkeys(range(8), 30)).is_published
    assert answers.load({**dict.fromkeys(range(8), 30), 8: 1}).is_published
    assert lines(connection) == {**{f"PO{day}": 30 for day in range(8)}, "PO8": 1}


def test_an_answer_that_would_take_most_of_a_day_away_is_held_back(
    answers: Answers, connection: psycopg.Connection
) -> None:
    answers.load({0: 30})
    outcome = answers.load({0: 10})
    assert not outcome.is_published
    assert "fewer than 60% of their published rows" in outcome.sentence
    assert lines(connection) == {"PO0": 30}


def test_a_newer_answer_replaces_its_days_wholly_in_whatever_order_the_answers_come(
    answers: Answers, connection: psycopg.Connection
) -> None:
    answers.load({0: 3, 1: 5}, hour=2)
    assert answers.load({0: 4, 1: 4, 2: 1}, hour=1).sentence.endswith("superseded")
    assert lines(connection) == {"PO0": 3, "PO1": 5}
    answers.load({0: 2}, hour=3)
    assert lines(connection) == {"PO0": 2}
