"""Which operations are served, Amazon's default usage plan for each and the roles that open it."""

from dataclasses import dataclass

_ANALYTICS = frozenset({"Brand Analytics"})
_PRICING = frozenset({"Pricing"})
_ORDERS = frozenset({"Amazon Fulfillment", "Inventory and Order Tracking"})
_SELLERS = frozenset({"Selling Partner Insights"})


@dataclass(frozen=True)
class Operation:
    """``rate`` in calls per second, ``burst`` in calls. A caller with one of ``roles`` may call it; none: everyone."""

    name: str
    rate: float
    burst: int
    roles: frozenset[str] = frozenset()

    def open_to(self, roles: tuple[str, ...]) -> bool:
        return not self.roles or not self.roles.isdisjoint(roles)


SPAPI_OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation("createReport", 0.0167, 15, _ANALYTICS),
        Operation("getReport", 2.0, 15, _ANALYTICS),
        Operation("getReports", 0.0222, 10, _ANALYTICS),
        Operation("cancelReport", 0.0222, 10, _ANALYTICS),
        Operation("getReportDocument", 0.0167, 15, _ANALYTICS),
        Operation("getPurchaseOrders", 10.0, 10, _ORDERS),
        Operation("getPurchaseOrder", 10.0, 10, _ORDERS),
        Operation("getPurchaseOrdersStatus", 10.0, 10, _ORDERS),
        Operation("getItemOffers", 0.5, 1, _PRICING),
        Operation("getItemOffersBatch", 0.1, 1, _PRICING),
        Operation("getCompetitiveSummary", 0.033, 1, _PRICING),
        Operation("getMarketplaceParticipations", 0.016, 15, _SELLERS),
        Operation("getAccount", 0.016, 15, _SELLERS),
    )
}
REQUEST_ACCESS_TOKEN = "requestAccessToken"  # noqa: S105  the name of an operation
DOWNLOAD_DOCUMENT = "downloadDocument"
ALL_OPERATIONS = frozenset({*SPAPI_OPERATIONS, REQUEST_ACCESS_TOKEN, DOWNLOAD_DOCUMENT})
