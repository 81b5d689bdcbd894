"""Vendor Orders v1: one page of purchase orders, or of what became of them."""

from datetime import UTC, datetime
from typing import Any, Final

from daybreak.spapi.operations import OPERATIONS
from daybreak.spapi.session import SellingPartnerSession

PAGE_SIZE: Final = 100
LONGEST_RANGE_DAYS: Final = 7
"""Between ``createdAfter`` and ``createdBefore``; Amazon refuses more."""


def fetch_orders(
    session: SellingPartnerSession, begin: datetime, end: datetime, token: str | None = None
) -> dict[str, Any]:
    """A page of the orders that became available from ``begin`` to ``end``; ``token`` is what the page before named.

    Raises:
        SpApiFailure: as judged.
    """
    return _fetch(session, "getPurchaseOrders", begin, end, token, includeDetails="true")


def fetch_statuses(
    session: SellingPartnerSession, begin: datetime, end: datetime, token: str | None = None
) -> dict[str, Any]:
    """A page of the confirmations and receipts of those orders.

    Raises:
        SpApiFailure: as judged.
    """
    return _fetch(session, "getPurchaseOrdersStatus", begin, end, token)


def fetch_status(session: SellingPartnerSession, number: str) -> dict[str, Any]:
    """What became of the one order ``number``.

    Raises:
        SpApiFailure: as judged; kind ``skip`` where Amazon does not know it.
    """
    operation = OPERATIONS["getPurchaseOrdersStatus"]
    return session.call(operation, subject=f"order {number}", purchaseOrderNumber=number, limit=1)


def _fetch(
    session: SellingPartnerSession, name: str, begin: datetime, end: datetime, token: str | None, **more: str
) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "limit": PAGE_SIZE,
        "createdAfter": _instant(begin),
        "createdBefore": _instant(end),
        "sortOrder": "ASC",
        **more,
    }
    if token is not None:
        parameters["nextToken"] = token  # beside the parameters that gave it
    return session.call(OPERATIONS[name], subject=f"orders of {begin:%Y-%m-%d} to {end:%Y-%m-%d}", **parameters)


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
