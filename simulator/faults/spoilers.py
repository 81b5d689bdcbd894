"""Documents spoilt on purpose: what reaches the client in place of the sound bytes."""

import gzip
import zlib
from collections.abc import Callable
from typing import Any

import msgspec

from simulator.faults.armoury import Fault
from simulator.world.sections import SECTIONS

_OTHER_MARKETPLACE = "A1AM78C64UM0Y8"
_HTML = b"<!DOCTYPE html><html><head><title>Website Temporarily Unavailable</title></head><body></body></html>"
_XML = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InternalError</Code>'
    b"<Message>We encountered an internal error. Please try again.</Message></Error>"
)
_ODD_ASINS = ('B0"QUOTE"1', "B0\tTAB\t01", "B0\\.DOT001", "B0%s%(a)s1", "B0';--0001", "B0\u00fcml\u00e4ut1")
_REQUIRED_FIELDS = {
    "GET_VENDOR_SALES_REPORT": "shippedUnits",
    "GET_VENDOR_INVENTORY_REPORT": "sellableOnHandInventoryUnits",
    "GET_VENDOR_TRAFFIC_REPORT": "glanceViews",
}
Document = dict[str, Any]
Rows = list[dict[str, Any]]


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


def _wrong_marketplace(document: Document, _: Rows, __: str) -> None:
    document["reportSpecification"]["marketplaceIds"] = [_OTHER_MARKETPLACE]


def _missing_field(_: Document, rows: Rows, field: str) -> None:
    del rows[len(rows) // 2][field]


def _string_for_number(_: Document, rows: Rows, field: str) -> None:
    rows[len(rows) // 2][field] = "n/a"


def _duplicate_row(_: Document, rows: Rows, __: str) -> None:
    rows.append(dict(rows[0]))


def _odd_asin(_: Document, rows: Rows, __: str) -> None:
    for row, asin in zip(rows, _ODD_ASINS, strict=False):
        row["asin"] = asin


def _unknown_field(_: Document, rows: Rows, __: str) -> None:
    for row in rows:
        row["newMetric"] = {"amount": 1.5, "basis": "TRAILING"}


def _empty_day(_: Document, rows: Rows, __: str) -> None:
    newest = max(row["startDate"] for row in rows)
    rows[:] = [row for row in rows if row["startDate"] != newest]


def _half_rows(_: Document, rows: Rows, __: str) -> None:
    rows[:] = rows[::2]


_ROW_SPOILERS: dict[str, Callable[[Document, Rows, str], None]] = {
    "document_wrong_marketplace": _wrong_marketplace,
    "document_missing_field": _missing_field,
    "document_string_for_number": _string_for_number,
    "document_duplicate_row": _duplicate_row,
    "document_odd_asin": _odd_asin,
    "document_unknown_field": _unknown_field,
    "document_empty_day": _empty_day,
    "document_half_rows": _half_rows,
}


def spoil(packed: bytes, fault: Fault, report_type: str) -> bytes:
    """The gzipped document ``packed`` as ``fault`` leaves it.

    Faults of rows leave a document without rows as it is, and one that only says why a report failed.
    """
    if fault.kind in _BYTE_SPOILERS:
        return _BYTE_SPOILERS[fault.kind](packed)
    document: Document = msgspec.json.decode(gzip.decompress(packed))
    rows: Rows = document.get(SECTIONS[report_type].rows_member, [])
    if not rows:
        return packed
    _ROW_SPOILERS[fault.kind](document, rows, _REQUIRED_FIELDS[report_type])
    return _pack(msgspec.json.encode(document))


def _pack(plain: bytes) -> bytes:
    packer = zlib.compressobj(4, zlib.DEFLATED, 31)
    return packer.compress(plain) + packer.flush()
