"""Offers and orders can be spoilt on purpose: one item, one order or the whole answer, as often as armed."""

import json
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from simulator.faults.armoury import Fault

from .conftest import MakeAccount
from .partners import Partners, make_partners

OFFERS = "/batches/products/pricing/v0/itemOffers"
SUMMARY = "/batches/products/pricing/2022-05-01/items/competitiveSummary"
ORDERS = "/vendor/orders/v1/purchaseOrders"
STATUSES = "/vendor/orders/v1/purchaseOrdersStatus"
WEEK = {"createdAfter": "2026-11-08T00:00:00Z", "createdBefore": "2026-11-15T00:00:00Z"}
Json = dict[str, Any]


@pytest.fixture(scope="module")
def partners(make_account: MakeAccount) -> Partners:
    return make_partners(make_account, asins=200)


@pytest.fixture(scope="module")
def sold(partners: Partners) -> list[str]:
    """Three products with several offers and a featured one."""
    world, now = partners.simulation.worlds.of(partners.account), partners.simulation.clock.now()
    found = []
    for index, asin in enumerate(world.catalogue.asins):
        offers = world.market.offers_at(index, now)
        if len(offers) > 1 and sum(offer.is_featured for offer in offers) == 1:
            found.append(asin)
    return found[:3]


@pytest.fixture(autouse=True)
def _cleared(partners: Partners) -> None:
    partners.simulation.armoury.clear()
    partners.wait(31)


def ask_offers(partners: Partners, sold: list[str]) -> list[Json]:
    partners.wait(31)
    items = [
        {"uri": f"/products/pricing/v0/items/{asin}/offers", "method": "GET", "MarketplaceId": "APJ6JRA9NG5V4"}
        | {"ItemCondition": "New"}
        for asin in sold
    ]
    responses: list[Json] = partners.client.post(OFFERS, json={"requests": items}, headers=partners.seller).json()[
        "responses"
    ]
    return responses


def ask_summaries(partners: Partners, sold: list[str]) -> list[Json]:
    partners.wait(31)
    uri = "/products/pricing/2022-05-01/items/competitiveSummary"
    head = {"uri": uri, "method": "GET", "marketplaceId": "APJ6JRA9NG5V4"}
    items = [head | {"asin": asin, "includedData": ["featuredBuyingOptions", "lowestPricedOffers"]} for asin in sold]
    responses: list[Json] = partners.client.post(SUMMARY, json={"requests": items}, headers=partners.seller).json()[
        "responses"
    ]
    return responses


def featured_v0(response: Json) -> list[Json]:
    return [offer for offer in response["body"]["payload"]["Offers"] if offer["IsBuyBoxWinner"]]


def featured_summary(response: Json) -> list[Json]:
    options = response["body"]["featuredBuyingOptions"]
    return [offer for option in options for offer in option["segmentedFeaturedOffers"]]


@pytest.mark.parametrize(("kind", "amount"), [("answer_price_zero", 0), ("answer_price_null", None)])
def test_the_middle_items_featured_price_is_nothing(
    partners: Partners, sold: list[str], kind: str, amount: float | None
) -> None:
    partners.arm(kind=kind, times=2)
    old, new = ask_offers(partners, sold), ask_summaries(partners, sold)
    assert [featured_v0(response)[0]["ListingPrice"]["Amount"] == amount for response in old] == [False, True, False]
    (price,) = old[1]["body"]["payload"]["Summary"]["BuyBoxPrices"]
    assert (price["ListingPrice"]["Amount"], price["LandedPrice"]["Amount"]) == (amount, amount)
    assert [featured_summary(response)[0]["listingPrice"]["amount"] == amount for response in new] == [
        False, True, False,
    ]  # fmt: skip


def test_two_are_featured_where_one_may_be(partners: Partners, sold: list[str]) -> None:
    partners.arm(kind="answer_two_featured", times=2)
    assert [len(featured_v0(response)) for response in ask_offers(partners, sold)] == [1, 2, 1]
    found = [featured_summary(response) for response in ask_summaries(partners, sold)]
    assert [len(offers) for offers in found] == [1, 2, 1]
    assert len({offer["sellerId"] for offer in found[1]}) == 2


def test_nobody_offers(partners: Partners, sold: list[str]) -> None:
    partners.arm(kind="answer_no_offers", times=2)
    old, new = ask_offers(partners, sold), ask_summaries(partners, sold)
    assert [response["body"]["payload"]["status"] for response in old] == ["Success", "NoBuyableOffers", "Success"]
    assert old[1]["body"]["payload"]["Offers"] == []
    assert old[1]["body"]["payload"]["Summary"] == {"TotalOfferCount": 0}
    assert [bool(response["body"]["featuredBuyingOptions"]) for response in new] == [True, False, True]
    assert new[1]["body"]["lowestPricedOffers"] == []


def test_a_stranger_is_featured(partners: Partners, sold: list[str]) -> None:
    market = partners.simulation.worlds.of(partners.account).market
    known = {*market.sellers, *market.retail_seller_ids, market.own_seller_id}
    partners.arm(kind="answer_unknown_seller", times=2)
    old, new = ask_offers(partners, sold), ask_summaries(partners, sold)
    assert [featured_v0(response)[0]["SellerId"] in known for response in old] == [True, False, True]
    assert [featured_summary(response)[0]["sellerId"] in known for response in new] == [True, False, True]


def test_one_item_of_a_good_batch_fails(partners: Partners, sold: list[str]) -> None:
    partners.arm(kind="answer_item_failed", times=2)
    for responses in (ask_offers(partners, sold), ask_summaries(partners, sold)):
        assert [response["status"]["statusCode"] for response in responses] == [200, 500, 200]
        assert responses[1]["body"]["errors"][0]["code"] == "InternalFailure"
        assert not {"payload", "featuredBuyingOptions"} & responses[1]["body"].keys()


