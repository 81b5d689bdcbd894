"""One account's loads in one warehouse, step by step; the documents they bring; and somebody who watches the table."""

import gzip
import json
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from daybreak.accounts import Account
from daybreak.datasets import PERIOD_REPORTS
from daybreak.landing.files import read_document, store_document
from daybreak.settings import Settings
from daybreak.steps.arrivals import stage_or_reject
from daybreak.steps.file_loading import LoadedFile, load_file
from daybreak.steps.gating import gate_staged
from daybreak.steps.publishing import publish_gated, publish_one
from daybreak.warehouse import loads
from daybreak.warehouse.account_registry import register_account
from daybreak.warehouse.engine import transaction

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
LAST_UPDATED = date(2026, 3, 19)
Facts = dict[tuple[int, str], int]
ACCOUNT = Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_brand_it")
DATASET = PERIOD_REPORTS["traffic_daily"]
FIRST_DAY = date(2026, 3, 1)
LAST_MART_DATE = date(2026, 3, 31)

Views = Mapping[int, Mapping[str, Any]]
"""Glance views by day (offset from 1 March) and ASIN; a day without ASINs was delivered empty."""


def document_bytes(views: Views, last_updated: date | None) -> bytes:
    """The gzip traffic report that holds exactly ``views``."""

    def dates(offset: int) -> dict[str, str]:
        return dict.fromkeys(("startDate", "endDate"), (FIRST_DAY + timedelta(days=offset)).isoformat())

    document = {
        "reportSpecification": {
            "reportType": DATASET.report_type,
            "reportOptions": {"reportPeriod": "DAY"},
            "lastUpdatedDate": last_updated and last_updated.isoformat(),
            "dataStartTime": dates(min(views))["startDate"],
            "dataEndTime": dates(max(views))["startDate"],
            "marketplaceIds": [ACCOUNT.marketplace.marketplace_id],
        },
        DATASET.aggregate_member: [{**dates(day), "glanceViews": None} for day in sorted(views)],
        DATASET.rows_member: [
            {**dates(day), "asin": asin, "glanceViews": views[day][asin]}
            for day in sorted(views)
            for asin in sorted(views[day])
        ],
    }
    return gzip.compress(json.dumps(document).encode(), compresslevel=1, mtime=0)


def many_views(days: Iterable[int], asins: int, base: int) -> Views:
    """``asins`` ASINs on each of ``days``; another ``base`` gives every row another figure."""
    return {day: {f"B0{asin:08}": base + asin for asin in range(asins)} for day in days}


def in_words(views: Views) -> Facts:
    return {(day, asin): count for day, rows in views.items() for asin, count in rows.items()}


def assert_history_is_gapless(desk: "Desk") -> None:
    """Every version of a key that is still there ends in the instant in which the next one begins."""
    versions = desk.query(
        """
        select known_to is distinct from lead(known_from) over (
            partition by business_date, asin order by known_from, known_to nulls last
        )
        from (
            select business_date, asin, known_from, known_to from core.traffic_daily_history
            union all
            select business_date, asin, known_from, null from core.traffic_daily
        ) as v
        """
    )
    assert [row for row in versions if row[0]] == []


