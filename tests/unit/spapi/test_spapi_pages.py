"""Catalog Items and A+ Content as Daybreak uses them: what is asked, and that the answer comes back as received."""

import pytest

from daybreak.spapi.catalogue import fetch_pages
from daybreak.spapi.content import fetch_content_documents, fetch_content_products
from daybreak.spapi.failures import AccessDenied, Kind, NotFound, QuotaExceeded, RequestRefused, UnexpectedAnswer
from daybreak.spapi.operations import OPERATIONS
from daybreak.spapi.session import SellingPartnerSession
from tests.unit.spapi.fake_amazon import MARKETPLACE_ID, FakeAmazon, answer, as_json, html, refusal

ITEMS = "/catalog/2022-04-01/items"
DOCUMENTS = "/aplus/2020-11-01/contentDocuments"
PRODUCTS = f"{DOCUMENTS}/6e2f-key/asins"
ODD_BYTES = b'{ "items" : [ {"asin":"B000000001","n":1.10} ],\n "numberOfResults":1e0, "numberOfResults":1 }'


def test_pages_are_asked_for_in_one_call_with_all_that_is_read(
    amazon: FakeAmazon, session: SellingPartnerSession
) -> None:
    amazon.on("GET", ITEMS, as_json(200, {"numberOfResults": 0, "items": []}))
    fetch_pages(session, ["B000000001", "B000000002"])
    fetch_pages(session, ["B000000001"], "token/+=")
    first, second = (asked.query for asked in amazon.calls("GET", ITEMS))
    assert first == {
        "identifiers": ["B000000001,B000000002"],
        "identifiersType": ["ASIN"],
        "marketplaceIds": [MARKETPLACE_ID],
        "includedData": [
            "attributes,classifications,identifiers,images,productTypes,relationships,salesRanks,summaries,vendorDetails"
        ],
        "pageSize": ["20"],
    }
    assert second == first | {"identifiers": ["B000000001"], "pageToken": ["token/+="]}


@pytest.mark.parametrize("count", [0, 21])
def test_more_products_than_amazon_takes_never_reach_it(
    amazon: FakeAmazon, session: SellingPartnerSession, count: int
) -> None:
    with pytest.raises(ValueError, match=f"1 to 20 products can be asked about at once, not {count}"):
        fetch_pages(session, [f"B{number:09d}" for number in range(count)])
    assert amazon.asked == []


def test_answers_are_given_back_to_the_byte(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    amazon.on("GET", ITEMS, answer(200, ODD_BYTES))
    assert fetch_pages(session, ["B000000001"]) == ODD_BYTES
    listed = b'{"contentMetadataRecords":[]  ,"warnings":null}'
    amazon.on("GET", DOCUMENTS, answer(200, listed))
    assert fetch_content_documents(session) == listed
    related = b'{"asinMetadataSet":[],\t"nextPageToken":"t"}'
    amazon.on("GET", PRODUCTS, answer(200, related))
    assert fetch_content_products(session, "6e2f-key") == related


def test_content_is_asked_for_by_document_with_its_badges(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    amazon.on("GET", DOCUMENTS, as_json(200, {"contentMetadataRecords": []}))
    amazon.on("GET", PRODUCTS, as_json(200, {"asinMetadataSet": []}))
    fetch_content_documents(session)
    fetch_content_documents(session, "next")
    fetch_content_products(session, "6e2f-key")
    fetch_content_products(session, "6e2f-key", "next")
    here = {"marketplaceId": [MARKETPLACE_ID]}
    assert [asked.query for asked in amazon.calls("GET", DOCUMENTS)] == [here, here | {"pageToken": ["next"]}]
    badged = here | {"includedDataSet": ["METADATA"]}
    assert [asked.query for asked in amazon.calls("GET", PRODUCTS)] == [badged, badged | {"pageToken": ["next"]}]


def test_refusals_are_judged_and_name_what_was_asked_about(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    amazon.on("GET", ITEMS, refusal(400, "InvalidInput", "Invalid identifiers"))
    with pytest.raises(RequestRefused, match="searchCatalogItems B000000001 and 1 more"):
        fetch_pages(session, ["B000000001", "B000000002"])
    amazon.on("GET", DOCUMENTS, refusal(403, "Unauthorized", "Access to requested resource is denied."))
    with pytest.raises(AccessDenied):
        fetch_content_documents(session)
    amazon.on("GET", PRODUCTS, refusal(404, "NotFound", "Unknown content"))
    with pytest.raises(NotFound, match="document 6e2f-key") as gone:
        fetch_content_products(session, "6e2f-key")
    assert gone.value.kind is Kind.SKIP


@pytest.mark.parametrize("body", [b'{"items": null, "numberOfResults": 0}', b"[]", b"<html></html>"])
def test_a_success_without_its_list_is_no_answer(
    amazon: FakeAmazon, session: SellingPartnerSession, body: bytes
) -> None:
    amazon.on("GET", ITEMS, answer(200, body))
    with pytest.raises(UnexpectedAnswer):
        fetch_pages(session, ["B000000001"])


def test_a_call_that_is_one_too_many_waits_its_turn(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    amazon.on("GET", ITEMS, as_json(200, {"numberOfResults": 0, "items": []}))
    burst = int(OPERATIONS["searchCatalogItems"].burst)
    for _ in range(burst):
        fetch_pages(session, ["B000000001"])
    with pytest.raises(QuotaExceeded) as refused:
        fetch_pages(session, ["B000000001"])
    assert 0 < (refused.value.retry_after_seconds or 0) <= 0.5
    assert len(amazon.calls("GET", ITEMS)) == burst


def test_a_maintenance_page_is_asked_again_later(amazon: FakeAmazon, session: SellingPartnerSession) -> None:
    amazon.on("GET", DOCUMENTS, html(503))
    with pytest.raises(Exception, match="Amazon is not able to answer") as failed:
        fetch_content_documents(session)
    assert getattr(failed.value, "kind", None) is Kind.RETRY
