"""A suite that cannot be trusted is refused, with the file and the entry named."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from daybreak.quality.suites import EXPECTATION_KWARGS, Suite, SuiteError, read_suite, suite_tables

GOOD: dict[str, Any] = {
    "type": "expect_column_values_to_be_between",
    "kwargs": {"column": "glance_views", "min_value": 0},
    "severity": "warning",
    "meta": {"why": "Views are counted."},
}


def write(directory: Path, content: object) -> Suite:
    folder = directory / "core" / "traffic_daily"
    folder.mkdir(parents=True)
    (folder / "expectations.yml").write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return read_suite("core.traffic_daily", directory)


def query(text: str) -> dict[str, Any]:
    return {**GOOD, "type": "unexpected_rows_expectation", "kwargs": {"unexpected_rows_query": text}}


def test_a_suite_keeps_what_the_file_says_in_its_order(tmp_path: Path) -> None:
    suite = write(tmp_path, [GOOD, {**GOOD, "severity": "critical"}])
    assert [expectation.severity for expectation in suite.expectations] == ["warning", "critical"]
    first = suite.expectations[0]
    assert (first.type, dict(first.kwargs), first.why) == (GOOD["type"], GOOD["kwargs"], "Views are counted.")
    assert first.columns == ("glance_views",)
    assert suite_tables(tmp_path) == ["core.traffic_daily"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"type": "expect_column_values_to_be_nice"}, "unknown expectation type"),
        ({"type": None}, "unknown expectation type"),
        ({"severity": "fatal"}, "severity is 'fatal'"),
        ({"severity": None}, "severity is None"),
        ({"meta": {}}, "meta.why is missing"),
        ({"meta": {"why": " "}}, "meta.why is missing"),
        ({"meta": "because"}, "meta.why is missing"),
        ({"comment": "x"}, "unknown field 'comment'"),
        ({"kwargs": {"column": "glance_views", "minimum": 0}}, "unknown kwarg 'minimum'"),
        ({"kwargs": {"min_value": 0}}, "kwarg 'column' is missing"),
        ({"kwargs": {"column": "glance_views"}}, "min_value or max_value is missing"),
        ({"kwargs": {"column": "glance views", "min_value": 0}}, "no column name"),
        ({"kwargs": {"column": "glance_views", "min_value": 0, "mostly": 0}}, "mostly is 0"),
        ({"kwargs": {"column": "glance_views", "min_value": 0, "mostly": True}}, "mostly is True"),
        ({"kwargs": {"column": "glance_views", "min_value": 0, "mostly": 95}}, "mostly is 95"),
        ({"kwargs": ["column"]}, "kwargs must be a mapping"),
        ({"description": 3}, "description must be a sentence"),
        (
            {"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": "asin"}},
            "column_list must be a list",
        ),
        (query("delete from {batch}"), "must be one SELECT"),
        (query("select 1 from {batch}; drop table x"), "must be one SELECT"),
        (query("select 1 from core.sales_daily"), "must read from {batch}"),
        (query("select 1 from {batch} where asin ~ '^[A-Z0-9]{10}$'"), "must read from {batch}"),
        (query("select 1 from {batch} where asin = '{'"), "literal brace twice"),
        (query("select 1 from {batch} where asin = :asin"), "':asin' reads like a bound parameter"),
    ],
)
def test_a_wrong_entry_is_refused_with_file_and_entry(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(SuiteError) as refusal:
        write(tmp_path, [{**GOOD, "severity": "critical"}, {**GOOD, **change}])
    assert message in str(refusal.value)
    assert "core/traffic_daily/expectations.yml, entry 2 (" in str(refusal.value)


def test_a_cast_and_doubled_braces_are_no_parameters(tmp_path: Path) -> None:
    entry = query("select asin::text from {batch} where asin ~ '^[A-Z0-9]{{10}}$'")
    assert len(write(tmp_path, [entry]).expectations) == 1


def test_the_same_expectation_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"entry 2 .* stands above already"):
        write(tmp_path, [GOOD, GOOD])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "holds no expectations"),
        ("", "holds no expectations"),
        ({"expectations": [GOOD]}, "holds no expectations"),
        ("- {type: [", "is not YAML"),
        (["expect_something"], "entry 1"),
    ],
)
def test_a_file_without_a_list_of_expectations_is_refused(tmp_path: Path, content: object, message: str) -> None:
    with pytest.raises(SuiteError, match=message):
        write(tmp_path, content)


def test_a_missing_suite_is_refused_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"mart/absent/expectations\.yml is missing"):
        read_suite("mart.absent", tmp_path)


@pytest.mark.parametrize("kind", EXPECTATION_KWARGS)
def test_the_known_types_and_kwargs_are_those_of_great_expectations(kind: str) -> None:
    from great_expectations.expectations.registry import get_expectation_impl

    needed, optional = EXPECTATION_KWARGS[kind]
    fields = get_expectation_impl(kind).__fields__
    assert {*needed, *optional} <= set(fields)
    assert {name for name in fields if fields[name].required} <= {*needed, "min_value", "max_value"}
