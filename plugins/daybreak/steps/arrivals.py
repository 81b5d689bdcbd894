"""What becomes of a report that Amazon has finished: landed and staged, recorded as no data, or read out as failed."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from daybreak.accounts import Account
from daybreak.landing.failures import LandingFailure
from daybreak.landing.files import store_document
from daybreak.settings import Settings
from daybreak.spapi.failures import Kind
from daybreak.spapi.fatal_reports import explain_fatal
from daybreak.spapi.reports import fetch_document, fetch_error_details
from daybreak.spapi.session import SellingPartnerSession
from daybreak.steps.staging import reject_unreadable, stage_load
from daybreak.warehouse import loads, report_requests
from daybreak.warehouse.engine import full_disk_named, transaction
from daybreak.warehouse.report_requests import OpenRequest

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Arrivals:
    """The finished reports of one account. ``dsn`` None means the configured warehouse."""

    account: Account
    session: SellingPartnerSession
    settings: Settings
    dsn: str | None = None

    def collect(self, request: OpenRequest) -> str | None:
        """Brings one finished report down; returns None, or in words why its data are not to be had.

        Raises:
            SpApiFailure: the document could not be fetched this time.
        """
        if request.amazon_status_code == "CANCELLED":
            self._record_no_data(request)
            return None
        if request.amazon_status_code == "FATAL":
            return self._record_fatal(request)
        if request.amazon_document_id is None:
            return self.give_up(request, Kind.DATA_ERROR, "Amazon says DONE without naming a document")
        return stage_or_reject(self.account, self._land(request, request.amazon_document_id), self.settings, self.dsn)

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

    def _land(self, request: OpenRequest, document_id: str) -> loads.Load:
        received_at = datetime.now(UTC)
        with fetch_document(self.session, document_id) as chunks:
            stored = store_document(
                self.settings.landing,
                self.account.account_id,
                request.dataset_code,
                f"report-{request.amazon_report_id}",
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

    def _record_fatal(self, request: OpenRequest) -> str | None:
        """Reads why Amazon gave up. One unpublished day fails the whole report: then the rest is asked for at once."""
        details = "no details"
        if request.amazon_document_id:
            details = fetch_error_details(self.session, request.amazon_document_id)
        fatal = explain_fatal(details)
        words = self.give_up(request, fatal.kind, f"Amazon's report ended FATAL: {details} ({fatal.advice})")
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
