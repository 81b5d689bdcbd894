"""Report documents for tests, and a reader of CSV that follows COPY's rules and not the writer's."""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from daybreak.datasets import PERIOD_REPORTS
from daybreak.landing.reports import DecodedReport, decode_report
from daybreak.landing.specifications import ExpectedReport

FIRST = date(2026, 10, 1)
LAST = date(2026, 10, 15)
MARKETPLACE_ID = "APJ6JRA9NG5V4"
FILE_NAME = "acme/inventory_daily/2026/10/report-0123456789ab.bin"

Json = dict[str, Any]


def money(amount: float, currency_code: str = "EUR") -> Json:
    return {"amount": amount, "currencyCode": currency_code}


def day(number: int) -> str:
    """The day with this number, from 1, of the usual window."""
    return (FIRST + timedelta(days=number - 1)).isoformat()


def inventory_row(number: int = 1, asin: str = "B000000001", **changes: Any) -> Json:
    """A row as live data has it: null in optional fields, and two fields that no schema explains."""
    return {
        "startDate": day(number),
        "endDate": day(number),
        "asin": asin,
        "sourceableProductOutOfStockRate": None,
        "procurableProductOutOfStockRate": None,
        "openPurchaseOrderUnits": 50,
        "receiveFillRate": 0,
        "averageVendorLeadTimeDays": 15.4,
        "sellThroughRate": None,
        "unfilledCustomerOrderedUnits": None,
        "vendorConfirmationRate": 0,
        "netReceivedInventoryCost": money(189.9),
        "netReceivedInventoryUnits": -3,
        "sellableOnHandInventoryCost": money(1234.56),
        "sellableOnHandInventoryUnits": 120,
        "unsellableOnHandInventoryCost": None,
        "unsellableOnHandInventoryUnits": None,
        "aged90PlusDaysSellableInventoryCost": money(-0.01),
        "aged90PlusDaysSellableInventoryUnits": 0,
        "unhealthyInventoryCost": None,
        "unhealthyInventoryUnits": None,
        "uft": None,
    } | changes


def sales_row(number: int = 1, asin: str = "B000000001", **changes: Any) -> Json:
    return {
        "startDate": day(number),
        "endDate": day(number),
        "asin": asin,
        "customerReturns": 1,
        "orderedRevenue": money(59.97),
        "orderedUnits": 3,
        "shippedCogs": money(30.0),
        "shippedRevenue": money(59.97),
        "shippedUnits": 3,
    } | changes


def traffic_row(number: int = 1, asin: str = "B000000001", **changes: Any) -> Json:
    return {"startDate": day(number), "endDate": day(number), "asin": asin, "glanceViews": 17} | changes


def margin_row(number: int = 1, asin: str = "B000000001", **changes: Any) -> Json:
    return {"startDate": day(number), "endDate": day(number), "asin": asin, "netPureProductMargin": 0.31} | changes


ROW_MAKERS = {
    "inventory_daily": inventory_row,
    "sales_daily": sales_row,
    "traffic_daily": traffic_row,
    "margin_daily": margin_row,
}


def specification(dataset_key: str, **changes: Any) -> Json:
    dataset = PERIOD_REPORTS[dataset_key]
    return {
        "reportType": dataset.report_type,
        "reportOptions": dataset.report_options("MANUFACTURING", "EUR"),
        "lastUpdatedDate": "2026-10-19",
        "dataStartTime": FIRST.isoformat(),
        "dataEndTime": LAST.isoformat(),
        "marketplaceIds": [MARKETPLACE_ID],
    } | changes


def document(dataset_key: str, rows: Iterable[Json], aggregates: Iterable[Json] = (), **changes: Any) -> Json:
    dataset = PERIOD_REPORTS[dataset_key]
    return {
        "reportSpecification": specification(dataset_key, **changes),
        dataset.aggregate_member: list(aggregates),
        dataset.rows_member: list(rows),
    }


def document_bytes(dataset_key: str, rows: Iterable[bytes]) -> bytes:
    """A document whose rows are these bytes, well formed or not."""
    empty = json.dumps(document(dataset_key, [])).encode()
    return empty.removesuffix(b"[]}") + b"[" + b", ".join(rows) + b"]}"


def expected(dataset_key: str = "inventory_daily", **changes: Any) -> ExpectedReport:
    usual: Json = {
        "account_id": "acme",
        "marketplace_id": MARKETPLACE_ID,
        "currency_code": "EUR",
        "variant": "MANUFACTURING" if PERIOD_REPORTS[dataset_key].has_distributor_view else "",
        "window_start": FIRST,
        "window_end": LAST,
    }
    return ExpectedReport(**(usual | changes))


def decode(data: Json | bytes, dataset_key: str = "inventory_daily", **changes: Any) -> DecodedReport:
    content = data if isinstance(data, bytes) else json.dumps(data).encode()
    return decode_report(content, PERIOD_REPORTS[dataset_key], expected(dataset_key, **changes), file_name=FILE_NAME)


def staged(report: DecodedReport, only_days: Iterable[date] | None = None) -> list[dict[str, str | None]]:
    """The rows that COPY would stage, by column, as text."""
    text = b"".join(report.csv_chunks(None if only_days is None else set(only_days))).decode()
    return [dict(zip(report.columns, line, strict=True)) for line in read_csv(text)]


def read_csv(text: str) -> list[list[str | None]]:
    """CSV as Postgres reads it with NULL 'null': an unquoted null is no value, a quoted one is text."""
    lines: list[list[str | None]] = []
    line: list[str | None] = []
    place = 0
    while place < len(text):
        field: str | None
        if text[place] == '"':
            end = place + 1
            while text[end] != '"' or text[end : end + 2] == '""':
                end += 2 if text[end] == '"' else 1
            field = text[place + 1 : end].replace('""', '"')
            end += 1
        else:
            end = min(at for at in (text.find(",", place), text.find("\n", place)) if at >= 0)
            field = text[place:end] if text[place:end] != "null" else None
        line.append(field)
        if text[end] == "\n":
            lines.append(line)
            line = []
        else:
            assert text[end] == ",", f"a field ends in {text[end]!r}"
        place = end + 1
    assert not line, "the last line has no end"
    return lines
