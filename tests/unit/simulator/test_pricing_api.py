"""Offers over HTTP: both versions tell the same market, item by item, to the seller only."""

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from simulator.world.offers import MarketOffer

from .conftest import MakeAccount
from .partners import SELLER_ID, Partners, make_partners

BATCH = "/batches/products/pricing/v0/itemOffers"
SUMMARY = "/batches/products/pricing/2022-05-01/items/competitiveSummary"
SUMMARY_URI = "/products/pricing/2022-05-01/items/competitiveSummary"
ITALY = "APJ6JRA9NG5V4"
EVERYTHING = ["featuredBuyingOptions", "referencePrices", "lowestPricedOffers", "similarItems"]


@pytest.fixture(scope="module")
def partners(make_account: MakeAccount) -> Partners:
    return make_partners(make_account, asins=200)


def item(asin: str, **changes: Any) -> dict[str, Any]:
    uri = f"/products/pricing/v0/items/{asin}/offers"
    return {"uri": uri, "method": "GET", "MarketplaceId": ITALY, "ItemCondition": "New"} | changes


def summary_item(asin: str, **changes: Any) -> dict[str, Any]:
    head = {"asin": asin, "marketplaceId": ITALY, "includedData": EVERYTHING}
    return head | {"method": "GET", "uri": SUMMARY_URI} | changes


