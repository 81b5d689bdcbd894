"""One cheap call of each operation that Daybreak uses: it shows whether a credential opens the operation."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from daybreak.spapi.operations import OPERATIONS
from daybreak.spapi.queries import find_queries
from daybreak.spapi.reports import create_report, find_reports
from daybreak.spapi.session import SellingPartnerSession

UNKNOWN_ASIN: Final = "B000000000"
"""Well-formed and nobody's: whether a role is there shows all the same."""
_DENIED_ITEM: Final = (401, 403)
_RECENTLY: Final = timedelta(minutes=5)


class ItemRefused(Exception):
    """Amazon answered the call and refuses what it was about; in words."""


def list_reports(session: SellingPartnerSession, _asin: str) -> object:
    return find_reports(session, ["GET_VENDOR_SALES_REPORT"], datetime.now(UTC) - _RECENTLY)


def list_queries(session: SellingPartnerSession, _asin: str) -> object:
    return find_queries(session, datetime.now(UTC) - _RECENTLY)


def order_report(session: SellingPartnerSession, _asin: str) -> object:
    day = datetime.now(UTC).date() - timedelta(days=7)
    return create_report(session, "GET_VENDOR_TRAFFIC_REPORT", (day, day), {"reportPeriod": "DAY"})


def search_catalogue(session: SellingPartnerSession, asin: str) -> object:
    return session.call(
        OPERATIONS["searchCatalogItems"],
        subject=asin,
        identifiers=asin,
        identifiersType="ASIN",
        marketplaceIds=session.marketplace_id,
        includedData="summaries,vendorDetails",
    )


def search_content(session: SellingPartnerSession, _asin: str) -> object:
    return session.call(OPERATIONS["searchContentDocuments"], marketplaceId=session.marketplace_id)


def list_orders(session: SellingPartnerSession, _asin: str) -> object:
    now = datetime.now(UTC).replace(microsecond=0)
    return session.call(
        OPERATIONS["getPurchaseOrders"],
        subject="orders of one day",
        limit=1,
        createdAfter=f"{now - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
        createdBefore=f"{now:%Y-%m-%dT%H:%M:%SZ}",
    )


def look_at_offers(session: SellingPartnerSession, asin: str) -> object:
    item = {
        "uri": f"/products/pricing/v0/items/{asin}/offers",
        "method": "GET",
        "MarketplaceId": session.marketplace_id,
        "ItemCondition": "New",
        "CustomerType": "Consumer",
    }
    return _only_item(session.call(OPERATIONS["getItemOffersBatch"], [item], subject=asin))


def look_at_summary(session: SellingPartnerSession, asin: str) -> object:
    item = {
        "asin": asin,
        "marketplaceId": session.marketplace_id,
        "includedData": ["featuredBuyingOptions"],
        "uri": "/products/pricing/2022-05-01/items/competitiveSummary",
        "method": "GET",
    }
    return _only_item(session.call(OPERATIONS["getCompetitiveSummary"], [item], subject=asin))


def _only_item(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, unless the item in it was refused.

    Raises:
        ItemRefused: the batch is answered with 200 even then.
    """
    for response in answer["responses"] if isinstance(answer["responses"], list) else []:
        status = response.get("status") or {}
        if status.get("statusCode") in _DENIED_ITEM:
            raise ItemRefused(
                f"the call is answered, its item refused with {status['statusCode']}: the marketplace is not this "
                "credential's"
            )
    return answer


def check_participation(session: SellingPartnerSession, _asin: str) -> object:
    answer = session.call(OPERATIONS["getMarketplaceParticipations"])
    entries = answer["payload"] if isinstance(answer["payload"], list) else []
    taking_part = {
        (entry.get("marketplace") or {}).get("id")
        for entry in entries
        if (entry.get("participation") or {}).get("isParticipating")
    }
    if session.marketplace_id not in taking_part:
        raise ItemRefused(
            f"the seller takes part in {', '.join(sorted(filter(None, taking_part))) or 'no marketplace'}, "
            f"not in {session.marketplace_id}: offers there are not to be had with this credential"
        )
    return answer
