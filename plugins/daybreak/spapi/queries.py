"""Data Kiosk 2023-11-15: submit a query, watch it, fetch its document as it was sent."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from daybreak.spapi.documents import DocumentAddress, downloaded, read_reason, signed_address
from daybreak.spapi.exchange import Download
from daybreak.spapi.judgement import judge_content
from daybreak.spapi.operations import CREATE_QUERY, GET_QUERIES, GET_QUERY, GET_QUERY_DOCUMENT, Call
from daybreak.spapi.redaction import redact
from daybreak.spapi.reports import ReportStatus
from daybreak.spapi.session import SellingPartnerSession

LONGEST_QUERY: Final = 8000
_PAGE_SIZE: Final = 100


@dataclass(frozen=True)
class QueryState:
    """A query as Amazon sees it now. DONE without a document means that there was no data to give."""

    query_id: str
    query: str
    status: ReportStatus
    document_id: str | None
    error_document_id: str | None
    created_at: datetime


class _Query(msgspec.Struct, rename="camel"):
    query_id: str
    query: str
    processing_status: ReportStatus
    created_time: datetime
    data_document_id: str | None = None
    error_document_id: str | None = None


def create_query(session: SellingPartnerSession, query: str) -> str:
    """Submits ``query`` (GraphQL, at most 8,000 characters); its id.

    Raises:
        SpApiFailure: with ``may_have_happened`` if the query may exist all the same: see :func:`find_queries`.
    """
    if len(query) > LONGEST_QUERY:
        raise ValueError(f"a query has at most {LONGEST_QUERY} characters, not {len(query)}")
    return str(session.call(CREATE_QUERY, query, subject=_subject(query))["queryId"])


def get_query(session: SellingPartnerSession, query_id: str) -> QueryState:
    """How far the query is.

    Raises:
        ReportNotFound: kind ``retry``: it may happen in the first minute.
        UnexpectedAnswer: another query came back.
    """
    call = session.about(GET_QUERY, f"query {query_id}")
    state = _read_state(call, session.call(GET_QUERY, query_id, subject=call.subject))
    if state.query_id != query_id:
        raise judge_content(call, f"the answer is about query {state.query_id}")
    return state


def find_queries(session: SellingPartnerSession, created_since: datetime) -> list[QueryState]:
    """The credential's queries created since then. Each page of 100 costs a call of a small quota."""
    call = session.about(GET_QUERIES, "")
    parameters: dict[str, Any] = {
        "createdSince": created_since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "pageSize": _PAGE_SIZE,
    }
    found: list[QueryState] = []
    tokens_seen: set[str] = set()
    while True:
        page = session.call(GET_QUERIES, **parameters)
        queries = page["queries"]
        if not isinstance(queries, list):
            raise judge_content(call, "queries is no list")
        found += [_read_state(call, query) for query in queries]
        token = (page.get("pagination") or {}).get("nextToken")
        if not token:
            return found
        if token in tokens_seen:
            raise judge_content(call, "its pages go in a circle")
        tokens_seen.add(token)
        parameters["paginationToken"] = token  # beside the parameters that gave it


@contextmanager
def fetch_query_document(session: SellingPartnerSession, document_id: str) -> Iterator[Download]:
    """The document's bytes as they are sent: one JSON object a line. Iterate inside the context.

    Raises:
        DocumentAddressExpired, ServiceUnavailable, TransportBroken: see ``reports.fetch_document``.
    """
    with downloaded(session, document_id, lambda: _fetch_address(session, document_id)) as download:
        yield download


def fetch_query_errors(session: SellingPartnerSession, document_id: str) -> str:
    """Why a query went FATAL: the messages of its error document, without secrets, else its text."""
    with fetch_query_document(session, document_id) as download:
        text = read_reason(session, document_id, download)
    try:
        entries = json.loads(text)
        messages = [str(entry["message"]) for entry in entries]
    except (ValueError, TypeError, KeyError, RecursionError):
        messages = []
    return redact("; ".join(messages) or text.decode("utf-8", errors="replace").strip())


def _fetch_address(session: SellingPartnerSession, document_id: str) -> DocumentAddress:
    call = session.about(GET_QUERY_DOCUMENT, f"document {document_id}")
    answer = session.call(GET_QUERY_DOCUMENT, document_id, subject=call.subject)
    return DocumentAddress(document_id, signed_address(session, call, answer["documentUrl"]), None)


def _subject(query: str) -> str:
    return " ".join(query.split())[:120]


def _read_state(call: Call, query: Any) -> QueryState:
    try:
        read = msgspec.convert(query, _Query)
    except msgspec.ValidationError as error:
        raise judge_content(call, f"a query is described otherwise than expected: {error}") from None
    return QueryState(
        read.query_id,
        read.query,
        read.processing_status,
        read.data_document_id,
        read.error_document_id,
        read.created_time,
    )
