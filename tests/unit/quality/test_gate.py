"""The gate on a real Postgres: what blocks, what flags, what it costs, and that nothing in a row can move it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event

from daybreak.quality import batches
from daybreak.quality.batches import UnreadableBatchError
from daybreak.quality.gate import CandidateBuild, StagedLoad, Verdict, judge
from daybreak.quality.suites import Expectation, Suite

LOAD = StagedLoad("traffic_daily", 7)
NEVER_NULL = Expectation("expect_column_values_to_not_be_null", {"column": "asin"}, "critical", "It is the key.")
COUNTED = Expectation(
    "expect_column_values_to_be_between", {"column": "glance_views", "min_value": 0}, "warning", "Views."
)
NO_SUCH_COLUMN = Expectation("expect_column_values_to_not_be_null", {"column": "absent"}, "info", "It is not there.")
BROKEN_QUERY = Expectation(
    "unexpected_rows_expectation",
    {"unexpected_rows_query": "select 1 / 0 as x from {batch}"},
    "warning",
    "It divides.",
    "a broken query",
)
HOSTILE = [
    "'; DROP TABLE core.traffic_daily; --",
    "<script>alert(1)</script>",
    "%s %(asin)s",
    "{batch}",
    ":x",
    "\\.",
    'a"b',
    "$1",
]


def suite(*expectations: Expectation) -> Suite:
    return Suite("core.traffic_daily", Path("expectations.yml"), expectations)


@pytest.fixture
def staged(connection: psycopg.Connection) -> Callable[[list[tuple[str | None, int | None]]], None]:
    """Stages (asin, glance views) rows of one day as load 7 of traffic."""

    def stage(rows: list[tuple[str | None, int | None]]) -> None:
        connection.execute("select ops.make_staging_table('traffic_daily', 7)")
        connection.execute("alter table staging.traffic_daily_7 alter asin drop not null")
        for number, (asin, views) in enumerate(rows, start=1):
            connection.execute(
                "insert into staging.traffic_daily_7 (row_number, business_date, asin, glance_views) "
                "values (%s, '2026-03-01', %s, %s)",
                (number, asin, views),
            )

    return stage


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """Every statement that any SQLAlchemy engine runs meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "after_cursor_execute", note)
    yield seen
    event.remove(Engine, "after_cursor_execute", note)


def outcome(verdict: Verdict) -> list[tuple[bool, bool]]:
    return [(result.is_success, result.has_crashed) for result in verdict.results]


def test_what_holds_passes_and_says_so(warehouse: str, staged: Any) -> None:
    staged([("B000000001", 3), ("B000000002", None)])
    verdict = judge(warehouse, LOAD, suite(NEVER_NULL, COUNTED))
    assert (verdict.code, verdict.row_count, verdict.reason) == ("pass", 2, None)
    assert [result.reason for result in verdict.results] == ["holds. It is the key.", "holds. Views."]
    assert verdict.seconds > 0


def test_a_failed_warning_flags_and_a_failed_critical_blocks(warehouse: str, staged: Any) -> None:
    staged([("B000000001", -3), (None, 4)])
    assert judge(warehouse, LOAD, suite(COUNTED)).code == "flag"
    verdict = judge(warehouse, LOAD, suite(COUNTED, NEVER_NULL))
    assert verdict.code == "block"
    counted, never_null = verdict.results
    assert (counted.column, counted.unexpected_row_count) == ("glance_views", 1)
    assert counted.examples[0] | {"business_date": "2026-03-01"} == {
        "row_number": "1",
        "business_date": "2026-03-01",
        "asin": "B000000001",
        "glance_views": "-3",
    }
    assert never_null.examples[0]["asin"] is None


def test_a_failed_note_changes_nothing(warehouse: str, staged: Any) -> None:
    staged([("B000000001", -3)])
    noted = Expectation(COUNTED.type, COUNTED.kwargs, "info", "Views.")
    verdict = judge(warehouse, LOAD, suite(noted))
    assert (verdict.code, outcome(verdict)) == ("pass", [(False, False)])


@pytest.mark.parametrize("broken", [NO_SUCH_COLUMN, BROKEN_QUERY])
def test_a_crashed_expectation_blocks_whatever_its_severity(warehouse: str, staged: Any, broken: Expectation) -> None:
    staged([("B000000001", 3)])
    verdict = judge(warehouse, LOAD, suite(NEVER_NULL, broken, COUNTED))
    assert (verdict.code, outcome(verdict)) == ("block", [(True, False), (False, True), (True, False)])
    assert "could not be checked" in verdict.results[1].reason
    assert broken.why in verdict.results[1].reason


def test_what_breaks_the_shared_query_crashes_alone(
    warehouse: str, staged: Any, connection: psycopg.Connection
) -> None:
    staged([("B000000001", 3)])
    connection.execute("alter table staging.traffic_daily_7 alter glance_views type text")
    verdict = judge(warehouse, LOAD, suite(NEVER_NULL, COUNTED))
    assert (verdict.code, outcome(verdict)) == ("block", [(True, False), (False, True)])


