"""A client's product list is read as spreadsheets write it; a bad row goes with its line, column and reason, alone."""

import codecs
import csv
import io
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daybreak.datasets import DATASETS
from daybreak.landing.client_products import COLUMNS, HEADERS, decode_products
from daybreak.landing.failures import UnreadableDocument
from daybreak.landing.records import Records
from daybreak.landing.specifications import ExpectedReport
from tests.unit.landing.report_documents import staged

CAME_ON = date(2026, 3, 20)
ITALIAN = "ASIN;Codice articolo;Descrizione;Costo;Pezzi per cartone;Stato;Classe ABC;EAN\r\n"
FULL = 'B000000001;0012;"Tavolo ""grande""";1.234,50;12;in uscita;a;8001234567890\r\n'


def decode(data: bytes | str, **changes: Any) -> Records:
    usual = {
        "account_id": "acme_it",
        "marketplace_id": "APJ6JRA9NG5V4",
        "currency_code": "EUR",
        "variant": "",
        "window_start": CAME_ON,
        "window_end": CAME_ON,
        "time_zone": "Europe/Rome",
    }
    content = data.encode() if isinstance(data, str) else data
    return decode_products(content, DATASETS["product"], ExpectedReport(**(usual | changes)), "prodotti.csv")  # type: ignore[arg-type]


def rows(data: bytes | str) -> list[dict[str, str | None]]:
    return staged(decode(data))


def refusals(data: bytes | str) -> list[tuple[str | None, str]]:
    return [(each.field, each.reason) for each in decode(data).rejected]


def test_a_row_comes_out_value_for_value_and_empty_cells_are_null() -> None:
    assert rows(ITALIAN + FULL) == [
        {
            "row_number": "1",
            "business_date": "2026-03-20",
            "asin": "B000000001",
            "valid_from_date": "2026-03-20",
            "client_sku": "0012",
            "ean": "8001234567890",
            "name": 'Tavolo "grande"',
            "brand_name": None,
            "parent_asin": None,
            "lifecycle_code": "phase_out",
            "priority_code": "A",
            "unit_cost_amount": "1234.50",
            "currency_code": "EUR",
            "case_pack_units": "12",
            "client_stock_units": None,
            "pack_units": None,
        }
    ]


def test_a_row_that_says_little_is_an_active_product_of_middle_priority() -> None:
    [found] = rows("asin\nB000000001\n")
    assert (found["lifecycle_code"], found["priority_code"]) == ("active", "B")
    assert {found[name] for name in ("unit_cost_amount", "currency_code", "name", "ean")} == {None}


@pytest.mark.parametrize(
    "encode",
    [
        str.encode,
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: text.encode("cp1252"),
        lambda text: text.encode("utf-16"),
        lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
    ],
    ids=[
        "utf-8",
        "utf-8 with mark",
        "windows-1252",
        "utf-16",
        "utf-16-be with mark",
        "bare utf-16-le",
        "bare utf-16-be",
    ],
)
def test_every_encoding_that_spreadsheets_write_is_read(encode: Any) -> None:
    [found] = rows(encode("ASIN;Descrizione;Costo\r\nB000000001;Caffè più buono;€ 7,25\r\n".replace("€ ", "")))
    assert (found["name"], found["unit_cost_amount"]) == ("Caffè più buono", "7.25")


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_delimiter_and_line_ends_are_found(delimiter: str, ending: str) -> None:
    lines = [["Costo", "ASIN", "Nome"], ["7", "B000000001", "Sedia"], ["8", "B000000002", "Letto"]]
    found = rows(ending.join(delimiter.join(line) for line in lines) + ending)
    assert [(each["asin"], each["name"], each["unit_cost_amount"]) for each in found] == [
        ("B000000001", "Sedia", "7.0"),
        ("B000000002", "Letto", "8.0"),
    ]


def test_the_line_that_names_the_delimiter_is_obeyed_and_counted() -> None:
    assert [each["asin"] for each in rows("sep=|\r\nasin|name\r\nB000000001|a;b\r\n")] == ["B000000001"]
    [(_, reason)] = refusals("sep=|\r\nasin|name\r\nX|a\r\n")
    assert reason.startswith("line 3, column asin:")


