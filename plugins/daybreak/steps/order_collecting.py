"""Purchase orders of some days with what became of them: page by page, each on disk before the next is asked for."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import msgspec

from daybreak.calendars import end_of_utc_day
from daybreak.landing.order_pages import (
    ORDERS,
    STATUSES,
    OrderCall,
    OrderOperation,
    Window,
    decode_call,
    encode_call,
    number_of,
)
from daybreak.spapi.failures import Kind, SpApiFailure
from daybreak.spapi.judgement import judge_content
from daybreak.spapi.operations import OPERATIONS
from daybreak.spapi.orders import fetch_orders, fetch_status, fetch_statuses
from daybreak.steps.errands import Errand

logger = logging.getLogger(__name__)

EARLIER = timedelta(hours=1)
LATER = timedelta(hours=23)
"""Amazon chooses orders by when they became available, and dates them when they were ordered, which is somewhat
earlier. So a span is asked for with some hours before it and most of a day behind it; what was ordered on other days is
left to the spans that hold these. With six days of its own it is just as long as Amazon allows."""


def collect_orders(errand: Errand) -> None:
    """All pages of orders, then all pages of statuses, then the status of each order that stood on none of these.

    Raises:
        QuotaExceeded: the parts so far are kept; the next attempt goes on behind them.
        SpApiFailure: as judged; kind ``data_error`` where a page leads back to one that was read.
    """
    book = _Book(errand)
    orders = book.read_pages(ORDERS, fetch_orders)
    statuses = book.read_pages(STATUSES, fetch_statuses)
    missing = sorted(orders - statuses)
    for number in missing:
        book.read_status(number)
    logger.info(
        "%s %s: %d orders, %d of them asked for one by one",
        errand.account.account_id,
        errand.request.label,
        len(orders),
        len(missing),
    )


class _Book:
    """The errand's parts, one call each: read where they are there, else asked for and written."""

    def __init__(self, errand: Errand) -> None:
        self._errand = errand
        self._window = Window(*errand.request.window)
        self._begin = end_of_utc_day(self._window.first - timedelta(days=1)) - EARLIER
        # The same in every attempt: the pages of one answer must follow from one question.
        self._end = max(self._begin, min(end_of_utc_day(self._window.last) + LATER, errand.started_at))
        self._read_count = 0

    def read_pages(self, operation: OrderOperation, fetch: Callable[..., dict[str, Any]]) -> set[str]:
        """The numbers on all pages."""
        return {number for page in self._pages(operation, fetch) for item in page.items if (number := number_of(item))}

    def read_status(self, number: str) -> None:
        """The status of one order; one that Amazon does not tell is noted with the reason."""
        try:
            self._call(STATUSES, lambda: fetch_status(self._errand.session, number), number)
        except SpApiFailure as failure:
            if failure.kind is not Kind.SKIP:
                raise
            at = datetime.now(UTC)
            self._write(
                OrderCall(
                    operation=STATUSES,
                    window=self._window,
                    requested_at=at,
                    answered_at=at,
                    number=number,
                    refused=str(failure),
                )
            )

    def _pages(self, operation: OrderOperation, fetch: Callable[..., dict[str, Any]]) -> Iterator[OrderCall]:
        token: str | None = None
        seen: set[str] = set()
        while True:
            page = self._call(operation, partial(fetch, self._errand.session, self._begin, self._end, token))
            yield page
            token = page.next_token
            if token is None:
                return
            if token in seen:
                raise judge_content(self._errand.session.about(OPERATIONS[operation]), "its pages go in a circle")
            seen.add(token)

    def _call(
        self, operation: OrderOperation, ask: Callable[[], dict[str, Any]], number: str | None = None
    ) -> OrderCall:
        """The next part: of an earlier attempt, or asked for now."""
        if self._errand.parts.has(self._read_count):
            call = decode_call(self._errand.parts.lines(self._read_count)[0])
            self._read_count += 1
            return call
        requested_at = datetime.now(UTC)
        answer = ask()
        call = OrderCall(
            operation=operation,
            window=self._window,
            requested_at=requested_at,
            answered_at=datetime.now(UTC),
            number=number,
            answer=msgspec.Raw(msgspec.json.encode(answer)),
        )
        try:
            _ = call.items, call.next_token
        except msgspec.MsgspecError as error:
            about = self._errand.session.about(OPERATIONS[operation])
            raise judge_content(about, f"the answer is no page of orders: {error}") from None
        self._write(call)
        return call

    def _write(self, call: OrderCall) -> None:
        self._errand.parts.write(self._read_count, [encode_call(call)])
        self._read_count += 1
