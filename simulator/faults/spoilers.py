"""Documents spoilt on purpose: what reaches the client in place of the sound bytes.

A fault of rows leaves a document as it is that has nothing for it: no rows, no hours, no currency.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from simulator.faults.armoury import Fault
from simulator.kiosk_query import DOMAIN
from simulator.world.documents import LAYOUTS

_OTHER_MARKETPLACE = "A1AM78C64UM0Y8"
_OTHER_CURRENCIES = ("USD", "GBP")
_HTML = b"<!DOCTYPE html><html><head><title>Website Temporarily Unavailable</title></head><body></body></html>"
_XML = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InternalError</Code>'
    b"<Message>We encountered an internal error. Please try again.</Message></Error>"
)
_ODD_ASINS = ('B0"QUOTE"1', "B0\tTAB\t01", "B0\\.DOT001", "B0%s%(a)s1", "B0';--0001", "B0\u00fcml\u00e4ut1")
_BEGINNINGS = ("startDate", "startTime", "startDateTime", "creationDateTime")
Row = dict[str, Any]
Rows = list[Row]


def _truncated(packed: bytes) -> bytes:
    return packed[: len(packed) * 3 // 5]


def _json_cut(packed: bytes) -> bytes:
    plain = gzip.decompress(packed)
    return _pack(plain[: len(plain) // 2])


_BYTE_SPOILERS: dict[str, Callable[[bytes], bytes]] = {
    "document_truncated": _truncated,
    "document_html": lambda _: _HTML,
    "document_xml": lambda _: _XML,
    "document_json_cut": _json_cut,
}


def spoil(packed: bytes, fault: Fault, report_type: str) -> bytes:
    """The gzipped document ``packed`` as ``fault`` leaves it; one that only says why something failed stays sound."""
    if fault.kind in _BYTE_SPOILERS:
        return _BYTE_SPOILERS[fault.kind](packed)
    if report_type == DOMAIN:
        return _pack(_spoilt_lines(gzip.decompress(packed), fault.kind))
    document: Row = msgspec.json.decode(gzip.decompress(packed))
    layout = LAYOUTS[report_type]
    rows: Rows = document.get(layout.rows_member, [])
    if not rows:
        return packed
    if fault.kind == "document_wrong_marketplace":
        document["reportSpecification"]["marketplaceIds"] = [_OTHER_MARKETPLACE]
    elif fault.kind == "document_wrong_currency":
        _change_currency(document)
    elif fault.kind == "document_without_aggregates":
        for name in [name for name in document if name.endswith("Aggregate")]:
            del document[name]
    elif fault.kind in _ROW_SPOILERS:
        _ROW_SPOILERS[fault.kind](rows, layout.figure)
    return _pack(msgspec.json.encode(document))


def _spoilt_lines(plain: bytes, kind: str) -> bytes:
    """Lines of Data Kiosk; those of an error document are left alone."""
    if not plain.startswith(b"{"):
        return plain
    if kind == "document_line_cut":
        whole, _, last = plain.rstrip(b"\n").rpartition(b"\n")
        return whole + b"\n" * bool(whole) + last[: len(last) // 2]
    lines: Rows = [msgspec.json.decode(line) for line in plain.splitlines()]
    if kind == "document_wrong_currency":
        _change_currency(lines)
    elif kind == "document_empty_day":
        del lines[-1]
    for line in lines:
        rows: Rows = line.get("metrics") or []
        if kind == "document_wrong_marketplace":
            line["marketplaceId"] = _OTHER_MARKETPLACE
        elif kind == "document_without_aggregates":
            line.pop("totals", None)
        elif kind in _ROW_SPOILERS and rows:
            _ROW_SPOILERS[kind](rows, "glanceViews")
    return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


def _change_currency(value: Any) -> None:
    """Every currency code in ``value`` becomes another one; the amounts stay."""
    for item in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        _change_currency(item)
    if isinstance(value, dict):
        for name in [name for name in value if name.lower().endswith("currencycode")]:
            first, second = _OTHER_CURRENCIES
            value[name] = second if value[name] == first else first


def _holders(row: Any, name: str) -> Iterator[Row]:
    """The objects within ``row`` that have ``name``, outermost first."""
    if isinstance(row, dict):
        if name in row:
            yield row
        row = list(row.values())
    if isinstance(row, list):
        for item in row:
            yield from _holders(item, name)


def _set(row: Row, name: str, value: Any) -> None:
    for holder in _holders(row, name):
        holder[name] = value
        return


def _missing_field(rows: Rows, figure: str) -> None:
    for holder in _holders(rows[len(rows) // 2], figure):
        del holder[figure]
        return


def _string_for_number(rows: Rows, figure: str) -> None:
    _set(rows[len(rows) // 2], figure, "n/a")


def _duplicate_row(rows: Rows, _: str) -> None:
    rows.append(dict(rows[0]))


def _odd_asin(rows: Rows, _: str) -> None:
    for row, asin in zip(rows, _ODD_ASINS, strict=False):
        _set(row, "asin", asin)


def _unknown_field(rows: Rows, _: str) -> None:
    for row in rows:
        row["newMetric"] = {"amount": 1.5, "basis": "TRAILING"}


def _beginning(row: Row) -> str:
    return next((str(row[name]) for name in _BEGINNINGS if name in row), "")


def _empty_day(rows: Rows, _: str) -> None:
    newest = max(_beginning(row)[:10] for row in rows)
    rows[:] = [row for row in rows if not newest or _beginning(row)[:10] != newest]


def _half_rows(rows: Rows, _: str) -> None:
    rows[:] = rows[::2]


def _low_p90(rows: Rows, _: str) -> None:
    row = rows[len(rows) // 2]
    if "p90ForecastUnits" in row:
        row["p90ForecastUnits"] = round(row["meanForecastUnits"] / 2 - 1, 2)


def _hour_off_grid(rows: Rows, _: str) -> None:
    row = rows[len(rows) // 2]
    for name in ("startTime", "endTime"):
        if name in row:
            row[name] = row[name].replace(":00:00Z", ":30:00Z")


def _hour_twice(rows: Rows, figure: str) -> None:
    """The first hour comes once more with other figures."""
    again = [row | {figure: row[figure] + 1} for row in rows if row.get("startTime") == rows[0].get("startTime", "")]
    rows.extend(again)


_ROW_SPOILERS: dict[str, Callable[[Rows, str], None]] = {
    "document_missing_field": _missing_field,
    "document_string_for_number": _string_for_number,
    "document_duplicate_row": _duplicate_row,
    "document_odd_asin": _odd_asin,
    "document_unknown_field": _unknown_field,
    "document_empty_day": _empty_day,
    "document_half_rows": _half_rows,
    "document_low_p90": _low_p90,
    "document_hour_off_grid": _hour_off_grid,
    "document_hour_twice": _hour_twice,
}


def _pack(plain: bytes) -> bytes:
    packer = zlib.compressobj(4, zlib.DEFLATED, 31)
    return packer.compress(plain) + packer.flush()
