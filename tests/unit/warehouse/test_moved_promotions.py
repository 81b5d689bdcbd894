"""A promotion that moves to another month: the newest payload that tells of it holds, in whichever order loads come."""

from datetime import date, timedelta
from itertools import permutations

import psycopg
import pytest

from tests.unit.warehouse.test_publish_sources import (
    NOON,
    SHAPES,
    Payload,
    Shape,
    hour_of,
    ledger,
    months,
    publish,
    stage,
)

__all__ = ["ledger"]

OCTOBER, NOVEMBER = 0, 1
[PROMOTION] = [shape for shape in SHAPES if shape.dataset_code == "promotion"]
MOVING = Shape(
    "promotion",
    PROMOTION.columns,
    months,
    # The same promotion whichever month it begins in.
    lambda day, place, asin, value, source: (
        f"P{place}",
        asin,
        source,
        "x",
        hour_of(day, 0).isoformat(),
        "2026-12-31",
        value,
    ),
    PROMOTION.query,
    variant="DEAL",
)


def payload(hours: int, delivered: set[int], *told: int) -> Payload:
    """Asked for ``hours`` after noon; tells of promotion 0 in the months ``told``, with its hour as its units."""
    return Payload(delivered, {(month, 0, "A"): hours for month in told}, NOON + timedelta(hours=hours))


def stands(ledger: psycopg.Connection) -> list[tuple[date, int]]:
    """Month and units of every promotion."""
    query = "select date_trunc('month', start_at at time zone 'UTC')::date, units from core.promotion order by 1"
    return ledger.execute(query).fetchall()


@pytest.mark.parametrize(
    ("payloads", "expected"),
    [
        pytest.param(
            [payload(1, {OCTOBER}, OCTOBER), payload(2, {NOVEMBER}, NOVEMBER)],
            (NOVEMBER, 2),
            id="moved to another month",
        ),
        pytest.param(
            [payload(1, {OCTOBER, NOVEMBER}, NOVEMBER), payload(2, {OCTOBER}, OCTOBER)], (OCTOBER, 2), id="moved back"
        ),
        pytest.param(
            [payload(1, {OCTOBER, NOVEMBER}, OCTOBER), payload(2, {OCTOBER, NOVEMBER}, NOVEMBER)],
            (NOVEMBER, 2),
            id="both months in both payloads",
        ),
        pytest.param(
            [payload(1, {OCTOBER}, OCTOBER), payload(2, {NOVEMBER}, NOVEMBER), payload(3, {OCTOBER})],
            (NOVEMBER, 2),
            id="and the month that it left is asked for last",
        ),
    ],
)
def test_the_newest_payload_that_tells_of_a_promotion_holds_in_any_order(
    ledger: psycopg.Connection, payloads: list[Payload], expected: tuple[int, int]
) -> None:
    for order in permutations(range(len(payloads))):
        with ledger.transaction() as everything:
            staged = [stage(ledger, MOVING, each) for each in payloads]
            for index in (*order, *order):
                publish(ledger, staged[index])
            assert stands(ledger) == [(months(expected[0]), expected[1])], order
            raise psycopg.Rollback(everything)


def test_a_promotion_leaves_a_month_whose_newer_payload_lacks_it_though_an_older_month_of_that_payload_tells_of_it(
    ledger: psycopg.Connection,
) -> None:
    publish(ledger, stage(ledger, MOVING, payload(1, {OCTOBER}, OCTOBER)))
    publish(ledger, stage(ledger, MOVING, payload(3, {NOVEMBER})))
    published = publish(ledger, stage(ledger, MOVING, payload(2, {OCTOBER, NOVEMBER}, NOVEMBER)))
    assert published.older_days == (months(NOVEMBER),)
    assert (published.inserted, published.updated, published.removed) == (0, 0, 1)
    assert stands(ledger) == []


def test_a_moved_promotion_counts_as_changed_and_a_refused_move_as_nothing(ledger: psycopg.Connection) -> None:
    older, newer = payload(1, {OCTOBER}, OCTOBER), payload(2, {NOVEMBER}, NOVEMBER)
    publish(ledger, stage(ledger, MOVING, payload(0, {OCTOBER}, OCTOBER)))
    moved = publish(ledger, stage(ledger, MOVING, newer))
    assert (moved.inserted, moved.updated, moved.removed) == (0, 1, 0)
    late = publish(ledger, stage(ledger, MOVING, older))
    assert (late.inserted, late.updated, late.removed) == (0, 0, 0)
