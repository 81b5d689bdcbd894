"""What becomes of a report that Amazon has finished: landed and staged, recorded as no data, or read out as failed."""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from daybreak.accounts import Account
from daybreak.datasets import DATASETS, datasets_of_document
from daybreak.landing.failures import LandingFailure
from daybreak.landing.files import store_document
from daybreak.landing.parts import Parts
from daybreak.settings import Settings
from daybreak.spapi.failures import Kind
from daybreak.spapi.session import SellingPartnerSession
from daybreak.steps.access import deny
from daybreak.steps.collecting import COLLECTORS
from daybreak.steps.desks import desk_for
from daybreak.steps.errands import Errand
from daybreak.steps.page_collecting import DayOver
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
            landed = self._land(request, f"report-{request.amazon_report_id}", chunks, received_at)
        return self._stage(landed)

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
        try:
            COLLECTORS[request.dataset_code](
                Errand(self.account, request, session, parts, self.settings, started_at, self.dsn)
            )
        except DayOver as over:
            self._record_no_data(request, str(over))
            return None
        landed = self._land(
            replace(request, asked_at=started_at), f"collection-{request.request_id}", parts.chunks(), datetime.now(UTC)
        )
        parts.discard()
        return self._stage(landed)

    def stage_landed(self, dataset_codes: Collection[str] = DATASETS.keys()) -> list[str]:
        """Stages every landed document of ``dataset_codes``; returns, in words, those that cannot be used."""
        with transaction(self.dsn) as connection:
            landed = loads.read_loads(connection, self.account.account_id, ["landed"])
        failed = self._stage([load for load in landed if load.dataset_code in dataset_codes])
        return [failed] if failed else []

    def _stage(self, landed: Iterable[loads.Load]) -> str | None:
        failures = [stage_or_reject(self.account, load, self.settings, self.dsn) for load in landed]
        return "\n".join(failure for failure in failures if failure) or None

    def give_up(self, request: OpenRequest, kind: Kind, reason: str) -> str:
        """Ends the request as failed; returns the failure in words. A later plan asks anew where a day is owed."""
        Parts.of(self.settings.landing, self.account.account_id, request.request_id).discard()
        with transaction(self.dsn) as connection:
            report_requests.finish_request(
                connection, self.account.account_id, request.request_id, "failed", kind.value, reason
            )
        return f"{self.account.account_id} {request.label}: {reason}"

    def _land(
        self, request: OpenRequest, name: str, chunks: Iterable[bytes], received_at: datetime
    ) -> list[loads.Load]:
        """Stores the document and opens a load for each dataset whose rows it holds, in one transaction."""
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
            load_ids = [load_id] + [
                loads.insert_shared_load(connection, self.account.account_id, load_id, dataset_code)
                for dataset_code in datasets_of_document(request.dataset_code)[1:]
            ]
            report_requests.finish_request(connection, self.account.account_id, request.request_id, "done")
            forget_missing_access(connection, self.account.account_id, datasets_of_document(request.dataset_code))
            return [load for each in load_ids if (load := loads.read_load(connection, each)) is not None]

    def _record_no_data(self, request: OpenRequest, reason: str = "report CANCELLED: no data") -> None:
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
                connection, self.account.account_id, request.request_id, "no_data", "skip", reason
            )
            forget_missing_access(connection, self.account.account_id, datasets_of_document(request.dataset_code))

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
                    request.purpose_code,
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
