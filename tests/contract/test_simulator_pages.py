"""Catalog Items and A+ Content: answers agree with Amazon's models, and two independent clients read them."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from jsonschema import Draft4Validator, FormatChecker
from sp_api.api import AplusContent, CatalogItems
from sp_api.auth import AccessTokenClient
from sp_api.base import Client, SellingApiBadRequestException, SellingApiNotFoundException
from spapi import SPAPIClient, SPAPIConfig
from spapi.api.apluscontent_v2020_11_01.aplus_content_api import AplusContentApi
from spapi.api.catalogitems_v2022_04_01.catalog_api import CatalogApi
from spapi.rest import ApiException

from tests.simulator_process import SimulatorProcess

CATALOG = "/catalog/2022-04-01"
APLUS = "/aplus/2020-11-01"
MARKETPLACE = "APJ6JRA9NG5V4"
ALL_SECTIONS = (
    "attributes",
    "classifications",
    "dimensions",
    "identifiers",
    "images",
    "productTypes",
    "relationships",
    "salesRanks",
    "summaries",
    "vendorDetails",
)
Conforms = Callable[[str, str, httpx.Response], None]


@pytest.fixture(autouse=True)
def _explicit_marketplace(monkeypatch: pytest.MonkeyPatch) -> None:
    """python-amazon-sp-api lets this variable win over the endpoint that it is given."""
    monkeypatch.delenv("SP_API_DEFAULT_MARKETPLACE", raising=False)


@pytest.fixture(autouse=True)
def _no_fault_left(simulator_process: SimulatorProcess) -> Iterator[None]:
    yield
    simulator_process.control("DELETE", "/faults")


@pytest.fixture(scope="module")
def conforms() -> Conforms:
    """Checks an answer against a definition of one of Amazon's models."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "sp-api-models"
    found = Path(os.environ.get("SP_API_MODELS_DIR", beside))
    if not (found / "models").is_dir():
        pytest.skip("Amazon's models are not here: set SP_API_MODELS_DIR to a copy of selling-partner-api-models")

    def check(model_name: str, definition: str, answer: httpx.Response) -> None:
        definitions = json.loads((found / "models" / model_name).read_text())["definitions"]
        schema = {"$ref": f"#/definitions/{definition}", "definitions": definitions}
        problems = Draft4Validator(schema, format_checker=FormatChecker()).iter_errors(answer.json())
        assert [f"{list(problem.path)}: {problem.message}" for problem in problems] == []

    return check


@pytest.fixture
def client(simulator_process: SimulatorProcess) -> httpx.Client:
    headers = {"x-amz-access-token": simulator_process.access_token("demo_it")}
    return httpx.Client(base_url=simulator_process.base_url, headers=headers, timeout=60)


def search(client: httpx.Client, **query: str) -> httpx.Response:
    return client.get(f"{CATALOG}/items", params={"marketplaceIds": MARKETPLACE} | query)


def keyword_asins(client: httpx.Client) -> list[str]:
    """Twenty ASINs of the account, found by letters that nearly every brand or shelf has."""
    answer = search(client, keywords="a", pageSize="20").raise_for_status().json()
    return [item["asin"] for item in answer["items"]]


def documents(client: httpx.Client) -> list[dict[str, Any]]:
    answer = client.get(f"{APLUS}/contentDocuments", params={"marketplaceId": MARKETPLACE}).raise_for_status().json()
    found: list[dict[str, Any]] = answer["contentMetadataRecords"]
    return found


def test_items_with_every_section_conform(client: httpx.Client, conforms: Conforms) -> None:
    asins = keyword_asins(client)
    answer = search(
        client,
        identifiers=",".join(asins),
        identifiersType="ASIN",
        pageSize="20",
        includedData=",".join(ALL_SECTIONS),
    )
    assert answer.status_code == 200
    conforms("catalogItems_2022-04-01.json", "ItemSearchResults", answer)
    items = answer.json()["items"]
    assert [item["asin"] for item in items] == asins
    assert all(set(item) == {"asin", *ALL_SECTIONS} for item in items)
    parents = [
        relation["parentAsins"][0]
        for item in items
        for place in item["relationships"]
        for relation in place["relationships"]
        if "parentAsins" in relation
    ]
    assert parents
    for asin in (asins[0], parents[0]):
        one = client.get(
            f"{CATALOG}/items/{asin}",
            params={"marketplaceIds": MARKETPLACE, "includedData": ",".join(ALL_SECTIONS)},
        )
        assert one.status_code == 200
        conforms("catalogItems_2022-04-01.json", "Item", one)


