"""The client's planned promotions: a row per promotion and product, as people write them into a spreadsheet."""

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
from daybreak.sources import CampaignReport

HEADERS: dict[str, tuple[str, ...]] = {
    "promotion_id": ("promotion", "promo", "promozione", "codice promozione", "ID promozione", "campaign", "campagna"),
    "asin": ("ASIN Amazon", "Codice ASIN", "Amazon ASIN"),
    "kind_code": ("kind", "type", "tipo", "tipo promozione", "meccanica"),
    "start_at": ("start", "start date", "from", "inizio", "data inizio", "dal"),
    "end_at": ("end", "end date", "to", "fine", "data fine", "al"),
    "funding_per_unit_amount": (
        "funding", "funding per unit", "contribution", "contributo", "contributo unitario", "contributo per pezzo",
        "finanziamento", "sconto unitario",
    ),
}  # fmt: skip
"""Our columns, and what else the first line of a file may call them, in English and Italian."""
COLUMNS = (
    "promotion_id", "asin", "source_code", "kind_code", "start_at", "end_at", "funding_per_unit_amount", "units",
    "spend_amount", "currency_code",
)  # fmt: skip
PLANNED = "PLANNED"
_REQUIRED = ("promotion_id", "asin", "start_at")
_NUMERIC = ("funding_per_unit_amount",)
_KIND = "planned"


def decode_planned(data: Document, dataset: CampaignReport, expected: ExpectedReport, file_name: str) -> Records:
    """The file as rows of planned promotions; the ledger's dates are all months from the first beginning to the last.

    So the file says everything that is planned to begin in these months. Of two rows for one product of one promotion
    neither is taken.

    Raises:
        UnreadableDocument: no CSV with the columns that a promotion needs, or no row in it that can be read.
    """
    table = read_table(data, HEADERS, required=_REQUIRED, numeric=_NUMERIC, file_name=file_name)
    read: list[tuple[Cells, tuple[date, tuple[Value, ...]] | RowProblem]] = []
    lines: dict[tuple[Value, Value], list[int]] = defaultdict(list)
    for row in table.rows:
        cells = Cells(table, row, expected.currency_code, expected.time_zone)
        try:
            month, values = _values(cells)
            lines[values[0], values[1]].append(row.line)
            read.append((cells, (month, values)))
        except RowRefused as refused:
            read.append((cells, refused.problem))
    months = [found[0] for _, found in read if not isinstance(found, RowProblem)]
    if not months:
        why = next((found.sentence for _, found in read if isinstance(found, RowProblem)), "it has a header and no row")
        raise UnreadableDocument(file_name, f"no row of it can be read: {why}", "Nothing is loaded. Correct the file")
    records = Records(file_name, COLUMNS, min(months), max(months))
    for month in dataset.calendar.dates(min(months), max(months)):
        records.deliver(month)
    for cells, found in read:
        if isinstance(found, RowProblem):
            records.reject(cells.raw, found)
        elif len(same := lines[found[1][0], found[1][1]]) > 1:
            where = f"lines {', '.join(map(str, same))} speak of this product of this promotion; none of them is taken"
            records.reject(cells.raw, RowProblem("promotion_id", where, f"line {cells.row.line}"), day=found[0])
        else:
            records.accept(found[0], found[1], cells.raw)
    records.unknown_names |= set(table.unknown)
    return records


def _values(cells: Cells) -> tuple[date, tuple[Value, ...]]:
    if cells.row.extra:
        cells.refuse(None, f"more cells than the first line has columns, from {cells.row.extra[0][:40]!r} on")
    promotion_id, asin, begins = cells.text("promotion_id"), cells.asin(), cells.instant("start_at")
    if promotion_id is None or asin is None or begins is None:
        told = {"promotion_id": promotion_id, "asin": asin, "start_at": begins}
        cells.refuse(next(column for column, value in told.items() if value is None), "the cell is empty")
    ends = cells.instant("end_at", is_end=True)
    if ends is not None and ends <= begins:
        cells.refuse(
            "end_at", f"it ends at {ends:%Y-%m-%d %H:%M} UTC, not after it begins at {begins:%Y-%m-%d %H:%M} UTC"
        )
    funding = cells.amount("funding_per_unit_amount")
    kind = (cells.text("kind_code") or _KIND).casefold().replace(" ", "_")
    ended = ends.isoformat() if ends else None
    return begins.date().replace(day=1), (
        promotion_id, asin, PLANNED, kind, begins.isoformat(), ended, funding, None, None, cells.currency_code,
    )  # fmt: skip
