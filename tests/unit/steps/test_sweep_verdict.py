"""The verdict of a run of sweeps: what turns it red, and what it says all the same."""

from datetime import date

import pytest

from daybreak.steps.sweep_verdict import SweepIncomplete, judge_sweeps
from daybreak.warehouse.sweeps import SweepGap, SweepRequest

DAY = date(2026, 3, 20)


def sweep(
    seen: int | None = 100, status: str = "done", reason: str | None = None, kind: str | None = None
) -> SweepRequest:
    return SweepRequest("acme_it", 1, "offer_snapshot", "1200", DAY, status, kind, reason, seen)


def gap(count: int, code: str = "refused") -> SweepGap:
    return SweepGap("acme_it", 1, "1200", DAY, code, count, ["B000000001"], "gone")


def test_a_run_that_saw_all_says_how_much_and_who_is_not_swept() -> None:
    told = judge_sweeps([sweep(100)], [], [], {"acme_de": "no seller"})
    assert told == "100 products of 1 accounts were seen; acme_de is not swept: no seller"


def test_a_run_without_sweeps_is_green() -> None:
    assert judge_sweeps([], [], [], {}) == "0 products of 0 accounts were seen"


def test_products_that_the_window_did_not_reach_turn_it_red_by_name() -> None:
    with pytest.raises(SweepIncomplete, match=r"acme_it sweep 1200 .* did not reach 1 products \(gone\): B000000001"):
        judge_sweeps([sweep()], [gap(1, "not_reached")], [], {})


def test_single_refused_products_are_said_and_more_than_one_in_twenty_turn_it_red() -> None:
    assert "was refused 5 products (gone): B000000001, …" in judge_sweeps([sweep(95)], [gap(5)], [], {})
    with pytest.raises(SweepIncomplete, match="was refused 6 products"):
        judge_sweeps([sweep(94)], [gap(6)], [], {})


@pytest.mark.parametrize(("status", "words"), [("failed", "failed: why"), ("asked", "is not finished: why")])
def test_a_sweep_that_did_not_end_well_turns_it_red(status: str, words: str) -> None:
    with pytest.raises(SweepIncomplete, match=f"acme_it sweep 1200 of 2026-03-20 {words}"):
        judge_sweeps([sweep(None, status, "why")], [], [], {})


def test_a_role_that_the_account_lacks_is_told_with_its_cost_and_wakes_nobody() -> None:
    told = judge_sweeps([sweep(None, "failed", "403", "no_access")], [], [], {"acme_it": "no access: role Pricing"})
    assert told == "0 products of 0 accounts were seen; acme_it is not swept: no access: role Pricing"


def test_a_blocked_load_turns_it_red() -> None:
    with pytest.raises(SweepIncomplete, match="acme_it load 7 is blocked"):
        judge_sweeps([sweep()], [], ["acme_it load 7 is blocked: odd"], {})