@dataclass
class Desk:
    """One account's loads in one warehouse, with a landing folder of its own."""

    dsn: str
    home: Path
    settings: Settings = field(init=False)
    hours: int = 0

    def __post_init__(self) -> None:
        self.settings = Settings(home=self.home, minimum_free_mebibytes=0)
        with transaction(self.dsn) as connection:
            register_account(connection, ACCOUNT)

    def file(self, views: Views) -> Path:
        self.hours += 1
        file = self.home / f"delivery_{self.hours}.json.gz"
        file.write_bytes(document_bytes(views, LAST_UPDATED))
        return file

    def received_at(self) -> datetime:
        return NOON + timedelta(hours=self.hours)

    def load(self, views: Views, received_at: datetime | None = None) -> LoadedFile:
        file = self.file(views)
        received_at = received_at or self.received_at()
        return load_file(file, ACCOUNT, DATASET, self.settings, received_at=received_at, dsn=self.dsn)

    def land(self, views: Views) -> loads.Load:
        file = self.file(views)
        received_at = self.received_at()
        stored = store_document(
            self.settings.landing, ACCOUNT.account_id, DATASET.key, file.stem, [file.read_bytes()],
            received_at=received_at, minimum_free_bytes=0,
        )  # fmt: skip
        document = loads.LandedDocument(stored.path, stored.sha256, stored.size_bytes, received_at, "file")
        with transaction(self.dsn) as connection:
            load_id = loads.insert_load(
                connection, ACCOUNT.account_id, DATASET.key, "", document, request_id=None, window=None,
                requested_at=received_at,
            )  # fmt: skip
        return self.read(load_id)

    def stage(self, views: Views) -> loads.Load:
        landed = self.land(views)
        assert stage_or_reject(ACCOUNT, landed, self.settings, self.dsn) is None
        return self.read(landed.load_id)

    def gated(self, views: Views) -> loads.Load:
        staged = self.stage(views)
        assert gate_staged(ACCOUNT, self.dsn, self.settings) == []
        return self.read(staged.load_id)

    def read(self, load_id: int) -> loads.Load:
        with transaction(self.dsn) as connection:
            load = loads.read_load(connection, load_id)
        assert load is not None
        return load

    def publish(self, load: loads.Load, dsn: str | None = None) -> None:
        publish_one(ACCOUNT, load, LAST_MART_DATE, self.settings, dsn or self.dsn)

    def stage_landed(self) -> None:
        with transaction(self.dsn) as connection:
            landed = loads.read_loads(connection, ACCOUNT.account_id, ["landed"])
        assert [stage_or_reject(ACCOUNT, load, self.settings, self.dsn) for load in landed] == [None] * len(landed)

    def heal(self) -> None:
        """What the next run does: the same steps again, over whatever the ledger says is unfinished."""
        self.stage_landed()
        assert gate_staged(ACCOUNT, self.dsn, self.settings) == []
        publish_gated(ACCOUNT, LAST_MART_DATE, self.settings, self.dsn)

    def query(self, text: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            return connection.execute(text).fetchall()

    def facts(self) -> Facts:
        rows = self.query("select business_date, asin, glance_views from core.traffic_daily")
        return {((day - FIRST_DAY).days, asin): views for day, asin, views in rows}

    def statuses(self) -> list[str]:
        return [row[0] for row in self.query("select status_code from ops.load order by load_id")]

    def landed_facts(self) -> Facts:
        """The newest landed figures of each day, read from the landed bytes by the plain json module."""
        newest: dict[int, dict[str, int]] = {}
        for path, sha256 in self.query("select path, sha256 from ops.document order by received_at, document_id"):
            content = json.loads(bytes(read_document(self.settings.landing, path, sha256, limit_bytes=1 << 30)))
            days: dict[int, dict[str, int]] = {}
            for row in content[DATASET.rows_member]:
                offset = (date.fromisoformat(row["startDate"]) - FIRST_DAY).days
                days.setdefault(offset, {})[row["asin"]] = row["glanceViews"]
            newest |= days
        return in_words(newest)

    def assert_healed(self, expected: Views) -> None:
        """Core, ledger and history agree with the landed bytes, nothing is left over, and a re-run changes no row."""
        assert self.facts() == self.landed_facts() == in_words(expected)
        assert set(self.statuses()) <= {"published", "superseded"}
        assert self.query("select tablename from pg_tables where schemaname = 'staging'") == []
        days = self.query("select business_date, row_count from ops.slice where status_code = 'published' order by 1")
        assert days == [(FIRST_DAY + timedelta(days=day), len(expected[day])) for day in sorted(expected)]
        assert_history_is_gapless(self)
        before = self.query("select *, xmin from core.traffic_daily order by business_date, asin")
        self.heal()
        assert self.query("select *, xmin from core.traffic_daily order by business_date, asin") == before


def wait_for(desk: Desk, query: str, rows: int = 1) -> list[tuple[Any, ...]]:
    """The rows of ``query`` as soon as there are so many of them."""
    deadline = time.monotonic() + 60
    while len(found := desk.query(query)) < rows:
        assert time.monotonic() < deadline, f"never so: {query}"
        time.sleep(0.02)
    return found


@contextmanager
def reader(desk: Desk) -> Iterator[set[tuple[Any, ...]]]:
    """Looks at the table all the time; gives every different sight: rows, days and figures by load."""
    sights: set[tuple[Any, ...]] = set()
    query = (
        "select load_id, count(*), count(distinct business_date), sum(glance_views) "
        "from core.traffic_daily group by load_id order by load_id"
    )
    is_over = threading.Event()
    with psycopg.connect(desk.dsn, autocommit=True) as connection:

        def look() -> None:
            is_last = False
            while not is_last:
                is_last = is_over.is_set()
                sights.add(tuple(connection.execute(query).fetchall()))
                time.sleep(0.03)

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield sights
        finally:
            is_over.set()
            thread.join()


def sight(load_id: int, views: Views) -> tuple[Any, ...]:
    rows = in_words(views)
    return ((load_id, len(rows), len(views), sum(rows.values())),)
