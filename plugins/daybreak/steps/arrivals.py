"""What becomes of a report that Amazon has finished: landed and staged, recorded as no data, or read out as failed."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from daybreak.accounts import Account
from daybreak.datasets import DATASETS
from daybreak.landing.failures import LandingFailure
from daybreak.landing.files import store_document
from daybreak.landing.parts import Parts
from daybreak.settings import Settings
from daybreak.spapi.failures import Kind
from daybreak.spapi.session import SellingPartnerSession
from daybreak.steps.access import deny
from daybreak.steps.collecting import COLLECTORS, Errand
from daybreak.steps.desks import desk_for
from daybreak.steps.staging import reject_unreadable, stage_load
from daybreak.warehouse import loads, report_requests
from daybreak.warehouse.engine import full_disk_named, transaction
from daybreak.warehouse.missing_access import forget_missing_access
from daybreak.warehouse.report_requests import OpenRequest

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Arrivals:
    """The finished reports of one account. ``dsn`` None means the configured warehouse."""

    account: Account
    settings: Settings
    dsn: str | None = None

    def collect(self, request: OpenRequest, session: SellingPartnerSession) -> str | None:
        """Brings one finished report down; returns None, or in words why its data are not to be had.

        Raises:
            SpApiFailure: the document could not be fetched this time.
        """
        if request.amazon_status_code == "CANCELLED":
            self._record_no_data(request)
            return None
        if request.amazon_status_code == "FATAL":
            return self._record_fatal(request, session)
        if request.amazon_document_id is None:
            return self.give_up(request, Kind.DATA_ERROR, "Amazon says DONE without naming a document")
        desk = desk_for(DATASETS[request.dataset_code])
        received_at = datetime.now(UTC)
        with desk.fetch(session, request.amazon_document_id) as chunks:
            load = self._land(request, f"report-{request.amazon_report_id}", chunks, received_at)
        return stage_or_reject(self.account, load, self.settings, self.dsn)

    def gather(self, request: OpenRequest, session: SellingPartnerSession) -> str | None:
        """Makes the calls of a collection that are still to be made, then lands and stages their answers.

        Raises:
            QuotaExceeded, SpApiFailure: what was answered so far is kept, and not asked again.
        """
        if request.asking_at is None:
            with transaction(self.dsn) as connection:
                report_requests.mark_asking(connection, self.account.account_id, request.request_id)
        started_at = request.asking_at or datetime.now(UTC)
        parts = Parts.of(self.settings.landing, self.account.account_id, request.request_id)
        COLLECTORS[request.dataset_code](
            Errand(self.account, request, session, parts, self.settings, started_at, self.dsn)
        )
        load = self._land(
            replace(request, asked_at=started_at), f"collection-{request.request_id}", parts.chunks(), datetime.now(UTC)
        )
        parts.discard()
        return stage_or_reject(self.account, load, self.settings, self.dsn)

    def stage_landed(self) -> list[str]:
        """Stages every landed document; returns, in words, those that cannot be used."""
        with transaction(self.dsn) as connection:
            landed = loads.read_loads(connection, self.account.account_id, ["landed"])
        return [failure for load in landed if (failure := stage_or_reject(self.account, load, self.settings, self.dsn))]

    def give_up(self, request: OpenRequest, kind: Kind, reason: str) -> str:
        """Ends the request as failed; returns the failure in words. A later plan asks anew where a day is owed."""
        with transaction(self.dsn) as connection:
            report_requests.finish_request(
                connection, self.account.account_id, request.request_id, "failed", kind.value, reason
            )
        return f"{self.account.account_id} {request.label}: {reason}"

    def _land(self, request: OpenRequest, name: str, chunks: Iterable[bytes], received_at: datetime) -> loads.Load:
        stored = store_document(
            self.settings.landing,
            self.account.account_id,
            request.dataset_code,
            name,
            chunks,
            received_at=received_at,
            minimum_free_bytes=self.settings.minimum_free_mebibytes * 1024 * 1024,
        )
        document = loads.LandedDocument(stored.path, stored.sha256, stored.size_bytes, received_at, "spapi")
        with transaction(self.dsn) as connection:
            load_id = loads.insert_load(
                connection,
                self.account.account_id,
                request.dataset_code,
                request.variant_code,
                document,
                request_id=request.request_id,
                window=request.window,
                requested_at=request.asked_at or received_at,
            )
            report_requests.finish_request(connection, self.account.account_id, request.request_id, "done")
            forget_missing_access(connection, self.account.account_id, [request.dataset_code])
            load = loads.read_load(connection, load_id)
        if load is None:
            raise RuntimeError(f"load {load_id} vanished")
        return load

    def _record_no_data(self, request: OpenRequest) -> None:
        with transaction(self.dsn) as connection:
            loads.record_no_data(
                connection,
                self.account.account_id,
                request.dataset_code,
                request.variant_code,
                request.request_id,
                request.window,
                request.asked_at or datetime.now(UTC),
            )
            report_requests.finish_request(
                connection, self.account.account_id, request.request_id, "no_data", "skip", "report CANCELLED: no data"
            )
            forget_missing_access(connection, self.account.account_id, [request.dataset_code])

    def _record_fatal(self, request: OpenRequest, session: SellingPartnerSession) -> str | None:
        """Reads why Amazon gave up. One unpublished day fails the whole report: then the rest is asked for at once."""
        fatal = desk_for(DATASETS[request.dataset_code]).explain(session, request.amazon_document_id)
        details = fatal.amazon_text or "no details"
        why = f"Amazon's report ended FATAL: {details} ({fatal.advice})"
        if fatal.code == "no_access":
            deny(self.account, request, "role_missing", why, self.settings, self.dsn)
            return None
        words = self.give_up(request, fatal.kind, why)
        if fatal.code != "not_yet_available":
            return words
        logger.warning("%s", words)
        first, last = request.window
        if last > first:
            with transaction(self.dsn) as connection:
                report_requests.insert_request(
                    connection,
                    self.account.account_id,
                    request.dataset_code,
                    request.variant_code,
                    (first, last - timedelta(days=1)),
                    request.run_id,
                )
        return None


def stage_or_reject(account: Account, load: loads.Load, settings: Settings, dsn: str | None) -> str | None:
    """Stages ``load``; a document that cannot be used is rejected in the ledger and returned in words.

    Raises:
        WarehouseDiskFull: nothing is staged and the load waits, landed.
    """
    try:
        with (
            full_disk_named(f"{account.account_id} load {load.load_id} ({load.dataset_code})"),
            transaction(dsn) as connection,
        ):
            stage_load(connection, account, load, settings)
    except LandingFailure as failure:
        return reject_unreadable(account, load, failure, ("landed",), dsn)
    return None
