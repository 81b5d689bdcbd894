"""Asks Amazon for the pages of products: up to 20 of them a call. Answers are given back as received."""

from collections.abc import Sequence
from typing import Final

from daybreak.spapi.operations import OPERATIONS
from daybreak.spapi.session import SellingPartnerSession

LARGEST_BATCH: Final = 20
SEARCH_ITEMS: Final = OPERATIONS["searchCatalogItems"]
INCLUDED_DATA: Final = (
    "attributes", "classifications", "identifiers", "images", "productTypes", "relationships", "salesRanks",
    "summaries", "vendorDetails",
)  # fmt: skip


def fetch_pages(session: SellingPartnerSession, asins: Sequence[str], page_token: str | None = None) -> bytes:
    """Amazon's answer about at most 20 ``asins``: those that it does not name have no page in the marketplace.

    Raises:
        SpApiFailure: the batch as a whole was not answered.
    """
    if not 1 <= len(asins) <= LARGEST_BATCH:
        raise ValueError(f"1 to {LARGEST_BATCH} products can be asked about at once, not {len(asins)}")
    others = f" and {len(asins) - 1} more" if len(asins) > 1 else ""
    return session.call_raw(
        SEARCH_ITEMS,
        subject=f"{asins[0]}{others}",
        identifiers=",".join(asins),
        identifiersType="ASIN",
        marketplaceIds=session.marketplace_id,
        includedData=",".join(INCLUDED_DATA),
        pageSize=LARGEST_BATCH,
        **({"pageToken": page_token} if page_token else {}),
    )
