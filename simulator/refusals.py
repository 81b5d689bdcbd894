"""Amazon's error answers, word for word where a real one is known."""

from dataclasses import dataclass
from typing import Any


@dataclass
class Refusal(Exception):
    """An answer other than success: HTTP status and the one entry of the ``errors`` list."""

    status: int
    code: str
    message: str
    details: str = ""

    def body(self) -> dict[str, Any]:
        return {"errors": [{"code": self.code, "message": self.message, "details": self.details}]}


_DENIED = "Access to requested resource is denied."
_REPORT_OPERATIONS = frozenset({"createReport", "getReport", "getReports", "cancelReport", "getReportDocument"})


def throttled() -> Refusal:
    return Refusal(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")


def token_missing() -> Refusal:
    return Refusal(403, "Unauthorized", _DENIED, "Access token is missing in the request header.")


def token_expired() -> Refusal:
    return Refusal(403, "Unauthorized", _DENIED, "The access token you provided has expired.")


def token_revoked() -> Refusal:
    return Refusal(403, "Unauthorized", _DENIED, "The access token you provided is revoked, malformed or invalid.")


def wrong_path() -> Refusal:
    return Refusal(403, "Unauthorized", _DENIED)


def role_missing(operation: str) -> Refusal:
    """The Reports API has words of its own for a role that the caller lacks."""
    if operation in _REPORT_OPERATIONS:
        return Refusal(403, "Unauthorized", "Access to the resource is forbidden")
    return Refusal(403, "Unauthorized", _DENIED)


def invalid_input(message: str = "Invalid Input", details: str = "") -> Refusal:
    return Refusal(400, "InvalidInput", message, details)


def parameters_missing(names: list[str]) -> Refusal:
    return invalid_input("One or more required parameters missing", "".join(f"{name};" for name in sorted(names)))


def seller_report() -> Refusal:
    return invalid_input(
        "Report type 107 does not support account ids of type class com.amazon.partner.account.id.VendorGroupId."
    )


def unknown_report() -> Refusal:
    return Refusal(404, "NotFound", "One or more of the provided ReportRequestIds could not be found.")


def unknown_document() -> Refusal:
    return invalid_input("Invalid reportDocumentId")


def unknown_asin(asin: str, marketplace_id: str) -> Refusal:
    return invalid_input(f"{asin} is an invalid ASIN for marketplace {marketplace_id}")


def invalid_asin(asin: str) -> Refusal:
    return Refusal(400, "INVALID_ASIN", f"{asin} is not a valid ASIN")


def invalid_order_request(details: str) -> Refusal:
    return Refusal(400, "InvalidRequest", "The request is invalid.", details)


def unknown_order() -> Refusal:
    return Refusal(404, "NotFound", "The purchase order could not be found.")


def unknown_status(value: str) -> Refusal:
    return invalid_input(
        f"1 validation error detected: Value '[{value}]' at 'processingStatuses' failed to satisfy constraint: Member "
        "must satisfy constraint: [Member must satisfy enum value set: [DONE, FATAL, IN_PROGRESS, CANCELLED, IN_QUEUE]]"
    )


def internal_failure() -> Refusal:
    return Refusal(500, "InternalFailure", "We encountered an internal error. Please try again.")
