"""Every mart against its cases: the rows that a person can work out by hand are the rows that the SQL builds."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.sql.mart_cases import CASES_DIR, Case, build_and_publish, differences, read_cases, read_mart
from tests.sql.worlds import World, insert_world, read_world

MARTS = sorted({path.parent.parent.name for path in CASES_DIR.glob("*/*/given.yml")})
CASES = [case for mart in MARTS for case in read_cases(mart)]
_QUOTED = re.compile(r"'([^']*)'::text")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_facts_of_a_case_make_its_expected_rows(case: Case, empty_warehouse: psycopg.Connection) -> None:
    insert_world(empty_warehouse, case.world)
    build_and_publish(empty_warehouse, case.mart, [("brand", *case.days)])
    lines = differences(case, read_mart(empty_warehouse, case.mart))
    if lines:
        pytest.fail("\n".join([f"{case.mart}/{case.name}: {case.why}", *lines]), pytrace=False)


def shown_values(mart: str) -> dict[str, set[Any]]:
    """By column, every value that some case of the mart expects."""
    shown: dict[str, set[Any]] = {}
    for case in CASES:
        for row in case.expected if case.mart == mart else []:
            for column, value in row.items():
                shown.setdefault(column, set()).add(str(value) if isinstance(value, dict | list) else value)
    return shown


@pytest.mark.parametrize("mart", MARTS)
def test_every_code_of_a_closed_list_is_expected_by_some_case(mart: str, empty_warehouse: psycopg.Connection) -> None:
    constraints = empty_warehouse.execute(
        "select a.attname, pg_get_constraintdef(c.oid) from pg_constraint as c"
        " inner join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]"
        " where c.conrelid = %(table)s::regclass and c.contype = 'c' and cardinality(c.conkey) = 1",
        {"table": f"mart.{mart}"},
    ).fetchall()
    lists = {column: set(_QUOTED.findall(definition)) for column, definition in constraints}
    assert lists
    shown = shown_values(mart)
    assert {column: codes - shown.get(column, set()) for column, codes in lists.items()} == {c: set() for c in lists}


@pytest.mark.parametrize("mart", MARTS)
def test_every_nullable_column_is_expected_null_by_one_case_and_known_by_another(
    mart: str, empty_warehouse: psycopg.Connection
) -> None:
    columns = empty_warehouse.execute(
        "select attname from pg_attribute where attrelid = %(table)s::regclass and attnum > 0 and not attisdropped"
        " and not attnotnull",
        {"table": f"mart.{mart}"},
    ).fetchall()
    assert columns
    shown = shown_values(mart)
    never_null = {name for (name,) in columns if None not in shown.get(name, set())}
    never_known = {name for (name,) in columns if not shown.get(name, set()) - {None}}
    assert (never_null, never_known) == (set(), set())


@pytest.mark.parametrize("mart", MARTS)
def test_every_column_of_a_mart_is_expected_by_some_case(mart: str, empty_warehouse: psycopg.Connection) -> None:
    columns = empty_warehouse.execute(
        "select attname from pg_attribute where attrelid = %(table)s::regclass and attnum > 0 and not attisdropped",
        {"table": f"mart.{mart}"},
    ).fetchall()
    assert {name for (name,) in columns} - shown_values(mart).keys() == {"account_id", "built_at"}


def test_every_case_says_why_in_a_sentence() -> None:
    assert [case.name for case in CASES if not re.fullmatch(r"[A-Z0-9].{20,}\.", case.why, re.DOTALL)] == []


def test_a_wrong_figure_a_missing_row_and_a_row_too_many_are_each_named() -> None:
    day = date(2026, 6, 30)
    expected = [
        {"business_date": day, "asin": "A", "excess_units": 1, "days_of_cover": None, "lead_time_days": 14},
        {"business_date": day, "asin": "B", "excess_units": 1},
    ]
    case = Case("stock_coverage_daily", "a_case", "Why.", World({}, [], {}), (day, day), expected)
    got = [
        {"business_date": day, "asin": "A", "excess_units": 2, "days_of_cover": 0, "lead_time_days": Decimal("14.0")},
        {"business_date": day, "asin": "C", "excess_units": 1},
    ]
    assert differences(case, got) == [
        "a_case 2026-06-30 A excess_units: expected 1, got 2",
        "a_case 2026-06-30 A days_of_cover: expected None, got 0",
        "a_case 2026-06-30 B: expected a row, got none",
        "a_case 2026-06-30 C: expected no row, got one",
    ]


def test_a_span_is_a_row_per_step_and_a_later_row_replaces_an_earlier_one() -> None:
    first, last = date(2026, 6, 1), date(2026, 6, 3)
    given = {
        "sales_daily": [
            {"asin": "A", "from": first, "to": last, "ordered_units": 2},
            {"asin": "A", "business_date": date(2026, 6, 2), "ordered_units": 7},
        ],
        "forecast_weekly": [{"asin": "A", "generation_date": first, "from": first, "to": date(2026, 6, 15)}],
        "published": {"sales_daily": [[first, last]], "traffic_daily": [[last, last]]},
    }
    world = read_world(given)
    assert [row["ordered_units"] for row in world.facts["sales_daily"]] == [2, 7, 2]
    assert [row["week_start_date"].day for row in world.facts["forecast_weekly"]] == [1, 8, 15]
    assert [row["variant_code"] for row in world.slices] == [*["MANUFACTURING"] * 3, ""]
