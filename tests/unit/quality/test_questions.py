"""A short question has the same answer as the long one, and asks Postgres for less."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import create_engine

from daybreak.quality.questions import StatementTuning, shortest
from daybreak.quality.suites import UNEXPECTED_ROWS, Expectation, read_suite, suite_tables

BATCH = "select * from staging.traffic_daily_7"
ROWS = "select asin from {batch} where glance_views < 0"


def query(text: str) -> Expectation:
    return Expectation(UNEXPECTED_ROWS, {"unexpected_rows_query": text}, "critical", "It must not.")


def sent(tuning: StatementTuning, statement: str, parameters: Any = None) -> tuple[str, Any]:
    """What goes to the server for ``statement``."""
    return tuning._shortened(None, None, statement, parameters)


def test_only_unique_keys_without_conditions_are_asked_otherwise() -> None:
    for table in suite_tables():
        for expectation in read_suite(table).expectations:
            is_key = expectation.type == "expect_compound_columns_to_be_unique"
            assert (shortest(expectation) is not expectation) is is_key
    loose = Expectation(
        "expect_compound_columns_to_be_unique", {"column_list": ["a", "b"], "mostly": 0.9}, "warning", "Now and then."
    )
    assert shortest(loose) is loose


def test_a_key_with_a_null_never_counts_as_standing_twice() -> None:
    asked = shortest(
        Expectation(
            "expect_compound_columns_to_be_unique", {"column_list": ["a", "b"]}, "critical", "Neither is right."
        )
    )
    assert asked.kwargs == {
        "unexpected_rows_query": "select a, b from {batch} where a is not null and b is not null "
        "group by a, b having count(*) > 1"
    }
    assert (asked.severity, asked.why) == ("critical", "Neither is right.")


def test_failing_rows_are_left_unread_only_while_nobody_asks_for_them() -> None:
    tuning = StatementTuning(BATCH)
    statement = ROWS.format(batch=f"({BATCH}) as subselect")
    with tuning.without_rows([query(ROWS)]):
        assert sent(tuning, statement)[0] == f"{statement} limit 0"
        counted = f"select count(*) from ({statement}) as counted"
        assert sent(tuning, counted)[0] == counted
    assert sent(tuning, statement)[0] == statement


def test_a_query_with_a_limit_of_its_own_stays_as_it_is() -> None:
    tuning = StatementTuning(BATCH)
    text = f"{ROWS} limit 5"
    with tuning.without_rows([query(text)]):
        statement = text.format(batch=f"({BATCH}) as subselect")
        assert sent(tuning, statement)[0] == statement


@pytest.mark.parametrize(
    ("bound", "exact"),
    [(0.0, 0), (-1e7, -10_000_000), (0.1, Decimal("0.1")), (0.99, Decimal("0.99")), ("x", "x"), (None, None), (3, 3)],
)
def test_bounds_are_the_numbers_of_the_file(bound: object, exact: object) -> None:
    _, parameters = sent(StatementTuning(BATCH), "select 1", {"param_1": bound})
    assert parameters == {"param_1": exact}
    assert type(parameters["param_1"]) is type(exact)


def test_every_statement_of_the_engine_passes_by() -> None:
    engine = create_engine("sqlite://")
    tuning = StatementTuning("select 7 as seven")
    tuning.listen(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("select 7 as seven").fetchall() == []
        assert connection.exec_driver_sql("select 8 as eight").fetchall() == [(8,)]
