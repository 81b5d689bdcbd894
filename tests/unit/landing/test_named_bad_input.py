"""Bad input that comes in more than one dataset, for those that have no test of it beside their decoder."""

import codecs
import json
from datetime import date
from typing import Any

import pytest

from daybreak.datasets import DATASETS
from daybreak.landing.client_promotions import decode_planned
from daybreak.landing.layouts import LAYOUTS
from daybreak.landing.records import Records
from daybreak.landing.specifications import ExpectedReport
from daybreak.sources import CampaignReport
from tests.unit.landing import order_documents
from tests.unit.landing.report_documents import ROW_MAKERS, Json, document_bytes, staged
from tests.unit.landing.report_documents import decode as decode_report
from tests.unit.landing.source_documents import deal, deals, decode, hour_row, hours, product
from tests.unit.landing.source_documents import staged as staged_rows
from tests.unit.landing.test_client_products import rows as client_products

EXCEL = "Promozione;ASIN;Dal;Al;Contributo;Tipo\r\nPasqua;B000000001;01/04/2026;06/04/2026;{};Sconto più alto\r\n"


def planned(content: bytes) -> Records:
    came_on = date(2026, 3, 20)
    expected = ExpectedReport("acme_it", "APJ6JRA9NG5V4", "EUR", "PLANNED", came_on, came_on, time_zone="Europe/Rome")
    promotions = DATASETS["promotion"]
    assert isinstance(promotions, CampaignReport)
    return decode_planned(content, promotions, expected, "promo.csv")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_planned_promotions_are_read_as_excel_in_italy_writes_them(encoding: str) -> None:
    content = EXCEL.format("1.234,50").encode(encoding)
    assert encoding != "utf-8-sig" or content.startswith(codecs.BOM_UTF8)
    [found] = staged(planned(content))
    assert (found["promotion_id"], found["funding_per_unit_amount"]) == ("Pasqua", "1234.50")
    assert found["kind_code"] == "sconto_più_alto"


def test_text_in_what_a_planned_promotion_pays_costs_its_row_and_says_where() -> None:
    more = "Estate;B000000002;01/07/2026;02/07/2026;2,50;Deal\r\n"
    records = planned((EXCEL.format("circa 1,50") + more).encode())
    assert [row["promotion_id"] for row in staged(records)] == ["Estate"]
    [refused] = records.rejected
    assert "line 2, column Contributo (funding_per_unit_amount): not a number: 'circa 1,50'" in refused.reason


@pytest.mark.parametrize(("cell", "amount"), [("0", "0"), ("0,00", "0"), ("", None)])
def test_a_planned_promotion_that_pays_nothing_is_told_apart_from_one_that_does_not_say(
    cell: str, amount: str | None
) -> None:
    [found] = staged(planned(EXCEL.format(cell).encode()))
    told = found["funding_per_unit_amount"]
    assert (told if told is None else str(float(told))) == (amount if amount is None else "0.0")


MARKUP = "<b>Tavolo</b> & <script>alert('x')</script> "


def test_a_client_s_name_of_4000_characters_with_markup_is_kept_as_it_stands() -> None:
    name = (MARKUP * 100)[:3999] + "."
    assert len(name) == 4000
    [found] = client_products(f"ASIN;Descrizione\r\nB000000001;{name}\r\n")
    assert found["name"] == name


def content(dataset_key: str, *rows: Json) -> bytes:
    return document_bytes(dataset_key, [json.dumps(row).encode() for row in rows])


MONEY = [
    (key, measure.amazon_name)
    for key, layout in LAYOUTS.items()
    for measure in layout.measures
    if measure.kind == "amount"
]


@pytest.mark.parametrize(("dataset_key", "name"), [each for each in MONEY if each[0] in ROW_MAKERS])
def test_text_in_a_cost_of_amazons_costs_its_row(dataset_key: str, name: str) -> None:
    bad = ROW_MAKERS[dataset_key](asin="BAD", **{name: {"amount": "about 5", "currencyCode": "EUR"}})
    report = decode_report(content(dataset_key, bad, ROW_MAKERS[dataset_key](asin="GOOD")), dataset_key)
    assert [row["asin"] for row in staged(report)] == ["GOOD"]
    [refused] = report.rejected
    assert (refused.asin, refused.field) == ("BAD", f"{name}.amount")


@pytest.mark.parametrize(("dataset_key", "name"), [each for each in MONEY if each[0] in ROW_MAKERS])
def test_an_amount_of_0_is_0_and_one_of_null_is_null(dataset_key: str, name: str) -> None:
    [measure] = [each for each in LAYOUTS[dataset_key].measures if each.amazon_name == name]
    zero = ROW_MAKERS[dataset_key](asin="ZERO", **{name: {"amount": 0, "currencyCode": "EUR"}})
    none = ROW_MAKERS[dataset_key](asin="NONE", **{name: None})
    report = decode_report(content(dataset_key, zero, none), dataset_key)
    first, second = staged(report)
    assert (float(first[measure.column] or "nan"), second[measure.column]) == (0.0, None)


@pytest.mark.parametrize(("revenue", "stored"), [(0, 0.0), (0.0, 0.0), (None, None)])
def test_an_hour_s_revenue_of_0_is_0_and_of_null_is_null(revenue: Any, stored: float | None) -> None:
    [row] = staged_rows(decode(hours([hour_row(orderedRevenue=revenue)]), "sales_hourly"))
    told = row["ordered_revenue_amount"]
    assert (None if told is None else float(told)) == stored


@pytest.mark.parametrize(("spent", "stored"), [(0, 0.0), (None, None)])
def test_what_a_deal_cost_is_0_or_unknown_as_amazon_says(spent: Any, stored: float | None) -> None:
    [row] = staged_rows(decode(deals([deal([product(productAmountSpent=spent)])]), "promotion", "DEAL"))
    told = row["spend_amount"]
    assert (None if told is None else float(told)) == stored


def orders(net_cost: Any) -> Records:
    items = (order_documents.item(netCost=net_cost), order_documents.item("2", "B000000002"))
    return order_documents.decode(order_documents.document(order_documents.order("PO1", *items)))


@pytest.mark.parametrize("amount", ["about 7", "7,50", "", "NaN", {"value": 7}])
def test_text_in_an_order_s_cost_costs_its_line_and_names_it(amount: Any) -> None:
    records = orders({"amount": amount, "currencyCode": "EUR"})
    assert [row["asin"] for row in staged(records)] == ["B000000002"]
    [refused] = records.rejected
    assert refused.asin == "B000000001"
    assert "netCost" in refused.reason


@pytest.mark.parametrize(("net_cost", "stored"), [({"amount": "0", "currencyCode": "EUR"}, "0"), (None, None)])
def test_an_order_s_cost_of_0_is_0_and_one_that_is_not_told_is_null(net_cost: Json | None, stored: str | None) -> None:
    assert staged(orders(net_cost))[0]["net_cost_amount"] == stored
