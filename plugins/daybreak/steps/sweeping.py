"""Makes the calls of a sweep of offers: every answer is on disk before the next call, so that a kill repeats none."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import msgspec

from daybreak.accounts import Account
from daybreak.landing.batch_answers import RETRYABLE, split_batch
from daybreak.landing.buy_box import Sellers, needs_second_opinion
from daybreak.landing.offer_answers import read_offers
from daybreak.landing.parts import Parts
from daybreak.landing.rejections import RowRefused
from daybreak.landing.sweeps import NO_ANSWER, AnsweredCall, Plan, decode_call, decode_plan, encode_line
from daybreak.spapi.failures import AccessDenied, Kind, LoginRefused, QuotaExceeded, SpApiFailure
from daybreak.spapi.offers import LARGEST_BATCH, fetch_competitive_summaries, fetch_item_offers
from daybreak.spapi.session import SellingPartnerSession

logger = logging.getLogger(__name__)

MOST_TRIES = 5
"""So often one batch may fail for a passing reason before the sweep goes on without it."""
OperationName = Literal["getItemOffersBatch", "getCompetitiveSummary"]
FETCHERS: Mapping[OperationName, Callable[[SellingPartnerSession, tuple[str, ...]], bytes]] = {
    "getItemOffersBatch": fetch_item_offers,
    "getCompetitiveSummary": fetch_competitive_summaries,
}


def sellers_of(account: Account) -> Sellers:
    """Who is Amazon and who the brand among the sellers that ``account`` meets."""
    return Sellers(account.amazon_seller_ids, frozenset(account.own_seller_ids))


@dataclass(frozen=True)
class Question:
    """The next call of a sweep."""

    operation: OperationName
    asins: tuple[str, ...]


@dataclass
class Sweep:
    """One account's sweep as far as its parts tell: part 0 is the plan, every other one call with its answer.

    It goes through the plan in order, then once more through products that failed for a passing reason, then asks for a
    second opinion on those whose Buy Box is not plainly ours.
    """

    parts: Parts
    sellers: Sellers
    plan: Plan
    _next_part: int = field(default=1, init=False)
    _asked: dict[str, int] = field(default_factory=dict, init=False)
    _failed: dict[str, tuple[int, str]] = field(default_factory=dict, init=False)
    _doubtful: dict[str, None] = field(default_factory=dict, init=False)
    _seen: set[str] = field(default_factory=set, init=False)
    _no_second_opinions: bool = field(default=False, init=False)
    _tries: dict[Question, int] = field(default_factory=dict, init=False)

    @classmethod
    def resume(cls, parts: Parts, sellers: Sellers) -> "Sweep | None":
        """The sweep whose plan and answers are in ``parts``; None when nothing was planned there."""
        if not parts.has(0):
            return None
        sweep = cls(parts, sellers, decode_plan(parts.lines(0)[0]))
        sweep.catch_up()
        return sweep

    def catch_up(self) -> None:
        """Takes note of the parts that another process wrote."""
        while self.parts.has(self._next_part):
            for line in self.parts.lines(self._next_part):
                self._note(decode_call(line))
            self._next_part += 1

    @property
    def has_answers(self) -> bool:
        """Whether Amazon answered for any product."""
        return bool(self._seen)

    def is_over(self, instant: datetime) -> bool:
        """Whether the sweep's window has ended at ``instant``: what is left then is left out."""
        return instant >= self.plan.until

    def next_question(self) -> Question | None:
        """What to ask next; None when everything was asked."""
        again = (asin for asin, (status, _) in self._failed.items() if status in RETRYABLE and self._asked[asin] == 1)
        for asins in (self._unasked(), again):
            if batch := _batch(asins):
                return Question("getItemOffersBatch", batch)
        if not self._no_second_opinions and (batch := _batch(self._doubtful)):
            return Question("getCompetitiveSummary", batch)
        return None

    def ask(self, question: Question, session: SellingPartnerSession) -> None:
        """Makes the call and keeps its answer as the next part.

        A batch that Amazon refuses for good, or that fails ``MOST_TRIES`` times, is kept as refused, so that the sweep
        goes on behind it.

        Raises:
            SpApiFailure: nothing was answered, and asking again may help, or the credential is refused altogether.
        """
        requested_at = datetime.now(UTC)
        answer, refused = NO_ANSWER, None
        try:
            answer = msgspec.Raw(FETCHERS[question.operation](session, question.asins))
        except SpApiFailure as failure:
            if self._must_stop(question, failure):
                raise
            logger.warning("%s", failure)
            refused = str(failure)
        call = AnsweredCall(
            operation=question.operation,
            requested_at=requested_at,
            answered_at=datetime.now(UTC),
            asins=question.asins,
            answer=answer,
            refused=refused,
        )
        self.parts.write(self._next_part, [encode_line(call)])
        self._note(call)
        self._next_part += 1

    def _must_stop(self, question: Question, failure: SpApiFailure) -> bool:
        if failure.kind is Kind.RETRY:
            self._tries[question] = self._tries.get(question, 0) + (not isinstance(failure, QuotaExceeded))
            return self._tries[question] < MOST_TRIES
        # Without the second opinion's role there are first ones still; without the first one's there is nothing.
        is_denied = isinstance(failure, AccessDenied) and question.operation == "getItemOffersBatch"
        return is_denied or isinstance(failure, LoginRefused)

    def left_out(self, stopped: str | None = None) -> dict[str, tuple[str, str]]:
        """The planned products that were not seen: by ASIN the reason's code and words.

        ``stopped`` says why nothing more was asked, where it was not that the window ended.
        """
        too_late = f"the sweep's window ended at {self.plan.until:%Y-%m-%d %H:%M} UTC"
        gaps: dict[str, tuple[str, str]] = {}
        for asin in self.plan.asins:
            if asin in self._failed:
                status, words = self._failed[asin]
                gaps[asin] = ("refused", f"{words} (status {status})" if status else words)
            elif asin not in self._asked:
                gaps[asin] = ("not_reached", stopped or too_late)
        return gaps

    @property
    def doubtful_count(self) -> int:
        """Products that a second opinion is still wanted on."""
        return len(self._doubtful)

    def _unasked(self) -> Iterator[str]:
        return (asin for asin in self.plan.asins if asin not in self._asked)

    def _note(self, call: AnsweredCall) -> None:
        if call.operation == "getCompetitiveSummary":
            for asin in call.asins:
                self._doubtful.pop(asin, None)
            self._no_second_opinions |= call.refused is not None
            return
        answered = {part.asin: part for part in split_batch(call.answer, call.asins)}
        for asin in call.asins:
            self._asked[asin] = self._asked.get(asin, 0) + 1
            part = answered.get(asin)
            if part is None:
                self._failed[asin] = (0, call.refused or "Amazon's answer does not speak of the product")
            elif not part.is_good:
                self._failed[asin] = (part.status, part.words or "Amazon gave no reason")
            else:
                self._failed.pop(asin, None)
                self._seen.add(asin)
                try:
                    is_doubtful = needs_second_opinion(read_offers(part), self.sellers)
                except RowRefused:
                    is_doubtful = False  # the decoder puts it aside, whatever a second opinion says
                if is_doubtful:
                    self._doubtful[asin] = None


def _batch(asins: Iterable[str]) -> tuple[str, ...]:
    return tuple(asin for asin, _ in zip(asins, range(LARGEST_BATCH), strict=False))