def test_an_entry_that_cannot_even_be_built_crashes_alone(warehouse: str, staged: Any) -> None:
    staged([("B000000001", 3)])
    absurd = Expectation(NEVER_NULL.type, {"column": "asin", "mostly": "many"}, "warning", "It is wrong.")
    verdict = judge(warehouse, LOAD, suite(NEVER_NULL, absurd))
    assert (verdict.code, outcome(verdict)) == ("block", [(True, False), (False, True)])


def test_an_empty_batch_blocks_unless_no_data_was_confirmed(warehouse: str, staged: Any) -> None:
    staged([])
    verdict = judge(warehouse, LOAD, suite(NEVER_NULL))
    assert (verdict.code, verdict.row_count) == ("block", 0)
    assert "staging.traffic_daily_7 holds no rows" in (verdict.reason or "")
    confirmed = judge(warehouse, LOAD, suite(NEVER_NULL), confirmed_no_data=True)
    assert (confirmed.code, confirmed.row_count, confirmed.reason) == ("pass", 0, None)


def test_confirmed_no_data_excuses_no_row_that_is_there(warehouse: str, staged: Any) -> None:
    staged([(None, 1)])
    assert judge(warehouse, LOAD, suite(NEVER_NULL), confirmed_no_data=True).code == "block"


def test_examples_are_escaped_and_capped(warehouse: str, staged: Any) -> None:
    staged([("<b>" + "y" * 500 + "\t", -1)] + [("B000000001", -number) for number in range(1, 60)])
    (result,) = judge(warehouse, LOAD, suite(COUNTED)).results
    assert result.unexpected_row_count == 60
    assert len(result.examples) == 20
    values = [value for example in result.examples for value in example.values() if value is not None]
    assert max(map(len, values)) == 200
    assert not any("<" in value or "\t" in value for value in values)
    assert json.loads(json.dumps(result.examples)) == result.examples


def test_hostile_values_do_no_harm(warehouse: str, staged: Any, connection: psycopg.Connection) -> None:
    staged([(asin, -1) for asin in HOSTILE])
    odd = Expectation("expect_column_values_to_match_regex", {"column": "asin", "regex": "^B"}, "warning", "Odd.")
    listed = Expectation(
        "unexpected_rows_expectation",
        {"unexpected_rows_query": "select asin, business_date from {batch} where glance_views < 0"},
        "warning",
        "Listed.",
        "negative views",
    )
    verdict = judge(warehouse, LOAD, suite(odd, listed, COUNTED))
    assert verdict.code == "flag"
    for result in verdict.results:
        assert (result.has_crashed, result.unexpected_row_count) == (False, len(HOSTILE))
        shown = {example["asin"] for example in result.examples}
        assert shown == {value.replace("<", "&lt;").replace(">", "&gt;") for value in HOSTILE}
        assert "<script>" not in result.reason
    kept = connection.execute("select array_agg(asin order by row_number) from staging.traffic_daily_7").fetchone()
    assert kept == (HOSTILE,)
    assert connection.execute("select count(*) from core.traffic_daily").fetchone() == (0,)


def test_only_registry_names_and_numbers_reach_the_query() -> None:
    assert StagedLoad("sales_daily", 12).select() == 'select * from "staging"."sales_daily_12"'
    assert CandidateBuild("stock_coverage_daily", 3).select() == (
        'select * from "candidate"."stock_coverage_daily" where build_id = 3'
    )
    wrong_ids: list[Any] = ["7; drop table x", "7", True, -1, 1.0, None]
    for wrong in wrong_ids:
        with pytest.raises(ValueError, match="must be a whole number"):
            StagedLoad("sales_daily", wrong)
        with pytest.raises(ValueError, match="must be a whole number"):
            CandidateBuild("stock_coverage_daily", wrong)
    for name in ("sales", 'sales_daily"; drop table x; --', ""):
        with pytest.raises(ValueError, match="is no dataset"):
            StagedLoad(name, 7)
        with pytest.raises(ValueError, match="is no name of a mart"):
            CandidateBuild(name + " ", 7)


def test_a_build_is_judged_by_its_own_rows(warehouse: str, connection: psycopg.Connection) -> None:
    connection.execute("create table candidate.example_daily (build_id bigint, asin text)")
    connection.execute("grant select on candidate.example_daily to daybreak_transformer")
    connection.execute("insert into candidate.example_daily values (1, 'a'), (1, 'b'), (2, null)")
    assert judge(warehouse, CandidateBuild("example_daily", 1), suite(NEVER_NULL)).code == "pass"
    verdict = judge(warehouse, CandidateBuild("example_daily", 2), suite(NEVER_NULL))
    assert (verdict.code, verdict.row_count) == ("block", 1)


def test_a_missing_table_is_an_error_and_no_verdict(warehouse: str) -> None:
    with pytest.raises(
        UnreadableBatchError, match=r"staging\.traffic_daily_7 could not be read.*does not exist"
    ) as error:
        judge(warehouse, LOAD, suite(NEVER_NULL))
    assert "SELECT" not in str(error.value)


