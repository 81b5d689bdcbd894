"""The same document by ``pandas.json_normalize`` and ``DataFrame.to_sql`` into a table with the same key."""

import time
from datetime import UTC, datetime

import msgspec
import pandas as pd
from isal import igzip
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from bench.load.inventory_document import ACCOUNT, VIEW, InventoryDocument
from bench.load.keyed_tables import SCHEMA, TABLE
from daybreak.datasets import PERIOD_REPORTS
from daybreak.landing.layouts import LAYOUTS

_CHUNK_ROWS = 10_000


def insert_data_frame(document: InventoryDocument, dsn: str) -> float:
    """Seconds from the gzip file to inserted rows; rows are decoded by the fastest decoder at hand."""
    engine = create_engine(make_url(dsn).set(drivername="postgresql+psycopg"), poolclass=NullPool, hide_parameters=True)
    started = time.perf_counter()
    decoded = msgspec.json.decode(igzip.decompress(document.path.read_bytes()))
    frame = _shaped(pd.json_normalize(decoded[PERIOD_REPORTS["inventory_daily"].rows_member]))
    with engine.begin() as connection:
        frame.to_sql(TABLE, connection, schema=SCHEMA, if_exists="append", index=False, chunksize=_CHUNK_ROWS)
    return time.perf_counter() - started


def _shaped(normalized: pd.DataFrame) -> pd.DataFrame:
    """Columns by their names in the table; a nested amount that every row lacks is no column of its own."""
    sources = {
        measure.column: f"{measure.amazon_name}.amount"
        if f"{measure.amazon_name}.amount" in normalized
        else measure.amazon_name
        for measure in LAYOUTS["inventory_daily"].measures
    }
    # pandas takes a column of nothing for text, which no number column accepts.
    shaped = pd.DataFrame({column: normalized[source] for column, source in sources.items()}).dropna(axis=1, how="all")
    shaped["account_id"] = ACCOUNT.account_id
    shaped["business_date"] = pd.to_datetime(normalized["startDate"])
    shaped["asin"] = normalized["asin"]
    shaped["distributor_view_code"] = VIEW
    shaped["currency_code"] = ACCOUNT.marketplace.currency_code
    shaped["load_id"] = 1
    shaped["known_from"] = datetime.now(UTC)
    return shaped
