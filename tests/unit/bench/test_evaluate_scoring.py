"""What a comparison of raised lines with the truth comes to, on worlds that a person can check by hand."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.evaluate.kinds import DROPS, JUDGED_CAUSES, SIGNS, finding_causes, right_causes
from bench.evaluate.scoring import Line, Score, Stretch, Truth, score_world, unbroken

FIRST = date(2025, 10, 1)
LAST = FIRST + timedelta(days=59)
ASIN = "B0EVALUATE"


def day(number: int) -> date:
    """The day ``number`` after the first morning, 0 the first itself."""
    return FIRST + timedelta(days=number)


def fact(kind: str, first: int, last: int, **more: Any) -> Truth:
    told: dict[str, Any] = {"asin": ASIN, "is_incident": True} | more
    return Truth(kind=kind, first_day=day(first), last_day=day(last), **told)


def lines(cause: str, first: int, last: int, *, asin: str = ASIN, lane: str = "today") -> list[Line]:
    """A line on every morning from ``first`` to ``last``, new on the first one."""
    return [
        Line(day(each), f"{asin}:{cause}:{first}", cause, frozenset({asin}), day(first - 1), lane, each == first)
        for each in range(first, last + 1)
    ]


def scored(truth: list[Truth], raised: list[Line]) -> Score:
    return score_world(truth, raised, FIRST, LAST, 100)


def test_an_incident_that_was_raised_on_its_first_morning_is_found_at_once() -> None:
    kind = scored([fact("SUPPRESSED", 20, 30)], lines("suppressed", 21, 31)).by_kind["SUPPRESSED"]
    assert (kind.expected, kind.found, kind.right_cause, kind.raised, kind.right) == (1, 1, 1, 1, 1)
    assert kind.days_to_find == [0]
    assert (kind.recall, kind.precision, kind.right_cause_ratio) == (1.0, 1.0, 1.0)


def test_days_count_from_the_first_published_figure() -> None:
    """Overstock of day 20 is in the report that comes on day 24."""
    assert scored([fact("OVERSTOCK", 20, 40)], lines("overstock", 27, 40)).by_kind["OVERSTOCK"].days_to_find == [3]


def test_an_incident_that_nobody_raised_costs_recall_and_no_precision() -> None:
    kind = scored([fact("UNDERCUT", 20, 30)], []).by_kind["UNDERCUT"]
    assert (kind.expected, kind.found, kind.raised) == (1, 0, 0)
    assert kind.recall == 0
    assert kind.precision is None
    assert kind.right_cause_ratio is None


def test_a_line_about_nothing_costs_precision_and_no_recall() -> None:
    score = scored([], lines("undercut", 20, 22))
    kind = score.by_kind["UNDERCUT"]
    assert (kind.expected, kind.raised, kind.right) == (0, 1, 0)
    assert kind.precision == 0
    assert kind.recall is None
    assert dict(score.false_alarms) == {"nothing": 1}


@pytest.mark.parametrize("look_alike", ["FLICKER", "SECOND_AMAZON_SELLER", "PROMOTION"])
def test_what_only_looks_like_an_incident_counts_against_precision(look_alike: str) -> None:
    score = scored([fact(look_alike, 20, 20, is_incident=False)], lines("undercut", 21, 21))
    assert score.by_kind["UNDERCUT"].precision == 0
    assert dict(score.false_alarms) == {look_alike: 1}


def test_what_strikes_the_whole_account_is_named_where_nothing_of_the_product_was_there() -> None:
    prime_day = fact("SHOPPING_EVENT", 20, 23, asin=None, is_incident=False)
    assert dict(scored([prime_day], lines("drop_conversion", 24, 25)).false_alarms) == {"SHOPPING_EVENT": 1}


def test_a_line_about_another_incident_is_false_and_says_so() -> None:
    score = scored([fact("PAGE_GONE", 20, 30)], lines("suppressed", 22, 30))
    assert score.by_kind["SUPPRESSED"].precision == 0
    assert score.by_kind["PAGE_GONE"].recall == 0
    assert dict(score.false_alarms) == {"other: PAGE_GONE": 1}


def test_another_products_line_finds_nothing() -> None:
    assert (
        scored([fact("UNDERCUT", 20, 30)], lines("undercut", 21, 30, asin="B0ANOTHER1")).by_kind["UNDERCUT"].found == 0
    )


def test_a_line_of_several_products_speaks_of_each() -> None:
    bundle = Line(day(21), "one", "undercut", frozenset({ASIN, "B0ANOTHER1"}), day(20), "today", True)
    kind = scored([fact("UNDERCUT", 20, 30)], [bundle]).by_kind["UNDERCUT"]
    assert (kind.found, kind.raised, kind.right) == (1, 2, 1)


def test_a_small_incident_is_neither_expected_nor_a_false_alarm() -> None:
    kind = scored([fact("UNDERCUT", 20, 30, is_small=True)], lines("undercut", 21, 30)).by_kind["UNDERCUT"]
    assert (kind.expected, kind.small, kind.small_found) == (0, 1, 1)
    assert (kind.raised, kind.right) == (1, 1)


@pytest.mark.parametrize(("first", "expected"), [(-2, 0), (-1, 1), (57, 1), (58, 0)])
def test_only_what_became_known_while_somebody_looked_is_expected(first: int, expected: int) -> None:
    """A suppression is known on the morning after; the last morning alone is no time to find one."""
    assert scored([fact("SUPPRESSED", first, 59)], []).by_kind["SUPPRESSED"].expected == expected


def test_a_line_that_comes_long_after_finds_nothing_and_is_false() -> None:
    kind = scored([fact("SUPPRESSED", 20, 22)], lines("suppressed", 27, 27)).by_kind["SUPPRESSED"]
    assert (kind.found, kind.right) == (0, 0)
    kind = scored([fact("SUPPRESSED", 20, 22)], lines("suppressed", 26, 26)).by_kind["SUPPRESSED"]
    assert (kind.found, kind.right) == (1, 1)


def test_a_warning_of_a_stock_out_is_right_for_three_weeks_before_it() -> None:
    out = fact("STOCK_OUT", 40, 45)
    assert scored([out], lines("no_po", 19, 19)).by_kind["STOCK_OUT"].right == 1
    assert scored([out], lines("no_po", 18, 18)).by_kind["STOCK_OUT"].right == 0
    assert scored([out], lines("no_po", 19, 41)).by_kind["STOCK_OUT"].days_to_find == [0]


@pytest.mark.parametrize(
    ("brought_about_by", "cause", "right"),
    [
        ({"PO_REJECTED"}, "po_rejected", 1),
        ({"PO_REJECTED"}, "no_po", 0),
        ({"DEMAND_SURGE"}, "demand_surge", 1),
        ({"PO_REJECTED", "DEMAND_SURGE"}, "demand_surge", 1),
        (set(), "no_po", 1),
    ],
)
def test_a_stock_out_has_the_right_cause_where_it_names_what_brought_it_about(
    brought_about_by: set[str], cause: str, right: int
) -> None:
    out = fact("STOCK_OUT", 20, 30, causes=frozenset(brought_about_by))
    kind = scored([out], lines(cause, 21, 30)).by_kind["STOCK_OUT"]
    assert (kind.found, kind.right_cause) == (1, right)


def test_a_drop_is_found_with_any_driver_and_right_with_the_injected_one() -> None:
    wrong = scored([fact("TRAFFIC_LOSS", 20, 40)], lines("drop_price", 26, 30)).by_kind["TRAFFIC_LOSS"]
    assert (wrong.found, wrong.right_cause, wrong.right) == (1, 0, 1)
    right = scored([fact("TRAFFIC_LOSS", 20, 40)], lines("drop_traffic", 26, 30)).by_kind["TRAFFIC_LOSS"]
    assert (right.found, right.right_cause) == (1, 1)


def test_a_cause_with_a_gap_is_two_controls_and_a_short_gap_a_flap() -> None:
    raised = [*lines("undercut", 20, 22), *lines("undercut", 26, 27), *lines("undercut", 32, 33)]
    assert unbroken(raised) == [
        Stretch(ASIN, "undercut", day(20), day(22)),
        Stretch(ASIN, "undercut", day(26), day(27)),
        Stretch(ASIN, "undercut", day(32), day(33)),
    ]
    score = scored([], raised)
    assert (score.stretches, score.flaps) == (3, 1)
    assert score.flap_ratio == pytest.approx(1 / 3)


def test_lines_a_day_are_counted_after_the_first_fourteen_mornings() -> None:
    raised = [
        *lines("undercut", 0, 20),
        *lines("overstock", 15, 16, lane="weekly"),
        *lines("content_low", 30, 30, asin="B0ANOTHER1"),
    ]
    score = scored([], raised)
    assert score.asin_days == 100 * 46
    assert score.today_lines == 7 + 1
    assert score.new_lines == 2
    assert score.per_thousand(score.today_lines) == pytest.approx(1000 * 8 / 4600)


def test_a_cause_that_the_world_knows_nothing_of_is_counted_and_not_judged() -> None:
    score = scored([], lines("content_low", 20, 30))
    assert score.stretches == 1
    assert not score.false_alarms
    assert sum(kind.raised for kind in score.by_kind.values()) == 0


def test_scores_of_several_worlds_add_up() -> None:
    one = scored([fact("UNDERCUT", 20, 30)], lines("undercut", 21, 30))
    two = scored([fact("UNDERCUT", 20, 30)], lines("suppressed", 21, 30))
    total = Score()
    total.add(one)
    total.add(two)
    assert (total.by_kind["UNDERCUT"].expected, total.by_kind["UNDERCUT"].found) == (2, 1)
    assert total.by_kind["UNDERCUT"].days_to_find == [0]
    assert total.by_kind["SUPPRESSED"].raised == 1
    assert total.asin_days == one.asin_days + two.asin_days
    assert dict(total.false_alarms) == {"other: UNDERCUT": 1}


def test_every_kind_can_be_found_and_named() -> None:
    for kind, sign in SIGNS.items():
        assert sign.causes
        assert finding_causes(kind) >= right_causes(kind, frozenset())
        assert finding_causes(kind) <= JUDGED_CAUSES
    assert DROPS <= JUDGED_CAUSES


_KINDS = st.sampled_from([*SIGNS, "PROMOTION", "FLICKER"])
_SPANS = st.tuples(st.integers(-20, 70), st.integers(0, 30))
_FACTS = st.lists(st.tuples(_KINDS, _SPANS, st.booleans()), max_size=6)
_RAISED = st.lists(st.tuples(st.sampled_from([*sorted(JUDGED_CAUSES), "content_low"]), _SPANS), max_size=6)


@given(facts=_FACTS, raised=_RAISED)
def test_no_count_exceeds_what_it_is_a_part_of(
    facts: list[tuple[str, tuple[int, int], bool]], raised: list[tuple[str, tuple[int, int]]]
) -> None:
    truth = [
        fact(kind, first, first + length, is_small=small, is_incident=kind in SIGNS)
        for kind, (first, length), small in facts
    ]
    said = [line for cause, (first, length) in raised for line in lines(cause, first, min(59, first + length))]
    score = scored(truth, [line for line in said if FIRST <= line.control_date <= LAST])
    for kind in score.by_kind.values():
        assert 0 <= kind.right_cause <= kind.found <= kind.expected
        assert 0 <= kind.right <= kind.raised
        assert kind.small_found <= kind.small
        assert len(kind.days_to_find) == kind.found
        assert all(days >= 0 for days in kind.days_to_find)
    assert score.flaps <= score.stretches
    assert sum(score.false_alarms.values()) <= score.stretches
