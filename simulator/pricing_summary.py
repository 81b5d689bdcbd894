"""Product Pricing 2022-05-01: one ASIN as getCompetitiveSummary writes it, in camelCase."""

from collections.abc import Callable
from typing import Any

from simulator.config import AccountConfig
from simulator.marketplaces import marketplace_of
from simulator.offer_book import Shelf
from simulator.world.offers import MarketOffer

INCLUDED_DATA = ("featuredBuyingOptions", "referencePrices", "lowestPricedOffers", "similarItems")
_MOST_OFFERS = 20
_PRIME_WEIGHT = 72
"""Of the glance views, those by members of Prime, in percent."""
_SAMPLE_POSTAL_CODE = "00100"
Json = dict[str, Any]


def write_summary(shelf: Shelf, account: AccountConfig, included: list[str], conditions: list[str]) -> Json:
    """The ``body`` of one answer, with the sections that were asked for.

    ``conditions`` are those of the lowest priced offers: everything on sale is new, and there is no entry without an
    offer.
    """
    writers: dict[str, Callable[[], list[Json]]] = {
        "featuredBuyingOptions": lambda: _featured(shelf, account),
        "referencePrices": lambda: _reference_prices(shelf, account.currency_code),
        "lowestPricedOffers": lambda: [
            _lowest(shelf, account.currency_code) for each in conditions if each == "New" and shelf.offers
        ],
        "similarItems": lambda: [{"items": [{"asin": asin} for asin in shelf.similar]}] if shelf.similar else [],
    }
    head = {"asin": shelf.asin, "marketplaceId": account.marketplace_id}
    return head | {name: writers[name]() for name in INCLUDED_DATA if name in included}


def _featured(shelf: Shelf, account: AccountConfig) -> list[Json]:
    """One featured offer is everybody's; of two the first with Prime is shown to its members, the other to the rest."""
    if not shelf.featured:
        return []
    ordered = sorted(shelf.featured, key=lambda offer: not offer.is_prime)
    segments = ("DEFAULT",) if len(ordered) == 1 else ("PRIME", "NON_PRIME")
    country = marketplace_of(account.marketplace_id).country
    return [
        {
            "buyingOptionType": "New",
            "segmentedFeaturedOffers": [
                _offer(offer, account.currency_code) | {"featuredOfferSegments": [_segment(segment, country)]}
                for offer, segment in zip(ordered, segments, strict=False)
            ],
        }
    ]


def _segment(membership: str, country: str) -> Json:
    weight = {"DEFAULT": 100, "PRIME": _PRIME_WEIGHT, "NON_PRIME": 100 - _PRIME_WEIGHT}[membership]
    place = {"postalCode": {"countryCode": country, "value": _SAMPLE_POSTAL_CODE}}
    return {
        "customerMembership": membership,
        "segmentDetails": {"glanceViewWeightPercentage": weight, "sampleLocation": place},
    }


def _reference_prices(shelf: Shelf, currency: str) -> list[Json]:
    """What Amazon usually asked, and the lowest listing price of an offer that is not featured."""
    others = [offer.listing_price for offer in shelf.offers if not offer.is_featured]
    found = {"WasPrice": shelf.usual_price, "CompetitivePrice": min(others, default=None)}
    return [{"name": name, "price": _money(price, currency)} for name, price in found.items() if price is not None]


def _lowest(shelf: Shelf, currency: str) -> Json:
    return {
        "lowestPricedOffersInput": {"itemCondition": "New", "offerType": "Consumer"},
        "offers": [_offer(offer, currency) for offer in shelf.offers[:_MOST_OFFERS]],
    }


def _offer(offer: MarketOffer, currency: str) -> Json:
    return {
        "sellerId": offer.seller_id,
        "condition": "New",
        "subCondition": "New",
        "fulfillmentType": "AFN" if offer.is_fulfilled_by_amazon else "MFN",
        "listingPrice": _money(offer.listing_price, currency),
        "shippingOptions": [{"shippingOptionType": "DEFAULT", "price": _money(offer.shipping, currency)}],
        "primeDetails": {"eligibility": "NATIONAL" if offer.is_prime else "NONE"},
    }


def _money(amount: float, currency: str) -> Json:
    return {"amount": round(amount, 2), "currencyCode": currency}
