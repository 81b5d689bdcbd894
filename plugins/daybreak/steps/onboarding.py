"""An account's first history: loaded beside the dawn run, at the pace of Amazon's quotas, and resumed after any end."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from daybreak.business_dates import newest_control_date
from daybreak.datasets import DATASETS, DAWN_DATASETS
from daybreak.steps.arrival_prediction import predict_arrival, workloads_of
from daybreak.steps.extraction import Extraction
from daybreak.steps.gating import gate_staged
from daybreak.steps.planning import plan_history
from daybreak.steps.publishing import publish_gated
from daybreak.warehouse.account_lock import account_lock
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.report_requests import OpenRequest, read_open_requests

logger = logging.getLogger(__name__)

_POLL_SECONDS: Final = 20.0
_NAP_SECONDS: Final = 1.0
_LOCK_SECONDS: Final = 1_800
"""A dawn run goes first, however long one pass of it takes."""
_HISTORY_DAYS: Final = {"sales_daily": 400, "promotion": 400}
"""Sales of the same month a year ago stand beside those of today; promotions say which of these days to leave out."""
_USUAL_HISTORY_DAYS: Final = 120
"""The longest look back of the other controls: 8 weeks against 8 weeks, and 90 days of lead times."""


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
        seconds = self._seconds_until_all_of(requests)
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

    def _seconds_until_all_of(self, requests: list[OpenRequest]) -> float:
        workloads = workloads_of(requests)
        return predict_arrival({self.extraction.account.vendor_connection_id: workloads}, self.extraction.dsn)
