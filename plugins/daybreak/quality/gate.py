"""Judges the rows of a load or of a build before anybody sees them, and says in words what is wrong with them."""

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from psycopg import sql

from daybreak.quality.batches import Answer, OpenBatch, opened_batch, warm, was_preloaded
from daybreak.quality.suites import SEVERITIES, Expectation, Severity, Suite, suite_tables
from daybreak.quality.wording import Example, crash_reason, examples, failure_reason

__all__ = [
    "CandidateBuild",
    "GateQuery",
    "GateResult",
    "StagedLoad",
    "Verdict",
    "decide",
    "judge",
    "warm",
    "was_preloaded",
]

VerdictCode = Literal["pass", "flag", "block"]
_MART_NAME = re.compile(r"[a-z][a-z0-9_]{0,50}")
_REASON_CHARACTERS = 2000


@dataclass(frozen=True)
class StagedLoad:
    """The rows of one load in its staging table."""

    dataset: str
    load_id: int
    reader: ClassVar[str] = "daybreak_loader"

    def __post_init__(self) -> None:
        known = suite_tables()
        if f"core.{self.dataset}" not in known:
            raise ValueError(f"{self.dataset!r} is no dataset with a suite; known are {', '.join(known)}")
        _require_id("load_id", self.load_id)

    @property
    def table(self) -> str:
        return f"staging.{self.dataset}_{self.load_id}"

    def select(self) -> str:
        """The query of the batch; made of a table's name and a number, never of text from outside."""
        identifier = sql.Identifier("staging", f"{self.dataset}_{self.load_id}")
        return sql.SQL("select * from {}").format(identifier).as_string()


@dataclass(frozen=True)
class CandidateBuild:
    """The candidate rows of one build of a mart."""

    mart: str
    build_id: int
    reader: ClassVar[str] = "daybreak_transformer"

    def __post_init__(self) -> None:
        if not _MART_NAME.fullmatch(self.mart):
            raise ValueError(f"{self.mart!r} is no name of a mart")
        _require_id("build_id", self.build_id)

    @property
    def table(self) -> str:
        return f"candidate.{self.mart}, build {self.build_id}"

    def select(self) -> str:
        """The query of the batch; made of a checked name and a number, never of text from outside."""
        identifier = sql.Identifier("candidate", self.mart)
        query = sql.SQL("select * from {} where build_id = {}")
        return query.format(identifier, sql.Literal(self.build_id)).as_string()


GateQuery = StagedLoad | CandidateBuild


def _require_id(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{name} is {value!r}, must be a whole number")


@dataclass(frozen=True)
class GateResult:
    """One expectation's outcome, as it is kept in ``ops.gate_result``.

    ``unexpected_row_count`` and ``observed`` are null where the expectation has none or was met. ``examples`` are at
    most 20 failing rows whose values are safe to show. ``reason`` is the sentence for people.
    """

    expectation: str
    column: str | None
    severity: Severity
    is_success: bool
    reason: str
    has_crashed: bool = False
    unexpected_row_count: int | None = None
    observed: str | None = None
    examples: list[Example] = field(default_factory=list)


@dataclass(frozen=True)
class Verdict:
    """What the gate says: ``pass`` publishes, ``flag`` publishes with a warning, ``block`` does not publish.

    ``row_count`` is the number of rows judged, ``seconds`` the wall time it took.
    """

    code: VerdictCode
    results: list[GateResult]
    seconds: float
    row_count: int

    @property
    def reason(self) -> str | None:
        """Every failure in words, the gravest first, at most 2,000 characters; null when all holds."""
        failures = [result for result in self.results if not result.is_success]
        failures.sort(key=lambda r: (r.severity != "critical" and not r.has_crashed, SEVERITIES.index(r.severity)))
        text = " · ".join(f"{'crashed' if r.has_crashed else r.severity}: {r.reason}" for r in failures)
        return None if not text else text if len(text) <= _REASON_CHARACTERS else f"{text[: _REASON_CHARACTERS - 1]}…"

    def with_results(self, more: Iterable[GateResult]) -> "Verdict":
        """The verdict over these results and ``more``; never milder than this one."""
        results = [*self.results, *more]
        return replace(self, results=results, code=decide(results))


def decide(results: Sequence[GateResult]) -> VerdictCode:
    """Block when any expectation crashed, whatever its severity, or a critical one failed; flag on a failed warning."""
    failures = [result for result in results if not result.is_success]
    if any(result.has_crashed or result.severity == "critical" for result in failures):
        return "block"
    return "flag" if any(result.severity == "warning" for result in failures) else "pass"


def judge(dsn: str, query: GateQuery, suite: Suite, *, confirmed_no_data: bool = False) -> Verdict:
    """The verdict on the rows of ``query``; reads, writes nothing.

    All expectations are asked for yes or no first; counts and examples are fetched only for what failed. Of an empty
    batch every row-wise expectation holds, so that none is asked: it blocks, unless Amazon confirmed that there is no
    data, or it is a mart's whose suite asks for no row (nothing need run short, nobody need look at offers).

    Raises:
        UnreadableBatchError: the table is missing or the database does not answer; nothing was judged.
    """
    started = time.perf_counter()
    with opened_batch(dsn, query.select(), query.table, query.reader) as batch:
        row_count = batch.row_count()
        if row_count:
            results = _judge_rows(batch, suite)
        else:
            may_be_empty = isinstance(query, CandidateBuild) and not suite.asks_for_rows
            results = [] if may_be_empty else [_empty(query, confirmed_no_data)]
    return Verdict(decide(results), results, time.perf_counter() - started, row_count)


def _empty(query: GateQuery, confirmed_no_data: bool) -> GateResult:
    reason = (
        f"{query.table} holds no rows, and Amazon confirmed that there is no data"
        if confirmed_no_data
        else f"{query.table} holds no rows and nobody confirmed that there is no data: look at the landed document"
    )
    return GateResult("expect_table_row_count_to_be_between", None, "critical", confirmed_no_data, reason, observed="0")


def _judge_rows(batch: OpenBatch, suite: Suite) -> list[GateResult]:
    asked = dict(enumerate(suite.expectations))
    answers = batch.ask(asked)
    # Great Expectations sums up many columns in one query: what breaks it breaks all, so each is asked again alone.
    for key in [key for key, answer in answers.items() if answer.crash is not None]:
        answers |= batch.ask({key: asked[key]})
    failed = {key: asked[key] for key, answer in answers.items() if not answer.is_success and answer.crash is None}
    details = {key: answer for key, answer in batch.ask_details(failed).items() if answer.crash is None}
    return [_result(expectation, details.get(key, answers[key])) for key, expectation in asked.items()]


def _result(expectation: Expectation, answer: Answer) -> GateResult:
    shown: list[Example] = []
    if answer.crash is not None:
        reason = crash_reason(expectation, answer.crash)
    elif answer.is_success:
        reason = f"holds. {expectation.why}"
    else:
        shown = examples(expectation, answer.rows)
        reason = failure_reason(expectation, answer.observed, answer.unexpected_row_count, shown)
    return GateResult(
        expectation=expectation.type,
        column=", ".join(expectation.columns) or None,
        severity=expectation.severity,
        is_success=answer.is_success,
        reason=reason,
        has_crashed=answer.crash is not None,
        unexpected_row_count=answer.unexpected_row_count,
        observed=answer.observed,
        examples=shown,
    )
