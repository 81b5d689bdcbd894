"""Offers spoilt on purpose. Of a batch the middle one of the items that went well is struck, in either version."""

from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]
_UNKNOWN_SELLER = "A0NEVERSEEN000"
_FAILURE = {"errors": [{"code": "InternalFailure", "message": "We encountered an internal error. Please try again."}]}


def _struck(answer: Json) -> Json | None:
    """The payload of v0 or the body of 2022-05-01 that is struck; None when no item went well."""
    bodies = [item["body"] for item in answer.get("responses", []) if item["status"]["statusCode"] == 200]
    bodies = [answer] if "payload" in answer else bodies
    if not bodies:
        return None
    body: Json = bodies[len(bodies) // 2]
    result: Json = body.get("payload", body)
    return result


def _v0_offers(result: Json) -> list[Json]:
    """The featured offers of v0, or the first where none is featured."""
    offers: list[Json] = result.get("Offers", [])
    return [offer for offer in offers if offer["IsBuyBoxWinner"]] or offers[:1]


def _segmented_offers(result: Json) -> Iterator[Json]:
    for option in result.get("featuredBuyingOptions", []):
        yield from option["segmentedFeaturedOffers"]


def _set_price(answer: Json, amount: float | None) -> None:
    result = _struck(answer)
    if result is None:
        return
    for offer in _v0_offers(result):
        offer["ListingPrice"]["Amount"] = amount
    for price in result.get("Summary", {}).get("BuyBoxPrices", []):
        price["ListingPrice"]["Amount"] = price["LandedPrice"]["Amount"] = amount
    for offer in _segmented_offers(result):
        offer["listingPrice"]["amount"] = amount


def _price_zero(answer: Json) -> None:
    _set_price(answer, 0)


def _price_null(answer: Json) -> None:
    _set_price(answer, None)


def _two_featured(answer: Json) -> None:
    """A second offer is featured too, with the same segment: of another seller where there is one."""
    result = _struck(answer)
    if result is None:
        return
    offers = result.get("Offers", [])
    for offer in ([offer for offer in offers if not offer["IsBuyBoxWinner"]] or offers)[:1]:
        offer["IsBuyBoxWinner"] = True
    for option in result.get("featuredBuyingOptions", []):
        first = option["segmentedFeaturedOffers"][0]
        option["segmentedFeaturedOffers"].append(first | {"sellerId": _UNKNOWN_SELLER})


def _no_offers(answer: Json) -> None:
    result = _struck(answer)
    if result is None:
        return
    if "Offers" in result:
        result.update({"status": "NoBuyableOffers", "Offers": [], "Summary": {"TotalOfferCount": 0}})
    for name in ("featuredBuyingOptions", "lowestPricedOffers"):
        if name in result:
            result[name] = []


def _unknown_seller(answer: Json) -> None:
    """The featured offer is of a seller whom nobody knows; v0 names him in the summary as well."""
    result = _struck(answer)
    if result is None:
        return
    for offer in _v0_offers(result):
        offer["SellerId"] = _UNKNOWN_SELLER
    for price in result.get("Summary", {}).get("BuyBoxPrices", []):
        price["sellerId"] = _UNKNOWN_SELLER
    for offer in _segmented_offers(result):
        offer["sellerId"] = _UNKNOWN_SELLER


def _item_failed(answer: Json) -> None:
    responses: list[Json] = answer["responses"]
    item = responses[len(responses) // 2]
    kept = {name: item["body"][name] for name in ("asin", "marketplaceId") if name in item["body"]}
    item.update({"status": {"statusCode": 500, "reasonPhrase": "Internal Server Error"}, "body": kept | _FAILURE})


OFFER_SPOILERS: dict[str, Callable[[Json], None]] = {
    "answer_price_zero": _price_zero,
    "answer_price_null": _price_null,
    "answer_two_featured": _two_featured,
    "answer_no_offers": _no_offers,
    "answer_unknown_seller": _unknown_seller,
    "answer_item_failed": _item_failed,
}