def test_keyword_searches_conform_and_page(client: httpx.Client, conforms: Conforms) -> None:
    first = search(client, keywords="a", pageSize="7")
    conforms("catalogItems_2022-04-01.json", "ItemSearchResults", first)
    second = search(client, keywords="a", pageSize="7", pageToken=first.json()["pagination"]["nextToken"])
    conforms("catalogItems_2022-04-01.json", "ItemSearchResults", second)
    assert not {item["asin"] for item in first.json()["items"]} & {item["asin"] for item in second.json()["items"]}


def test_refusals_of_the_catalogue_conform(client: httpx.Client, conforms: Conforms) -> None:
    refusals = (
        (client.get(f"{CATALOG}/items", params={"keywords": "a"}), 400),
        (search(client), 400),
        (client.get(f"{CATALOG}/items/B0NOWHERE1", params={"marketplaceIds": MARKETPLACE}), 404),
        (client.get(f"{CATALOG}/items/11_AABB_12", params={"marketplaceIds": MARKETPLACE}), 400),
    )
    for answer, status in refusals:
        assert answer.status_code == status
        conforms("catalogItems_2022-04-01.json", "ErrorList", answer)
        assert answer.headers["x-amzn-RateLimit-Limit"] == "600.0"


def test_a_plus_answers_conform(client: httpx.Client, conforms: Conforms) -> None:
    model, place = "aplusContent_2020-11-01.json", {"marketplaceId": MARKETPLACE}
    listed = client.get(f"{APLUS}/contentDocuments", params=place)
    conforms(model, "SearchContentDocumentsResponse", listed)
    standard = next(
        record["contentReferenceKey"]
        for record in documents(client)
        if record["contentMetadata"]["status"] == "APPROVED" and "PREMIUM" not in record["contentMetadata"]["badgeSet"]
    )
    path = f"{APLUS}/contentDocuments/{standard}"
    shown = client.get(path, params=place | {"includedDataSet": "CONTENTS,METADATA"})
    assert shown.status_code == 200
    conforms(model, "GetContentDocumentResponse", shown)
    related = client.get(f"{path}/asins", params=place | {"includedDataSet": "METADATA"})
    conforms(model, "ListContentDocumentAsinRelationsResponse", related)
    asin = related.json()["asinMetadataSet"][0]["asin"]
    records = client.get(f"{APLUS}/contentPublishRecords", params=place | {"asin": asin})
    conforms(model, "SearchContentPublishRecordsResponse", records)
    assert [record["contentReferenceKey"] for record in records.json()["publishRecordList"]] == [standard]
    stranger = client.get(f"{APLUS}/contentPublishRecords", params=place | {"asin": "B0NOWHERE1"})
    conforms(model, "SearchContentPublishRecordsResponse", stranger)
    assert stranger.json()["warnings"]
    for refused, status in (
        (client.get(f"{APLUS}/contentDocuments"), 400),
        (client.get(path, params=place), 400),
        (client.get(f"{APLUS}/contentDocuments/nothing", params=place | {"includedDataSet": "METADATA"}), 404),
        (client.get(f"{APLUS}/contentPublishRecords", params=place | {"asin": "short"}), 400),
    ):
        assert refused.status_code == status
        conforms(model, "ErrorList", refused)


def community_client(process: SimulatorProcess, api: type[Client], **arguments: str) -> Any:
    account = process.accounts["demo_it"]

    class Login(AccessTokenClient):  # type: ignore[misc]
        scheme, host, path = "http://", process.base_url.removeprefix("http://"), "/auth/o2/token"

    return api(
        marketplace=SimpleNamespace(endpoint=process.base_url, marketplace_id=MARKETPLACE, region="eu-west-1"),
        auth_token_client_class=Login,
        timeout=60,
        credentials={
            "refresh_token": account["refresh_token"],
            "lwa_app_id": account["client_id"],
            "lwa_client_secret": account["client_secret"],
        },
        **arguments,
    )


