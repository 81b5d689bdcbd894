"""Every suite against its cases, on a real Postgres, and the law that no expectation stands without a case."""

from collections.abc import Iterator

import psycopg
import pytest

from daybreak.contracts import read_contracts
from daybreak.datasets import DATASETS
from daybreak.quality.gate import judge
from daybreak.quality.suites import read_suite, suite_tables
from tests.gates.case_files import Case, prepare_batch, read_cases

CASES = read_cases()


@pytest.fixture(scope="module")
def batches(module_warehouse: str) -> Iterator[psycopg.Connection]:
    """An autocommitting connection, since the gate reads through one of its own what a case has put there."""
    with psycopg.connect(module_warehouse, autocommit=True) as opened:
        yield opened


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_exactly_the_named_expectations_fail_and_the_verdict_follows(
    case: Case, module_warehouse: str, batches: psycopg.Connection
) -> None:
    asked = read_suite(case.table)
    verdict = judge(module_warehouse, prepare_batch(batches, case.table, case.rows), asked)
    # Of an empty batch only its emptiness is judged.
    expectations = [e for e in asked.expectations if case.rows or e.type == "expect_table_row_count_to_be_between"]
    judged = list(zip(expectations, verdict.results, strict=True))
    failed = {expectation.title: result for expectation, result in judged if not result.is_success}
    assert {title: result.unexpected_row_count for title, result in failed.items()} == case.fails, case.says
    assert [result.reason for result in failed.values() if result.has_crashed] == []
    assert verdict.code == case.verdict, case.says
    assert verdict.row_count == len(case.rows)
    for expectation, result in judged:
        assert result.severity == expectation.severity
        assert expectation.why in result.reason or not case.rows


@pytest.mark.parametrize("table", suite_tables())
def test_every_expectation_has_a_case_in_which_it_fails(table: str) -> None:
    shown = {title for case in CASES if case.table == table for title in case.fails}
    missing = [expectation.title for expectation in read_suite(table).expectations if expectation.title not in shown]
    assert missing == [], f"write a case under tests/gates/{table.replace('.', '/')} in which each of these fails"


@pytest.mark.parametrize("table", suite_tables())
def test_every_suite_has_a_clean_case_that_passes(table: str) -> None:
    assert [c.verdict for c in CASES if c.table == table and c.path.stem == "clean"] == ["pass"]


def test_every_dataset_and_every_mart_has_a_suite() -> None:
    marts = {each.table for each in read_contracts() if each.layer == "mart" and each.kind == "table"}
    assert {f"core.{key}" for key in DATASETS} | marts <= set(suite_tables())


def test_no_case_speaks_of_an_expectation_that_no_suite_has() -> None:
    known = {(table, e.title) for table in suite_tables() for e in read_suite(table).expectations}
    assert {(case.table, title) for case in CASES for title in case.fails} - known == set()
