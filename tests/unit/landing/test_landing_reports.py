"""Good documents decode value for value, day by day."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daybreak.datasets import PERIOD_REPORTS
from daybreak.landing.layouts import LAYOUTS, table_columns
from daybreak.landing.reports import CHUNK_BYTES, decode_report
from daybreak.landing.slices import NOTHING
from daybreak.landing.specifications import ExpectedReport
from daybreak.settings import SQL_DIR
from tests.unit.landing.report_documents import (
    FIRST,
    LAST,
    ROW_MAKERS,
    Json,
    day,
    decode,
    document,
    document_bytes,
    inventory_row,
    money,
    sales_row,
    staged,
    traffic_row,
)

NOT_FROM_THE_DOCUMENT = {"account_id", "load_id", "known_from"}


def core_columns(table: str) -> list[str]:
    """The columns of a core table as its migration declares them."""
    migrations = "".join(path.read_text() for path in sorted((SQL_DIR / "migrations").glob("*.sql")))
    found = re.search(rf"create table core\.{table} \((.*?)\n\)", migrations, re.DOTALL)
    assert found, f"no migration creates core.{table}"
    names = [line.split()[0] for line in found[1].splitlines() if line.startswith("    ")]
    return [name for name in names if name != "primary"]


@pytest.mark.parametrize("dataset_key", PERIOD_REPORTS)
def test_the_columns_are_those_of_the_core_table(dataset_key: str) -> None:
    wanted = ["row_number", *(name for name in core_columns(dataset_key) if name not in NOT_FROM_THE_DOCUMENT)]
    assert list(table_columns(PERIOD_REPORTS[dataset_key])) == wanted


def test_an_inventory_row_decodes_value_for_value() -> None:
    report = decode(document("inventory_daily", [inventory_row(2)]))
    assert staged(report) == [
        {
            "row_number": "1",
            "business_date": day(2),
            "asin": "B000000001",
            "distributor_view_code": "MANUFACTURING",
            "sellable_on_hand_units": "120",
            "sellable_on_hand_cost_amount": "1234.56",
            "unsellable_on_hand_units": None,
            "unsellable_on_hand_cost_amount": None,
            "aged_90_plus_units": "0",
            "aged_90_plus_cost_amount": "-0.01",
            "unhealthy_units": None,
            "unhealthy_cost_amount": None,
            "open_purchase_order_units": "50",
            "net_received_units": "-3",
            "net_received_cost_amount": "189.9",
            "unfilled_customer_ordered_units": None,
            "vendor_confirmation_ratio": "0.0",
            "receive_fill_ratio": "0.0",
            "sell_through_ratio": None,
            "procurable_out_of_stock_ratio": None,
            "average_vendor_lead_time_days": "15.4",
            "currency_code": "EUR",
        }
    ]
    assert report.rejected == []
    assert report.unknown_fields == ()


def test_sales_and_traffic_rows_decode_value_for_value() -> None:
    assert list(staged(decode(document("sales_daily", [sales_row()]), "sales_daily"))[0].values()) == (
        ["1", day(1), "B000000001", "MANUFACTURING", "3", "59.97", "3", "59.97", "30.0", "1", "EUR"]
    )
    assert list(staged(decode(document("traffic_daily", [traffic_row()]), "traffic_daily"))[0].values()) == (
        ["1", day(1), "B000000001", "17"]
    )


def test_the_sourcing_view_has_no_ordered_figures_and_they_stay_missing() -> None:
    row = sales_row()
    del row["orderedRevenue"], row["orderedUnits"]
    options = PERIOD_REPORTS["sales_daily"].report_options("SOURCING", "EUR")
    report = decode(document("sales_daily", [row], reportOptions=options), "sales_daily", variant="SOURCING")
    (line,) = staged(report)
    assert line["distributor_view_code"] == "SOURCING"
    assert line["ordered_units"] is None
    assert line["ordered_revenue_amount"] is None
    assert line["shipped_units"] == "3"


@pytest.mark.parametrize("dataset_key", PERIOD_REPORTS)
def test_null_is_accepted_in_every_measure_even_a_required_one(dataset_key: str) -> None:
    measures = LAYOUTS[dataset_key].measures
    row = ROW_MAKERS[dataset_key]() | dict.fromkeys(measure.amazon_name for measure in measures)
    report = decode(document(dataset_key, [row]), dataset_key)
    (line,) = staged(report)
    assert {line[measure.column] for measure in measures} == {None}
    assert report.rejected == []


EXACT = [
    "0.1",
    "1234567.89",
    "123456789012.345",
    "12345678901234567.89",
    "0.12345678901234567890",
    "9007199254740993",
    "-2.50",
]


@pytest.mark.parametrize("text", EXACT)
def test_an_amount_keeps_every_digit_that_amazon_wrote(text: str) -> None:
    rows = [inventory_row(asin=f"B00000000{n}") for n in range(3)]
    rows[1] |= {"sellableOnHandInventoryCost": money(4711.25), "sellThroughRate": 4712.25}
    content = json.dumps(document("inventory_daily", rows)).replace("4711.25", text).replace("4712.25", text).encode()
    lines = staged(decode(content))
    assert Decimal(str(lines[1]["sellable_on_hand_cost_amount"])) == Decimal(text)
    assert Decimal(str(lines[1]["sell_through_ratio"])) == Decimal(text)
    assert lines[0]["sellable_on_hand_cost_amount"] == lines[2]["sellable_on_hand_cost_amount"] == "1234.56"


def test_aggregates_are_read_by_our_column_names_without_losing_a_digit() -> None:
    entry = inventory_row(4) | {"sellableOnHandInventoryCost": money(4711.25), "netReceivedInventoryUnits": None}
    del entry["asin"], entry["openPurchaseOrderUnits"]
    content = json.dumps(document("inventory_daily", [], [entry])).replace("4711.25", "12345678901234567.89").encode()
    report = decode(content)
    assert list(report.aggregates) == [date.fromisoformat(day(4))]
    figures = report.aggregates[date.fromisoformat(day(4))]
    assert set(figures) == {measure.column for measure in LAYOUTS["inventory_daily"].measures}
    assert figures["sellable_on_hand_cost_amount"] == Decimal("12345678901234567.89")
    assert figures["sellable_on_hand_units"] == 120
    assert figures["net_received_units"] is None
    assert figures["open_purchase_order_units"] is None


def test_a_day_is_delivered_if_it_is_aggregated_or_has_a_row() -> None:
    rows = [traffic_row(1), traffic_row(3), traffic_row(3, "B2")]
    aggregates = [{"startDate": day(n), "endDate": day(n), "glanceViews": 0} for n in (1, 2)]
    report = decode(document("traffic_daily", rows, aggregates), "traffic_daily")
    assert {when.isoformat(): digest.row_count for when, digest in report.slices.items()} == {
        day(1): 1,
        day(2): 0,
        day(3): 2,
    }
    assert report.slices[date.fromisoformat(day(2))] == NOTHING
    assert NOTHING.content_hash == hashlib.sha256(b"").hexdigest()


def test_a_confirmed_empty_report_delivers_its_days_and_no_rows() -> None:
    aggregates = [{"startDate": day(n), "endDate": day(n), "glanceViews": 0} for n in range(1, 16)]
    report = decode(document("traffic_daily", [], aggregates), "traffic_daily")
    assert len(report.slices) == 15
    assert (report.row_count, staged(report), report.rejected) == (0, [], [])


def test_the_hash_of_a_day_is_that_of_its_rows_bytes_in_document_order() -> None:
    rows = [
        b'{ "startDate":"%s" , "endDate":"%s", "asin":"%s","glanceViews":1}' % item
        for item in (
            (day(1).encode(), day(1).encode(), b"B1"),
            (day(2).encode(), day(2).encode(), b"B1"),
            (day(1).encode(), day(1).encode(), b"B2"),
        )
    ]
    report = decode(document_bytes("traffic_daily", rows), "traffic_daily")
    assert report.slices[FIRST].content_hash == hashlib.sha256(rows[0] + rows[2]).hexdigest()
    assert report.slices[FIRST + timedelta(days=1)].content_hash == hashlib.sha256(rows[1]).hexdigest()


ROWS_OF_DAYS = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 5)), max_size=30)


@given(ROWS_OF_DAYS, ROWS_OF_DAYS, st.booleans())
def test_the_hash_of_a_day_does_not_depend_on_other_days(
    rows: list[tuple[int, int]], others: list[tuple[int, int]], first: bool
) -> None:
    mine = [traffic_row(1, f"B{units}", glanceViews=units) for _, units in rows]
    foreign = [traffic_row(1 + number, f"B{units}") for number, units in others]
    mixed = [*mine, *foreign] if first else [*foreign, *mine]
    alone = decode(document("traffic_daily", mine), "traffic_daily").slices.get(FIRST)
    assert decode(document("traffic_daily", mixed), "traffic_daily").slices.get(FIRST) == alone


@given(st.permutations(["startDate", "endDate", "asin", "glanceViews"]), st.booleans())
def test_neither_the_order_of_fields_nor_white_space_changes_days_or_values(
    order: list[str], is_indented: bool
) -> None:
    rows = [{name: traffic_row(n, f"B{n}")[name] for name in (order if n % 2 else sorted(order))} for n in range(1, 6)]
    content = json.dumps(document("traffic_daily", rows), indent=2 if is_indented else None).encode()
    report = decode(content, "traffic_daily")
    assert [(line["business_date"], line["asin"]) for line in staged(report)] == [
        (day(n), f"B{n}") for n in range(1, 6)
    ]
    assert list(report.slices) == [FIRST + timedelta(days=n) for n in range(5)]


def test_only_the_days_asked_for_are_written() -> None:
    rows = [inventory_row(number, f"B{place}") for place in range(3) for number in (1, 2, 3)]
    rows[4]["openPurchaseOrderUnits"] = "x"
    report = decode(document("inventory_daily", rows))
    assert [line["row_number"] for line in staged(report, [FIRST, LAST])] == ["1", "4", "7"]
    assert (report.accepted_row_count, report.rejected) == (3, [])
    assert staged(report, []) == []
    assert [line["row_number"] for line in staged(report, [FIRST + timedelta(days=1)])] == ["2", "8"]
    assert [row.row_number for row in report.rejected] == [5]


def test_what_was_refused_is_known_without_reading_the_rows_first() -> None:
    content = document("inventory_daily", [inventory_row(), inventory_row(sellThroughRate="high")])
    assert [row.row_number for row in decode(content).rejected] == [2]
    assert decode(content).accepted_row_count == 1


def test_reading_the_rows_twice_gives_the_same_twice() -> None:
    report = decode(document("inventory_daily", [inventory_row(newField=1), inventory_row(2, asin="")]))
    assert staged(report) == staged(report)
    assert report.accepted_row_count == 1
    assert len(report.rejected) == 1
    assert report.unknown_fields == ("newField",)


def test_long_documents_come_in_chunks_of_about_a_mebibyte_that_end_with_a_row() -> None:
    count = 30_000
    rows = [json.dumps(inventory_row(1 + n % 15, f"B{n:09}")).encode() for n in range(count)]
    report = decode(document_bytes("inventory_daily", rows))
    chunks = list(report.csv_chunks())
    assert len(chunks) > 2
    assert all(CHUNK_BYTES <= len(chunk) < 2 * CHUNK_BYTES for chunk in chunks[:-1])
    assert all(chunk.endswith(b"\n") for chunk in chunks)
    assert sum(chunk.count(b"\n") for chunk in chunks) == report.accepted_row_count == count


def test_known_fields_without_a_column_are_no_drift_and_say_why() -> None:
    for layout in LAYOUTS.values():
        assert all(reason for reason in layout.unused.values())
    row = inventory_row(uft=0.25, sourceableProductOutOfStockRate=0.5)
    assert decode(document("inventory_daily", [row])).unknown_fields == ()


def test_new_fields_are_noticed_in_every_place_and_cost_no_row() -> None:
    rows = [inventory_row(asin=f"B{n}") for n in range(50)]
    rows[31] |= {"newField": {"amount": 1}, "sellableOnHandInventoryCost": money(1.5) | {"taxCode": "A"}}
    content = document("inventory_daily", rows, [inventory_row(1) | {"newTotal": 1}], newEcho="x")
    content["newMember"] = []
    report = decode(content)
    lines = staged(report)
    assert len(lines) == 50
    assert lines[31]["sellable_on_hand_cost_amount"] == "1.5"
    assert report.rejected == []
    assert report.unknown_fields == (
        "$.newMember",
        "inventoryAggregate.asin",
        "inventoryAggregate.newTotal",
        "newField",
        "reportSpecification.newEcho",
        "sellableOnHandInventoryCost.taxCode",
    )


def test_every_unknown_field_of_a_long_document_is_noticed() -> None:
    rows = [traffic_row(1 + n % 15, f"B{n}", always=n) for n in range(5000)]
    rows[4000] |= {"once": 1, "class": 2, "no identifier": 3, "__class__": 4}
    rows[4999] |= {f"field{n}": n for n in range(40)}
    report = decode(document("traffic_daily", rows), "traffic_daily")
    assert len(staged(report)) == 5000
    assert report.rejected == []
    wanted = {"always", "once", "class", "no identifier", "__class__", *(f"field{n}" for n in range(40))}
    assert set(report.unknown_fields) == wanted


def official_examples() -> Iterator[Any]:
    beside = Path(__file__).resolve().parents[4] / "shared" / "sp-api-models"
    schemas = Path(os.environ.get("SP_API_MODELS_DIR", beside)) / "schemas" / "reports"
    names = ("vendorSalesReport.json", "vendorInventoryReport.json", "vendorTrafficReport.json")
    if not schemas.is_dir():
        reason = "Amazon's models are not here: set SP_API_MODELS_DIR to a copy of selling-partner-api-models"
        yield pytest.param({}, marks=pytest.mark.skip(reason=reason))
        return
    for name in names:
        for number, example in enumerate(json.loads((schemas / name).read_text())["examples"], 1):
            if example["reportSpecification"]["reportOptions"].get("sellingProgram", "RETAIL") == "RETAIL":
                yield pytest.param(example, id=f"{name}-{number}")


def figure(value: Any) -> Decimal | None:
    bare = value["amount"] if isinstance(value, dict) else value
    return None if bare is None else Decimal(str(bare))


@pytest.mark.parametrize("example", official_examples())
def test_the_official_examples_decode_value_for_value(example: Json) -> None:
    said = example["reportSpecification"]
    dataset = next(each for each in PERIOD_REPORTS.values() if each.report_type == said["reportType"])
    view = said["reportOptions"].get("distributorView", "")
    asked = ExpectedReport("acme", said["marketplaceIds"][0], "USD", view, report_period=None)
    report = decode_report(json.dumps(example).encode(), dataset, asked, file_name="example.json")
    lines = staged(report)
    rows = example[dataset.rows_member]
    assert len(lines) == len(rows) == report.row_count
    for number, (line, row) in enumerate(zip(lines, rows, strict=True), 1):
        assert (line["row_number"], line["business_date"], line["asin"]) == (str(number), row["startDate"], row["asin"])
        assert line.get("distributor_view_code", "") == view
        for measure in LAYOUTS[dataset.key].measures:
            assert figure(line[measure.column]) == figure(row.get(measure.amazon_name)), measure.column
    for entry in example[dataset.aggregate_member]:
        figures = report.aggregates[date.fromisoformat(entry["startDate"])]
        for measure in LAYOUTS[dataset.key].measures:
            assert figure(figures[measure.column]) == figure(entry.get(measure.amazon_name)), measure.column
    assert {when.isoformat() for when in report.slices} == {row["startDate"] for row in rows}
    assert report.specification.last_updated_date == date.fromisoformat(said["lastUpdatedDate"])
    assert report.rejected == []
    assert report.unknown_fields == ()
