"""What staged rows alone cannot tell, judged over plain numbers."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daybreak.quality.documents import AggregateComparison, DocumentFacts, judge_document
from daybreak.quality.gate import GateResult, Verdict, decide

FIRST = date(2026, 3, 1)
WINDOW = frozenset(FIRST + timedelta(days=offset) for offset in range(15))
CLEAN = DocumentFacts(WINDOW, WINDOW, 3000, 0)


def failed(facts: DocumentFacts) -> dict[str, GateResult]:
    return {result.expectation: result for result in judge_document(facts) if not result.is_success}


def compared(sum_of_asins: str | None, aggregate: str | None) -> AggregateComparison:
    sums = [None if text is None else Decimal(text) for text in (sum_of_asins, aggregate)]
    return AggregateComparison(FIRST, "shipped_units", sums[0], sums[1])


def test_a_clean_document_passes_every_check() -> None:
    facts = replace(CLEAN, aggregates=[compared("1000", "1000")])
    assert failed(facts) == {}
    assert decide(judge_document(facts)) == "pass"
    assert len(judge_document(facts)) == 5


@pytest.mark.parametrize(
    ("quarantined", "verdict"), [(0, "pass"), (1, "flag"), (150, "flag"), (151, "block"), (3000, "block")]
)
def test_one_quarantined_row_flags_and_more_than_five_per_cent_block(quarantined: int, verdict: str) -> None:
    facts = replace(CLEAN, quarantined_row_count=quarantined)
    assert decide(judge_document(facts)) == verdict
    for result in failed(facts).values():
        assert result.unexpected_row_count == quarantined
        assert f"{quarantined} of 3000 rows" in result.reason


def test_a_document_without_rows_has_no_share_of_quarantined_rows() -> None:
    assert "quarantined_share_within_limit" not in failed(replace(CLEAN, row_count=0))


def test_rows_that_amazon_did_not_deliver_flag_and_are_no_fault_of_the_document() -> None:
    facts = replace(CLEAN, undelivered_row_count=9 * CLEAN.row_count)
    assert decide(judge_document(facts)) == "flag"
    assert failed(facts).keys() == {"every_row_delivered"}
    assert (
        f"did not deliver {9 * CLEAN.row_count} of {10 * CLEAN.row_count} rows"
        in failed(facts)["every_row_delivered"].reason
    )


def test_a_missing_day_flags_and_is_named() -> None:
    facts = replace(CLEAN, delivered_dates=WINDOW - {date(2026, 3, 15)})
    assert decide(judge_document(facts)) == "flag"
    result = failed(facts)["window_delivered_completely"]
    assert "1 day (2026-03-15)" in result.reason
    assert result.examples == [{"business_date": "2026-03-15"}]


def test_days_that_the_dataset_does_not_come_in_are_not_missing() -> None:
    months = frozenset({date(2026, 1, 1), date(2026, 2, 1), FIRST})
    facts = replace(CLEAN, asked_dates=months)
    assert failed(replace(facts, delivered_dates=months)) == {}
    missing = failed(replace(facts, delivered_dates=months - {FIRST}))["window_delivered_completely"]
    assert "1 day (2026-03-01)" in missing.reason


def test_a_day_outside_the_window_blocks_and_is_named() -> None:
    facts = replace(CLEAN, delivered_dates=WINDOW | {date(2026, 2, 28)})
    assert decide(judge_document(facts)) == "block"
    assert "2026-02-28" in failed(facts)["delivered_days_within_window"].reason


def test_many_missing_days_are_counted_and_the_first_named() -> None:
    result = failed(replace(CLEAN, delivered_dates=frozenset()))["window_delivered_completely"]
    assert "15 days (2026-03-01, 2026-03-02, 2026-03-03, 2026-03-04, 2026-03-05, …)" in result.reason


@pytest.mark.parametrize(
    ("sum_of_asins", "aggregate", "is_close"),
    [
        ("950", "1000", True),
        ("949.99", "1000", False),
        ("1050.01", "1000", False),
        ("3", "8", True),
        ("0", "5", True),
        ("0", "6", False),
        ("-1000", "-1040", True),
        ("-1000", "1000", False),
        (None, "1000", True),
        ("1000", None, True),
    ],
)
def test_a_sum_may_differ_by_five_per_cent_or_five_units(sum_of_asins: str, aggregate: str, is_close: bool) -> None:
    facts = replace(CLEAN, aggregates=[compared("10", "10"), compared(sum_of_asins, aggregate)])
    assert decide(judge_document(facts)) == ("pass" if is_close else "flag")
    if not is_close:
        result = failed(facts)["sum_of_asins_near_aggregate"]
        assert (result.column, result.unexpected_row_count) == ("shipped_units", 1)
        assert f"shipped_units of 2026-03-01: {sum_of_asins} against {aggregate}" in result.reason


RESULTS = st.builds(
    GateResult,
    expectation=st.just("x"),
    column=st.none(),
    severity=st.sampled_from(["critical", "warning", "info"]),
    is_success=st.booleans(),
    reason=st.just("because"),
    has_crashed=st.booleans(),
)


@given(st.lists(RESULTS, max_size=6), st.lists(RESULTS, max_size=6))
def test_more_results_never_make_a_verdict_milder(first: list[GateResult], more: list[GateResult]) -> None:
    gravity = ["pass", "flag", "block"]
    verdict = Verdict(decide(first), first, 0.1, 10)
    joined = verdict.with_results(more)
    assert gravity.index(joined.code) == max(gravity.index(verdict.code), gravity.index(decide(more)))
    assert joined.row_count == 10


@given(st.lists(RESULTS, min_size=1, max_size=6))
def test_the_rule_of_the_gate(results: list[GateResult]) -> None:
    failures = [result for result in results if not result.is_success]
    must_block = any(result.has_crashed or result.severity == "critical" for result in failures)
    must_flag = any(result.severity == "warning" for result in failures)
    assert decide(results) == ("block" if must_block else "flag" if must_flag else "pass")
    assert (Verdict(decide(results), results, 0.1, 1).reason is None) == (not failures)


def test_the_reason_of_a_verdict_tells_the_gravest_first() -> None:
    mild = GateResult("a", None, "info", False, "mild")
    warned = GateResult("b", None, "warning", False, "warned")
    crashed = GateResult("c", None, "warning", False, "broken", has_crashed=True)
    grave = GateResult("d", None, "critical", False, "grave")
    met = GateResult("e", None, "critical", True, "met")
    expected = "critical: grave · crashed: broken · warning: warned · info: mild"
    assert Verdict("block", [mild, warned, met, grave, crashed], 0.1, 1).reason == expected


def test_the_reason_of_a_verdict_stays_short() -> None:
    result = GateResult("a", None, "critical", False, "x" * 3000)
    assert len(Verdict("block", [result], 0.1, 1).reason or "") == 2000
