"""Where a document is asked for and fetched at Amazon: one desk per interface, the same four questions at each."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from daybreak.datasets import Dataset, VendorReport
from daybreak.spapi.fatal_reports import FatalReport, explain_fatal
from daybreak.spapi.reports import create_report, fetch_document, fetch_error_details, find_reports, get_report
from daybreak.spapi.session import SellingPartnerSession
from daybreak.warehouse.report_requests import OpenRequest

# Amazon's clock and the warehouse's may differ; what is ours is looked for from a little before we asked.
CLOCK_TOLERANCE = timedelta(minutes=2)


@dataclass(frozen=True)
class DeskState:
    """How far Amazon is: IN_QUEUE, IN_PROGRESS, DONE, CANCELLED or FATAL, and the document that it names."""

    status: str
    document_id: str | None


class Desk(Protocol):
    """One of Amazon's interfaces that take an order now and have a document later."""

    def ask(self, session: SellingPartnerSession, request: OpenRequest) -> str:
        """Orders the document; Amazon's id of the order."""

    def find_lost(self, session: SellingPartnerSession, request: OpenRequest) -> list[str]:
        """Ids of orders that an earlier attempt may have left at Amazon without writing them down."""

    def poll(self, session: SellingPartnerSession, amazon_id: str) -> DeskState: ...

    def fetch(self, session: SellingPartnerSession, document_id: str) -> AbstractContextManager[Iterable[bytes]]: ...

    def explain(self, session: SellingPartnerSession, document_id: str | None) -> FatalReport:
        """Why the order ended FATAL."""


@dataclass(frozen=True)
class ReportDesk:
    """The Reports API for one report."""

    report: VendorReport

    def ask(self, session: SellingPartnerSession, request: OpenRequest) -> str:
        return create_report(
            session,
            self.report.report_type,
            request.window_start_date,
            request.window_end_date,
            self.report.report_options(request.variant_code),
        )

    def find_lost(self, session: SellingPartnerSession, request: OpenRequest) -> list[str]:
        """Amazon does not say for which view a report was asked; a wrong one is refused when it lands, by its echo."""
        if request.asking_at is None:
            return []
        found = find_reports(session, [self.report.report_type], request.asking_at - CLOCK_TOLERANCE)
        return [
            state.report_id
            for state in found
            if (state.data_start, state.data_end) == request.window and state.status != "CANCELLED"
        ]

    def poll(self, session: SellingPartnerSession, amazon_id: str) -> DeskState:
        state = get_report(session, amazon_id)
        return DeskState(state.status, state.document_id)

    def fetch(self, session: SellingPartnerSession, document_id: str) -> AbstractContextManager[Iterable[bytes]]:
        return fetch_document(session, document_id)

    def explain(self, session: SellingPartnerSession, document_id: str | None) -> FatalReport:
        return explain_fatal(fetch_error_details(session, document_id) if document_id else "")


DESKS: Mapping[type[Dataset], Any] = {VendorReport: ReportDesk}


def desk_for(dataset: Dataset) -> Desk:
    """The desk at which ``dataset`` is ordered."""
    for kind in type(dataset).__mro__:
        if kind in DESKS:
            desk: Desk = DESKS[kind](dataset)
            return desk
    raise LookupError(f"{dataset.key} is not ordered at Amazon")
