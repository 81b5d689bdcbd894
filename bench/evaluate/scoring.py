"""Compares what the controls raised with what was true. Pure functions: no warehouse, no simulator, no clock.

A fact is *expected* when it is an incident, was not drawn too small to be seen, and began so that its first figure was
published while somebody looked. A line is *right* when an incident of a kind that its cause says was there, on one of
its products, on a day near enough. What only looks like an incident is in no one's favour: a line about it is false.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from bench.evaluate.kinds import FOUND_AS_DROP, JUDGED_CAUSES, SIGNS, finding_causes, right_causes

SETTLING_DAYS = 14
"""On an account's first mornings much is new that was always so; lines a day are counted after them."""
_FLAP_DAYS = 3


@dataclass(frozen=True)
class Truth:
    """One line of the simulator's truth; ``asin`` is None for what strikes the whole account."""

    asin: str | None
    kind: str
    first_day: date
    last_day: date
    is_incident: bool
    is_small: bool = False
    causes: frozenset[str] = frozenset()
    """What brought it about, kinds and names of the world without their days."""


@dataclass(frozen=True)
class Line:
    """One row of ``mart.daily_control``."""

    control_date: date
    control_id: str
    cause_code: str
    asins: frozenset[str]
    opened_date: date
    lane_code: str
    is_new: bool


