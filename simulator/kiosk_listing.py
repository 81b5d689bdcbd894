"""getQueries: filters and pages."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from simulator.clock import Clock
from simulator.kiosk_book import RETENTION, KioskBook
from simulator.refusals import invalid_input, unknown_status

_STATUSES = frozenset({"IN_QUEUE", "IN_PROGRESS", "DONE", "CANCELLED", "FATAL"})
_LARGEST_PAGE = 100


class Filters(msgspec.Struct, frozen=True):
    """What a listing shows."""

    statuses: tuple[str, ...]
    since: datetime | None
    until: datetime | None


class PageMark(msgspec.Struct, frozen=True):
    """Where the next page of a listing begins; the filters that gave it must come again with it."""

    filters: Filters
    after_query_id: str

    def token(self) -> str:
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode()


@dataclass(frozen=True)
class QueryListing:
    filters: Filters
    page_size: int
    after_query_id: str | None


def read_query_listing(query: list[tuple[str, str]]) -> QueryListing:
    """The listing that the query parameters ask for; unknown ones are ignored.

    Raises:
        Refusal: 400 for an unknown status, a bad number or time, or a token that is not ours or of other filters.
    """
    given: dict[str, list[str]] = {}
    for name, value in query:
        given.setdefault(name, []).extend(part for part in value.split(",") if part)
    for status in given.get("processingStatuses", []):
        if status not in _STATUSES:
            raise unknown_status(status)
    size = given.get("pageSize", ["10"])[0]
    if not size.isascii() or not size.isdigit() or not 1 <= int(size) <= _LARGEST_PAGE:
        raise invalid_input()
    filters = Filters(
        statuses=tuple(given.get("processingStatuses", [])),
        since=_instant(given.get("createdSince")),
        until=_instant(given.get("createdUntil")),
    )
    token = given.get("paginationToken")
    after = _mark(token[0], filters).after_query_id if token else None
    return QueryListing(filters, int(size), after)


def list_queries(book: KioskBook, clock: Clock, credential_key: str, listing: QueryListing) -> dict[str, Any]:
    """The answer's body: the newest queries that fit, from where the listing stands on."""
    pace, filters = clock.pace(), listing.filters
    since = max(filters.since, clock.now() - RETENTION) if filters.since else clock.now() - RETENTION
    fitting = [
        query
        for query in book.newest_first(credential_key)
        if (not filters.statuses or query.status(pace) in filters.statuses)
        and query.created_at >= since - timedelta(seconds=1)
        and (filters.until is None or query.created_at <= filters.until)
        and (listing.after_query_id is None or int(query.query_id) < int(listing.after_query_id))
    ]
    shown = fitting[: listing.page_size]
    body: dict[str, Any] = {"queries": [query.describe(pace) for query in shown]}
    if len(fitting) > len(shown):
        body["pagination"] = {"nextToken": PageMark(filters, shown[-1].query_id).token()}
    return body


def _mark(token: str, filters: Filters) -> PageMark:
    try:
        mark = msgspec.json.decode(base64.urlsafe_b64decode(token), type=PageMark)
    except (ValueError, msgspec.DecodeError):
        raise invalid_input() from None
    if mark.filters != filters or not mark.after_query_id.isdigit():
        raise invalid_input()
    return mark


def _instant(values: list[str] | None) -> datetime | None:
    if not values:
        return None
    try:
        instant = datetime.fromisoformat(values[0])
    except ValueError:
        raise invalid_input() from None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