texts = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs"))
)
names = st.lists(texts.filter(lambda text: text and not text.startswith(("=", "\ufeff"))), min_size=1, max_size=6)


@given(names, st.sampled_from([";", ",", "\t"]))
def test_names_with_quotes_and_delimiters_come_back_as_they_were_written(words: list[str], delimiter: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(["asin", "name"])
    writer.writerows([f"B{number:09}", word] for number, word in enumerate(words))
    assert [each["name"] for each in rows(text.getvalue())] == words


def test_a_line_break_in_quotes_belongs_to_the_cell_and_later_lines_keep_their_numbers() -> None:
    data = 'asin;name;cost\r\nB000000001;"a\r\nb";1\r\n\r\nB000000002;c;many\r\n'
    assert rows(data)[0]["name"] == "a b"
    assert refusals(data) == [("unit_cost_amount", "line 5, column cost (unit_cost_amount): not a number: 'many'")]


@pytest.mark.parametrize(
    ("cells", "field", "reason"),
    [
        ({"asin": "XX1"}, "asin", "ten letters and digits, got 'XX1'"),
        ({"asin": "", "name": "Sedia"}, "asin", "a product without its ASIN"),
        ({"unit_cost_amount": "circa 5"}, "unit_cost_amount", "not a number: 'circa 5'"),
        ({"unit_cost_amount": "-3"}, "unit_cost_amount", "an amount is 0 or more, got '-3'"),
        ({"unit_cost_amount": "$ 3"}, "unit_cost_amount", "the account's currency is EUR, got '$ 3'"),
        ({"case_pack_units": "1,5"}, "case_pack_units", "a whole number from 1 up, got '1,5'"),
        ({"case_pack_units": "0"}, "case_pack_units", "a whole number from 1 up, got '0'"),
        ({"client_stock_units": "-1"}, "client_stock_units", "a whole number from 0 up, got '-1'"),
        ({"pack_units": "3000000000"}, "pack_units", "a whole number from 1 up"),
        ({"ean": "8,00123E+12"}, "ean", "an EAN has 8 or 12 to 14 digits, got '8,00123E+12'"),
        ({"lifecycle_code": "boh"}, "lifecycle_code", "none of launch, active, seasonal, phase_out, discontinued"),
        ({"priority_code": "D"}, "priority_code", "none of A, B, C, got 'D'"),
        ({"valid_from_date": "31/02/2026"}, "valid_from_date", "not a date such as"),
        ({"valid_from_date": "01/03/26"}, "valid_from_date", "not a date such as"),
        ({"valid_from_date": "2026-03-01 25:00"}, "valid_from_date", "not a date such as"),
        ({"parent_asin": "family"}, "parent_asin", "ten letters and digits"),
        ({"name": "x" * 4001}, "name", "longer than 4000 characters"),
    ],
)
def test_a_cell_that_does_not_hold_what_it_should_costs_its_row_alone(
    cells: dict[str, str], field: str, reason: str
) -> None:
    usual = {"asin": "B000000001"} | cells
    others = [name for name in HEADERS if name != "asin"]
    header = ";".join(["asin", *others])
    bad = ";".join(usual.get(name, "") for name in ["asin", *others])
    data = f"{header}\n{bad}\nB000000002{';' * len(others)}\n"
    [(where, why)] = refusals(data)
    assert where == field
    assert why.startswith(f"line 2, column {field}: ")
    assert reason in why
    assert [each["asin"] for each in rows(data)] == ["B000000002"]


def test_of_two_rows_for_one_asin_neither_is_taken_and_both_lines_are_named() -> None:
    data = "asin;cost\nB000000001;5\nB000000002;1\nB000000001;6\n"
    assert [each["asin"] for each in rows(data)] == ["B000000002"]
    said = "lines 2, 4 describe this ASIN from 2026-03-20 on; none of them is taken"
    assert [reason for _, reason in refusals(data)] == [f"line 2: {said}", f"line 4: {said}"]


def test_versions_of_one_asin_stand_under_their_first_days() -> None:
    data = "asin;valido dal;costo\nB000000001;01/01/2025;5\nB000000001;2026-01-01;6\nB000000001;;7\n"
    records = decode(data)
    assert [(each["business_date"], each["unit_cost_amount"]) for each in staged(records)] == [
        ("2025-01-01", "5.0"),
        ("2026-01-01", "6.0"),
        ("2026-03-20", "7.0"),
    ]
    assert {day: digest.row_count for day, digest in records.slices.items()} == {
        date(2025, 1, 1): 1,
        date(2026, 1, 1): 1,
        CAME_ON: 1,
    }


@pytest.mark.parametrize(
    ("word", "day"),
    [("2026-03-01", "2026-03-01"), ("1.3.2026", "2026-03-01"), ("01-03-2026", "2026-03-01"),
     ("01/03/2026 00:00", "2026-03-01"), ("2026-03-01T00:00:00", "2026-03-01")],
)  # fmt: skip
def test_dates_are_written_with_the_year_or_the_day_first(word: str, day: str) -> None:
    assert rows(f"asin;valid from\nB000000001;{word}\n")[0]["valid_from_date"] == day


def test_spreadsheets_ways_of_keeping_zeros_and_small_letters_are_understood() -> None:
    [found] = rows('asin;sku;ean\nb000000001;="0012";="0012345678905"\n')
    assert (found["asin"], found["client_sku"], found["ean"]) == ("B000000001", "0012", "0012345678905")


def test_cells_beyond_the_header_are_a_row_that_slipped() -> None:
    [(_, reason)] = refusals("asin;name\nB000000001;Sedia;blu\n")
    assert reason == "line 2: more cells than the first line has columns, from 'blu' on"
    assert rows("asin;name;cost\nB000000001\n")[0]["name"] is None


def test_columns_that_mean_nothing_are_named_and_passed_over() -> None:
    assert decode("asin;Colore;;Peso (kg)\nB000000001;rosso;x;3\n").unknown_fields == ("Colore", "Peso (kg)")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "it is empty"),
        (b"\xef\xbb\xbf \r\n", "it is empty"),
        (b"PK\x03\x04...", "an Excel workbook, not a CSV file. Nothing is loaded. Save it as CSV"),
        (b"\xd0\xcf\x11\xe0...", "an old Excel workbook"),
        (b"asin\x00;name\n1", "binary data"),
        (b"\xff\xfea", "cut off or damaged"),
        (b"name;cost\nSedia;5\n", "names no column asin; it has 'name', 'cost'"),
        (b"asin;costo;cost\nB000000001;5;6\n", "several of its columns mean unit_cost_amount: 'costo', 'cost'"),
        (b'asin;name\nB000000001;a\nB000000002;"b\nB000000003;c\n', "the quotes that open in line 3 are never closed"),
        (b"asin;name\n", "it has a header and no row"),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole_with_what_to_do(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableDocument) as refused:
        decode(data)
    assert str(refused.value).startswith("prodotti.csv: ")
    assert words in str(refused.value)
    assert "Nothing is loaded" in str(refused.value)


@given(st.binary(max_size=200))
def test_any_bytes_after_a_header_are_rows_that_are_taken_or_refused_or_no_list(data: bytes) -> None:
    with suppress(UnreadableDocument):
        records = decode(b"asin;name;cost\n" + data)
        assert len(staged(records)) + len(records.rejected) == records.row_count


def test_a_rejected_row_is_kept_whole_under_the_files_own_words() -> None:
    [refused] = decode("ASIN;Costo\nB000000001;molto\n").rejected
    assert refused.raw_row == '{"asin":"B000000001","line":2,"cells":{"ASIN":"B000000001","Costo":"molto"},"beyond":[]}'
    assert refused.asin == "B000000001"


def test_no_word_of_a_header_means_two_columns() -> None:
    words = [word.casefold() for column, others in HEADERS.items() for word in (column, *others)]
    assert len(words) == len(set(words))
    assert set(HEADERS) | {"currency_code"} == set(COLUMNS)
