"""The client's list of its products: what each is called, costs and means to it, from a day on."""

import re
from collections import defaultdict
from datetime import date

from daybreak.landing.client_cells import Cells
from daybreak.landing.client_tables import read_table
from daybreak.landing.csv_text import Value
from daybreak.landing.documents import Document
from daybreak.landing.failures import UnreadableDocument
from daybreak.landing.records import Records
from daybreak.landing.rejections import RowProblem, RowRefused
from daybreak.landing.specifications import ExpectedReport
from daybreak.sources import ClientFile

HEADERS: dict[str, tuple[str, ...]] = {
    "asin": ("ASIN Amazon", "Codice ASIN", "Amazon ASIN"),
    "valid_from_date": ("valid from", "valido dal", "valida dal", "in vigore dal", "data validità", "decorrenza"),
    "client_sku": ("SKU", "codice articolo", "codice prodotto", "codice", "articolo", "cod. art.", "item number"),
    "ean": ("EAN code", "codice EAN", "GTIN", "barcode", "codice a barre"),
    "name": ("product name", "title", "nome", "nome prodotto", "descrizione", "descrizione articolo", "description"),
    "brand_name": ("brand", "marca", "marchio"),
    "parent_asin": ("parent", "ASIN padre", "ASIN parent", "variation parent"),
    "lifecycle_code": ("lifecycle", "ciclo di vita", "stato", "stato prodotto", "fase", "status"),
    "priority_code": ("priority", "priorità", "classe", "classe ABC", "ABC"),
    "unit_cost_amount": (
        "unit cost", "cost", "costo", "costo unitario", "costo di produzione", "costo netto", "costo industriale",
    ),
    "case_pack_units": (
        "case pack", "units per case", "pezzi per cartone", "pezzi per collo", "pz cartone", "pezzi cartone", "imballo",
    ),
    "client_stock_units": (
        "stock", "own stock", "giacenza", "magazzino", "disponibilità", "giacenza magazzino", "scorta",
    ),
    "pack_units": ("pack size", "pieces per unit", "pezzi per confezione", "pz confezione", "confezione da"),
}  # fmt: skip
"""Our columns, and what else the first line of a file may call them, in English and Italian."""
COLUMNS = (
    "asin", "valid_from_date", "client_sku", "ean", "name", "brand_name", "parent_asin", "lifecycle_code",
    "priority_code", "unit_cost_amount", "currency_code", "case_pack_units", "client_stock_units", "pack_units",
)  # fmt: skip
_NUMERIC = ("unit_cost_amount", "case_pack_units", "client_stock_units", "pack_units")
_LIFECYCLES = {
    **dict.fromkeys(("launch", "lancio", "in lancio", "novità", "novita", "nuovo", "new"), "launch"),
    **dict.fromkeys(("active", "attivo", "attiva", "in corso"), "active"),
    **dict.fromkeys(("seasonal", "stagionale"), "seasonal"),
    **dict.fromkeys(("phase out", "in uscita", "in esaurimento", "esaurimento", "fine serie"), "phase_out"),
    **dict.fromkeys(
        ("discontinued", "fuori produzione", "discontinuato", "dismesso", "eliminato", "cessato"), "discontinued"
    ),
}
_PRIORITIES = {"a": "A", "b": "B", "c": "C"}
_EAN = re.compile(r"[0-9]{8}|[0-9]{12,14}")


def decode_products(data: Document, dataset: ClientFile, expected: ExpectedReport, file_name: str) -> Records:
    """The file as a row per ASIN and first day of validity, which is the ledger's date; without one, the file's day.

    Of two rows with one key neither is taken. An empty lifecycle is ``active``, an empty priority ``B``.

    Raises:
        UnreadableDocument: no CSV with a column for the ASIN, or no row in it.
    """
    received_on = expected.window_start
    if received_on is None:
        raise UnreadableDocument(file_name, "nobody noted on which day it came", "Load it with 'daybreak load'")
    table = read_table(data, HEADERS, required=("asin",), numeric=_NUMERIC, file_name=file_name)
    if not table.rows:
        raise UnreadableDocument(file_name, "it has a header and no row", "Nothing is loaded. Correct the file")
    read: list[tuple[Cells, tuple[date, tuple[Value, ...]] | RowProblem]] = []
    lines: dict[tuple[Value, date], list[int]] = defaultdict(list)
    for row in table.rows:
        cells = Cells(table, row, expected.currency_code, expected.time_zone)
        try:
            day, values = _values(cells, received_on)
            lines[values[0], day].append(row.line)
            read.append((cells, (day, values)))
        except RowRefused as refused:
            read.append((cells, refused.problem))
    days = {day for _, day in lines} or {received_on}
    records = Records(file_name, COLUMNS, min(days), max(days))
    for cells, found in read:
        if isinstance(found, RowProblem):
            records.reject(cells.raw, found)
        elif len(same := lines[found[1][0], found[0]]) > 1:
            where = f"lines {', '.join(map(str, same))} describe this ASIN from {found[0]} on; none of them is taken"
            records.reject(cells.raw, RowProblem("asin", where, f"line {cells.row.line}"), day=found[0])
        else:
            records.accept(found[0], found[1], cells.raw)
    records.unknown_names |= set(table.unknown)
    return records


def _values(cells: Cells, received_on: date) -> tuple[date, tuple[Value, ...]]:
    if cells.row.extra:
        cells.refuse(None, f"more cells than the first line has columns, from {cells.row.extra[0][:40]!r} on")
    asin = cells.asin()
    if asin is None:
        cells.refuse("asin", "a product without its ASIN")
    valid_from = cells.day("valid_from_date") or received_on
    cost = cells.amount("unit_cost_amount")
    return valid_from, (
        asin,
        valid_from.isoformat(),
        cells.text("client_sku"),
        _ean(cells),
        cells.text("name"),
        cells.text("brand_name"),
        cells.asin("parent_asin"),
        cells.code("lifecycle_code", _LIFECYCLES) or "active",
        cells.code("priority_code", _PRIORITIES) or "B",
        cost,
        cells.currency_code if cost is not None else None,
        cells.units("case_pack_units", 1),
        cells.units("client_stock_units", 0),
        cells.units("pack_units", 1),
    )


def _ean(cells: Cells) -> str | None:
    """Spreadsheets turn long numbers into 8,00123E+12, whose last digits are lost."""
    found = cells.text("ean")
    if found is None:
        return None
    digits = found.replace(" ", "").replace("-", "")
    if not _EAN.fullmatch(digits):
        cells.refuse("ean", f"an EAN has 8 or 12 to 14 digits, got {found[:40]!r}; format the column as text")
    return digits
