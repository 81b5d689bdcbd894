"""The mart and the independent computation agree, cell by cell, on a world that came through the real pipeline."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg

from daybreak.steps.mart_building import build_span
from tests.independent.stock_coverage import COLUMNS, compute, read_facts
from tests.morning import Morning

DAYS = 60
# Postgres divides numerics to 16 digits or more, the reference exactly: a figure made from a quotient that lies on a
# rounding tie may fall either way in the last of the decimals that the mart keeps.
LAST_DIGIT = {
    "revenue_at_risk_amount": Decimal("0.0001"),
    "days_of_cover": Decimal("0.000001"),
    "days_of_cover_with_incoming": Decimal("0.000001"),
}


def differs(column: str, ours: Any, theirs: Any) -> bool:
    if ours is None or theirs is None or column not in LAST_DIGIT:
        return bool(ours != theirs)
    return abs(ours - theirs) > LAST_DIGIT[column]


def test_every_cell_of_60_days_equals_the_independent_computation(morning: Morning) -> None:
    morning.settings.gap_days = 100
    assert morning.run().failures == []
    last = morning.newest_due_date + timedelta(days=3)
    first = last - timedelta(days=DAYS - 1)
    (outcome,) = build_span([morning.account], "stock_coverage_daily", first, last, morning.dsn)
    assert outcome.is_published, outcome.sentence
    with psycopg.connect(morning.dsn) as connection:
        facts, account = read_facts(connection, "demo_it")
        rows = connection.execute(
            f"select {', '.join(COLUMNS)} from mart.stock_coverage_daily order by business_date, asin"
        ).fetchall()
    expected = compute(facts, account, [first + timedelta(days=offset) for offset in range(DAYS)])
    reference = list(expected[list(COLUMNS)].itertuples(index=False, name=None))
    key = [COLUMNS.index("business_date"), COLUMNS.index("asin")]
    assert [[row[i] for i in key] for row in rows] == [[row[i] for i in key] for row in reference]
    assert len(rows) > DAYS * 30
    wrong = [
        (*(ours[i] for i in key), column, ours[place], theirs[place])
        for ours, theirs in zip(rows, reference, strict=True)
        for place, column in enumerate(COLUMNS)
        if differs(column, ours[place], theirs[place])
    ]
    assert wrong[:20] == []
