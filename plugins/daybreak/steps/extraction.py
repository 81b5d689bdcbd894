"""Asks Amazon for what the ledger owes and brings finished reports down; re-attaches after any crash."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from daybreak.accounts import Account
from daybreak.datasets import DATASETS, DAWN_DATASETS
from daybreak.settings import Settings
from daybreak.sources import Collection, Dataset
from daybreak.spapi.failures import Kind, QuotaExceeded, ReportNotFound, RoleMissing, SpApiFailure
from daybreak.spapi.session import SellingPartnerSession
from daybreak.steps.access import deny, has_credential
from daybreak.steps.arrivals import Arrivals
from daybreak.steps.desks import desk_for
from daybreak.steps.planning import is_left_to_backfill
from daybreak.warehouse import report_requests
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.report_requests import OpenRequest

logger = logging.getLogger(__name__)

FINAL = ("DONE", "CANCELLED", "FATAL")
# A report that Amazon does not find right after it was created usually appears within minutes.
NOT_FOUND_GRACE = timedelta(minutes=15)


@dataclass
class Progress:
    """What one pass over an account's open requests left: how many are still open, and what went wrong, in words."""

    open_requests: int = 0
    landed: int = 0
    wake_seconds: float | None = None
    """When to go on at the latest, for what a quota or a passing fault held up; None when only Amazon works."""
    failures: list[str] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)
    """Datasets for which Amazon refused a role, or that need a credential which the account does not have."""

    def hold(self, seconds: float) -> None:
        """Some request can go on after ``seconds``, whatever Amazon is still working on."""
        self.wake_seconds = seconds if self.wake_seconds is None else max(self.wake_seconds, seconds)


