"""Judges what staged rows alone cannot tell: what was put aside, what Amazon's own totals say, which days came.

Pure functions over plain numbers; whoever landed the document gathers them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from daybreak.quality.gate import GateResult
from daybreak.quality.wording import EXAMPLES_KEPT, Example, harmless

QUARANTINE_LIMIT = 0.05
"""Above this share of quarantined rows a document is broken rather than blemished, and what is left misleads."""

CLIENT_QUARANTINE_LIMIT = 0.5
"""A client's list is short and typed by hand: its good rows are taken while they are most of it."""

AGGREGATE_TOLERANCE = 0.05
"""Amazon's totals hold what no ASIN row shows (ASINs without a row, late cancellations and returns): small
differences are normal. What the check looks for is far larger: a document cut short, a second view or programme."""

AGGREGATE_SLACK = Decimal(5)
"""Units or currency units by which a small total may differ whatever the share: one late return of three is normal."""


@dataclass(frozen=True)
class AggregateComparison:
    """One additive measure of one day: the sum over the document's ASIN rows beside the document's own total.

    Either is null where no value was given; ratios and durations are no sums and have no place here.
    """

    business_date: date
    measure: str
    sum_of_asins: Decimal | None
    aggregate: Decimal | None

    @property
    def is_close(self) -> bool:
        """Within 5 % of Amazon's total, or within 5 units of it; true where either side is null."""
        if self.sum_of_asins is None or self.aggregate is None:
            return True
        allowed = max(abs(self.aggregate) * Decimal(str(AGGREGATE_TOLERANCE)), AGGREGATE_SLACK)
        return abs(self.sum_of_asins - self.aggregate) <= allowed


@dataclass(frozen=True)
class DocumentFacts:
    """What a decoded document is known by: the dates asked for, those and the rows that came, the rows put aside."""

    asked_dates: frozenset[date]
    """The dataset's dates within the window asked for; empty where nothing was asked for, as of a client's file."""
    delivered_dates: frozenset[date]
    row_count: int
    """All rows of the document, the quarantined among them; those that Amazon did not deliver are not counted."""
    quarantined_row_count: int
    quarantined_rows: Sequence[Mapping[str, object]] = ()
    """The first of them as the ledger keeps them; whatever Amazon wrote into them."""
    aggregates: Sequence[AggregateComparison] = ()
    quarantine_limit: float = QUARANTINE_LIMIT
    undelivered_row_count: int = 0


def judge_document(facts: DocumentFacts) -> list[GateResult]:
    """One result per check, as ``judge`` gives them; ``Verdict.with_results`` joins both.

    Blocks: more than 5 % of the rows quarantined, a day outside the window. Flags: any row quarantined or not
    delivered, a day of the window without rows, a total that the ASIN rows do not add up to.
    """
    return [
        *_judge_quarantine(facts),
        *_judge_delivery(facts),
        *_judge_days(facts),
        _judge_aggregates(facts.aggregates),
    ]


def _judge_quarantine(facts: DocumentFacts) -> list[GateResult]:
    count = facts.quarantined_row_count
    share = count / facts.row_count if facts.row_count else 0.0
    told = f"{count} of {facts.row_count} rows are quarantined ({share:.2%})"
    shown: list[Example] = [
        {name: None if value is None else harmless(value) for name, value in row.items()}
        for row in facts.quarantined_rows[: EXAMPLES_KEPT if count else 0]
    ]
    return [
        GateResult(
            "quarantined_share_within_limit",
            None,
            "critical",
            share <= facts.quarantine_limit,
            f"{told}, at most {facts.quarantine_limit:.0%} may be. With more, what is left misleads.",
            unexpected_row_count=count,
            observed=f"{share:.2%}",
            examples=shown,
        ),
        GateResult(
            "no_row_quarantined",
            None,
            "warning",
            count == 0,
            f"{told}. Each is kept with its reason in ops.quarantine; sums over the rest are too low.",
            unexpected_row_count=count,
            observed=f"{share:.2%}",
            examples=shown,
        ),
    ]


def _judge_delivery(facts: DocumentFacts) -> list[GateResult]:
    missing, asked = facts.undelivered_row_count, facts.row_count + facts.undelivered_row_count
    if not missing:
        return []
    told = (
        f"Amazon did not deliver {missing} of {asked} rows that were asked for. What it delivered is right as it "
        "stands; each of the others is named with its reason in ops.quarantine, and what is published of it stays."
    )
    return [GateResult("every_row_delivered", None, "warning", False, told, unexpected_row_count=missing)]


def _judge_days(facts: DocumentFacts) -> list[GateResult]:
    wanted = facts.asked_dates or facts.delivered_dates
    stray, missing = sorted(facts.delivered_dates - wanted), sorted(wanted - facts.delivered_dates)
    window = f"the window asked for, {min(wanted)} to {max(wanted)}" if wanted else "a document without a date"
    return [
        GateResult(
            "delivered_days_within_window",
            "business_date",
            "critical",
            not stray,
            f"{_days(stray)} outside {window}. A day that nobody asked for would replace one that is published.",
            unexpected_row_count=len(stray),
            examples=_day_examples(stray),
        ),
        GateResult(
            "window_delivered_completely",
            "business_date",
            "warning",
            not missing,
            f"{_days(missing)} without a row in {window}. Amazon leaves out days that it has nothing for or not yet",
            unexpected_row_count=len(missing),
            examples=_day_examples(missing),
        ),
    ]


def _days(days: Sequence[date]) -> str:
    shown = ", ".join(day.isoformat() for day in days[:5])
    return f"{len(days)} {'day' if len(days) == 1 else 'days'}" + (
        f" ({shown}{', …' if days[5:] else ''})" if days else ""
    )


def _day_examples(days: Sequence[date]) -> list[Example]:
    return [{"business_date": day.isoformat()} for day in days[:EXAMPLES_KEPT]]


def _judge_aggregates(comparisons: Sequence[AggregateComparison]) -> GateResult:
    apart = [comparison for comparison in comparisons if not comparison.is_close]
    told = "; ".join(f"{c.measure} of {c.business_date}: {c.sum_of_asins} against {c.aggregate}" for c in apart[:3])
    return GateResult(
        "sum_of_asins_near_aggregate",
        ", ".join(dict.fromkeys(comparison.measure for comparison in apart)) or None,
        "warning",
        not apart,
        f"{len(apart)} of {len(comparisons)} sums over ASINs are more than {AGGREGATE_TOLERANCE:.0%} and "
        f"{AGGREGATE_SLACK} off Amazon's own total{f' ({told})' if told else ''}. "
        "Rows are missing, or a view or programme is counted twice.",
        unexpected_row_count=len(apart),
        examples=[
            {
                "business_date": comparison.business_date.isoformat(),
                "measure": comparison.measure,
                "sum_of_asins": str(comparison.sum_of_asins),
                "aggregate": str(comparison.aggregate),
            }
            for comparison in apart[:EXAMPLES_KEPT]
        ],
    )
