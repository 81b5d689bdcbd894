"""The sweeps of accounts that share a credential, and so a quota: they take turns, a call each."""

import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from daybreak.datasets import DATASETS, SWEEPS
from daybreak.landing.parts import Parts
from daybreak.spapi.failures import Kind, QuotaExceeded, SpApiFailure
from daybreak.spapi.session import SellingPartnerSession
from daybreak.steps.extraction import Extraction
from daybreak.steps.sweeping import Sweep, sellers_of
from daybreak.warehouse import report_requests
from daybreak.warehouse.account_lock import AccountBusy, account_lock
from daybreak.warehouse.engine import transaction

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 15.0


@dataclass(frozen=True)
class _Turn:
    """One account's sweep among those that share a credential."""

    extraction: Extraction
    session: SellingPartnerSession
    sweep: Sweep

    @property
    def account_id(self) -> str:
        return self.extraction.account.account_id


class Rounds:
    """The open sweeps of several accounts.

    Only answers are gathered, which several processes may do at once; what becomes of them is the collector's business.
    """

    def __init__(self, extractions: Sequence[Extraction]) -> None:
        self._turns = deque(turn for extraction in extractions for turn in _turns(extraction))

    def step(self) -> float | None:
        """Makes at most one call. Returns the seconds until the next may be made; None when nothing is left to ask."""
        while self._turns:
            turn = self._turns[0]
            self._turns.rotate(-1)
            try:
                with account_lock(offers_lock(turn.account_id), turn.extraction.dsn, wait_seconds=1):
                    if self._ask(turn):
                        return 0.0
            except QuotaExceeded as quota:
                return quota.retry_after_seconds or PAUSE_SECONDS
            except AccountBusy:
                return PAUSE_SECONDS
            except SpApiFailure as failure:
                if failure.kind is Kind.RETRY:
                    logger.warning("%s: %s", turn.account_id, failure)
                    return max(failure.retry_after_seconds or 0.0, PAUSE_SECONDS)
            self._turns.remove(turn)
        return None

    @staticmethod
    def _ask(turn: _Turn) -> bool:
        """Makes the turn's next call; false when there is none, or another process has ended the sweep."""
        turn.sweep.catch_up()
        question = turn.sweep.next_question()
        if question is None or turn.sweep.is_over(datetime.now(UTC)) or not turn.sweep.parts.has(0):
            return False
        turn.sweep.ask(question, turn.session)
        return True


def offers_lock(account_id: str) -> str:
    """The name under which one process at a time sweeps for an account, beside its reports."""
    return f"offers of {account_id}"


def _turns(extraction: Extraction) -> list[_Turn]:
    account, settings = extraction.account, extraction.settings
    with transaction(extraction.dsn) as connection:
        requests = report_requests.read_open_requests(connection, account.account_id)
    turns: list[_Turn] = []
    for request in requests:
        if request.dataset_code not in SWEEPS:
            continue
        sweep = Sweep.resume(Parts.of(settings.landing, account.account_id, request.request_id), sellers_of(account))
        if sweep is not None:
            turns.append(_Turn(extraction, extraction.session_for(DATASETS[request.dataset_code]), sweep))
    return turns
