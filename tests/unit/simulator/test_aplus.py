"""A+ documents: each product with A+ content has one approved document, and what is published follows its page."""

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest

from simulator.aplus_answers import list_documents, list_relations, publish_records, relations_page, show_document
from simulator.config import AccountConfig
from simulator.queries import offset_of
from simulator.refusals import Refusal
from simulator.world.aplus import Document
from simulator.world.history import AccountWorld
from simulator.world.kinds import Kind
from simulator.world.page_identity import Competitors

MakeAccount = Callable[..., AccountConfig]
START = date(2026, 3, 1)
TERMS = ("searchContentDocuments", "APJ6JRA9NG5V4")


@pytest.fixture(scope="module")
def unlucky(make_account: MakeAccount) -> AccountWorld:
    rates = {Kind.PAGE_REGRESSION: 300.0, Kind.PAGE_GONE: 120.0}
    return AccountWorld(make_account(asins=900), 7, START, rates)


@pytest.fixture(scope="module")
def documents(unlucky: AccountWorld) -> list[Document]:
    return [unlucky.pages.documents.document(number) for number in unlucky.pages.documents.numbers]


@pytest.fixture(scope="module")
def today(unlucky: AccountWorld) -> int:
    return unlucky.index_of(date(2026, 6, 15))


def test_every_product_with_a_plus_content_has_one_approved_document(
    unlucky: AccountWorld, documents: list[Document]
) -> None:
    approved = [index for document in documents if document.is_approved for index in document.members]
    assert sorted(approved) == unlucky.pages.families.has_a_plus.nonzero()[0].tolist()
    for index in approved[::29]:
        assert index in unlucky.pages.documents.of_product(index).members


def test_documents_are_in_every_state_and_of_one_brand(unlucky: AccountWorld, documents: list[Document]) -> None:
    assert {document.status for document in documents} == {"APPROVED", "DRAFT", "SUBMITTED", "REJECTED"}
    assert {badge for document in documents for badge in document.badges} == {"STANDARD", "PREMIUM", "BULK"}
    for document in documents:
        assert document.members
        assert len({unlucky.pages.families.brand_of(index) for index in document.members}) == 1
        assert document.updated_at.date() < START


def test_a_document_is_found_by_its_key_and_by_no_other(unlucky: AccountWorld, documents: list[Document]) -> None:
    assert len({document.content_key for document in documents}) == len(documents)
    assert all(unlucky.pages.documents.find(document.content_key) == document for document in documents)
    first = documents[0].content_key
    for stranger in ("nothing", str(uuid4()), first[:-1] + ("0" if first[-1] != "0" else "1"), first.upper() + "0"):
        assert unlucky.pages.documents.find(stranger) is None


def test_pages_of_documents_show_each_once(unlucky: AccountWorld, documents: list[Document]) -> None:
    shown, offset = [], 0
    while True:
        answer = list_documents(unlucky, offset, TERMS)
        shown += [record["contentReferenceKey"] for record in answer["contentMetadataRecords"]]
        if "nextPageToken" not in answer:
            break
        offset = offset_of(answer["nextPageToken"], TERMS)
    assert len(documents) > 50
    assert shown == [document.content_key for document in documents]


def badges(unlucky: AccountWorld, index: int, day: int) -> list[str]:
    document = unlucky.pages.documents.of_product(index)
    asin = unlucky.catalogue.asins[index]
    (relation,) = list_relations(unlucky, document, (asin,), day, with_metadata=True)
    return list(relation["badgeSet"])


def test_what_is_published_follows_the_page(unlucky: AccountWorld, today: int) -> None:
    hit = {Kind.PAGE_REGRESSION: 0, Kind.PAGE_GONE: 0}
    for incident in unlucky.script.between(1, today):
        index, asin = incident.index, unlucky.catalogue.asins[incident.index]
        is_lost = incident.kind is Kind.PAGE_REGRESSION and incident.detail["part"] == "a_plus"
        if not unlucky.pages.families.has_a_plus[index] or not (is_lost or incident.kind is Kind.PAGE_GONE):
            continue
        hit[incident.kind] += 1
        during = "CONTENT_NOT_PUBLISHED" if is_lost else "CATALOG_NOT_FOUND"
        assert badges(unlucky, index, incident.first_day - 1) == ["CONTENT_PUBLISHED"]
        assert badges(unlucky, index, incident.first_day) == [during]
        assert badges(unlucky, index, incident.last_day + 1) == ["CONTENT_PUBLISHED"]
        (record,) = publish_records(unlucky, asin, incident.first_day - 1)["publishRecordList"]
        assert (record["contentType"], record["locale"], record["asin"]) == ("EMC", "it-IT", asin)
        assert publish_records(unlucky, asin, incident.first_day)["publishRecordList"] == []
    assert min(hit.values()) > 3


def test_products_of_unapproved_documents_and_of_others_are_marked(
    unlucky: AccountWorld, documents: list[Document], today: int
) -> None:
    unlucky.pages.competitors = Competitors({4: ("B0COMPETE1",)})
    draft = next(document for document in documents if not document.is_approved)
    relations = list_relations(unlucky, draft, (), today, with_metadata=True)
    assert [relation["asin"] for relation in relations] == [unlucky.catalogue.asins[i] for i in draft.members]
    assert {badge for one in relations for badge in one["badgeSet"]} <= {"CONTENT_NOT_PUBLISHED", "CATALOG_NOT_FOUND"}
    strangers = list_relations(unlucky, draft, ("B0COMPETE1", "B0NOWHERE1"), today, with_metadata=True)
    assert [relation["badgeSet"] for relation in strangers] == [["BRAND_NOT_ELIGIBLE"], ["CATALOG_NOT_FOUND"]]
    warned = relations_page(strangers, 0, ())
    assert [warning["details"] for warning in warned["warnings"]] == ["B0NOWHERE1"]
    assert "warnings" not in relations_page(strangers[:1], 0, ())
    assert publish_records(unlucky, "B0COMPETE1", today) == {"publishRecordList": []}
    assert list_relations(unlucky, draft, (), today, with_metadata=False)[0] == {"asin": relations[0]["asin"]}


def test_the_contents_of_premium_documents_are_not_given_out(unlucky: AccountWorld, documents: list[Document]) -> None:
    premium = next(document for document in documents if document.is_premium)
    standard = next(document for document in documents if not document.is_premium)
    assert "contentMetadata" in show_document(unlucky, premium, ("METADATA",))["contentRecord"]
    with pytest.raises(Refusal, match="not valid") as refused:
        show_document(unlucky, premium, ("CONTENTS",))
    assert refused.value.details.startswith("Unsupported content module type [premium-module-")
    record = show_document(unlucky, standard, ("CONTENTS",))["contentRecord"]
    assert set(record) == {"contentReferenceKey", "contentDocument"}
    assert record["contentDocument"]["contentType"] == "EMC"
