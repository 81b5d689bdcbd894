"""Asks Amazon for the account's A+ content: which documents there are, and where each is published.

Answers are given back as received. How many rows a page of an answer has, Amazon does not say.
"""

from typing import Final

from daybreak.spapi.operations import OPERATIONS
from daybreak.spapi.session import SellingPartnerSession

SEARCH_DOCUMENTS: Final = OPERATIONS["searchContentDocuments"]
LIST_PRODUCTS: Final = OPERATIONS["listContentDocumentAsinRelations"]


def fetch_content_documents(session: SellingPartnerSession, page_token: str | None = None) -> bytes:
    """Amazon's answer: a page of the account's A+ documents in the marketplace, whatever state they are in.

    Raises:
        SpApiFailure: the page was not answered.
    """
    return session.call_raw(
        SEARCH_DOCUMENTS,
        marketplaceId=session.marketplace_id,
        **({"pageToken": page_token} if page_token else {}),
    )


def fetch_content_products(session: SellingPartnerSession, content_key: str, page_token: str | None = None) -> bytes:
    """Amazon's answer: a page of the products of the document ``content_key``, each with its badges.

    Raises:
        NotFound: there is no such document, or no more.
        SpApiFailure: the page was not answered.
    """
    return session.call_raw(
        LIST_PRODUCTS,
        content_key,
        subject=f"document {content_key}",
        marketplaceId=session.marketplace_id,
        includedDataSet="METADATA",  # without it a product comes without its badges
        **({"pageToken": page_token} if page_token else {}),
    )
