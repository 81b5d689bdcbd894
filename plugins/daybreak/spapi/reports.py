"""The Reports API 2021-06-30: ask for a report, watch it, fetch its document as it was sent."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, Literal

import msgspec

from daybreak.spapi.answers import decode_object
from daybreak.spapi.documents import DocumentAddress, downloaded, read_reason, signed_address
from daybreak.spapi.exchange import Download
from daybreak.spapi.judgement import judge_content
from daybreak.spapi.operations import (
    CREATE_REPORT,
    GET_REPORT,
    GET_REPORT_DOCUMENT,
    GET_REPORTS,
    Call,
)
from daybreak.spapi.redaction import redact
from daybreak.spapi.session import SellingPartnerSession

ReportStatus = Literal["IN_QUEUE", "IN_PROGRESS", "DONE", "CANCELLED", "FATAL"]
MOST_REPORT_TYPES: Final = 10
_PAGE_SIZE: Final = 100


@dataclass(frozen=True)
class ReportState:
    """A report as Amazon sees it now. Times are UTC; ``data_start`` and ``data_end`` are its first and last day.

    ``CANCELLED`` means that there was no data to give. The options asked for (period, view, programme) are not told.
    """

    report_id: str
    report_type: str
    status: ReportStatus
    document_id: str | None
    data_start: date | None
    data_end: date | None
    marketplace_ids: tuple[str, ...]
    created_at: datetime
    processing_started_at: datetime | None
    processing_ended_at: datetime | None

    @property
    def is_finished(self) -> bool:
        """Nothing more will happen to it."""
        return self.status in {"DONE", "CANCELLED", "FATAL"}


class _Report(msgspec.Struct, rename="camel"):
    report_id: str
    report_type: str
    processing_status: ReportStatus
    created_time: datetime
    report_document_id: str | None = None
    data_start_time: str | None = None
    data_end_time: str | None = None
    marketplace_ids: tuple[str, ...] | None = None
    processing_start_time: datetime | None = None
    processing_end_time: datetime | None = None


def create_report(
    session: SellingPartnerSession,
    report_type: str,
    window: tuple[date, date] | tuple[datetime, datetime] | None,
    options: Mapping[str, str],
) -> str:
    """Ask for a report; its id. ``window``: days, both included, or instants, or None for a report without dates.

    Amazon checks ``options`` and dates only afterwards: a mistake makes the report FATAL.

    Raises:
        SpApiFailure: with ``may_have_happened`` if the report may exist all the same: see :func:`find_reports`.
    """
    if window is not None and window[1] < window[0]:
        raise ValueError(f"{report_type}: its window ends on {window[1]}, before it begins on {window[0]}")
    dates = {} if window is None else dict(zip(("dataStartTime", "dataEndTime"), map(_moment, window), strict=True))
    answer = session.call(
        CREATE_REPORT,
        subject=report_type if window is None else f"{report_type} {window[0]}..{window[1]}",
        reportType=report_type,
        **dates,
        marketplaceIds=[session.marketplace_id],
        **({"reportOptions": dict(options)} if options else {}),
    )
    return str(answer["reportId"])


def _moment(when: date | datetime) -> str:
    if isinstance(when, datetime):
        return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    # Amazon ignores the time part, and rounds outward where it does not: midnight stays the same day
    return f"{when.isoformat()}T00:00:00Z"


def get_report(session: SellingPartnerSession, report_id: str) -> ReportState:
    """How far the report is.

    Raises:
        ReportNotFound: kind ``retry``: it often happens in the first minute.
        UnexpectedAnswer: another report came back, or a finished one without its document.
    """
    subject = f"report {report_id}"
    call = session.about(GET_REPORT, subject)
    state = _read_state(call, session.call(GET_REPORT, report_id, subject=subject))
    if state.report_id != report_id:
        raise judge_content(call, f"the answer is about report {state.report_id}")
    if state.status == "DONE" and state.document_id is None:
        raise judge_content(call, "it is DONE, but no document is named")
    return state


def find_reports(
    session: SellingPartnerSession, report_types: Sequence[str], created_since: datetime
) -> list[ReportState]:
    """The reports of ``report_types`` (at most ten) for this marketplace, created since then (at most 90 days ago).

    Each page of 100 costs a call of a small quota.
    """
    if not 1 <= len(report_types) <= MOST_REPORT_TYPES:
        raise ValueError(f"1 to {MOST_REPORT_TYPES} report types can be asked for at once, not {len(report_types)}")
    call = session.about(GET_REPORTS, " ".join(report_types))
    parameters: dict[str, Any] = {
        "reportTypes": list(report_types),
        "marketplaceIds": [session.marketplace_id],
        "createdSince": created_since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "pageSize": _PAGE_SIZE,
    }
    found: list[ReportState] = []
    tokens_seen: set[str] = set()
    while True:
        page = session.call(GET_REPORTS, subject=call.subject, **parameters)
        reports = page["reports"]
        if not isinstance(reports, list):
            raise judge_content(call, "reports is no list")
        found += [_read_state(call, report) for report in reports]
        token = page.get("nextToken")
        if not token:
            return found
        if token in tokens_seen:
            raise judge_content(call, "its pages go in a circle")
        tokens_seen.add(token)
        parameters = {"nextToken": token}  # it must be the only parameter


def fetch_document_address(session: SellingPartnerSession, document_id: str) -> DocumentAddress:
    """Where the document can be had for the next five minutes."""
    subject = f"document {document_id}"
    answer = session.call(GET_REPORT_DOCUMENT, document_id, subject=subject)
    compression = answer.get("compressionAlgorithm")
    url = signed_address(session, session.about(GET_REPORT_DOCUMENT, subject), answer["url"])
    return DocumentAddress(document_id, url, str(compression) if compression else None)


@contextmanager
def fetch_document(
    session: SellingPartnerSession, document_id: str, address: DocumentAddress | None = None
) -> Iterator[Download]:
    """The document's bytes as they are sent: nothing is decompressed, decoded or judged. Iterate inside the context.

    ``address`` saves a call of a small quota where it is known already. One that has expired is asked for again, once.

    Raises:
        DocumentAddressExpired, ServiceUnavailable: the storage does not give it.
        TransportBroken: also while iterating; then what came is not the document.
    """
    with downloaded(session, document_id, lambda: fetch_document_address(session, document_id), address) as download:
        yield download


def fetch_error_details(session: SellingPartnerSession, document_id: str) -> str:
    """Why a report went FATAL, in Amazon's words and without secrets, from the document that it then has.

    For :func:`~daybreak.spapi.fatal_reports.explain_fatal`. A document that is not what it should be is given as text.
    """
    with fetch_document(session, document_id) as download:
        text = read_reason(session, document_id, download)
    details = (decode_object(text) or {}).get("errorDetails")
    return redact(str(details) if details else text.decode("utf-8", errors="replace").strip())


def _read_state(call: Call, report: Any) -> ReportState:
    try:
        read = msgspec.convert(report, _Report)
        return ReportState(
            report_id=read.report_id,
            report_type=read.report_type,
            status=read.processing_status,
            document_id=read.report_document_id or None,
            data_start=_day(read.data_start_time),
            data_end=_day(read.data_end_time),
            marketplace_ids=read.marketplace_ids or (),
            created_at=_utc(read.created_time),
            processing_started_at=read.processing_start_time and _utc(read.processing_start_time),
            processing_ended_at=read.processing_end_time and _utc(read.processing_end_time),
        )
    except (msgspec.ValidationError, ValueError) as error:
        reason = str(error)
    raise judge_content(call, f"a report is described in a way that cannot be read: {reason}")


def _day(moment: str | None) -> date | None:
    return date.fromisoformat(moment[:10]) if moment else None


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
