"""When the last document of a backfill is there: computed from the quotas before anything is asked."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from daybreak.datasets import DATASETS
from daybreak.sources import Dataset, KioskQuery, VendorReport
from daybreak.spapi.operations import (
    CREATE_QUERY,
    CREATE_REPORT,
    GET_QUERY_DOCUMENT,
    GET_REPORT_DOCUMENT,
    Operation,
)
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.quota import Bucket, WarehouseQuota
from daybreak.warehouse.report_requests import OpenRequest, read_usual_seconds

SHARE_TOKENS: Final = 3.0
"""What a backfill takes of each of Amazon's bursts; the rest is the dawn run's, which may begin at any minute."""
_USUAL_SECONDS: Final = 60.0
"""How long Amazon works on a vendor report, before the warehouse has seen one."""


@dataclass(frozen=True)
class Workload:
    """What is left to do at one of Amazon's interfaces: orders to place, and documents to fetch. Every order brings a
    document; ``documents`` counts those, too. ``ready`` of them are made already."""

    orders: int
    documents: int
    ready: int = 0

    def __add__(self, other: "Workload") -> "Workload":
        return Workload(self.orders + other.orders, self.documents + other.documents, self.ready + other.ready)


@dataclass(frozen=True)
class Interface:
    """One of Amazon's interfaces that take an order now and give a document later, each by a quota of its own."""

    kind: type[Dataset]
    order: Operation
    fetch: Operation


INTERFACES: Final = (
    Interface(VendorReport, CREATE_REPORT, GET_REPORT_DOCUMENT),
    Interface(KioskQuery, CREATE_QUERY, GET_QUERY_DOCUMENT),
)
Workloads = tuple[Workload, ...]
"""One workload for each of ``INTERFACES``, in their order."""


def workloads_of(requests: Iterable[OpenRequest]) -> Workloads:
    """What is left to do for ``requests``."""
    requests = list(requests)
    return tuple(
        _workload([each for each in requests if isinstance(DATASETS[each.dataset_code], interface.kind)])
        for interface in INTERFACES
    )


def workloads_of_orders(orders: Mapping[str, int]) -> Workloads:
    """What so many requests of each dataset, none of them asked yet, amount to."""
    counts = [
        sum(count for key, count in orders.items() if isinstance(DATASETS[key], interface.kind))
        for interface in INTERFACES
    ]
    return tuple(Workload(count, count) for count in counts)


def predict_arrival(work: Mapping[str, Workloads], dsn: str | None = None) -> float:
    """Seconds until the last document of ``work`` is fetched, by credential: that is whose calls Amazon counts.

    Credentials and interfaces have quotas of their own and go on side by side: the slowest one counts.
    """
    with transaction(dsn) as connection:
        working_seconds = read_usual_seconds(connection) or _USUAL_SECONDS
    seconds = [
        predict_seconds(
            workload,
            _bucket(credential_id, interface.order, dsn),
            _bucket(credential_id, interface.fetch, dsn),
            working_seconds,
        )
        for credential_id, workloads in work.items()
        for interface, workload in zip(INTERFACES, workloads, strict=True)
    ]
    return max(seconds, default=0.0)


def predict_seconds(work: Workload, orders: Bucket, documents: Bucket, working_seconds: float) -> float:
    """Seconds until the last document of ``work`` is fetched.

    Orders and documents drip from a bucket each: what is in it at once, then one per 1/rate. Whatever is later of the
    two counts: the last order, on which Amazon then works for ``working_seconds``; or the drip of the documents, which
    begins at once where some are ready, and otherwise when the first order is worked off.
    """
    if work.documents == 0:
        return 0.0
    last_ordered = _drip_seconds(work.orders, orders)
    first_ready = 0.0 if work.ready else working_seconds
    last_made = last_ordered + working_seconds if work.documents > work.ready else 0.0
    return max(last_made, first_ready + _drip_seconds(work.documents, documents))


def _drip_seconds(calls: int, bucket: Bucket) -> float:
    return max(0.0, calls - math.floor(bucket.tokens + 1e-9)) / bucket.rate


def _bucket(credential_id: str, operation: Operation, dsn: str | None) -> Bucket:
    quota = WarehouseQuota(credential_id, dsn, SHARE_TOKENS)
    return quota.bucket(operation.name, operation.rate, operation.burst)


def _workload(requests: list[OpenRequest]) -> Workload:
    orders = sum(request.status_code == "asked" for request in requests)
    ready = sum(request.amazon_status_code == "DONE" for request in requests)
    return Workload(orders, len(requests), ready)
