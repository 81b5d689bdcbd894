"""An account's first history: loaded beside the dawn run, at the pace of Amazon's quotas, and resumed after any end."""

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from daybreak.business_dates import newest_control_date
from daybreak.datasets import DATASETS, DAWN_DATASETS
from daybreak.sources import Dataset, KioskQuery, VendorReport
from daybreak.spapi.operations import (
    CREATE_QUERY,
    CREATE_REPORT,
    GET_QUERY_DOCUMENT,
    GET_REPORT_DOCUMENT,
    Operation,
)
from daybreak.steps.extraction import Extraction
from daybreak.steps.gating import gate_staged
from daybreak.steps.planning import plan_history
from daybreak.steps.publishing import publish_gated
from daybreak.warehouse.account_lock import account_lock
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.quota import Bucket, WarehouseQuota
from daybreak.warehouse.report_requests import OpenRequest, read_open_requests, read_usual_seconds

logger = logging.getLogger(__name__)

SHARE_TOKENS: Final = 3.0
"""Of each of Amazon's bursts; the rest is the dawn run's, which may begin at any minute."""
_POLL_SECONDS: Final = 20.0
_NAP_SECONDS: Final = 1.0
_LOCK_SECONDS: Final = 1_800
"""A dawn run goes first, however long one pass of it takes."""
_USUAL_SECONDS: Final = 60.0
"""How long Amazon works on a vendor report, before the warehouse has seen one."""
_HISTORY_DAYS: Final = {"sales_daily": 400, "promotion": 400}
"""Sales of the same month a year ago stand beside those of today; promotions say which of these days to leave out."""
_USUAL_HISTORY_DAYS: Final = 120
"""The longest look back of the other controls: 8 weeks against 8 weeks, and 90 days of lead times."""


@dataclass(frozen=True)
class Workload:
    """What is left to do at one of Amazon's interfaces: orders to place, and documents to fetch. Every order brings a
    document; ``documents`` counts those, too. ``ready`` of them are made already."""

    orders: int
    documents: int
    ready: int = 0


@dataclass(frozen=True)
class Standing:
    """How far an onboarding is. ``arrives_at`` is when its last document is expected, None when none is open."""

    open_requests: int
    landed: int
    arrives_at: datetime | None
    wake_seconds: float
    failures: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()


def history_days(days: int | None = None) -> dict[str, int]:
    """How many days of each dataset of the dawn an onboarding loads: ``days``, or what the controls need of it; never
    more than Amazon gives."""
    return {
        key: min(DATASETS[key].lookback_days, days or _HISTORY_DAYS.get(key, _USUAL_HISTORY_DAYS))
        for key in sorted(DAWN_DATASETS)
    }


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


@dataclass
class Onboarding:
    """The loading of one account's history, pass by pass. The ledger holds how far it is: another process goes on with
    the same reports. ``started_at`` is the instant from which it counts back; Amazon is asked how far it is every
    ``poll_seconds`` at most."""

    extraction: Extraction
    started_at: datetime
    poll_seconds: float = _POLL_SECONDS
    _failures: list[str] = field(default_factory=list)
    _denied: set[str] = field(default_factory=set)
    _landed: int = 0

    def plan(self, days_by_dataset: Mapping[str, int]) -> int:
        """Writes what is owed and not open yet; returns how many requests are new."""
        with transaction(self.extraction.dsn) as connection:
            return plan_history(
                connection, self.extraction.account, self.started_at, self.extraction.settings, days_by_dataset
            )

    def advance(self) -> Standing:
        """One pass: asks, polls, lands, gates and publishes what can be now. Never waits for Amazon.

        Raises:
            AccountBusy: another process works on the account for longer than one waits.
        """
        extraction, account = self.extraction, self.extraction.account
        with account_lock(account.account_id, extraction.dsn, _LOCK_SECONDS):
            self._failures += extraction.arrivals.stage_landed()
            progress = extraction.advance()
            self._failures += progress.failures
            self._failures += gate_staged(account, extraction.dsn, extraction.settings)
            last_mart_date = newest_control_date(self.started_at, account.marketplace.time_zone)
            publish_gated(account, last_mart_date, extraction.settings, extraction.dsn)
        self._landed += progress.landed
        self._denied |= progress.denied
        return self.standing(progress.wake_seconds)

    def standing(self, wake_seconds: float | None = None) -> Standing:
        """How far it is by the ledger and the quotas, and when to look again."""
        requests = self._open_requests()
        now = datetime.now(UTC)
        seconds = self._predict(requests)
        return Standing(
            len(requests),
            self._landed,
            now + timedelta(seconds=seconds) if requests else None,
            min(self.poll_seconds, self.poll_seconds if wake_seconds is None else max(_NAP_SECONDS, wake_seconds)),
            tuple(dict.fromkeys(self._failures)),
            tuple(sorted(self._denied)),
        )

    def _open_requests(self) -> list[OpenRequest]:
        with transaction(self.extraction.dsn) as connection:
            found = read_open_requests(connection, self.extraction.account.account_id)
        return [request for request in found if request.dataset_code in self.extraction.dataset_codes]

    def _predict(self, requests: list[OpenRequest]) -> float:
        """The interfaces have quotas of their own and go on side by side: the slower one counts."""
        with transaction(self.extraction.dsn) as connection:
            working_seconds = read_usual_seconds(connection) or _USUAL_SECONDS
        return max(
            predict_seconds(
                _workload([r for r in requests if isinstance(DATASETS[r.dataset_code], kind)]),
                self._bucket(create),
                self._bucket(fetch),
                working_seconds,
            )
            for kind, create, fetch in _INTERFACES
        )

    def _bucket(self, operation: Operation) -> Bucket:
        credential_id = self.extraction.account.vendor_connection_id
        quota = WarehouseQuota(credential_id, self.extraction.dsn, SHARE_TOKENS)
        return quota.bucket(operation.name, operation.rate, operation.burst)


_INTERFACES: Final[tuple[tuple[type[Dataset], Operation, Operation], ...]] = (
    (VendorReport, CREATE_REPORT, GET_REPORT_DOCUMENT),
    (KioskQuery, CREATE_QUERY, GET_QUERY_DOCUMENT),
)


def _workload(requests: list[OpenRequest]) -> Workload:
    orders = sum(request.status_code == "asked" for request in requests)
    ready = sum(request.amazon_status_code == "DONE" for request in requests)
    return Workload(orders, len(requests), ready)
