"""Daybreak's own way of a document: landed, staged, gated and published by the steps of the dawn run."""

import itertools
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench.load.inventory_document import ACCOUNT, VIEW, InventoryDocument
from daybreak.business_dates import start_of_day
from daybreak.datasets import PERIOD_REPORTS
from daybreak.landing.files import store_document
from daybreak.settings import Settings
from daybreak.steps.arrivals import stage_or_reject
from daybreak.steps.gating import gate_load
from daybreak.steps.publishing import publish_one
from daybreak.warehouse import loads
from daybreak.warehouse.account_registry import register_account
from daybreak.warehouse.engine import transaction

DATASET = PERIOD_REPORTS["inventory_daily"]
_CHUNK_BYTES = 1 << 20


class NotPublished(RuntimeError):
    """The load did not end as a measurement needs it; holds what the step said."""


@dataclass(frozen=True)
class LoadSeconds:
    """Wall seconds of one load by step, and the rows that it changed."""

    land: float
    stage: float
    gate: float
    publish: float
    changed_rows: int

    @property
    def total(self) -> float:
        return self.land + self.stage + self.gate + self.publish


def load_document(document: InventoryDocument, dsn: str) -> LoadSeconds:
    """Carries ``document`` from its gzip file to published rows in the warehouse ``dsn``.

    Raises:
        NotPublished: a step refused it, or the gate said anything but ``pass``, which costs it details to read.
    """
    with tempfile.TemporaryDirectory(prefix="daybreak-bench-landing-") as home:
        settings = Settings(home=Path(home))
        with transaction(dsn) as connection:
            register_account(connection, ACCOUNT)
        marks = [time.perf_counter()]
        load_id = _land(document, settings, dsn)
        marks.append(time.perf_counter())
        refused = stage_or_reject(ACCOUNT, _read(load_id, dsn), settings, dsn)
        marks.append(time.perf_counter())
        blocked = refused or gate_load(ACCOUNT, _read(load_id, dsn), dsn)
        marks.append(time.perf_counter())
        if blocked:
            raise NotPublished(blocked)
        published = publish_one(ACCOUNT, _read(load_id, dsn), document.last + timedelta(days=4), settings, dsn)
        marks.append(time.perf_counter())
    load = _read(load_id, dsn)
    if load.status_code != "published" or load.verdict_code != "pass":
        raise NotPublished(f"load {load_id} is {load.status_code}, verdict {load.verdict_code}: {load.reason}")
    land, stage, gate, publish = (end - start for start, end in itertools.pairwise(marks))
    return LoadSeconds(land, stage, gate, publish, published.changed_rows)


def _land(document: InventoryDocument, settings: Settings, dsn: str) -> int:
    received_at = start_of_day(document.last + timedelta(days=4), ACCOUNT.marketplace.time_zone)
    stored = store_document(
        settings.landing,
        ACCOUNT.account_id,
        DATASET.key,
        document.path.stem,
        _chunks(document.path),
        received_at=received_at,
        minimum_free_bytes=settings.minimum_free_mebibytes * 1024 * 1024,
    )
    landed = loads.LandedDocument(stored.path, stored.sha256, stored.size_bytes, received_at, "file")
    with transaction(dsn) as connection:
        return loads.insert_load(
            connection,
            ACCOUNT.account_id,
            DATASET.key,
            VIEW,
            landed,
            request_id=None,
            window=None,
            requested_at=received_at,
        )


def _read(load_id: int, dsn: str) -> loads.AccountLoad:
    with transaction(dsn) as connection:
        load = loads.read_load(connection, load_id)
    if load is None:
        raise NotPublished(f"load {load_id} vanished")
    return load


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk
