"""The mart and the independent computation agree, cell by cell, on a world that came through the real pipeline."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg

from daybreak.steps.mart_building import build_span
from tests.independent.rounding_ties import is_tie
from tests.independent.stock_coverage import COLUMNS, Coverage, compute, read_facts
from tests.independent.stock_index import index_facts
from tests.morning import Morning

DAYS = 60


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
    history = index_facts(facts, account)

    def exactly(row: Any) -> Callable[[], Coverage]:
        day, asin = (row[place] for place in key)
        return lambda: Coverage(history, history.asins[asin], day)

    wrong = [
        (*(ours[i] for i in key), column, ours[place], theirs[place])
        for ours, theirs in zip(rows, reference, strict=True)
        for place, column in enumerate(COLUMNS)
        if ours[place] != theirs[place] and not is_tie(column, ours[place], theirs[place], exactly(ours))
    ]
    assert wrong[:20] == []