def amazons_client(process: SimulatorProcess) -> Any:
    account = process.accounts["demo_it"]
    config = SPAPIConfig(
        client_id=account["client_id"],
        client_secret=account["client_secret"],
        refresh_token=account["refresh_token"],
        region="EU",
    )
    return SPAPIClient(config, oauth_endpoint=f"{process.base_url}/auth/o2/token", endpoint=process.base_url).api_client


def test_the_community_client_searches_with_repeated_identifiers_and_four_marketplace_names(
    simulator_process: SimulatorProcess, client: httpx.Client
) -> None:
    catalog = community_client(simulator_process, CatalogItems, version="2022-04-01")
    asins = keyword_asins(client)[:3]
    found = catalog.search_catalog_items(
        identifiers=asins, identifiersType="ASIN", includedData=["summaries", "images", "vendorDetails"]
    ).payload
    assert [item["asin"] for item in found["items"]] == asins
    assert all(set(item) == {"asin", "summaries", "images", "vendorDetails"} for item in found["items"])
    assert catalog.search_catalog_items(identifiers=",".join(asins), identifiersType="ASIN").payload[
        "numberOfResults"
    ] == len(asins)
    one = catalog.get_catalog_item(asins[0], includedData=["attributes"]).payload
    assert one["attributes"]["item_name"][0]["language_tag"] == "it_IT"
    with pytest.raises(SellingApiNotFoundException):
        catalog.get_catalog_item("B0NOWHERE1")
    with pytest.raises(SellingApiBadRequestException):
        catalog.search_catalog_items(identifiers=asins)


def test_the_community_client_reads_a_plus_content(simulator_process: SimulatorProcess, client: httpx.Client) -> None:
    aplus = community_client(simulator_process, AplusContent)
    listed = aplus.search_content_documents(marketplaceId=MARKETPLACE).payload["contentMetadataRecords"]
    assert listed == documents(client)
    key = listed[0]["contentReferenceKey"]
    shown = aplus.get_content_document(key, marketplaceId=MARKETPLACE, includedDataSet=["METADATA"]).payload
    assert shown["contentRecord"] == listed[0]
    related = aplus.list_content_document_asin_relations(key, marketplaceId=MARKETPLACE).payload["asinMetadataSet"]
    assert all(set(relation) == {"asin"} for relation in related)
    records = aplus.search_content_publish_records(marketplaceId=MARKETPLACE, asin=related[0]["asin"]).payload
    assert all(record["contentType"] == "EMC" for record in records["publishRecordList"])


def test_amazons_client_reads_items_and_content(simulator_process: SimulatorProcess, client: httpx.Client) -> None:
    connection, asins = amazons_client(simulator_process), keyword_asins(client)[:4]
    catalog, aplus = CatalogApi(connection), AplusContentApi(connection)
    found = catalog.search_catalog_items(
        [MARKETPLACE], identifiers=asins, identifiers_type="ASIN", included_data=list(ALL_SECTIONS)
    )
    assert [item.asin for item in found.items] == asins
    assert all(item.vendor_details[0].replenishment_category for item in found.items)
    with pytest.raises(ApiException) as refused:
        catalog.get_catalog_item("B0NOWHERE1", [MARKETPLACE])
    assert refused.value.status == 404
    listed = aplus.search_content_documents(MARKETPLACE).content_metadata_records
    assert {record.content_metadata.status for record in listed} >= {"APPROVED"}
    relations = aplus.list_content_document_asin_relations(
        listed[0].content_reference_key, MARKETPLACE, included_data_set=["METADATA"]
    )
    assert all(relation.badge_set for relation in relations.asin_metadata_set)