@dataclass
class KindScore:
    """Counts of one kind; they add up over worlds."""

    expected: int = 0
    found: int = 0
    right_cause: int = 0
    days_to_find: list[int] = field(default_factory=list)
    """From the morning of the first published figure, 0 when it was found on it; one entry per found fact."""
    raised: int = 0
    """Controls (one product, one unbroken stretch) with a cause of this kind."""
    right: int = 0
    small: int = 0
    small_found: int = 0

    def add(self, other: "KindScore") -> None:
        for name in ("expected", "found", "right_cause", "raised", "right", "small", "small_found"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.days_to_find += other.days_to_find

    @property
    def precision(self) -> float | None:
        return self.right / self.raised if self.raised else None

    @property
    def recall(self) -> float | None:
        return self.found / self.expected if self.expected else None

    @property
    def right_cause_ratio(self) -> float | None:
        return self.right_cause / self.found if self.found else None


@dataclass
class Score:
    """Everything that one world, or several, came to."""

    by_kind: dict[str, KindScore] = field(default_factory=lambda: {kind: KindScore() for kind in SIGNS})
    false_alarms: Counter[str] = field(default_factory=Counter)
    """Of false controls, by what was there instead: a kind that only looks like an incident, an incident of another
    kind (``other: KIND``), or ``nothing``."""
    stretches: int = 0
    flaps: int = 0
    asin_days: int = 0
    """Products times mornings after the first ``SETTLING_DAYS``: what lines a day are counted against."""
    today_lines: int = 0
    new_lines: int = 0

    def add(self, other: "Score") -> None:
        for kind, score in other.by_kind.items():
            self.by_kind[kind].add(score)
        self.false_alarms.update(other.false_alarms)
        for name in ("stretches", "flaps", "asin_days", "today_lines", "new_lines"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def flap_ratio(self) -> float | None:
        return self.flaps / self.stretches if self.stretches else None

    def per_thousand(self, lines: int) -> float | None:
        """``lines`` as lines a morning per 1,000 products."""
        return 1_000 * lines / self.asin_days if self.asin_days else None


@dataclass(frozen=True)
class Stretch:
    """A cause on a product for unbroken mornings, both included."""

    asin: str
    cause_code: str
    first: date
    last: date


def score_world(truth: Sequence[Truth], lines: Sequence[Line], first: date, last: date, asins: int) -> Score:
    """What the ``lines`` of the mornings from ``first`` to ``last`` are worth, on an account of ``asins`` products."""
    score = Score()
    by_product: dict[str, list[Stretch]] = defaultdict(list)
    stretches = unbroken(lines)
    for stretch in stretches:
        by_product[stretch.asin].append(stretch)
    for fact in truth:
        if fact.is_incident and fact.asin is not None:
            _judge_fact(score.by_kind[fact.kind], fact, by_product[fact.asin], first, last)
    facts: dict[str | None, list[Truth]] = defaultdict(list)
    for fact in truth:
        facts[fact.asin].append(fact)
    for stretch in stretches:
        if stretch.cause_code in JUDGED_CAUSES:
            _judge_stretch(score, stretch, facts[stretch.asin], facts[None])
    score.stretches, score.flaps = len(stretches), _flaps(stretches)
    _count_lines(score, lines, first, last, asins)
    return score


def unbroken(lines: Iterable[Line]) -> list[Stretch]:
    """The lines as stretches per product and cause, in order of product, cause and day."""
    mornings: dict[tuple[str, str], set[date]] = defaultdict(set)
    for line in lines:
        for asin in line.asins:
            mornings[asin, line.cause_code].add(line.control_date)
    found: list[Stretch] = []
    for (asin, cause), dates in sorted(mornings.items()):
        begun = before = min(dates)
        for day in sorted(dates):
            if day - before > timedelta(days=1):
                found.append(Stretch(asin, cause, begun, before))
                begun = day
            before = day
        found.append(Stretch(asin, cause, begun, before))
    return found


def _judge_fact(score: KindScore, fact: Truth, stretches: Sequence[Stretch], first: date, last: date) -> None:
    sign = SIGNS[fact.kind]
    known = fact.first_day + timedelta(days=sign.known_after_days)
    if not first <= known <= last - timedelta(days=1):
        return
    until = fact.last_day + timedelta(days=sign.known_after_days + sign.lasts_days)
    since = known - timedelta(days=sign.early_days)
    hits = [
        stretch for stretch in stretches
        if stretch.cause_code in finding_causes(fact.kind) and stretch.first <= until and stretch.last >= since
    ]  # fmt: skip
    if fact.is_small:
        score.small += 1
        score.small_found += bool(hits)
        return
    score.expected += 1
    if not hits:
        return
    score.found += 1
    score.days_to_find.append(max(0, (min(stretch.first for stretch in hits) - known).days))
    right = right_causes(fact.kind, fact.causes)
    score.right_cause += any(stretch.cause_code in right for stretch in hits)


def _judge_stretch(score: Score, stretch: Stretch, facts: Sequence[Truth], of_account: Sequence[Truth]) -> None:
    near = [fact for fact in facts if _is_near(fact, stretch)]
    incidents = [fact for fact in near if fact.is_incident]
    right = [fact for fact in incidents if stretch.cause_code in finding_causes(fact.kind)]
    said = {kind for kind in SIGNS if stretch.cause_code in finding_causes(kind)}
    # A cause that several kinds share counts for the one that was there, else against all that it may mean.
    kinds = {fact.kind for fact in right} or {kind for kind in said if stretch.cause_code in SIGNS[kind].causes} or said
    for kind in kinds:
        score.by_kind[kind].raised += 1
        score.by_kind[kind].right += bool(right)
    if right:
        return
    looks = [fact.kind for fact in [*near, *(each for each in of_account if _is_near(each, stretch))]
             if not fact.is_incident]  # fmt: skip
    others = [f"other: {fact.kind}" for fact in incidents]
    score.false_alarms.update((others or looks or ["nothing"])[:1])


def _is_near(fact: Truth, stretch: Stretch) -> bool:
    """Whether the stretch has a morning between the fact's first warning and the last figures that it moves."""
    sign = SIGNS.get(fact.kind)
    early, known, lasts = (sign.early_days, sign.known_after_days, sign.lasts_days) if sign else (0, 1, 7)
    if fact.kind in FOUND_AS_DROP:
        known = 0
    since, until = fact.first_day - timedelta(days=early), fact.last_day + timedelta(days=known + lasts)
    return stretch.first <= until and stretch.last >= since


def _flaps(stretches: Sequence[Stretch]) -> int:
    """How many stretches end and begin anew after a gap of at most three mornings."""
    return sum(
        (one.asin, one.cause_code) == (two.asin, two.cause_code) and (two.first - one.last).days - 1 <= _FLAP_DAYS
        for one, two in pairwise(stretches)
    )


def _count_lines(score: Score, lines: Iterable[Line], first: date, last: date, asins: int) -> None:
    settled = first + timedelta(days=SETTLING_DAYS)
    counted = [line for line in lines if settled <= line.control_date <= last]
    score.asin_days = asins * max(0, (last - settled).days + 1)
    score.today_lines = sum(line.lane_code == "today" for line in counted)
    score.new_lines = sum(line.is_new for line in counted)
