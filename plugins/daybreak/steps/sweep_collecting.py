"""One account's sweep of offers as a collection, to its end or to the end of its window."""

import logging
from datetime import UTC, datetime

from daybreak.spapi.failures import Kind, SpApiFailure
from daybreak.steps.errands import Errand
from daybreak.steps.sweeping import Sweep, sellers_of
from daybreak.warehouse import sweeps
from daybreak.warehouse.engine import transaction

logger = logging.getLogger(__name__)


def collect_offers(errand: Errand) -> None:
    """Asks for everything that the sweep planned, or for what its window allows; notes in the ledger what it left out.

    Raises:
        QuotaExceeded: the parts so far are kept; the next attempt goes on behind them.
        SpApiFailure: as judged; also when the window ended without an answer for any product.
    """
    account, request = errand.account, errand.request
    sweep = Sweep.resume(errand.parts, sellers_of(account))
    if sweep is None:
        raise _useless(f"{account.account_id} {request.label}: the plan of this sweep is gone from the landing folder")
    gaps = sweep.left_out(_ask_all(sweep, errand))
    with transaction(errand.dsn) as connection:
        sweeps.replace_gaps(connection, account.account_id, request.request_id, gaps)
    if not sweep.has_answers:
        errand.parts.discard()
        why = next(iter(gaps.values()), ("", "nothing was planned"))[1]
        raise _useless(f"{account.account_id} {request.label}: no product was answered for, the first because: {why}")
    logger.info(
        "%s %s: %d of %d products seen, %d second opinions not had",
        account.account_id,
        request.label,
        len(sweep.plan.asins) - len(gaps),
        len(sweep.plan.asins),
        sweep.doubtful_count,
    )
    for asin, (code, reason) in sorted(gaps.items()):
        logger.warning("%s %s: %s left out, %s: %s", account.account_id, request.label, asin, code, reason)


def _ask_all(sweep: Sweep, errand: Errand) -> str | None:
    """Asks until nothing is left or the window has ended; returns why it stopped before, where it did.

    A refusal of the credential stops it. What was seen until then can be seen no more, so it is kept all the same.
    """
    try:
        while not sweep.is_over(datetime.now(UTC)) and (question := sweep.next_question()):
            sweep.ask(question, errand.session)
    except SpApiFailure as failure:
        if failure.kind is Kind.RETRY or not sweep.has_answers:
            raise
        logger.warning("%s %s stops: %s", errand.account.account_id, errand.request.label, failure)
        return str(failure)
    return None


def _useless(message: str) -> SpApiFailure:
    return SpApiFailure(
        kind=Kind.SKIP,
        message=message,
        advice="nothing: the next sweep looks at what was due",
        operation="getItemOffersBatch",
    )