def test_the_catalogues_quota_is_two_calls_a_second(simulator_process: SimulatorProcess, client: httpx.Client) -> None:
    simulator_process.control("PUT", "/clock", {"speed": 0.01})
    try:
        statuses = [search(client, keywords="zz").status_code for _ in range(4)]
    finally:
        simulator_process.control("PUT", "/clock", {"speed": 300.0})
    assert statuses == [200, 200, 429, 429]


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("searchCatalogItems", f"{CATALOG}/items"),
        ("getCatalogItem", f"{CATALOG}/items/B0NOWHERE1"),
        ("searchContentDocuments", f"{APLUS}/contentDocuments"),
        ("getContentDocument", f"{APLUS}/contentDocuments/x"),
        ("listContentDocumentAsinRelations", f"{APLUS}/contentDocuments/x/asins"),
        ("searchContentPublishRecords", f"{APLUS}/contentPublishRecords"),
    ],
)
def test_every_operation_can_be_struck_by_an_outage_and_by_a_missing_role(
    simulator_process: SimulatorProcess, client: httpx.Client, operation: str, path: str
) -> None:
    faults = [{"kind": "http_503_html", "operation": operation}, {"kind": "role_missing", "operation": operation}]
    simulator_process.control("POST", "/faults", faults)
    outage = client.get(path)
    assert (outage.status_code, outage.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert client.get(path).status_code == 403


def test_spoilt_items_reach_the_client_as_ordered(simulator_process: SimulatorProcess, client: httpx.Client) -> None:
    asins = keyword_asins(client)
    sections = "summaries,images,attributes,salesRanks"

    def spoilt(kind: str | None) -> list[dict[str, Any]]:
        simulator_process.control("POST", "/faults", [{"kind": kind}] if kind else [])
        query = {"identifiers": ",".join(asins), "identifiersType": "ASIN", "pageSize": "20"}
        found: list[dict[str, Any]] = search(client, **query, includedData=sections).json()["items"]
        return found

    sound = spoilt(None)
    images = [image for item in spoilt("answer_image_without_size") for image in item["images"][0]["images"]]
    assert images
    assert all(set(image) == {"variant", "link"} for image in images)
    titles = [item["summaries"][0]["itemName"] for item in spoilt("answer_title_markup")]
    assert {len(title) for title in titles} == {4_000}
    assert all("<script>" in title for title in titles)
    strange = [item["attributes"] for item in spoilt("answer_unknown_locale")]
    assert {values["item_name"][0]["language_tag"] for values in strange} == {"qq_XX"}
    assert all(item[name] is None for item in spoilt("answer_null_sections") for name in sections.split(","))
    assert spoilt("answer_duplicate_item") == [*sound, sound[0]]
    assert spoilt("answer_half_items") == sound[::2]
    elsewhere = [item["images"][0]["marketplaceId"] for item in spoilt("answer_wrong_marketplace")]
    assert set(elsewhere) == {"A1AM78C64UM0Y8"}
    assert sum("asin" not in item for item in spoilt("answer_missing_asin")) == 1
    assert all("sustainability" in item for item in spoilt("answer_unknown_field"))
    odd = "".join(item["asin"] for item in spoilt("answer_odd_asin")[:6])
    assert all(piece in odd for piece in ('"', "\t", "\\.", "%s", "'"))
    words = [image["width"] for item in spoilt("answer_text_for_number") for image in item["images"][0]["images"]]
    assert set(words) == {"n/a"}
    assert spoilt(None) == sound


def test_the_lists_of_a_plus_answers_can_be_null(simulator_process: SimulatorProcess, client: httpx.Client) -> None:
    place = {"marketplaceId": MARKETPLACE}
    key, asin = documents(client)[0]["contentReferenceKey"], keyword_asins(client)[0]
    simulator_process.control("POST", "/faults", [{"kind": "answer_null_sections", "times": 3}])
    assert client.get(f"{APLUS}/contentDocuments", params=place).json()["contentMetadataRecords"] is None
    related = client.get(f"{APLUS}/contentDocuments/{key}/asins", params=place)
    assert related.json()["asinMetadataSet"] is None
    records = client.get(f"{APLUS}/contentPublishRecords", params=place | {"asin": asin})
    assert records.json()["publishRecordList"] is None


def test_a_page_token_can_repeat_for_ever(simulator_process: SimulatorProcess, client: httpx.Client) -> None:
    simulator_process.control("POST", "/faults", [{"kind": "answer_page_token_repeats", "times": 3}])
    token = search(client, keywords="a", pageSize="20").json()["pagination"]["nextToken"]
    answers = [search(client, keywords="a", pageSize="20", pageToken=token).json() for _ in range(3)]
    assert [answer["pagination"]["nextToken"] for answer in answers] == [token] * 3
    sound = search(client, keywords="a", pageSize="20", pageToken=token).json()
    assert sound["pagination"].get("nextToken") != token
