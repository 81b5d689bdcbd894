"""Product Pricing v0: one ASIN's offers as getItemOffers and its batch write them, mostly in PascalCase."""

from collections.abc import Iterable
from datetime import UTC
from typing import Any

from simulator.config import AccountConfig
from simulator.marketplaces import marketplace_of
from simulator.offer_book import Shelf, is_eligible
from simulator.world.offers import MarketOffer

_MOST_OFFERS = 20
_CATEGORY = "home_improvement_display_on_website"
Json = dict[str, Any]


def write_result(shelf: Shelf, account: AccountConfig, condition: str, own_seller_id: str | None) -> Json:
    """The ``payload`` of getItemOffers. Everything on sale is new, so other conditions have no offers."""
    offers = shelf.offers if condition == "New" else ()
    nothing: Json
    status, nothing = "NoBuyableOffers", {"TotalOfferCount": 0}
    if shelf.opens_at is not None:
        status = "ActiveButTooSoonForProcessing"
        nothing["OffersAvailableTime"] = shelf.opens_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    head: Json = {
        "ASIN": shelf.asin,
        "status": "Success" if offers else status,
        "ItemCondition": condition,
        "Identifier": {"MarketplaceId": account.marketplace_id, "ItemCondition": condition, "ASIN": shelf.asin},
    }
    country = marketplace_of(account.marketplace_id).country
    return head | {
        "Summary": _summary(shelf, account.currency_code) if offers else nothing,
        "Offers": [_offer(offer, account, country, own_seller_id) for offer in offers[:_MOST_OFFERS]],
        "marketplaceId": account.marketplace_id,
    }


def _summary(shelf: Shelf, currency: str) -> Json:
    """Prices of the channels' cheapest and of the featured offers; without a featured one there is no BuyBoxPrices."""
    channels = sorted({_channel(offer) for offer in shelf.offers})
    cheapest = [next(offer for offer in shelf.offers if _channel(offer) == channel) for channel in channels]
    summary: Json = {
        "LowestPrices": [
            {"condition": "new", "fulfillmentChannel": _channel(offer)} | _prices(offer, currency) for offer in cheapest
        ],
        "NumberOfOffers": _counts(shelf.offers),
        "BuyBoxEligibleOffers": _counts(offer for offer in shelf.offers if is_eligible(offer)),
        "TotalOfferCount": len(shelf.offers),
    }
    if shelf.featured:
        summary["BuyBoxPrices"] = [
            {"condition": "new"} | _prices(offer, currency) | {"sellerId": offer.seller_id} for offer in shelf.featured
        ]
    if shelf.sales_rank is not None:
        summary["SalesRankings"] = [{"ProductCategoryId": _CATEGORY, "Rank": shelf.sales_rank}]
    if shelf.list_price is not None:
        summary["ListPrice"] = _money(shelf.list_price, currency)
    return summary


def _offer(offer: MarketOffer, account: AccountConfig, country: str, own_seller_id: str | None) -> Json:
    fastest, slowest = offer.hours
    return {
        "Shipping": _money(offer.shipping, account.currency_code),
        "ListingPrice": _money(offer.listing_price, account.currency_code),
        "ShippingTime": {"minimumHours": fastest, "maximumHours": slowest, "availabilityType": "NOW"},
        "SellerFeedbackRating": {
            "FeedbackCount": offer.feedback_count,
            "SellerPositiveFeedbackRating": float(offer.feedback_rating),
        },
        "ShipsFrom": {"Country": country},
        "PrimeInformation": {"IsPrime": offer.is_prime, "IsNationalPrime": offer.is_prime},
        "SubCondition": "new",
        "SellerId": offer.seller_id,
        "MyOffer": offer.seller_id == own_seller_id,
        "IsFeaturedMerchant": is_eligible(offer),
        "IsBuyBoxWinner": offer.is_featured,
        "IsFulfilledByAmazon": offer.is_fulfilled_by_amazon,
    }


def _counts(offers: Iterable[MarketOffer]) -> list[Json]:
    channels = [_channel(offer) for offer in offers]
    return [
        {"condition": "new", "fulfillmentChannel": channel, "OfferCount": channels.count(channel)}
        for channel in sorted(set(channels))
    ]


def _prices(offer: MarketOffer, currency: str) -> Json:
    return {
        "LandedPrice": _money(offer.landed_price, currency),
        "ListingPrice": _money(offer.listing_price, currency),
        "Shipping": _money(offer.shipping, currency),
    }


def _channel(offer: MarketOffer) -> str:
    return "Amazon" if offer.is_fulfilled_by_amazon else "Merchant"


def _money(amount: float, currency: str) -> Json:
    return {"CurrencyCode": currency, "Amount": round(amount, 2)}
