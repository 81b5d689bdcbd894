"""Where A+ content is published: known from every document to its last page, else unknown and never "none"."""

import json
from typing import Any

import pytest

from daybreak.landing.page_calls import decode_call
from daybreak.landing.published_content import PublishedContent
from tests.unit.landing.page_documents import Json, decode, documents, item, plan, products, search, staged

A, B, RIVAL = "B000000001", "B000000002", "B00000000R"
REFUSED = {"answer": None, "refused": "access is denied"}


def known(*lines: Json) -> dict[str, str | None]:
    """Of two own products and a competitor, what a look with these A+ answers says."""
    found = search([A, B, RIVAL], [item(A), item(B), item(RIVAL)])
    rows = staged(decode(plan(A, B, competitors=(RIVAL,)), found, *lines))
    return {asin: row["has_a_plus"] for asin, row in rows.items()}


def test_published_not_published_and_nobody_knows() -> None:
    badges = {A: "CONTENT_PUBLISHED", B: "CONTENT_NOT_PUBLISHED", RIVAL: "BRAND_NOT_ELIGIBLE"}
    assert known(documents("K"), products("K", badges)) == {A: "true", B: "false", RIVAL: None}
    assert known(documents()) == {A: "false", B: "false", RIVAL: None}
    assert known() == {A: None, B: None, RIVAL: None}


def test_pages_of_documents_and_of_their_products_are_read_to_the_end() -> None:
    told = known(
        documents("K1", token="t"),
        documents("K2"),
        products("K1", {A: "CONTENT_NOT_PUBLISHED"}, token="t"),
        products("K1", {B: "CONTENT_PUBLISHED"}),
        products("K2", {A: "CONTENT_PUBLISHED"}),
    )
    assert told == {A: "true", B: "true", RIVAL: None}


def test_a_document_that_is_listed_twice_is_asked_about_once() -> None:
    told = known(documents("K1", token="t"), documents("K1"), products("K1", {A: "CONTENT_PUBLISHED"}))
    assert told == {A: "true", B: "false", RIVAL: None}


PUBLISHED = products("K1", {A: "CONTENT_PUBLISHED"})


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([documents(**REFUSED)], "access is denied"),
        ([documents("K1", "K2"), PUBLISHED, products("K2", {}, **REFUSED)], "access is denied"),
        (
            [documents("K1", token="t"), documents("K2", token="t")],
            "the pages of searchContentDocuments go in a circle",
        ),
        (
            [documents("K1"), products("K1", {A: "CONTENT_PUBLISHED"}, token="t"), products("K1", {}, token="t")],
            "the pages of listContentDocumentAsinRelations go in a circle",
        ),
        ([documents("K1"), products("K1", {}, answer={"asinMetadataSet": None})], "cannot be read"),
        ([documents("K1"), products("K1", {}, answer={"asinMetadataSet": [{"asin": B}]})], "missing required"),
        ([documents("K1"), products("K2", {})], "not the next to be asked for"),
        ([documents(), documents()], "not the next to be asked for"),
    ],
)
def test_an_answer_that_is_missing_or_wrong_leaves_the_rest_unknown(lines: list[Json], says: str) -> None:
    content = PublishedContent()
    for line in lines:
        content.take(decode_call(json.dumps(line).encode()))
    assert says in (content.flaw or "")
    assert not content.is_complete
    assert content.next_question is None
    told = known(*lines)
    assert told == {A: "true" if A in content.published else None, B: None, RIVAL: None}


def test_a_document_that_is_gone_since_it_was_listed_stands_on_no_page() -> None:
    gone: dict[str, Any] = {"answer": None, "refused": "not found", "is_absent": True}
    assert known(documents("K0", "K1"), products("K0", {}, **gone), PUBLISHED) == {A: "true", B: "false", RIVAL: None}
    assert known(documents(**gone)) == {A: None, B: None, RIVAL: None}


def test_what_is_not_asked_to_its_end_is_unknown() -> None:
    assert known(documents("K1", "K2"), PUBLISHED) == {A: "true", B: None, RIVAL: None}