def ask(partners: Partners, path: str, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    partners.wait(31)
    answer = partners.client.post(path, json={"requests": items}, headers=partners.seller)
    assert answer.status_code == 200, answer.text
    responses: list[dict[str, Any]] = answer.json()["responses"]
    return responses


def offers_of(partners: Partners, index: int) -> tuple[MarketOffer, ...]:
    world = partners.simulation.worlds.of(partners.account)
    return world.market.offers_at(index, partners.simulation.clock.now())


def asins(partners: Partners) -> tuple[str, ...]:
    return partners.simulation.worlds.of(partners.account).catalogue.asins


def test_v0_tells_the_markets_offers(partners: Partners) -> None:
    sold = 0
    for first in range(0, 100, 20):
        chosen = asins(partners)[first : first + 20]
        for number, found in enumerate(ask(partners, BATCH, [item(asin) for asin in chosen])):
            assert found["request"]["Asin"] == chosen[number]
            assert found["headers"].keys() == {"x-amzn-RequestId", "Date"}
            if found["status"]["statusCode"] != 200:
                continue
            result = found["body"]["payload"]
            market = offers_of(partners, first + number)
            assert [offer["SellerId"] for offer in result["Offers"]] == [offer.seller_id for offer in market]
            assert [offer["ListingPrice"]["Amount"] for offer in result["Offers"]] == [
                offer.listing_price for offer in market
            ]
            assert [offer["IsBuyBoxWinner"] for offer in result["Offers"]] == [offer.is_featured for offer in market]
            assert result["status"] == ("Success" if market else "NoBuyableOffers")
            assert result["Summary"]["TotalOfferCount"] == len(market)
            winners = [price["sellerId"] for price in result["Summary"].get("BuyBoxPrices", [])]
            assert winners == [offer.seller_id for offer in market if offer.is_featured]
            sold += bool(market)
    assert sold > 60


def test_a_summary_adds_up(partners: Partners) -> None:
    for found in ask(partners, BATCH, [item(asin) for asin in asins(partners)[:20]]):
        if found["status"]["statusCode"] != 200 or not found["body"]["payload"]["Offers"]:
            continue
        offers, summary = found["body"]["payload"]["Offers"], found["body"]["payload"]["Summary"]
        assert sum(entry["OfferCount"] for entry in summary["NumberOfOffers"]) == summary["TotalOfferCount"]
        for lowest in summary["LowestPrices"]:
            is_amazon = lowest["fulfillmentChannel"] == "Amazon"
            landed = [
                round(offer["ListingPrice"]["Amount"] + offer["Shipping"]["Amount"], 2)
                for offer in offers
                if offer["IsFulfilledByAmazon"] == is_amazon
            ]
            assert lowest["LandedPrice"]["Amount"] == min(landed)
        eligible = sum(entry["OfferCount"] for entry in summary["BuyBoxEligibleOffers"])
        assert eligible == sum(offer["IsFeaturedMerchant"] for offer in offers)
        assert summary["SalesRankings"][0]["Rank"] >= 1
        assert summary["ListPrice"]["CurrencyCode"] == "EUR"


def test_one_item_alone_reads_as_in_a_batch(partners: Partners) -> None:
    asin = asins(partners)[0]
    (batched,) = ask(partners, BATCH, [item(asin)])
    query = {"MarketplaceId": ITALY, "ItemCondition": "New"}
    alone = partners.client.get(f"/products/pricing/v0/items/{asin}/offers", params=query, headers=partners.seller)
    assert alone.json() == batched["body"]


def test_both_versions_name_the_same_winner_and_price(partners: Partners) -> None:
    chosen = asins(partners)[40:60]
    old, new = (
        ask(partners, BATCH, [item(asin) for asin in chosen]),
        ask(partners, SUMMARY, [summary_item(asin) for asin in chosen]),
    )
    compared = 0
    for before, after in zip(old, new, strict=True):
        assert before["status"]["statusCode"] == after["status"]["statusCode"]
        if after["status"]["statusCode"] != 200:
            continue
        prices = before["body"]["payload"]["Summary"].get("BuyBoxPrices", [])
        featured = [
            offer for option in after["body"]["featuredBuyingOptions"] for offer in option["segmentedFeaturedOffers"]
        ]
        assert [(price["sellerId"], price["ListingPrice"]["Amount"]) for price in prices] == [
            (offer["sellerId"], offer["listingPrice"]["amount"]) for offer in featured
        ]
        for offer in featured:
            (segment,) = offer["featuredOfferSegments"]
            assert segment["customerMembership"] == "DEFAULT"
            assert segment["segmentDetails"]["glanceViewWeightPercentage"] == 100
        compared += len(featured)
    assert compared > 10


def test_competitors_can_be_asked_for_and_name_whom_they_compete_with(partners: Partners) -> None:
    market = partners.simulation.worlds.of(partners.account).market
    index, rivals = next(iter(market.competitors.items()))
    (found,) = ask(partners, BATCH, [item(rivals[0])])
    now = partners.simulation.clock.now()
    assert [offer["SellerId"] for offer in found["body"]["payload"]["Offers"]] == [
        offer.seller_id for offer in market.competitor_offers_at(rivals[0], now)
    ]
    own, other = ask(partners, SUMMARY, [summary_item(asins(partners)[index]), summary_item(rivals[0])])
    assert [entry["asin"] for entry in own["body"]["similarItems"][0]["items"]] == list(rivals)
    assert {"asin": asins(partners)[index]} in other["body"]["similarItems"][0]["items"]


def test_the_brands_own_offer_is_marked(partners: Partners) -> None:
    marked = set()
    for first in range(0, 200, 20):
        for found in ask(partners, BATCH, [item(asin) for asin in asins(partners)[first : first + 20]]):
            for offer in found["body"].get("payload", {}).get("Offers", []):
                market = partners.simulation.worlds.of(partners.account).market
                assert offer["MyOffer"] == (offer["SellerId"] == market.own_seller_id)
                marked.add(offer["MyOffer"])
    assert marked == {True, False}


def test_a_failing_item_fails_alone(partners: Partners) -> None:
    good = asins(partners)[0]
    items = [
        item(good),
        item("B0UNKNOWN1"),
        item(good, MarketplaceId="A1PA6795UKMFR9"),
        item(good, ItemCondition="Broken"),
        item(good, method="POST"),
        {name: value for name, value in item(good).items() if name != "ItemCondition"},
        item(good),
    ]
    answers = ask(partners, BATCH, items)
    assert [answer["status"]["statusCode"] for answer in answers] == [200, 400, 403, 400, 400, 400, 200]
    for answer in answers[1:-1]:
        assert answer["body"]["errors"][0].keys() >= {"code", "message"}
        assert "payload" not in answer["body"]
    summaries = ask(
        partners,
        SUMMARY,
        [
            summary_item("11_AABB_123"),
            summary_item(good, includedData=["prices"]),
            summary_item(good, includedData=["referencePrices"]),
        ],
    )
    assert [answer["status"]["statusCode"] for answer in summaries] == [400, 400, 200]
    assert summaries[0]["body"]["errors"][0] == {
        "code": "INVALID_ASIN", "message": "11_AABB_123 is not a valid ASIN", "details": "",
    }  # fmt: skip
    assert summaries[2]["body"].keys() == {"asin", "marketplaceId", "referencePrices"}


@pytest.mark.parametrize("path", [BATCH, SUMMARY])
@pytest.mark.parametrize("items", [[], [{}] * 21, "none", [1]])
def test_a_batch_has_one_to_twenty_items(partners: Partners, path: str, items: Any) -> None:
    partners.wait(31)
    answer = partners.client.post(path, json={"requests": items}, headers=partners.seller)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "InvalidInput"


@pytest.mark.parametrize("condition", ["Used", "Refurbished"])
def test_other_conditions_are_not_on_sale(partners: Partners, condition: str) -> None:
    (found,) = ask(partners, BATCH, [item(asins(partners)[0], ItemCondition=condition)])
    result = found["body"]["payload"]
    assert (result["status"], result["Offers"], result["Summary"]) == ("NoBuyableOffers", [], {"TotalOfferCount": 0})


@pytest.mark.parametrize("path", [BATCH, SUMMARY])
def test_a_vendor_learns_no_price(partners: Partners, path: str) -> None:
    answer = partners.client.post(path, json={"requests": [item(asins(partners)[0])]}, headers=partners.vendor)
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (
        403,
        "Access to requested resource is denied.",
    )


def test_a_batch_takes_one_token_whatever_its_size(partners: Partners) -> None:
    partners.wait(31)
    items = [item(asin) for asin in asins(partners)[:20]]
    first, second = (
        partners.client.post(BATCH, json={"requests": items}, headers=partners.seller).status_code for _ in range(2)
    )
    assert (first, second) == (200, 429)
    partners.wait(10)
    assert partners.client.post(BATCH, json={"requests": items}, headers=partners.seller).status_code == 200


def test_the_seller_of_the_configuration_is_the_one_of_the_market(partners: Partners) -> None:
    assert partners.simulation.worlds.of(partners.account).market.own_seller_id == SELLER_ID


def test_a_product_of_today_is_too_soon_and_one_of_tomorrow_unknown(partners: Partners) -> None:
    world = partners.simulation.worlds.of(partners.account)
    index = int(np.argmax(world.catalogue.launch_day))
    asin, launch = world.catalogue.asins[index], int(world.catalogue.launch_day[index])
    statuses, before = [], partners.simulation.clock.now()
    for day in (launch - 1, launch, launch + 1):
        noon = datetime.combine(world.date_of(day), time(12), UTC)
        partners.simulation.clock.set(noon)
        (found,) = ask(partners, BATCH, [item(asin)])
        statuses.append(found["body"].get("payload", {}).get("status"))
        if day == launch:
            opens = datetime.fromisoformat(found["body"]["payload"]["Summary"]["OffersAvailableTime"])
            assert opens.astimezone(ZoneInfo("Europe/Rome")).date() == world.date_of(launch + 1)
    partners.simulation.clock.set(before)
    assert statuses[0] is None
    assert statuses[1] == "ActiveButTooSoonForProcessing"
    assert statuses[2] in {"Success", "NoBuyableOffers"}
