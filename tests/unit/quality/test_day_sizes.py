"""Rows per day against what the series lets expect: a day cut in half, emptied or shrunk goes to the gate."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daybreak.quality.day_sizes import DaySize, judge_day_sizes
from daybreak.quality.gate import GateResult, decide

DAY = date(2026, 3, 20)
USUAL = DaySize(DAY, row_count=120, published_row_count=None, usual_row_count=120.0, known_day_count=28)


def failed(*sizes: DaySize) -> dict[str, GateResult]:
    return {result.expectation: result for result in judge_day_sizes(sizes) if not result.is_success}


def test_a_day_of_the_usual_size_passes_every_check() -> None:
    results = judge_day_sizes([USUAL, replace(USUAL, published_row_count=118)])
    assert decide(results) == "pass"
    assert [result.expectation for result in results] == [
        "rows_of_day_near_usual",
        "delivered_day_not_empty",
        "day_not_empty_for_every_account",
        "published_rows_kept",
    ]
    assert results[0].reason == "0 of 2 changed days have fewer than 50% of their usual rows."


@pytest.mark.parametrize(
    ("rows", "usual", "known_days", "is_blocked"),
    [
        (60, 120.0, 28, False),
        (59, 120.0, 28, True),
        (60, 121.0, 28, True),
        (59, 120.0, 7, True),
        (59, 120.0, 6, False),
        (9, 20.0, 28, True),
        (10, 20.0, 28, False),
        (9, 19.5, 28, False),
        (1, None, 0, False),
        (500, 120.0, 28, False),
    ],
)
def test_fewer_than_half_the_usual_rows_block_where_enough_is_known(
    rows: int, usual: float | None, known_days: int, is_blocked: bool
) -> None:
    size = replace(USUAL, row_count=rows, usual_row_count=usual, known_day_count=known_days)
    assert ("rows_of_day_near_usual" in failed(size)) == is_blocked
    assert decide(judge_day_sizes([size])) == ("block" if is_blocked else "pass")


@pytest.mark.parametrize(
    ("usual", "known_days", "is_blocked"), [(120.0, 28, True), (1.0, 1, True), (0.0, 28, False), (None, 0, False)]
)
def test_a_day_without_rows_blocks_where_days_before_it_have_some(
    usual: float | None, known_days: int, is_blocked: bool
) -> None:
    size = replace(USUAL, row_count=0, usual_row_count=usual, known_day_count=known_days)
    assert ("delivered_day_not_empty" in failed(size)) == is_blocked
    assert decide(judge_day_sizes([size])) == ("block" if is_blocked else "pass")


@pytest.mark.parametrize(
    ("rows", "published", "is_blocked"),
    [(60, 100, False), (59, 100, True), (12, 20, False), (11, 20, True), (0, 19, False), (1, None, False)],
)
def test_a_published_day_keeps_sixty_per_cent_of_its_rows(rows: int, published: int | None, is_blocked: bool) -> None:
    size = DaySize(DAY, rows, published, usual_row_count=None, known_day_count=0)
    assert ("published_rows_kept" in failed(size)) == is_blocked
    assert decide(judge_day_sizes([size])) == ("block" if is_blocked else "pass")


def test_the_sentence_names_day_rows_usual_rows_and_published_rows() -> None:
    short = replace(USUAL, row_count=40, published_row_count=119, usual_row_count=121.5, known_day_count=14)
    results = failed(USUAL, short)
    assert results.keys() == {"rows_of_day_near_usual", "published_rows_kept"}
    for result in results.values():
        assert "2026-03-20: 40 rows, usually 121.5 (median of 14 published days before it), 119 published" in (
            result.reason
        )
        assert result.reason.startswith("1 of 2 changed days have fewer than")
        assert (result.severity, result.unexpected_row_count) == ("critical", 1)
        assert result.examples == [
            {
                "business_date": "2026-03-20",
                "row_count": "40",
                "usual_row_count": "121.5",
                "published_row_count": "119",
            }
        ]


def test_a_day_of_an_unknown_series_says_so() -> None:
    size = DaySize(DAY, 5, 100, usual_row_count=None, known_day_count=0)
    assert "2026-03-20: 5 rows, no published day before it, 100 published" in failed(size)["published_rows_kept"].reason


def test_many_short_days_are_counted_and_the_first_five_told() -> None:
    days = [replace(USUAL, business_date=DAY + timedelta(days=n), row_count=1) for n in range(8)]
    result = failed(*days)["rows_of_day_near_usual"]
    assert result.reason.startswith("8 of 8 changed days")
    assert "2026-03-24: 1 rows" in result.reason
    assert "2026-03-25" not in result.reason
    assert "; …. " in result.reason
    assert len(result.examples) == 8


SIZES = st.builds(
    DaySize,
    business_date=st.just(DAY),
    row_count=st.integers(0, 500),
    published_row_count=st.none() | st.integers(0, 500),
    usual_row_count=st.none() | st.floats(0, 500),
    known_day_count=st.integers(0, 28),
    filled_elsewhere_count=st.integers(0, 3),
    empty_elsewhere_count=st.integers(0, 3),
)


@given(SIZES, st.integers(0, 500))
def test_more_rows_never_make_the_verdict_graver(size: DaySize, more: int) -> None:
    fuller = replace(size, row_count=size.row_count + more)
    assert failed(fuller).keys() <= failed(size).keys()


@pytest.mark.parametrize(
    ("filled", "empty", "failing", "words"),
    [
        (0, 0, "delivered_day_not_empty", ", and no other account has brought the day"),
        (1, 0, "delivered_day_not_empty", ", while 1 other account has rows of the day"),
        (2, 5, "delivered_day_not_empty", ", while 2 other accounts have rows of the day"),
        (0, 3, "day_not_empty_for_every_account", ", none either in 3 other accounts that brought the day"),
    ],
)
def test_an_empty_day_is_told_by_what_the_other_accounts_have(
    filled: int, empty: int, failing: str, words: str
) -> None:
    size = replace(USUAL, row_count=0, filled_elsewhere_count=filled, empty_elsewhere_count=empty)
    results = failed(size)
    assert results.keys() == {"rows_of_day_near_usual", failing}
    assert words in results[failing].reason
    assert decide(judge_day_sizes([size])) == "block"