def test_one_offer_alone_is_struck_too(partners: Partners, sold: list[str]) -> None:
    partners.arm(kind="answer_price_null", operation="getItemOffers")
    query = {"MarketplaceId": "APJ6JRA9NG5V4", "ItemCondition": "New"}
    path = f"/products/pricing/v0/items/{sold[0]}/offers"
    answer = partners.client.get(path, params=query, headers=partners.seller).json()
    assert featured_v0({"body": answer})[0]["ListingPrice"]["Amount"] is None


def ask_orders(partners: Partners, path: str, **query: str) -> Json:
    payload: Json = partners.client.get(path, params=query or WEEK, headers=partners.vendor).json()["payload"]
    return payload


@pytest.mark.parametrize(("path", "member"), [(ORDERS, "orders"), (STATUSES, "ordersStatus")])
def test_the_middle_order_has_no_quantities(partners: Partners, path: str, member: str) -> None:
    sound = ask_orders(partners, path)[member]
    partners.arm(kind="answer_null_quantities")
    spoilt = ask_orders(partners, path)[member]
    differing = [number for number, pair in enumerate(zip(sound, spoilt, strict=True)) if pair[0] != pair[1]]
    assert differing == [len(sound) // 2]
    text = json.dumps(spoilt[differing[0]])
    assert text.count('"amount": null') > 0
    assert '"amount": null' not in json.dumps([order for order in spoilt if order not in (spoilt[differing[0]],)])


@pytest.mark.parametrize(("path", "member"), [(ORDERS, "orders"), (STATUSES, "ordersStatus")])
def test_an_order_or_a_line_comes_twice(partners: Partners, path: str, member: str) -> None:
    sound = ask_orders(partners, path)[member]
    partners.arm(kind="answer_duplicate_order")
    assert ask_orders(partners, path)[member] == [*sound, sound[0]]
    partners.arm(kind="answer_duplicate_line")
    middle = ask_orders(partners, path)[member][len(sound) // 2]
    lines = middle["itemStatus"] if "itemStatus" in middle else middle["orderDetails"]["items"]
    product = "buyerProductIdentifier" if "itemStatus" in middle else "amazonProductIdentifier"
    assert lines[-1][product] == lines[0][product]
    assert lines[-1]["itemSequenceNumber"] == str(len(lines))


def test_a_page_token_can_repeat_for_ever(partners: Partners) -> None:
    first = ask_orders(partners, ORDERS, **WEEK, limit="2")
    token = first["pagination"]["nextToken"]
    partners.arm(kind="answer_page_token_repeats", times=2)
    assert ask_orders(partners, ORDERS, **WEEK, limit="2") == first
    for _ in range(2):
        assert ask_orders(partners, ORDERS, nextToken=token)["pagination"]["nextToken"] == token
    assert ask_orders(partners, ORDERS, nextToken=token)["pagination"]["nextToken"] != token


@pytest.mark.parametrize("path", [ORDERS, STATUSES])
def test_an_answer_can_be_cut_or_be_a_page_for_people(partners: Partners, path: str) -> None:
    def ask() -> httpx.Response:
        return partners.client.get(path, params=WEEK, headers=partners.vendor)

    whole = ask().content
    partners.arm(kind="answer_cut")
    cut = ask()
    assert cut.status_code == 200
    assert cut.content == whole[: len(whole) // 2]
    partners.arm(kind="answer_html")
    page = ask()
    assert page.status_code == 200
    assert page.text.startswith("<!DOCTYPE html>")
    assert ask().content == whole


@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        ("answer_price_zero", "getPurchaseOrders"),
        ("answer_item_failed", "getItemOffers"),
        ("answer_duplicate_order", "getPurchaseOrder"),
        ("answer_page_token_repeats", "getItemOffersBatch"),
    ],
)
def test_a_fault_cannot_be_armed_where_it_means_nothing(kind: str, operation: str) -> None:
    with pytest.raises(ValidationError, match=f"{kind} strikes in"):
        Fault.model_validate({"kind": kind, "operation": operation})


@pytest.mark.parametrize("kind", ["http_500", "http_429", "http_503_html", "role_missing", "expired_token"])
def test_the_common_faults_strike_every_new_operation(partners: Partners, sold: list[str], kind: str) -> None:
    status = {"http_500": 500, "http_429": 429, "http_503_html": 503}.get(kind, 403)
    calls = {
        "getPurchaseOrders": lambda: partners.client.get(ORDERS, headers=partners.vendor),
        "getPurchaseOrder": lambda: partners.client.get(f"{ORDERS}/ABCD1234", headers=partners.vendor),
        "getPurchaseOrdersStatus": lambda: partners.client.get(STATUSES, headers=partners.vendor),
        "getItemOffers": lambda: partners.client.get(
            f"/products/pricing/v0/items/{sold[0]}/offers", headers=partners.seller
        ),
        "getItemOffersBatch": lambda: partners.client.post(OFFERS, json={}, headers=partners.seller),
        "getCompetitiveSummary": lambda: partners.client.post(SUMMARY, json={}, headers=partners.seller),
        "getMarketplaceParticipations": lambda: partners.client.get(
            "/sellers/v1/marketplaceParticipations", headers=partners.seller
        ),
        "getAccount": lambda: partners.client.get("/sellers/v1/account", headers=partners.seller),
    }
    for operation, call in calls.items():
        partners.arm(kind=kind, operation=operation)
        answer = call()
        assert answer.status_code == status, operation
        assert ("Access to requested resource is denied." in answer.text) == (status == 403)
