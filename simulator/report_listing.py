"""getReports: filters and pages."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from simulator.clock import Clock
from simulator.refusals import invalid_input, parameters_missing, unknown_status
from simulator.report_book import RETENTION, ReportBook

_STATUSES = frozenset({"IN_QUEUE", "IN_PROGRESS", "DONE", "CANCELLED", "FATAL"})
_FILTERS = ("reportTypes", "processingStatuses", "marketplaceIds", "pageSize", "createdSince", "createdUntil")
_LARGEST_PAGE = 100


class Listing(msgspec.Struct, frozen=True):
    """What a listing shows, and after which report the next page begins. It is its own page token."""

    report_types: tuple[str, ...]
    statuses: tuple[str, ...]
    marketplace_ids: tuple[str, ...]
    page_size: int
    since: datetime
    until: datetime | None
    after_report_id: str | None = None

    def token(self) -> str:
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode()


@dataclass(frozen=True)
class Page:
    reports: list[dict[str, Any]]
    next_token: str | None

    def body(self) -> dict[str, Any]:
        return {"reports": self.reports} | ({"nextToken": self.next_token} if self.next_token else {})


def read_listing(query: list[tuple[str, str]], now: datetime) -> Listing:
    """The listing that the query parameters ask for; unknown ones are ignored.

    Raises:
        Refusal: 400 for neither types nor token, a token with filters beside it, an unknown status, a bad number or
            time, or a token that is not ours.
    """
    given: dict[str, list[str]] = {}
    for name, value in query:
        given.setdefault(name, []).extend(part for part in value.split(",") if part)
    token = given.get("nextToken")
    if token:
        if any(name in given for name in _FILTERS if name != "marketplaceIds"):
            raise invalid_input()
        return _from_token(token[0])
    if not given.get("reportTypes"):
        raise parameters_missing(["reportTypes"])
    if len(given["reportTypes"]) > 10:
        raise invalid_input()
    for status in given.get("processingStatuses", []):
        if status not in _STATUSES:
            raise unknown_status(status)
    return Listing(
        report_types=tuple(given["reportTypes"]),
        statuses=tuple(given.get("processingStatuses", [])),
        marketplace_ids=tuple(given.get("marketplaceIds", [])),
        page_size=_page_size(given.get("pageSize", ["10"])[0]),
        since=max(_instant(given["createdSince"][0]), now - RETENTION) if "createdSince" in given else now - RETENTION,
        until=_instant(given["createdUntil"][0]) if "createdUntil" in given else None,
    )


def list_page(book: ReportBook, clock: Clock, credential_key: str, listing: Listing) -> Page:
    """The newest reports that fit, from where the listing stands on."""
    pace = clock.pace()
    fitting = [
        report
        for report in book.newest_first(credential_key)
        if report.request.report_type in listing.report_types
        and (not listing.statuses or report.status(pace) in listing.statuses)
        and (not listing.marketplace_ids or set(report.request.marketplace_ids) & set(listing.marketplace_ids))
        and report.created_at >= listing.since - timedelta(seconds=1)
        and (listing.until is None or report.created_at <= listing.until)
        and (listing.after_report_id is None or int(report.report_id) < int(listing.after_report_id))
    ]
    shown = fitting[: listing.page_size]
    more = len(fitting) > len(shown)
    token = msgspec.structs.replace(listing, after_report_id=shown[-1].report_id).token() if more else None
    return Page([report.describe(pace) for report in shown], token)


def _from_token(token: str) -> Listing:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(token), type=Listing)
    except (ValueError, msgspec.DecodeError):
        raise invalid_input() from None


def _page_size(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _LARGEST_PAGE:
        raise invalid_input()
    return int(text)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise invalid_input() from None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant
