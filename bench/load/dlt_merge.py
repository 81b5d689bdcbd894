"""The same document by dlt's merge into the same Postgres, with dlt's own defaults."""

import importlib
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from isal import igzip

from bench.load.inventory_document import InventoryDocument
from bench.load.keyed_tables import WrongRows
from daybreak.datasets import PERIOD_REPORTS

# Read when dlt is imported; a benchmark talks to its own server only.
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
# Its warnings about fields that are null in every row say nothing here.
os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"

dlt: Any = importlib.import_module("dlt")

_COUNT = "select count(*) from dlt_rival.inventory_daily"


def dlt_version() -> str:
    return str(dlt.__version__)


def merge_with_dlt(document: InventoryDocument, dsn: str, folder: Path) -> float:
    """Seconds from the gzip file to rows merged by day and ASIN; rows are decoded by the fastest decoder at hand."""
    pipeline = dlt.pipeline(
        pipeline_name=f"bench_{secrets.token_hex(4)}",
        destination=dlt.destinations.postgres(credentials=dsn),
        dataset_name="dlt_rival",
        pipelines_dir=str(folder),
    )

    rows = dlt.resource(
        _decoded(document), name="inventory_daily", primary_key=("startDate", "asin"), write_disposition="merge"
    )
    started = time.perf_counter()
    pipeline.run(rows)
    seconds = time.perf_counter() - started
    with psycopg.connect(dsn) as connection:
        found = connection.execute(_COUNT).fetchone()
    if found != (document.row_count,):
        raise WrongRows(f"dlt merged {found} rows, must be {document.row_count}")
    return seconds


def _decoded(document: InventoryDocument) -> Iterator[list[dict[str, Any]]]:
    decoded = msgspec.json.decode(igzip.decompress(document.path.read_bytes()))
    yield decoded[PERIOD_REPORTS["inventory_daily"].rows_member]
