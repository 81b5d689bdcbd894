"""A way that does not load the document's rows is no rival: its time says nothing, and the benchmark stops."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest
from isal import igzip

from bench.load.daybreak_path import load_document
from bench.load.inventory_document import ACCOUNT, InventoryDocument, write_document
from bench.load.keyed_tables import WrongRows, export_published, fingerprint, make_rival_table, require_rows
from bench.load.raw_copy import copy_beside_document, copy_packed_rows

FIRST = date(2026, 3, 1)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> InventoryDocument:
    return write_document(tmp_path_factory.mktemp("bench") / "window.json.gz", FIRST, 2, 30)


@pytest.fixture
def filled(warehouse: str, document: InventoryDocument) -> Iterator[psycopg.Connection]:
    """A warehouse in which Daybreak has published the document and the raw COPY has loaded the rival table."""
    load_document(document, warehouse)
    make_rival_table(warehouse, document)
    copy_beside_document(document, export_published(warehouse, document), warehouse)
    with psycopg.connect(warehouse, autocommit=True) as connection:
        yield connection


def test_the_same_window_is_the_same_bytes_and_a_shared_day_the_same_rows(
    tmp_path: Path, document: InventoryDocument
) -> None:
    again = write_document(tmp_path / "again.json.gz", FIRST, 2, 30)
    assert again.path.read_bytes() == document.path.read_bytes()
    longer = write_document(tmp_path / "longer.json.gz", FIRST, 3, 30)
    rows = [igzip.decompress(each.path.read_bytes()).partition(b'"inventoryByAsin":[')[2] for each in (again, longer)]
    assert rows[1].startswith(rows[0].removesuffix(b"]}"))
    assert (document.row_count, longer.row_count) == (60, 90)


@pytest.mark.usefixtures("filled")
def test_the_rival_holds_the_rows_that_daybreak_published(warehouse: str, document: InventoryDocument) -> None:
    expected = fingerprint(warehouse)
    assert expected[0] == document.row_count
    require_rows(warehouse, expected)


@pytest.mark.parametrize(
    "spoiled",
    [
        "delete from bench.inventory_rival where asin = (select min(asin) from bench.inventory_rival)",
        "update bench.inventory_rival set sellable_on_hand_units = sellable_on_hand_units + 1",
        "update bench.inventory_rival set sellable_on_hand_cost_amount = 0",
        "update bench.inventory_rival set net_received_cost_amount = null",
    ],
)
def test_a_wrong_table_makes_the_benchmark_fail(filled: psycopg.Connection, warehouse: str, spoiled: str) -> None:
    expected = fingerprint(warehouse)
    filled.execute(spoiled)
    with pytest.raises(WrongRows, match="must be"):
        require_rows(warehouse, expected)


def test_a_table_that_nobody_filled_makes_the_benchmark_fail(warehouse: str, document: InventoryDocument) -> None:
    make_rival_table(warehouse, document)
    with pytest.raises(WrongRows):
        require_rows(warehouse, (document.row_count, 1))


def test_rows_packed_as_csv_end_in_the_same_table(
    warehouse: str, filled: psycopg.Connection, document: InventoryDocument
) -> None:
    expected = fingerprint(warehouse)
    rows = export_published(warehouse, document)
    filled.execute("truncate bench.inventory_rival")
    copy_packed_rows(igzip.compress(rows), warehouse)
    require_rows(warehouse, expected)


def test_seconds_are_told_by_step_and_add_up(warehouse: str, document: InventoryDocument) -> None:
    seconds = load_document(document, warehouse)
    assert seconds.changed_rows == document.row_count
    assert seconds.total == seconds.land + seconds.stage + seconds.gate + seconds.publish
    assert min(seconds.land, seconds.stage, seconds.gate, seconds.publish) > 0
    with psycopg.connect(warehouse) as connection:
        told = connection.execute(
            "select status_code, verdict_code from ops.load where account_id = %(a)s", {"a": ACCOUNT.account_id}
        ).fetchall()
    assert told == [("published", "pass")]
