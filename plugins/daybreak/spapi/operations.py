"""Amazon's operations: their quota, what builds the request, what a good answer holds.

Rates (calls per second) and bursts are those of Amazon's usage plans; the ``x-amzn-RateLimit-Limit`` header of a live
answer overrides the rate.
"""

import math
from dataclasses import dataclass
from typing import Final

from daybreak.spapi.failures import Kind


@dataclass(frozen=True)
class Operation:
    """One operation of one API.

    ``api``, ``method`` and ``version`` say which class and method of python-amazon-sp-api build the request;
    ``answer_keys`` are the top-level keys without which an answer is not what was asked.
    """

    name: str
    rate: float
    burst: float
    api: str = ""
    method: str = ""
    version: str | None = None
    answer_keys: tuple[str, ...] = ()
    absent_kind: Kind = Kind.GIVE_UP
    """What a 404 asks for: a report is often not found right after its creation, an ASIN may simply not exist."""
    creates: bool = False
    """Sent twice, it makes two: a call whose answer was lost must be looked for before it is repeated."""


# Two calls that no library builds and no usage plan counts.
LOGIN: Final = Operation("login", math.inf, math.inf)
DOWNLOAD: Final = Operation("download", math.inf, math.inf)


def _report(name: str, rate: float, burst: float, method: str, *keys: str, creates: bool = False) -> Operation:
    return Operation(name, rate, burst, "Reports", method, None, keys, Kind.RETRY, creates)


CREATE_REPORT: Final = _report("createReport", 0.0167, 15, "create_report", "reportId", creates=True)
GET_REPORT: Final = _report("getReport", 2, 15, "get_report", "reportId", "processingStatus")
GET_REPORTS: Final = _report("getReports", 0.0222, 10, "get_reports", "reports")
CANCEL_REPORT: Final = _report("cancelReport", 0.0222, 10, "cancel_report")
GET_REPORT_DOCUMENT: Final = _report("getReportDocument", 0.0167, 15, "get_report_document", "reportDocumentId", "url")


def _kiosk(name: str, rate: float, burst: float, method: str, *keys: str, creates: bool = False) -> Operation:
    return Operation(name, rate, burst, "DataKiosk", method, None, keys, Kind.RETRY, creates)


CREATE_QUERY: Final = _kiosk("createQuery", 0.0167, 15, "create_query", "queryId", creates=True)
GET_QUERY: Final = _kiosk("getQuery", 2, 15, "get_query", "queryId", "processingStatus")
GET_QUERIES: Final = _kiosk("getQueries", 0.0222, 10, "get_queries", "queries")
GET_QUERY_DOCUMENT: Final = _kiosk("getDocument", 0.0167, 15, "get_document", "documentId", "documentUrl")


def _catalogue(name: str, method: str, *keys: str) -> Operation:
    return Operation(name, 2, 2, "CatalogItems", method, "2022-04-01", keys, Kind.SKIP)


def _pricing(name: str, rate: float, burst: float, method: str, key: str, *, version: str = "v0") -> Operation:
    return Operation(name, rate, burst, "Products", method, version, (key,), Kind.SKIP)


def _listing(name: str, rate: float, burst: float, method: str, *keys: str) -> Operation:
    return Operation(name, rate, burst, "ListingsItems", method, "2021-08-01", keys, Kind.SKIP)


def _content(name: str, method: str, key: str) -> Operation:
    return Operation(name, 10, 10, "AplusContent", method, None, (key,), Kind.SKIP)


def _order(name: str, method: str) -> Operation:
    return Operation(name, 10, 10, "VendorOrders", method, None, ("payload",), Kind.SKIP)


OPERATIONS: Final[dict[str, Operation]] = {
    operation.name: operation
    for operation in (
        CREATE_REPORT,
        GET_REPORT,
        GET_REPORTS,
        CANCEL_REPORT,
        GET_REPORT_DOCUMENT,
        CREATE_QUERY,
        GET_QUERY,
        GET_QUERIES,
        _kiosk("cancelQuery", 0.0222, 10, "cancel_query"),
        GET_QUERY_DOCUMENT,
        _catalogue("searchCatalogItems", "search_catalog_items", "items"),
        _catalogue("getCatalogItem", "get_catalog_item", "asin"),
        _pricing("getItemOffers", 0.5, 1, "get_item_offers", "payload"),
        _pricing("getItemOffersBatch", 0.1, 1, "get_item_offers_batch", "responses"),
        _pricing("getListingOffers", 1, 2, "get_listings_offer", "payload"),
        _pricing("getListingOffersBatch", 0.5, 1, "get_listing_offers_batch", "responses"),
        _pricing("getPricing", 0.5, 1, "get_product_pricing_for_asins", "payload"),
        _pricing("getCompetitivePricing", 0.5, 1, "get_competitive_pricing_for_asins", "payload"),
        _pricing("getCompetitiveSummary", 0.033, 1, "get_competitive_summary_batch", "responses", version="2022-05-01"),
        _pricing(
            "getFeaturedOfferExpectedPriceBatch",
            0.033,
            1,
            "get_featured_offer_expected_price_batch",
            "responses",
            version="2022-05-01",
        ),
        _listing("getListingsItem", 5, 10, "get_listings_item", "sku"),
        _listing("searchListingsItems", 5, 5, "search_listings_items", "items"),
        _content("searchContentDocuments", "search_content_documents", "contentMetadataRecords"),
        _content("getContentDocument", "get_content_document", "contentRecord"),
        _content("listContentDocumentAsinRelations", "list_content_document_asin_relations", "asinMetadataSet"),
        _content("searchContentPublishRecords", "search_content_publish_records", "publishRecordList"),
        _order("getPurchaseOrders", "get_purchase_orders"),
        _order("getPurchaseOrder", "get_purchase_order"),
        _order("getPurchaseOrdersStatus", "get_purchase_orders_status"),
        Operation("getMarketplaceParticipations", 0.016, 15, "Sellers", "get_marketplace_participation"),
        Operation("getAccount", 0.016, 15, "Sellers", "get_account"),
        Operation("getSubscription", 1, 5, "Notifications", "get_subscription"),
        Operation("createSubscription", 1, 5, "Notifications", "create_subscription", creates=True),
    )
}


@dataclass(frozen=True)
class Call:
    """One call as a person would name it: which credential, which operation, about what."""

    operation: Operation
    credential_id: str
    subject: str = ""

    @property
    def name(self) -> str:
        subject = f" {self.subject}" if self.subject else ""
        return f"{self.credential_id}: {self.operation.name}{subject}"
