"""A short question has the same answer as the long one, and asks Postgres for less."""

from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from daybreak.quality.questions import StatementTuning, shortest
from daybreak.quality.suites import UNEXPECTED_ROWS, Expectation, read_suite, suite_tables

BATCH = "select * from staging.traffic_daily_7"
ROWS = "select asin from {batch} where glance_views < 0"


def query(text: str) -> Expectation:
    return Expectation(UNEXPECTED_ROWS, {"unexpected_rows_query": text}, "critical", "It must not.")


def unique_key(*columns: str) -> Expectation:
    return Expectation(
        "expect_compound_columns_to_be_unique", {"column_list": [*columns]}, "critical", "Neither is right."
    )


def at_most_values(column: str, count: int) -> Expectation:
    kwargs = {"column": column, "max_value": count}
    return Expectation("expect_column_unique_value_count_to_be_between", kwargs, "critical", "Sums mean nothing.")


def sent(tuning: StatementTuning, statement: str, parameters: Any = None) -> tuple[str, Any]:
    """What goes to the server for ``statement``."""
    return tuning._shortened(None, None, statement, parameters)


def test_only_unique_keys_and_single_values_without_conditions_are_asked_otherwise() -> None:
    for table in suite_tables():
        expectations = dict(enumerate(read_suite(table).expectations))
        asked = shortest(expectations)
        assert asked.keys() == expectations.keys()
        for key, expectation in expectations.items():
            is_key = expectation.type == "expect_compound_columns_to_be_unique"
            is_single = (
                expectation.type == "expect_column_unique_value_count_to_be_between"
                and expectation.kwargs.get("max_value") == 1
                and "min_value" not in expectation.kwargs
            )
            assert (asked[key] is not expectation) is (is_key or is_single)
    loose = Expectation(
        "expect_compound_columns_to_be_unique", {"column_list": ["a", "b"], "mostly": 0.9}, "warning", "Now and then."
    )
    assert shortest({7: loose}) == {7: loose}


def test_a_key_with_a_null_never_counts_as_standing_twice() -> None:
    asked = shortest({0: unique_key("a", "b")})[0]
    assert asked.kwargs == {
        "unexpected_rows_query": "select a, b from {batch} where a is not null and b is not null "
        "group by a, b having count(*) > 1"
    }
    assert (asked.severity, asked.why) == ("critical", "Neither is right.")


@pytest.mark.parametrize(
    ("others", "grouped_by"),
    [
        ([at_most_values("c", 1)], "a, b"),
        ([at_most_values("c", 2)], "a, b, c"),
        ([at_most_values("a", 1), at_most_values("b", 1), at_most_values("c", 1)], "a, b, c"),
        ([at_most_values("d", 1)], "a, b, c"),
    ],
)
def test_a_key_is_grouped_without_its_columns_that_must_hold_one_value(
    others: list[Expectation], grouped_by: str
) -> None:
    """Unique by some of its columns, a key is unique; twice by them alone, it is asked for in full."""
    asked = shortest(dict(enumerate([unique_key("a", "b", "c"), *others])))[0]
    assert f"group by {grouped_by} having" in asked.kwargs["unexpected_rows_query"]


@pytest.mark.parametrize(
    ("values", "is_met"),
    [([], True), ([None], True), (["a", None, "a"], True), (["a", "b"], False), (["a", "A", None], False)],
)
def test_a_single_value_is_told_from_several_as_a_count_would(
    connection: psycopg.Connection, values: list[str | None], *, is_met: bool
) -> None:
    asked = shortest({0: at_most_values("code", 1)})[0]
    batch = "(select unnest(%(values)s::text[]) as code) as b"
    found = connection.execute(asked.kwargs["unexpected_rows_query"].format(batch=batch), {"values": values}).fetchall()
    assert (not found) is is_met


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


COUNTING = (
    "SELECT sum(CASE WHEN (asin IS NOT NULL AND NOT (asin ~ %(p1)s::VARCHAR)) THEN %(p2)s::INTEGER "
    "ELSE %(p3)s::INTEGER END) AS odd, sum(CASE WHEN (asin IS NULL) THEN %(p4)s::INTEGER ELSE %(p5)s::INTEGER END) "
    "AS absent FROM (select unnest(%(values)s::text[]) as asin) as b"
)
SHORT = (
    "SELECT count(*) FILTER (WHERE (asin IS NOT NULL AND (char_length(asin) <> 10 OR asin ~ %(p1)s::VARCHAR))) AS odd, "
    "count(*) FILTER (WHERE (asin IS NULL)) AS absent FROM (select unnest(%(values)s::text[]) as asin) as b"
)
ONES = {"p2": 1, "p3": 0, "p4": 1, "p5": 0}
NEARLY_ASINS = st.text(st.sampled_from("AZ09az-_[]^é\n 😀"), min_size=8, max_size=12)


@pytest.mark.parametrize("name", ["p2", "p3"])
def test_what_is_no_count_is_added_up_as_before(name: str) -> None:
    statement = "SELECT sum(CASE WHEN (a < 0) THEN %(p2)s::INTEGER ELSE %(p3)s::INTEGER END) AS unlike FROM b"
    assert sent(StatementTuning(BATCH), statement, {"p2": 1, "p3": 0, name: 5})[0] == statement


@pytest.mark.parametrize("pattern", ["^[A-Z]+$", "[A-Z]{10}", "^[A-Z]{1,9}$", "^[^A-Z]{10}$", "^(?i)[A-Z]{10}$", 7])
def test_other_patterns_stay_as_they_are(pattern: object) -> None:
    statement, parameters = sent(StatementTuning(BATCH), COUNTING, {"p1": pattern, **ONES})
    assert "NOT (asin ~ %(p1)s::VARCHAR)" in statement
    assert parameters["p1"] == pattern


def test_a_pattern_that_stands_twice_stays_as_it_is() -> None:
    statement = "SELECT 1 FROM b WHERE NOT (a ~ %(p1)s::VARCHAR) OR NOT (b ~ %(p1)s::VARCHAR)"
    assert sent(StatementTuning(BATCH), statement, {"p1": "^[A-Z]{10}$"}) == (statement, {"p1": "^[A-Z]{10}$"})


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(values=st.lists(st.none() | NEARLY_ASINS, min_size=1, max_size=30))
@example(values=["ABCDEFGHI0", "ABCDEFGHI0\n", "\nABCDEFGHI", "ABCDEFGHI", "abcdefghi0", "ÀBCDEFGHI0", "", None])
def test_the_short_count_is_the_long_one(connection: psycopg.Connection, values: list[str | None]) -> None:
    long_form = {"p1": "^[A-Z0-9]{10}$", **ONES, "values": values}
    statement, parameters = sent(StatementTuning(BATCH), COUNTING, long_form)
    assert statement == SHORT
    assert parameters["p1"] == "[^A-Z0-9]"
    short, long = (connection.execute(*asked).fetchone() for asked in ((statement, parameters), (COUNTING, long_form)))
    assert short == long


def test_every_statement_of_the_engine_passes_by() -> None:
    engine = create_engine("sqlite://")
    tuning = StatementTuning("select 7 as seven")
    tuning.listen(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("select 7 as seven").fetchall() == []
        assert connection.exec_driver_sql("select 8 as eight").fetchall() == [(8,)]
