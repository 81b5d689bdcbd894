"""The least that loading can cost: unpack, and one COPY of finished rows into a table with the same key."""

import time
from collections.abc import Iterable

import psycopg
from isal import igzip

from bench.load.inventory_document import InventoryDocument

_COPY = "copy bench.inventory_rival from stdin (format csv)"
_CHUNK_BYTES = 1 << 20


def copy_beside_document(document: InventoryDocument, rows: bytes, dsn: str) -> float:
    """Seconds to unpack the document and to COPY its rows, which stand ready as CSV: nobody decodes for nothing."""
    started = time.perf_counter()
    unpacked = igzip.decompress(document.path.read_bytes())
    if len(unpacked) != document.size_bytes:
        raise ValueError(f"{document.path.name} unpacks to {len(unpacked)} bytes, must be {document.size_bytes}")
    view = memoryview(rows)
    _copy(dsn, (view[start : start + _CHUNK_BYTES] for start in range(0, len(view), _CHUNK_BYTES)))
    return time.perf_counter() - started


def copy_packed_rows(packed: bytes, dsn: str) -> float:
    """Seconds to unpack the rows as gzip CSV and to COPY them: what a sender who knew the table would allow."""
    started = time.perf_counter()
    view = memoryview(igzip.decompress(packed))
    _copy(dsn, (view[start : start + _CHUNK_BYTES] for start in range(0, len(view), _CHUNK_BYTES)))
    return time.perf_counter() - started


def _copy(dsn: str, chunks: Iterable[memoryview]) -> None:
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for chunk in chunks:
            copy.write(chunk)
