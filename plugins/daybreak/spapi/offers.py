"""Asks Amazon who offers products, and who is featured: up to 20 products a call, with a seller's credential.

A vendor's authorisation has no Pricing role. Answers are given back as received: single products fail with a status of
their own inside a good answer, and whoever reads it must see that.
"""

from collections.abc import Sequence
from typing import Final

from daybreak.spapi.operations import OPERATIONS
from daybreak.spapi.session import SellingPartnerSession

LARGEST_BATCH: Final = 20
ITEM_OFFERS: Final = OPERATIONS["getItemOffersBatch"]
COMPETITIVE_SUMMARY: Final = OPERATIONS["getCompetitiveSummary"]


def fetch_item_offers(session: SellingPartnerSession, asins: Sequence[str]) -> bytes:
    """Amazon's answer about the new offers for consumers of at most 20 ``asins``, as received.

    Raises:
        SpApiFailure: the batch as a whole was not answered.
    """
    requests = [
        {
            "uri": f"/products/pricing/v0/items/{asin}/offers",
            "method": "GET",
            "MarketplaceId": session.marketplace_id,
            "ItemCondition": "New",
            "CustomerType": "Consumer",
        }
        for asin in asins
    ]
    return session.call_raw(ITEM_OFFERS, requests, subject=_subject(asins))


def fetch_competitive_summaries(session: SellingPartnerSession, asins: Sequence[str]) -> bytes:
    """Amazon's answer about the featured offers of at most 20 ``asins``, as received.

    Raises:
        SpApiFailure: the batch as a whole was not answered.
    """
    requests = [
        {
            "asin": asin,
            "marketplaceId": session.marketplace_id,
            "includedData": ["featuredBuyingOptions"],
            "uri": "/products/pricing/2022-05-01/items/competitiveSummary",
            "method": "GET",
        }
        for asin in asins
    ]
    return session.call_raw(COMPETITIVE_SUMMARY, requests, subject=_subject(asins))


def _subject(asins: Sequence[str]) -> str:
    others = f" and {len(asins) - 1} more" if len(asins) > 1 else ""
    return f"{asins[0]}{others}"
