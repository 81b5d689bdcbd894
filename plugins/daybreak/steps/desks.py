"""Where a document is asked for and fetched at Amazon: one desk per interface, the same questions at each."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from daybreak.accounts import Account
from daybreak.calendars import end_of_utc_day
from daybreak.sources import Dataset, KioskQuery, VendorReport
from daybreak.spapi.fatal_reports import FatalReport, explain_fatal
from daybreak.spapi.queries import create_query, fetch_query_document, fetch_query_errors, find_queries, get_query
from daybreak.spapi.reports import (
    ReportState,
    create_report,
    fetch_document,
    fetch_error_details,
    find_reports,
    get_report,
)
from daybreak.spapi.session import SellingPartnerSession
from daybreak.warehouse.report_requests import OpenRequest

# Amazon's clock and the warehouse's may differ; what is ours is looked for from a little before we asked.
CLOCK_TOLERANCE = timedelta(minutes=2)
NO_DATA = "CANCELLED"


@dataclass(frozen=True)
class DeskState:
    """How far Amazon is: IN_QUEUE, IN_PROGRESS, DONE, CANCELLED (no data) or FATAL, and the document it names."""

    status: str
    document_id: str | None


class Desk(Protocol):
    """One of Amazon's interfaces that take an order now and have a document later."""

    def ask(self, session: SellingPartnerSession, account: Account, request: OpenRequest) -> str:
        """Orders the document; Amazon's id of the order."""

    def find_lost(
        self, session: SellingPartnerSession, account: Account, request: OpenRequest, asking_at: datetime
    ) -> list[str]:
        """Ids of orders that an attempt at ``asking_at`` may have left at Amazon without writing them down."""

    def poll(self, session: SellingPartnerSession, amazon_id: str) -> DeskState: ...

    def fetch(self, session: SellingPartnerSession, document_id: str) -> AbstractContextManager[Iterable[bytes]]: ...

    def explain(self, session: SellingPartnerSession, document_id: str | None) -> FatalReport:
        """Why the order ended FATAL."""


@dataclass(frozen=True)
class ReportDesk:
    """The Reports API for one report."""

    report: VendorReport

    def ask(self, session: SellingPartnerSession, account: Account, request: OpenRequest) -> str:
        return create_report(
            session,
            self.report.form(request.variant_code).report_type,
            self._window(request),
            self.report.report_options(request.variant_code, account.marketplace.currency_code, request.window),
        )

    def find_lost(
        self, session: SellingPartnerSession, account: Account, request: OpenRequest, asking_at: datetime
    ) -> list[str]:
        """Amazon does not tell the options of a report; a wrong one is refused when it lands, by its echo.

        A cancelled one has no echo and may be another application's: asking once more costs a call, taking it for ours
        would leave its days without figures for good.
        """
        report_type = self.report.form(request.variant_code).report_type
        found = find_reports(session, [report_type], asking_at - CLOCK_TOLERANCE)
        return [each.report_id for each in found if each.status != NO_DATA and self._may_be(each, request)]

    def poll(self, session: SellingPartnerSession, amazon_id: str) -> DeskState:
        state = get_report(session, amazon_id)
        return DeskState(state.status, state.document_id)

    def fetch(self, session: SellingPartnerSession, document_id: str) -> AbstractContextManager[Iterable[bytes]]:
        return fetch_document(session, document_id)

    def explain(self, session: SellingPartnerSession, document_id: str | None) -> FatalReport:
        return explain_fatal(fetch_error_details(session, document_id) if document_id else "")

    def _window(self, request: OpenRequest) -> tuple[date, date] | tuple[datetime, datetime] | None:
        if self.report.window_unit == "none":
            return None
        if self.report.window_unit == "day":
            return request.window
        newest_hour = (datetime.now(UTC) - self.report.calendar.lag).replace(minute=0, second=0, microsecond=0)
        begin = end_of_utc_day(request.window_start_date - timedelta(days=1))
        return begin, max(begin, min(end_of_utc_day(request.window_end_date), newest_hour))

    def _may_be(self, state: ReportState, request: OpenRequest) -> bool:
        if self.report.window_unit == "none":
            return True
        first, last = request.window
        # The midnight that ends an hourly window is the next day's.
        slack = timedelta(days=1) if self.report.window_unit == "hour" else timedelta(0)
        return state.data_start == first and state.data_end is not None and first <= state.data_end <= last + slack


@dataclass(frozen=True)
class QueryDesk:
    """Data Kiosk for one query."""

    dataset: KioskQuery

    def ask(self, session: SellingPartnerSession, account: Account, request: OpenRequest) -> str:
        return create_query(session, self._query(account, request))

    def find_lost(
        self, session: SellingPartnerSession, account: Account, request: OpenRequest, asking_at: datetime
    ) -> list[str]:
        wanted = _compact(self._query(account, request))
        found = find_queries(session, asking_at - CLOCK_TOLERANCE)
        return [each.query_id for each in found if each.status != NO_DATA and _compact(each.query) == wanted]

    def poll(self, session: SellingPartnerSession, amazon_id: str) -> DeskState:
        state = get_query(session, amazon_id)
        if state.status == "DONE" and state.document_id is None:
            return DeskState(NO_DATA, None)
        return DeskState(state.status, state.error_document_id if state.status == "FATAL" else state.document_id)

    def fetch(self, session: SellingPartnerSession, document_id: str) -> AbstractContextManager[Iterable[bytes]]:
        return fetch_query_document(session, document_id)

    def explain(self, session: SellingPartnerSession, document_id: str | None) -> FatalReport:
        return explain_fatal(fetch_query_errors(session, document_id) if document_id else "")

    def _query(self, account: Account, request: OpenRequest) -> str:
        return self.dataset.query(request.window, account.marketplace.currency_code)


DESKS: Mapping[type[Dataset], Any] = {VendorReport: ReportDesk, KioskQuery: QueryDesk}


def desk_for(dataset: Dataset) -> Desk:
    """The desk at which ``dataset`` is ordered."""
    for kind in type(dataset).__mro__:
        if kind in DESKS:
            desk: Desk = DESKS[kind](dataset)
            return desk
    raise LookupError(f"{dataset.key} is not ordered at Amazon")


def _compact(query: str) -> str:
    return "".join(query.split())
