"""Asks Amazon for what the ledger owes and brings finished reports down; re-attaches after any crash."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from daybreak.accounts import Account
from daybreak.datasets import DATASETS
from daybreak.settings import Settings
from daybreak.spapi.failures import Kind, QuotaExceeded, ReportNotFound, SpApiFailure
from daybreak.spapi.reports import create_report, find_reports, get_report
from daybreak.spapi.session import SellingPartnerSession
from daybreak.steps.arrivals import Arrivals
from daybreak.warehouse import report_requests
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.report_requests import OpenRequest

logger = logging.getLogger(__name__)

FINAL = ("DONE", "CANCELLED", "FATAL")
# A report that Amazon does not find right after it was created usually appears within minutes.
NOT_FOUND_GRACE = timedelta(minutes=15)
# Amazon's clock and the warehouse's may differ; a report of ours is looked for from a little before we asked.
CLOCK_TOLERANCE = timedelta(minutes=2)


@dataclass
class Progress:
    """What one pass over an account's open requests left: how many are still open, and what went wrong, in words."""

    open_requests: int = 0
    landed: int = 0
    wake_seconds: float | None = None
    """When to go on at the latest, for what a quota or a passing fault held up; None when only Amazon works."""
    failures: list[str] = field(default_factory=list)

    def hold(self, seconds: float) -> None:
        """Some request can go on after ``seconds``, whatever Amazon is still working on."""
        self.wake_seconds = seconds if self.wake_seconds is None else max(self.wake_seconds, seconds)


@dataclass(frozen=True)
class Extraction:
    """One account's extraction with an open SP-API session. ``dsn`` None means the configured warehouse."""

    account: Account
    session: SellingPartnerSession
    settings: Settings
    dsn: str | None = None

    @property
    def arrivals(self) -> Arrivals:
        return Arrivals(self.account, self.session, self.settings, self.dsn)

    def advance(self) -> Progress:
        """One pass: asks what is not asked yet, polls what waits, lands and stages what is done.

        Never waits for a report. One request's failure leaves the others whole; it is in ``failures`` in words.
        """
        progress = Progress()
        for request in self._open_requests():
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
            return report_requests.read_open_requests(connection, self.account.account_id)

    def _guarded(
        self, progress: Progress, request: OpenRequest, action: Callable[[Progress, OpenRequest], None]
    ) -> None:
        """Runs ``action``; a failure of Amazon's side holds or ends this request only."""
        try:
            action(progress, request)
        except QuotaExceeded as quota:
            progress.hold(quota.retry_after_seconds or 0.0)
        except SpApiFailure as failure:
            if failure.kind is Kind.RETRY:
                logger.warning("%s %s: %s", self.account.account_id, request.label, failure)
                progress.hold(failure.retry_after_seconds or 0.0)
            else:
                progress.failures.append(self.arrivals.give_up(request, failure.kind, str(failure)))

    def _ask(self, _progress: Progress, request: OpenRequest) -> None:
        report_id = self._adopt(request) or self._create(request)
        with transaction(self.dsn) as connection:
            report_requests.mark_waiting(connection, self.account.account_id, request.request_id, report_id)
        logger.info("%s %s: Amazon's report %s", self.account.account_id, request.label, report_id)

    def _create(self, request: OpenRequest) -> str:
        dataset = DATASETS[request.dataset_code]
        with transaction(self.dsn) as connection:
            report_requests.mark_asking(connection, self.account.account_id, request.request_id)
        try:
            return create_report(
                self.session,
                dataset.report_type,
                request.window_start_date,
                request.window_end_date,
                dataset.report_options(request.variant_code),
            )
        except SpApiFailure as failure:
            if not failure.may_have_happened:
                with transaction(self.dsn) as connection:
                    report_requests.clear_asking(connection, self.account.account_id, request.request_id)
            raise

    def _adopt(self, request: OpenRequest) -> str | None:
        """The report that an earlier attempt asked for and could not write down, if Amazon has it.

        Amazon does not say for which view a report was asked; a wrong one is refused when it lands, by its echo.
        """
        if request.asking_at is None:
            return None
        report_type = DATASETS[request.dataset_code].report_type
        found = find_reports(self.session, [report_type], request.asking_at - CLOCK_TOLERANCE)
        candidates = [
            state.report_id
            for state in found
            if (state.data_start, state.data_end) == request.window and state.status != "CANCELLED"
        ]
        with transaction(self.dsn) as connection:
            unknown = report_requests.unknown_report_ids(connection, self.account.account_id, candidates)
        return min(unknown, default=None)

    def _poll(self, progress: Progress, request: OpenRequest) -> None:
        if request.amazon_report_id is None or request.amazon_status_code in FINAL:
            return
        try:
            state = get_report(self.session, request.amazon_report_id)
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
        failure = self.arrivals.collect(request)
        if failure:
            progress.failures.append(failure)
        else:
            progress.landed += 1
