"""Data Kiosk as Daybreak uses it: what is submitted, what is understood, what is refused."""

import gzip
import json
import secrets
from datetime import UTC, datetime
from socket import socket
from typing import Any

import pytest

from daybreak.spapi.failures import Kind, UnexpectedAnswer
from daybreak.spapi.queries import create_query, fetch_query_document, fetch_query_errors, find_queries, get_query
from daybreak.spapi.session import SellingPartnerSession
from tests.unit.spapi.fake_amazon import FakeAmazon, Reply, answer, as_json

KIOSK = "/dataKiosk/2023-11-15"
QUERIES = f"{KIOSK}/queries"
TEXT = 'query{ a{ b(startDate:"2026-11-01") } }'
SINCE = datetime(2026, 11, 20, 5, 15, tzinfo=UTC)


def query(query_id: str = "1", **changes: Any) -> dict[str, Any]:
    return {
        "queryId": query_id,
        "query": TEXT,
        "processingStatus": "IN_PROGRESS",
        "createdTime": "2026-11-20T05:15:05Z",
    } | changes


def offer(amazon: FakeAmazon, document_id: str, *replies: Reply) -> None:
    def name_address(connection: socket) -> None:
        url = f"{amazon.address}/storage/{document_id}?X-Amz-Expires=300&X-Amz-Signature={secrets.token_hex(32)}"
        as_json(200, {"documentId": document_id, "documentUrl": url})(connection)

    amazon.on("GET", f"{KIOSK}/documents/{document_id}", name_address)
    amazon.on("GET", f"/storage/{document_id}", *replies)


def test_a_query_is_submitted_as_it_is_written(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    amazon.on("POST", QUERIES, as_json(202, {"queryId": "77"}))
    assert create_query(session, TEXT) == "77"
    assert amazon.calls("POST", QUERIES)[0].document == {"query": TEXT}


def test_a_query_longer_than_amazon_takes_never_reaches_it(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    with pytest.raises(ValueError, match="at most 8000 characters, not 8001"):
        create_query(session, "q" * 8001)
    assert amazon.asked == []


def test_a_finished_query_names_its_document_or_none_where_there_was_no_data(
    amazon: FakeAmazon, session: SellingPartnerSession
) -> None:
    done = query(processingStatus="DONE", dataDocumentId="doc", aNewField=1)
    amazon.on("GET", f"{QUERIES}/1", as_json(200, done), as_json(200, query(processingStatus="DONE")))
    states = [get_query(session, "1") for _ in range(2)]
    assert [(state.status, state.document_id) for state in states] == [("DONE", "doc"), ("DONE", None)]
    assert states[0].query == TEXT


@pytest.mark.parametrize(
    ("described", "problem"),
    [
        (query("2"), "is about query 2"),
        (query(processingStatus="PAUSED"), "PAUSED"),
        (query(query=None), "otherwise than expected"),
        (query(createdTime="yesterday"), "otherwise than expected"),
    ],
)
def test_a_query_described_wrongly_is_a_data_error(
    amazon: FakeAmazon, session: SellingPartnerSession, described: dict[str, Any], problem: str
) -> None:
    amazon.on("GET", f"{QUERIES}/1", as_json(200, described))
    with pytest.raises(UnexpectedAnswer, match=problem) as caught:
        get_query(session, "1")
    assert caught.value.kind is Kind.DATA_ERROR


def test_all_pages_of_queries_are_read_and_the_token_stands_beside_what_was_asked(
    amazon: FakeAmazon, session: SellingPartnerSession
) -> None:
    amazon.on(
        "GET",
        QUERIES,
        as_json(200, {"queries": [query("1"), query("2")], "pagination": {"nextToken": "a=/+"}}),
        as_json(200, {"queries": [query("3")]}),
    )
    assert [state.query_id for state in find_queries(session, SINCE)] == ["1", "2", "3"]
    first, second = amazon.calls("GET", QUERIES)
    assert first.query == {"createdSince": ["2026-11-20T05:15:00Z"], "pageSize": ["100"]}
    assert second.query == first.query | {"paginationToken": ["a=/+"]}


def test_pages_that_go_in_a_circle_end_and_a_list_that_is_none_is_told(
    amazon: FakeAmazon, session: SellingPartnerSession
) -> None:
    amazon.on("GET", QUERIES, *(as_json(200, {"queries": [], "pagination": {"nextToken": t}}) for t in "aba"))
    with pytest.raises(UnexpectedAnswer, match="circle"):
        find_queries(session, SINCE)
    assert len(amazon.calls("GET", QUERIES)) == 3
    amazon.on("GET", QUERIES, as_json(200, {"queries": {"1": query()}}))
    with pytest.raises(UnexpectedAnswer, match="no list"):
        find_queries(session, SINCE)


def test_a_document_arrives_as_it_was_sent(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    sent = gzip.compress(b'{"startDate": "2026-11-01"}\n')
    offer(amazon, "doc", answer(200, sent))
    with fetch_query_document(session, "doc") as arriving:
        assert b"".join(arriving) == sent


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (json.dumps([{"message": "too old"}, {"message": "too long", "path": ["a"]}]).encode(), "too old; too long"),
        (gzip.compress(b'[{"message": "packed"}]'), "packed"),
        (b'{"message": "no list"}', '{"message": "no list"}'),
        (b"words", "words"),
        (b"[" * 50_000, "[" * 50_000),
        (b"", ""),
    ],
    ids=["messages", "gzip", "an object", "text", "nested", "empty"],
)
def test_why_a_query_failed_is_read_however_it_is_written(
    amazon: FakeAmazon, session: SellingPartnerSession, body: bytes, text: str
) -> None:
    offer(amazon, "why", answer(200, body))
    assert fetch_query_errors(session, "why") == text


def test_no_secret_comes_back_in_the_reason(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    offer(amazon, "doc", answer(200, b"x"))
    with fetch_query_document(session, "doc") as arriving:
        assert b"".join(arriving) == b"x"
    signature = amazon.calls("GET", "/storage/doc")[0].query["X-Amz-Signature"][0]
    offer(amazon, "why", answer(200, json.dumps([{"message": f"not found: {signature}"}]).encode()))
    told = fetch_query_errors(session, "why")
    assert told.startswith("not found: ")
    assert signature not in told