@dataclass(frozen=True)
class Extraction:
    """One account's extraction with open SP-API sessions. ``dsn`` None means the configured warehouse.

    ``dataset_codes`` are those that it cares for: those of the dawn, or those of a sweep. ``session`` is the vendor's,
    None where only offers are asked for; ``seller_session`` is None for an account without a second credential.
    """

    account: Account
    session: SellingPartnerSession | None
    settings: Settings
    dsn: str | None = None
    seller_session: SellingPartnerSession | None = None
    dataset_codes: frozenset[str] = DAWN_DATASETS
    is_backfill: bool = False
    """It also advances the requests that a backfill planned for days further back than a dawn run looks."""
    window: tuple[date, date] | None = None
    """Only requests of these days, both included, whoever planned them; None: of any."""

    @property
    def arrivals(self) -> Arrivals:
        return Arrivals(self.account, self.settings, self.dsn)

    def session_for(self, dataset: Dataset) -> SellingPartnerSession:
        """The session of the credential that ``dataset`` needs."""
        session = self.session if dataset.credential_code == "vendor" else self.seller_session
        if session is None:
            raise LookupError(
                f"{self.account.account_id}: {dataset.key} needs a session of the {dataset.credential_code} credential"
            )
        return session

    def advance(self) -> Progress:
        """One pass: asks what is not asked yet, polls what waits, lands and stages what is done.

        Never waits for a report. One request's failure leaves the others whole; it is in ``failures`` in words.
        """
        progress = Progress()
        # Reports first: Amazon works on them while the calls of a collection are made.
        for request in sorted(
            self._open_requests(), key=lambda each: isinstance(DATASETS[each.dataset_code], Collection)
        ):
            self._guarded(progress, request, self._ask if request.status_code == "asked" else self._poll)
        for request in self._open_requests():
            if request.status_code == "waiting" and request.amazon_status_code in FINAL:
                self._guarded(progress, request, self._collect)
        remaining = self._open_requests()
        progress.open_requests = len(remaining)
        if any(request.status_code == "asked" for request in remaining):
            progress.hold(0.0)
        return progress

    def poll(self) -> bool:
        """Polls every waiting report once; true when none is still in work at Amazon."""
        progress = Progress()
        for request in self._open_requests():
            if request.status_code == "waiting" and request.amazon_status_code not in FINAL:
                self._guarded(progress, request, self._poll)
        waiting = [r for r in self._open_requests() if r.status_code == "waiting"]
        return all(r.amazon_status_code in FINAL for r in waiting)

    def _open_requests(self) -> list[OpenRequest]:
        with transaction(self.dsn) as connection:
            found = report_requests.read_open_requests(connection, self.account.account_id)
        now = datetime.now(UTC)
        return [
            request
            for request in found
            if request.dataset_code in self.dataset_codes
            and (self.is_backfill or not is_left_to_backfill(request, self.account, now, self.settings))
            and (self.window is None or _touches(request, self.window))
        ]

    def _guarded(
        self, progress: Progress, request: OpenRequest, action: Callable[[Progress, OpenRequest], None]
    ) -> None:
        """Runs ``action``; a failure of Amazon's side holds or ends this request only, a missing role its dataset."""
        if request.dataset_code in progress.denied and request.status_code == "asked":
            return
        if not has_credential(self.account, DATASETS[request.dataset_code]):
            progress.denied.add(request.dataset_code)
            deny(self.account, request, "no_credential", None, self.settings, self.dsn)
            return
        try:
            self._confirmed(action, progress, request)
        except QuotaExceeded as quota:
            progress.hold(quota.retry_after_seconds or 0.0)
        except RoleMissing as denial:
            progress.denied.add(request.dataset_code)
            deny(self.account, request, "role_missing", str(denial), self.settings, self.dsn)
        except SpApiFailure as failure:
            if failure.kind is Kind.RETRY:
                logger.warning("%s %s: %s", self.account.account_id, request.label, failure)
                progress.hold(failure.retry_after_seconds or 0.0)
            else:
                progress.failures.append(self.arrivals.give_up(request, failure.kind, str(failure)))

    @staticmethod
    def _confirmed(action: Callable[[Progress, OpenRequest], None], progress: Progress, request: OpenRequest) -> None:
        """Runs ``action``, once more when Amazon refuses a role: a role granted today counts from the next login on,
        and a refusal of one moment must not cost the dataset its day.

        Raises:
            RoleMissing: Amazon refused twice, or once with no call left to ask again.
        """
        try:
            action(progress, request)
        except RoleMissing as denial:
            first = denial
        else:
            return
        try:
            action(progress, request)
        except QuotaExceeded:
            raise first from None

    def _ask(self, progress: Progress, request: OpenRequest) -> None:
        dataset = DATASETS[request.dataset_code]
        if isinstance(dataset, Collection):
            self._collected(progress, self.arrivals.gather(request, self.session_for(dataset)))
            return
        report_id = self._adopt(request) or self._create(request)
        with transaction(self.dsn) as connection:
            report_requests.mark_waiting(connection, self.account.account_id, request.request_id, report_id)
        logger.info("%s %s: Amazon's report %s", self.account.account_id, request.label, report_id)

    def _create(self, request: OpenRequest) -> str:
        dataset = DATASETS[request.dataset_code]
        with transaction(self.dsn) as connection:
            report_requests.mark_asking(connection, self.account.account_id, request.request_id)
        try:
            return desk_for(dataset).ask(self.session_for(dataset), self.account, request)
        except SpApiFailure as failure:
            if not failure.may_have_happened:
                with transaction(self.dsn) as connection:
                    report_requests.clear_asking(connection, self.account.account_id, request.request_id)
            raise

    def _adopt(self, request: OpenRequest) -> str | None:
        """The report that an earlier attempt asked for and could not write down, if Amazon has it."""
        if request.asking_at is None:
            return None
        dataset = DATASETS[request.dataset_code]
        candidates = desk_for(dataset).find_lost(self.session_for(dataset), self.account, request, request.asking_at)
        with transaction(self.dsn) as connection:
            unknown = report_requests.unknown_report_ids(connection, self.account.account_id, dataset.key, candidates)
        return min(unknown, default=None)

    def _poll(self, progress: Progress, request: OpenRequest) -> None:
        if request.amazon_report_id is None or request.amazon_status_code in FINAL:
            return
        try:
            dataset = DATASETS[request.dataset_code]
            state = desk_for(dataset).poll(self.session_for(dataset), request.amazon_report_id)
        except ReportNotFound as lost:
            if request.asked_at is not None and datetime.now(UTC) - request.asked_at <= NOT_FOUND_GRACE:
                progress.hold(0.0)
            else:
                progress.failures.append(self.arrivals.give_up(request, lost.kind, str(lost)))
            return
        with transaction(self.dsn) as connection:
            report_requests.mark_polled(
                connection, self.account.account_id, request.request_id, state.status, state.document_id
            )

    def _collect(self, progress: Progress, request: OpenRequest) -> None:
        session = self.session_for(DATASETS[request.dataset_code])
        self._collected(progress, self.arrivals.collect(request, session))

    @staticmethod
    def _collected(progress: Progress, failure: str | None) -> None:
        if failure:
            progress.failures.append(failure)
        else:
            progress.landed += 1


def _touches(request: OpenRequest, window: tuple[date, date]) -> bool:
    dates = DATASETS[request.dataset_code].dates_touching(*window)
    return any(request.covers(day) for day in dates)
