"""One look at the pages of an account's products: every answer is on disk before the next call is made."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

from daybreak.business_dates import local_date
from daybreak.datasets import DATASETS
from daybreak.landing.page_calls import NO_ANSWER, PageCall, PagePlan, decode_call, decode_plan, encode_line, next_token
from daybreak.landing.published_content import ContentQuestion, PublishedContent
from daybreak.spapi.catalogue import SEARCH_ITEMS, fetch_pages
from daybreak.spapi.content import LIST_PRODUCTS, SEARCH_DOCUMENTS, fetch_content_documents, fetch_content_products
from daybreak.spapi.failures import AccessDenied, Kind, LoginRefused, NotFound, QuotaExceeded, SpApiFailure
from daybreak.spapi.operations import Operation
from daybreak.steps.errands import Errand
from daybreak.warehouse.catalogue import read_catalogue
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.report_requests import read_open_requests

logger = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=30)
"""So long after its beginning a look waits for what Amazon may give later; then it goes on without it."""
_PLAN = 0


class DayOver(Exception):
    """The day that was to be looked at is over, and no page of it was seen: none ever will be."""


def collect_pages(errand: Errand) -> None:
    """Asks for the page of every product of the plan, then for the A+ content, as long as the day lasts.

    A batch that Amazon refuses costs its products only, and A+ content that is refused costs no page.

    Raises:
        QuotaExceeded: the parts so far are kept; the next attempt goes on behind them.
        SpApiFailure: as judged; also while nothing is known to look at, or when no batch was answered.
        DayOver: the day ended before the first answer.
    """
    plan = _resume_or_plan(errand)
    for number, asins in enumerate(plan.batches, _PLAN + 1):
        if not errand.parts.has(number):
            if _is_over(errand):
                break
            errand.parts.write(number, _ask_batch(errand, asins))
    _require_an_answer(errand, plan)
    content = _ask_content(errand, first_part=_PLAN + 1 + len(plan.batches))
    if not content.is_complete:
        logger.warning(
            "%s %s: where A+ content is published stays unknown: %s",
            errand.account.account_id,
            errand.request.label,
            content.flaw or "the day ended first",
        )


def _resume_or_plan(errand: Errand) -> PagePlan:
    if errand.parts.has(_PLAN):
        return decode_plan(errand.parts.lines(_PLAN)[0])
    account, day = errand.account, errand.request.window_start_date
    with transaction(errand.dsn) as connection:
        own = read_catalogue(connection, account.account_id, day)
    watched = {asin for asins in account.watch_list.values() for asin in asins}
    plan = PagePlan(
        observed_date=day,
        planned_at=datetime.now(UTC),
        asins=tuple(own),
        competitors=tuple(sorted(watched - set(own))),
    )
    if not plan.batches:
        raise _nothing_known(errand)
    errand.parts.write(_PLAN, [encode_line(plan)])
    return plan


def _is_over(errand: Errand) -> bool:
    """Whether a page that Amazon shows now is no more the page of the day that was asked for."""
    return local_date(datetime.now(UTC), errand.account.marketplace.time_zone) != errand.request.window_start_date


def _ask_batch(errand: Errand, asins: tuple[str, ...]) -> list[bytes]:
    """The lines of the answers about ``asins``, page by page until there is no next one, or one that came before."""
    lines: list[bytes] = []
    tokens: list[str | None] = [None]
    while True:
        call = _ask(errand, SEARCH_ITEMS, lambda: fetch_pages(errand.session, asins, tokens[-1]), asins=asins)
        lines.append(encode_line(call))
        token = next_token(call)
        if token is None or token in tokens:
            return lines
        tokens.append(token)


def _require_an_answer(errand: Errand, plan: PagePlan) -> None:
    """Returns if one batch was answered at least; otherwise the parts are gone, so that a later request asks anew.

    Raises:
        SpApiFailure: every batch was refused.
        DayOver: none was asked about.
    """
    refusal: str | None = None
    for number in range(_PLAN + 1, _PLAN + 1 + len(plan.batches)):
        if errand.parts.has(number):
            calls = [decode_call(line) for line in errand.parts.lines(number)]
            refused = [call.refused for call in calls if call.refused is not None]
            if len(refused) < len(calls):
                return
            refusal = refused[0]
    errand.parts.discard()
    if refusal is None:
        raise DayOver(f"{errand.request.window_start_date} ended before Amazon answered for a page")
    raise _failure(
        errand, Kind.SKIP, f"Amazon answered for no product: {refusal}", "nothing: the next run looks at pages again"
    )


def _ask_content(errand: Errand, first_part: int) -> PublishedContent:
    """Asks about A+ content behind what the parts hold, to its end, its first refusal, or the end of the day."""
    content = PublishedContent()
    number = first_part
    while (question := content.next_question) is not None:
        if not errand.parts.has(number):
            if _is_over(errand):
                break
            errand.parts.write(number, [encode_line(_ask_about(errand, question))])
        content.take(decode_call(errand.parts.lines(number)[0]))
        number += 1
    return content


def _ask_about(errand: Errand, question: ContentQuestion) -> PageCall:
    key, token = question.content_key, question.page_token
    if key is None:
        return _ask(errand, SEARCH_DOCUMENTS, lambda: fetch_content_documents(errand.session, token))
    return _ask(errand, LIST_PRODUCTS, lambda: fetch_content_products(errand.session, key, token), content_key=key)


def _ask(
    errand: Errand,
    operation: Operation,
    send: Callable[[], bytes],
    *,
    asins: tuple[str, ...] = (),
    content_key: str | None = None,
) -> PageCall:
    requested_at = datetime.now(UTC)
    answer, refused, is_absent = NO_ANSWER, None, False
    try:
        answer = msgspec.Raw(send())
    except SpApiFailure as failure:
        if _must_stop(errand, operation, failure):
            raise
        logger.warning("%s %s: %s", errand.account.account_id, errand.request.label, failure)
        refused, is_absent = str(failure), isinstance(failure, NotFound)
    return PageCall(
        operation=operation.name,
        requested_at=requested_at,
        answered_at=datetime.now(UTC),
        asins=asins,
        content_key=content_key,
        answer=answer,
        refused=refused,
        is_absent=is_absent,
    )


def _must_stop(errand: Errand, operation: Operation, failure: SpApiFailure) -> bool:
    """Whether the look cannot go on behind this failure: it passes by itself, or every other page would meet it."""
    if isinstance(failure, QuotaExceeded):
        return True
    if failure.kind is Kind.RETRY:
        return datetime.now(UTC) - errand.started_at < PATIENCE
    return operation is SEARCH_ITEMS and isinstance(failure, AccessDenied | LoginRefused)


def _nothing_known(errand: Errand) -> SpApiFailure:
    """On an account's first morning its reports name its products: as long as they are on their way, wait for them."""
    with transaction(errand.dsn) as connection:
        open_requests = read_open_requests(connection, errand.account.account_id)
    are_coming = any(DATASETS[each.dataset_code].shows_appearance for each in open_requests)
    if are_coming and datetime.now(UTC) - errand.started_at < PATIENCE:
        return _failure(
            errand, Kind.RETRY, "no product is known before the reports come", "nothing: it is asked again soon", 60.0
        )
    return _failure(
        errand, Kind.SKIP, "no product is known yet", "nothing: once a report has named products, a run looks at them"
    )


def _failure(
    errand: Errand, kind: Kind, why: str, advice: str, retry_after_seconds: float | None = None
) -> SpApiFailure:
    return SpApiFailure(
        kind=kind,
        message=f"{errand.account.account_id} {errand.request.label}: {why}",
        advice=advice,
        operation=SEARCH_ITEMS.name,
        retry_after_seconds=retry_after_seconds,
    )
