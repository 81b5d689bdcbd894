"""Purchase orders, offers and sellers agree with Amazon's models, and two independent clients read them."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from jsonschema import Draft4Validator, FormatChecker
from sp_api.api import Products, Sellers, VendorOrders
from sp_api.auth import AccessTokenClient
from sp_api.base import SellingApiBadRequestException, SellingApiForbiddenException
from spapi import SPAPIClient, SPAPIConfig
from spapi.api.product_pricing_v0.product_pricing_api import ProductPricingApi
from spapi.api.product_pricing_v2022_05_01.product_pricing_v2022_api import ProductPricingV2022Api
from spapi.api.sellers_v1.sellers_api import SellersApi
from spapi.api.vendor_orders_v1.vendor_orders_api import VendorOrdersApi
from spapi.models.product_pricing_v0 import GetItemOffersBatchRequest, ItemOffersRequest
from spapi.models.product_pricing_v2022_05_01 import CompetitiveSummaryBatchRequest, CompetitiveSummaryRequest
from spapi.rest import ApiException

from tests.simulator_process import SimulatorProcess

ITALY = "APJ6JRA9NG5V4"
WEEK = {"createdAfter": "2026-11-15T00:00:00Z", "createdBefore": "2026-11-22T00:00:00Z"}
SUMMARY_URI = "/products/pricing/2022-05-01/items/competitiveSummary"
EVERYTHING = ["featuredBuyingOptions", "referencePrices", "lowestPricedOffers", "similarItems"]
Conforms = Callable[[str, str, httpx.Response], None]


@pytest.fixture(autouse=True)
def _explicit_marketplace(monkeypatch: pytest.MonkeyPatch) -> None:
    """python-amazon-sp-api lets this variable win over the endpoint that it is given."""
    monkeypatch.delenv("SP_API_DEFAULT_MARKETPLACE", raising=False)


def closed(model: dict[str, Any]) -> dict[str, Any]:
    """The model's definitions, refusing members that Amazon does not name.

    Parts of an ``allOf`` stay open, each sees the members of the others.
    """
    definitions = json.loads(json.dumps(model["definitions"]))
    parts = [part for schema in definitions.values() for part in schema.get("allOf", [])]
    opened = {part["$ref"].rpartition("/")[2] for part in parts if "$ref" in part}
    for name, schema in definitions.items():
        if "properties" in schema and name not in opened:
            schema.setdefault("additionalProperties", False)
    return dict(definitions)


@pytest.fixture(scope="module")
def conforms() -> Conforms:
    beside = Path(__file__).resolve().parents[3] / "shared" / "sp-api-models"
    found = Path(os.environ.get("SP_API_MODELS_DIR", beside)) / "models"
    if not found.is_dir():
        pytest.skip("Amazon's models are not here: set SP_API_MODELS_DIR to a copy of selling-partner-api-models")

    def check(file: str, name: str, answer: httpx.Response) -> None:
        definitions = closed(json.loads((found / file).read_text()))
        schema = {"$ref": f"#/definitions/{name}", "definitions": definitions}
        errors = Draft4Validator(schema, format_checker=FormatChecker()).iter_errors(answer.json())
        assert [f"{list(error.path)}: {error.message}" for error in errors] == [], answer.text[:500]

    return check


def test_a_closed_model_refuses_what_amazon_does_not_name(conforms: Conforms) -> None:
    order = {"purchaseOrderNumber": "2JK3S9VC", "purchaseOrderState": "New"}
    conforms("vendorOrders.json", "Order", httpx.Response(200, json=order))
    with pytest.raises(AssertionError, match="colour"):
        conforms("vendorOrders.json", "Order", httpx.Response(200, json=order | {"colour": "red"}))


@pytest.fixture
def vendor(simulator_process: SimulatorProcess) -> httpx.Client:
    headers = {"x-amz-access-token": simulator_process.access_token("demo_it")}
    return httpx.Client(base_url=simulator_process.base_url, headers=headers, timeout=30)


@pytest.fixture
def seller(simulator_process: SimulatorProcess) -> httpx.Client:
    headers = {"x-amz-access-token": simulator_process.access_token("demo_it", is_seller=True)}
    return httpx.Client(base_url=simulator_process.base_url, headers=headers, timeout=30)


@pytest.fixture(scope="module")
def asins(simulator_process: SimulatorProcess) -> list[str]:
    """Products that were on order in the week."""
    headers = {"x-amz-access-token": simulator_process.access_token("demo_it")}
    url = f"{simulator_process.base_url}/vendor/orders/v1/purchaseOrdersStatus"
    payload = httpx.get(url, params=WEEK, headers=headers).raise_for_status().json()["payload"]
    return [line["buyerProductIdentifier"] for order in payload["ordersStatus"] for line in order["itemStatus"]]


def item(asin: str) -> dict[str, Any]:
    uri = f"/products/pricing/v0/items/{asin}/offers"
    return {"uri": uri, "method": "GET", "MarketplaceId": ITALY, "ItemCondition": "New"}


def summary_item(asin: str) -> dict[str, Any]:
    head = {"asin": asin, "marketplaceId": ITALY, "includedData": EVERYTHING}
    return head | {"method": "GET", "uri": SUMMARY_URI}


def test_orders_conform_in_every_state(vendor: httpx.Client, conforms: Conforms) -> None:
    root = "/vendor/orders/v1"
    page = vendor.get(f"{root}/purchaseOrders", params=WEEK | {"limit": "2"})
    conforms("vendorOrders.json", "GetPurchaseOrdersResponse", page)
    orders = page.json()["payload"]["orders"]
    assert len(orders) == 2
    conforms(
        "vendorOrders.json",
        "GetPurchaseOrderResponse",
        vendor.get(f"{root}/purchaseOrders/{orders[0]['purchaseOrderNumber']}"),
    )
    for created in ("2026-11-01", "2026-10-18", "2026-10-04"):
        window = {"createdAfter": f"{created}T00:00:00Z", "createdBefore": f"{created[:-2]}{int(created[-2:]) + 7:02}"}
        statuses = vendor.get(f"{root}/purchaseOrdersStatus", params=window)
        conforms("vendorOrders.json", "GetPurchaseOrdersStatusResponse", statuses)
        conforms("vendorOrders.json", "GetPurchaseOrdersResponse", vendor.get(f"{root}/purchaseOrders", params=window))
        assert statuses.json()["payload"]["ordersStatus"]
    for path, status in (("purchaseOrders?limit=0", 400), ("purchaseOrders/ZZZZZZZZ", 404)):
        refused = vendor.get(f"{root}/{path}")
        assert refused.status_code == status
        conforms("vendorOrders.json", "GetPurchaseOrdersResponse", refused)


def test_offers_conform_and_so_do_failing_items(seller: httpx.Client, conforms: Conforms, asins: list[str]) -> None:
    chosen = [*asins[:18], "B0UNKNOWN1"]
    batch = seller.post("/batches/products/pricing/v0/itemOffers", json={"requests": [item(asin) for asin in chosen]})
    assert {entry["status"]["statusCode"] for entry in batch.json()["responses"]} == {200, 400}
    conforms("productPricingV0.json", "GetItemOffersBatchResponse", batch)
    query = {"MarketplaceId": ITALY, "ItemCondition": "New"}
    alone = seller.get(f"/products/pricing/v0/items/{chosen[0]}/offers", params=query)
    conforms("productPricingV0.json", "GetOffersResponse", alone)
    summaries = seller.post(f"/batches{SUMMARY_URI}", json={"requests": [summary_item(asin) for asin in chosen]})
    assert {entry["status"]["statusCode"] for entry in summaries.json()["responses"]} == {200, 400}
    conforms("productPricing_2022-05-01.json", "CompetitiveSummaryBatchResponse", summaries)


def test_what_a_seller_is_conforms(seller: httpx.Client, conforms: Conforms) -> None:
    conforms(
        "sellers.json", "GetMarketplaceParticipationsResponse", seller.get("/sellers/v1/marketplaceParticipations")
    )
    conforms("sellers.json", "GetAccountResponse", seller.get("/sellers/v1/account"))


def community_settings(process: SimulatorProcess, *, is_seller: bool) -> dict[str, Any]:
    account = process.accounts["demo_it"]
    partner = account["seller"] if is_seller else account

    class Login(AccessTokenClient):  # type: ignore[misc]
        scheme, host, path = "http://", process.base_url.removeprefix("http://"), "/auth/o2/token"

    return {
        "marketplace": SimpleNamespace(endpoint=process.base_url, marketplace_id=ITALY, region="eu-west-1"),
        "auth_token_client_class": Login,
        "timeout": 30,
        "credentials": {
            "refresh_token": partner["refresh_token"],
            "lwa_app_id": partner["client_id"],
            "lwa_client_secret": partner["client_secret"],
        },
    }


def test_the_community_client_reads_orders_page_by_page(simulator_process: SimulatorProcess) -> None:
    orders = VendorOrders(**community_settings(simulator_process, is_seller=False))
    first = orders.get_purchase_orders(**WEEK, limit=2)
    second = orders.get_purchase_orders(nextToken=first.payload["pagination"]["nextToken"])
    numbers = [order["purchaseOrderNumber"] for page in (first, second) for order in page.payload["orders"]]
    assert len(set(numbers)) == 4
    assert orders.get_purchase_order(numbers[0]).payload == first.payload["orders"][0]
    statuses = orders.get_purchase_orders_status(purchaseOrderNumber=numbers[0]).payload["ordersStatus"]
    assert [status["purchaseOrderNumber"] for status in statuses] == [numbers[0]]
    with pytest.raises(SellingApiBadRequestException):
        orders.get_purchase_orders(createdAfter="2026-11-01T00:00:00Z", createdBefore="2026-11-20T00:00:00Z")


def test_the_community_client_reads_offers_as_the_seller_only(
    simulator_process: SimulatorProcess, asins: list[str]
) -> None:
    settings = community_settings(simulator_process, is_seller=True)
    batch = Products(**settings).get_item_offers_batch([item(asin) for asin in asins[:3]])
    assert [entry["request"]["Asin"] for entry in batch.payload["responses"]] == asins[:3]
    summaries = Products(**settings, version="2022-05-01").get_competitive_summary_batch(
        [summary_item(asin) for asin in asins[:3]]
    )
    assert [entry["body"]["asin"] for entry in summaries.payload["responses"]] == asins[:3]
    participations = Sellers(**settings).get_marketplace_participation().payload
    assert [entry["marketplace"]["id"] for entry in participations] == [ITALY]
    vendor = community_settings(simulator_process, is_seller=False)
    for call in (
        lambda: Products(**vendor).get_item_offers_batch([item(asins[0])]),
        lambda: Sellers(**vendor).get_marketplace_participation(),
        lambda: VendorOrders(**settings).get_purchase_orders(**WEEK),
    ):
        with pytest.raises(SellingApiForbiddenException) as refused:
            call()
        assert "Access to requested resource is denied." in str(refused.value)


def amazons_settings(process: SimulatorProcess, *, is_seller: bool) -> Any:
    account = process.accounts["demo_it"]
    partner = account["seller"] if is_seller else account
    names = ("client_id", "client_secret", "refresh_token")
    config = SPAPIConfig(**{name: partner[name] for name in names}, region="EU")
    return SPAPIClient(config, oauth_endpoint=f"{process.base_url}/auth/o2/token", endpoint=process.base_url).api_client


def test_amazons_client_reads_orders_offers_and_sellers(simulator_process: SimulatorProcess, asins: list[str]) -> None:
    orders = VendorOrdersApi(amazons_settings(simulator_process, is_seller=False))
    page = orders.get_purchase_orders(created_after=WEEK["createdAfter"], created_before=WEEK["createdBefore"]).payload
    number = page.orders[0].purchase_order_number
    assert orders.get_purchase_order(number).payload.order_details.items[0].ordered_quantity.unit_size >= 1
    status = orders.get_purchase_orders_status(purchase_order_number=number).payload.orders_status[0]
    assert status.item_status[0].acknowledgement_status.confirmation_status in {
        "ACCEPTED", "PARTIALLY_ACCEPTED", "REJECTED", "UNCONFIRMED",
    }  # fmt: skip
    client = amazons_settings(simulator_process, is_seller=True)
    wanted = ItemOffersRequest(uri=item(asins[0])["uri"], method="GET", marketplace_id=ITALY, item_condition="New")
    (found,) = ProductPricingApi(client).get_item_offers_batch(GetItemOffersBatchRequest(requests=[wanted])).responses
    assert found.status.status_code == 200
    assert found.body.payload.asin == asins[0]
    summary = CompetitiveSummaryRequest(
        asin=asins[0], marketplace_id=ITALY, included_data=EVERYTHING, method="GET", uri=SUMMARY_URI
    )
    (told,) = (
        ProductPricingV2022Api(client)
        .get_competitive_summary(CompetitiveSummaryBatchRequest(requests=[summary]))
        .responses
    )
    assert told.body.asin == asins[0]
    assert SellersApi(client).get_marketplace_participations().payload[0].marketplace.country_code == "IT"
    with pytest.raises(ApiException) as refused:
        ProductPricingApi(orders.api_client).get_item_offers(ITALY, "New", asins[0])
    assert refused.value.status == 403
