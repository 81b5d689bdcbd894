"""Bad input ends in one clear message with file, row and field, and a bad row costs only itself."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daybreak.datasets import PERIOD_REPORTS
from daybreak.landing.failures import FailureDocument, LandingFailure, UnreadableDocument, WrongDocument
from daybreak.landing.layouts import LAYOUTS
from daybreak.landing.rejections import RAW_ROW_LIMIT, RejectedRow
from tests.unit.landing.report_documents import (
    FILE_NAME,
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
    specification,
    staged,
    traffic_row,
)

GOOD = inventory_row(asin="GOOD")


def reject_one(row: Json | bytes, dataset_key: str = "inventory_daily") -> RejectedRow:
    """The rejection of a row that stands between two good ones, which must not suffer."""
    good = json.dumps(ROW_MAKERS[dataset_key](asin="GOOD")).encode()
    bad = row if isinstance(row, bytes) else json.dumps(row).encode()
    report = decode(document_bytes(dataset_key, [good, bad, good]), dataset_key)
    assert [(line["row_number"], line["asin"]) for line in staged(report)] == [("1", "GOOD"), ("3", "GOOD")]
    (rejected,) = report.rejected
    assert report.accepted_row_count + len(report.rejected) == report.row_count == 3
    assert rejected.row_number == 2
    assert FILE_NAME in rejected.message
    assert "row 2" in rejected.message
    assert rejected.reason in rejected.message
    return rejected


def test_a_string_where_a_number_belongs() -> None:
    row = inventory_row(3, "B000000009", sellableOnHandInventoryUnits="12")
    rejected = reject_one(row)
    assert rejected.field == "sellableOnHandInventoryUnits"
    assert rejected.reason == "$.sellableOnHandInventoryUnits: Expected int | null, got str"
    assert (rejected.business_date, rejected.asin) == (date.fromisoformat(day(3)), "B000000009")
    assert json.loads(rejected.raw_row) == row


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"sellableOnHandInventoryUnits": 1.5}, "sellableOnHandInventoryUnits", "got float"),
        ({"sellableOnHandInventoryUnits": True}, "sellableOnHandInventoryUnits", "got bool"),
        ({"openPurchaseOrderUnits": 2**31}, "openPurchaseOrderUnits", "<= 2147483647"),
        ({"openPurchaseOrderUnits": -(2**31) - 1}, "openPurchaseOrderUnits", ">= -2147483648"),
        ({"openPurchaseOrderUnits": 10**400}, "openPurchaseOrderUnits", "<= 2147483647"),
        ({"sellThroughRate": "0.5"}, "sellThroughRate", "got str"),
        ({"sellThroughRate": [0.5]}, "sellThroughRate", "got array"),
        ({"netReceivedInventoryCost": 12.5}, "netReceivedInventoryCost", "Expected object | null"),
        ({"netReceivedInventoryCost": {"amount": 1}}, "netReceivedInventoryCost.currencyCode", "is missing"),
        ({"netReceivedInventoryCost": {"currencyCode": "EUR"}}, "netReceivedInventoryCost.amount", "is missing"),
        ({"netReceivedInventoryCost": money(1) | {"amount": "1"}}, "netReceivedInventoryCost.amount", "got str"),
        ({"netReceivedInventoryCost": money(1) | {"amount": None}}, "netReceivedInventoryCost.amount", "got null"),
        (
            {"netReceivedInventoryCost": money(1, "USD")},
            "netReceivedInventoryCost.currencyCode",
            "account's currency is EUR, got 'USD'",
        ),
        ({"asin": None}, "asin", "got null"),
        ({"asin": ""}, "asin", "length >= 1"),
        ({"asin": "B" * 65}, "asin", "length <= 64"),
        ({"asin": 5}, "asin", "got int"),
        ({"asin": "B0\x00DROP"}, "asin", "NUL"),
        ({"startDate": None}, "startDate", "got null"),
        ({"startDate": "yesterday"}, "startDate", "not a date: 'yesterday'"),
        ({"startDate": "20261001"}, "startDate", "not a date"),
        ({"startDate": "2026-02-30"}, "startDate", "not a date"),
        ({"startDate": "2026-10-01T00:00:00Z"}, "startDate", "not a date"),
        ({"endDate": "soon"}, "endDate", "not a date: 'soon'"),
        ({"endDate": day(2)}, "endDate", "2026-10-01 to 2026-10-02 is no DAY"),
        (
            {"startDate": "2026-09-30", "endDate": "2026-09-30"},
            "startDate",
            "outside the report's window 2026-10-01 to 2026-10-15",
        ),
        ({"startDate": "2026-10-16", "endDate": "2026-10-16"}, "startDate", "outside the report's window"),
    ],
)
def test_a_wrong_value_is_named_by_field_and_costs_its_row(changes: Json, field: str, says: str) -> None:
    rejected = reject_one(inventory_row() | changes)
    assert rejected.field == field
    assert rejected.reason.startswith(f"$.{field}: ")
    assert says in rejected.reason


REQUIRED = [
    (dataset_key, name)
    for dataset_key, layout in LAYOUTS.items()
    for name in ("startDate", "endDate", "asin", *(m.amazon_name for m in layout.measures if m.is_required))
]


@pytest.mark.parametrize(("dataset_key", "name"), REQUIRED)
def test_a_missing_required_field(dataset_key: str, name: str) -> None:
    row = ROW_MAKERS[dataset_key]()
    del row[name]
    rejected = reject_one(row, dataset_key)
    assert (rejected.field, rejected.reason) == (name, f"$.{name}: required field is missing")


@pytest.mark.parametrize("dataset_key", PERIOD_REPORTS)
def test_a_missing_optional_field_is_null(dataset_key: str) -> None:
    row = ROW_MAKERS[dataset_key]()
    optional = [measure for measure in LAYOUTS[dataset_key].measures if not measure.is_required]
    for measure in optional:
        del row[measure.amazon_name]
    report = decode(document(dataset_key, [row]), dataset_key)
    (line,) = staged(report)
    assert all(line[measure.column] is None for measure in optional)
    assert report.rejected == []


@pytest.mark.parametrize("row", [b"null", b"5", b'"row"', b"[]", b"{}", b"true"])
def test_a_row_that_is_no_row(row: bytes) -> None:
    rejected = reject_one(row)
    assert (rejected.business_date, rejected.asin) == (None, None)
    assert rejected.raw_row == row.decode()


@pytest.mark.parametrize("number", ["1e400", "-1e400"])
def test_a_number_beyond_all_range(number: str) -> None:
    row = json.dumps(inventory_row(sellThroughRate=0.125)).replace("0.125", number).encode()
    assert "out of range" in reject_one(row).reason


def test_bytes_that_are_no_utf_8_cost_their_row_and_are_kept_readable() -> None:
    row = json.dumps(traffic_row(asin="CAFE")).encode().replace(b"CAFE", b"CAF\xc9")
    rejected = reject_one(row, "traffic_daily")
    assert rejected.reason == "the row is not valid UTF-8"
    assert "CAF\\xc9" in rejected.raw_row


def test_the_kept_row_holds_no_nul_and_no_more_than_64_kib() -> None:
    long = reject_one(inventory_row(asin="é" * 50_000))
    assert RAW_ROW_LIMIT - 4 <= len(long.raw_row.encode()) <= RAW_ROW_LIMIT
    nul = reject_one(inventory_row(asin="B0\x00"))
    assert "\x00" not in nul.raw_row + str(nul.asin) + nul.message


@pytest.mark.parametrize(
    "twice",
    [
        '"glanceViews": 17, "glanceViews": 18',
        '"glanceViews": 17, "asin": "OTHER"',
        '"glanceViews": 17, "endDate": "2026-10-02", "startDate": "2026-10-02"',
        '"glanceViews": 17, "\\u0061sin": "OTHER"',
    ],
)
def test_a_field_that_stands_twice_costs_its_row(twice: str) -> None:
    row = json.dumps(traffic_row()).replace('"glanceViews": 17', twice).encode()
    assert "stands twice" in reject_one(row, "traffic_daily").reason


def test_a_currency_that_stands_twice_costs_its_row() -> None:
    row = json.dumps(inventory_row()).replace('{"amount": 189.9,', '{"amount": 189.9, "amount": 1,').encode()
    assert reject_one(row).field == "amount"


def test_rows_with_different_fields_are_not_taken_for_rows_with_repeated_ones() -> None:
    rows = [sales_row(asin=f"B:{n}" if n % 3 else "B0") for n in range(20)]
    for row in rows[::2]:
        del row["orderedUnits"], row["orderedRevenue"]
    report = decode(document("sales_daily", rows), "sales_daily")
    assert len(staged(report)) == 20
    assert report.rejected == []


def test_a_repeated_business_key_is_kept_for_the_gate() -> None:
    report = decode(document("traffic_daily", [traffic_row(), traffic_row(glanceViews=18)]), "traffic_daily")
    assert [line["glance_views"] for line in staged(report)] == ["17", "18"]


ODD_ASINS = [
    'B0"0',
    "B0\t0",
    "B0\\0",
    "\\.",
    "%s",
    ":x",
    "'; DROP TABLE core.sales_daily; --",
    "{batch}",
    "$$",
    "null",
    "a,b",
    "\u2028",
    "\n",
    "\r\n",
    " ",
    "é😀",
    "][",
    "<script>",
    "12345678901234567890",
    "x" * 64,
]


@pytest.mark.parametrize("asin", ODD_ASINS)
def test_an_odd_asin_is_stored_as_it_came(asin: str) -> None:
    rows = [inventory_row(asin="GOOD"), inventory_row(asin=asin), inventory_row(asin="GOOD")]
    for content in (
        json.dumps(document("inventory_daily", rows)),
        json.dumps(document("inventory_daily", rows), ensure_ascii=False),
    ):
        report = decode(content.encode())
        assert [line["asin"] for line in staged(report)] == ["GOOD", asin, "GOOD"]
        assert report.rejected == []


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
CHANGES = st.dictionaries(st.sampled_from([*inventory_row(), "newField", "x:y"]), VALUES, max_size=3)


@given(st.lists(st.one_of(CHANGES.map(lambda changes: inventory_row() | changes), VALUES), max_size=12))
def test_every_row_is_either_staged_or_rejected(rows: list[Any]) -> None:
    content = json.dumps(document("inventory_daily", rows)).replace("Infinity", "1e999").encode()
    try:
        report = decode(content)
    except UnreadableDocument:
        # A text with half a surrogate pair is not JSON, and JSON that is not whole is not taken in part.
        assert b"\\ud" in content
        return
    lines = staged(report)
    assert len(lines) == report.accepted_row_count
    places = [int(str(line["row_number"])) for line in lines] + [row.row_number for row in report.rejected]
    assert sorted(places) == list(range(1, len(rows) + 1))
    assert all(row.reason and "\x00" not in row.raw_row for row in report.rejected)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.9, 0.999])
def test_json_cut_anywhere_is_unreadable_and_says_how_far_it_goes(share: float) -> None:
    whole = json.dumps(document("inventory_daily", [inventory_row(asin=f"B{n}") for n in range(9)])).encode()
    cut = whole[: int(len(whole) * share)]
    with pytest.raises(
        UnreadableDocument, match=rf"^{FILE_NAME}: the JSON is cut off: it ends after {len(cut):,} bytes"
    ) as caught:
        decode(cut)
    assert ("in row " in str(caught.value)) == (b'"asin"' in cut)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda text: text + "rubbish",
            r"trailing characters at byte [\d,]+ of [\d,]+ bytes, in row 2 or after it, at '.*rubbish'",
        ),
        (lambda text: f"[{text}]", "not a report document: Expected object, got array"),
        (lambda text: text.replace(": 120", ": NaN"), r"invalid character at byte [\d,]+ .* in row 1 or after it"),
        (lambda text: text.replace('"inventoryByAsin"', '"byAsin"'), "the document has no inventoryByAsin"),
        (lambda text: text.replace('"inventoryAggregate"', '"aggregate"'), "the document has no inventoryAggregate"),
        (
            lambda text: text.replace('"reportSpecification"', '"specification"'),
            "the document has no reportSpecification",
        ),
        (
            lambda text: text.replace('"inventoryByAsin": [', '"inventoryByAsin": null, "x": ['),
            "the document has no inventoryByAsin",
        ),
        (
            lambda text: text.replace('"inventoryAggregate": []', '"inventoryAggregate": {}'),
            "inventoryAggregate cannot be read",
        ),
        (lambda text: text.replace('"dataStartTime"', '"begin"'), "reportSpecification cannot be read.*dataStartTime"),
        (
            lambda text: text.replace('"lastUpdatedDate": "2026-10-19"', '"lastUpdatedDate": "new"'),
            "lastUpdatedDate is not a date: 'new'",
        ),
        (lambda _: '{"a":' * 5000, "nests deeper"),
    ],
)
def test_a_broken_document_says_what_is_broken_and_what_to_do(change: Any, says: str) -> None:
    text = json.dumps(document("inventory_daily", [inventory_row(), inventory_row(2)]))
    with pytest.raises(UnreadableDocument, match=says) as caught:
        decode(change(text).encode())
    assert str(caught.value).startswith(FILE_NAME)
    assert "bytes stay as landed" in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"glanceViews": "many"}, r"trafficAggregate, entry 2: \$\.glanceViews: Expected int \| null, got str"),
        ({"startDate": "x"}, r"entry 2: \$\.startDate: not a date"),
        ({"startDate": day(2), "endDate": day(3)}, "is no DAY"),
        ({"startDate": "2027-01-01", "endDate": "2027-01-01"}, "outside the report's window"),
        ({}, "2026-10-01 stands twice"),
    ],
)
def test_totals_that_cannot_be_read_make_the_document_unreadable(entry: Json, says: str) -> None:
    total = {"startDate": day(1), "endDate": day(1), "glanceViews": 1}
    with pytest.raises(UnreadableDocument, match=says):
        decode(document("traffic_daily", [traffic_row()], [total, total | entry]), "traffic_daily")


@pytest.mark.parametrize("details", ["Error in report request: not yet available.", "two\nlines\x1b[31m", {"code": 7}])
def test_amazons_own_explanation_is_passed_on(details: object) -> None:
    with pytest.raises(FailureDocument) as caught:
        decode(json.dumps({"errorDetails": details}).encode())
    assert caught.value.details in str(caught.value)
    assert caught.value.details.isprintable()
    assert str(details).split("\n", maxsplit=1)[0] in caught.value.details


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"marketplaceIds": ["A1PA6795UKMFR9"]}, "marketplace: asked APJ6JRA9NG5V4, got A1PA6795UKMFR9"),
        ({"marketplaceIds": []}, "marketplace: asked APJ6JRA9NG5V4, got "),
        (
            {"reportType": "GET_VENDOR_SALES_REPORT"},
            "report type: asked GET_VENDOR_INVENTORY_REPORT, got GET_VENDOR_SALES_REPORT",
        ),
        ({"dataStartTime": "2026-09-30"}, "first day: asked 2026-10-01, got 2026-09-30"),
        ({"dataEndTime": "2026-10-14"}, "last day: asked 2026-10-15, got 2026-10-14"),
        ({"reportOptions": {"distributorView": "SOURCING"}}, "distributorView: asked MANUFACTURING, got SOURCING"),
        ({"reportOptions": {"sellingProgram": "FRESH"}}, "sellingProgram: asked RETAIL, got FRESH"),
        ({"reportOptions": {"sellingProgram": None}}, "sellingProgram: asked RETAIL, got none"),
        ({"reportOptions": {"reportPeriod": "WEEK"}}, "reportPeriod: asked DAY, got WEEK"),
    ],
)
def test_another_report_than_the_one_asked_for_is_named_point_by_point(changes: Json, says: str) -> None:
    usual = specification("inventory_daily")["reportOptions"]
    if "reportOptions" in changes:
        changes = {"reportOptions": usual | changes["reportOptions"]}
    with pytest.raises(WrongDocument) as caught:
        decode(document("inventory_daily", [GOOD], **changes))
    assert says in str(caught.value)
    assert caught.value.differences == (says,)
    assert FILE_NAME in str(caught.value)
    assert "account acme" in str(caught.value)


def test_every_difference_is_named_at_once() -> None:
    with pytest.raises(WrongDocument) as caught:
        decode(document("inventory_daily", [GOOD], marketplaceIds=["X"], dataEndTime="2026-10-14"))
    assert len(caught.value.differences) == 2


def test_another_datasets_document_is_called_wrong_and_not_broken() -> None:
    with pytest.raises(WrongDocument, match="asked GET_VENDOR_INVENTORY_REPORT, got GET_VENDOR_SALES_REPORT"):
        decode(json.dumps(document("sales_daily", [sales_row()])).encode(), "inventory_daily")


def test_a_traffic_report_with_a_view_is_not_what_was_asked() -> None:
    options = {"reportPeriod": "DAY", "distributorView": "SOURCING"}
    with pytest.raises(WrongDocument, match="distributorView: asked none, got SOURCING"):
        decode(document("traffic_daily", [traffic_row()], reportOptions=options), "traffic_daily")


def test_without_a_window_asked_for_the_documents_own_window_holds() -> None:
    content = document("traffic_daily", [traffic_row(15), traffic_row(1)], dataStartTime=f"{day(2)}T00:00:00Z")
    report = decode(content, "traffic_daily", window_start=None, window_end=None)
    assert report.specification.data_start_date == FIRST + timedelta(days=1)
    assert [row.row_number for row in report.rejected] == [2]
    assert list(report.slices) == [LAST]


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(WrongDocument, match="before it begins"):
        decode(
            document("traffic_daily", [], dataEndTime="2026-09-01"), "traffic_daily", window_start=None, window_end=None
        )


def test_weeks_run_from_sunday_to_saturday() -> None:
    weeks = [
        ("2026-10-04", "2026-10-10"),
        ("2026-10-05", "2026-10-11"),
        ("2026-10-04", "2026-10-09"),
        ("2026-10-11", "2026-10-17"),
    ]
    rows = [traffic_row() | {"startDate": start, "endDate": end} for start, end in weeks]
    content = document(
        "traffic_daily",
        rows,
        reportOptions={"reportPeriod": "WEEK"},
        dataStartTime="2026-10-04",
        dataEndTime="2026-10-10",
    )
    report = decode(content, "traffic_daily", window_start=None, window_end=None, report_period=None)
    assert [line["business_date"] for line in staged(report)] == ["2026-10-04"]
    assert [row.field for row in report.rejected] == ["endDate", "endDate", "startDate"]


@pytest.mark.parametrize("period", ["MONTH", "QUARTER", "YEAR", "HOUR"])
def test_figures_of_longer_periods_never_enter_a_daily_table(period: str) -> None:
    content = document("traffic_daily", [traffic_row()], reportOptions={"reportPeriod": period})
    with pytest.raises(WrongDocument, match=f"asked DAY or WEEK, got {period}"):
        decode(content, "traffic_daily", report_period=None)


@given(st.binary(max_size=200))
def test_no_bytes_end_in_anything_but_a_landing_failure(content: bytes) -> None:
    with pytest.raises(LandingFailure, match=FILE_NAME):
        decode(content)