def test_an_unreachable_database_is_an_error_without_its_password() -> None:
    secret = "p$a{ss}%40" + os.urandom(4).hex()
    for _ in range(2):
        with pytest.raises(UnreadableBatchError, match="could not be read") as error:
            judge(f"postgresql://someone:{secret}@127.0.0.1:1/w", LOAD, suite(NEVER_NULL))
        assert secret not in str(error.value)


def test_a_password_may_hold_any_character(warehouse: str, staged: Any, connection: psycopg.Connection) -> None:
    staged([("B000000001", 3)])
    role = f"gate_{os.urandom(4).hex()}"
    start = os.urandom(4).hex()
    connection.execute(f"create role {role} login superuser password '{start}p$HOME$$:@/%'")
    try:
        address = warehouse.partition("@")[2]
        dsn = f"postgresql://{role}:{start}p$HOME$$%3A%40%2F%25@{address}"
        assert judge(dsn, LOAD, suite(NEVER_NULL)).code == "pass"
    finally:
        connection.execute(f"drop role {role}")


def test_the_gate_writes_nothing(warehouse: str, staged: Any, statements: list[str]) -> None:
    staged([("B000000001", -3)])
    writing = Expectation(
        "unexpected_rows_expectation",
        {"unexpected_rows_query": "select nextval('ops.publish_sequence') as x from {batch}"},
        "warning",
        "It writes.",
        "a writing query",
    )
    verdict = judge(warehouse, LOAD, suite(COUNTED, writing))
    assert outcome(verdict) == [(False, False), (False, True)]
    assert "read-only" in verdict.results[1].reason
    assert all(statement.lower().startswith("select") for statement in statements)


def test_what_passes_costs_few_queries_and_reads_no_row(warehouse: str, staged: Any, statements: list[str]) -> None:
    staged([("B000000001", 3)])
    many = [
        Expectation(
            "expect_column_values_to_be_between", {"column": "glance_views", "min_value": -n}, "warning", "Why."
        )
        for n in range(12)
    ]
    judge(warehouse, LOAD, suite(NEVER_NULL, *many))
    assert len(statements) == 4, "the number of rows twice, the column names, one query for all expectations"
    whole = [statement for statement in statements if statement.startswith("select *")]
    assert whole == ['select * from "staging"."traffic_daily_7" limit 0']


def test_many_gates_of_one_process_leave_nothing_behind(
    warehouse: str, staged: Any, connection: psycopg.Connection
) -> None:
    staged([("B000000001", 3)])
    for _ in range(3):
        judge(warehouse, LOAD, suite(NEVER_NULL))
    with pytest.raises(UnreadableBatchError):
        judge(warehouse, StagedLoad("traffic_daily", 8), suite(NEVER_NULL))
    assert list(batches._warmed().context.data_sources.all()) == []
    open_gates = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    deadline = time.monotonic() + 5  # a backend takes a moment to notice that its client has gone
    while connection.execute(open_gates).fetchone() != (0,):
        assert time.monotonic() < deadline, "a gate left its connection open"
        time.sleep(0.02)


def run_python(code: str, *arguments: str, directory: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=directory, timeout=120, check=False)


def test_importing_the_gate_imports_nothing_heavy(tmp_path: Path) -> None:
    code = "import sys, daybreak.quality.gate; print({'great_expectations', 'pandas'} & set(sys.modules))"
    assert run_python(code, directory=tmp_path).stdout.strip() == "set()"


FORKED = """
import logging, os, sys
from pathlib import Path
from daybreak.quality.gate import StagedLoad, judge, warm, was_preloaded
from daybreak.quality.suites import Expectation, Suite

logging.basicConfig(level=logging.INFO)
warm()
assert not was_preloaded(), "the parent preloads, it is not preloaded"
child = os.fork()
if child == 0:
    before = set(sys.modules)
    kwargs = {"column": "glance_views", "min_value": 0}
    expectation = Expectation("expect_column_values_to_be_between", kwargs, "warning", "Views.")
    verdict = judge(sys.argv[1], StagedLoad("traffic_daily", 7), Suite("t", Path("t"), (expectation,)))
    heavy = ("great_expectations", "pandas", "numpy", "sqlalchemy", "psycopg", "marshmallow", "pydantic")
    imported = sorted(name for name in set(sys.modules) - before if name.partition(".")[0] in heavy)
    Path("child").write_text(f"{verdict.code} {was_preloaded()} {imported}")
    os._exit(0)
sys.exit(os.waitpid(child, 0)[1])
"""


def test_a_gate_forked_from_a_warm_parent_imports_nothing_heavy_says_nothing_and_writes_no_file(
    warehouse: str, staged: Any, tmp_path: Path
) -> None:
    staged([("B000000001", -3)])
    finished = run_python(FORKED, warehouse, directory=tmp_path)
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "", "")
    assert (tmp_path / "child").read_text() == "flag True []"
    assert [path.name for path in tmp_path.iterdir()] == ["child"]
