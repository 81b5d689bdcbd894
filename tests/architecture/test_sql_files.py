"""SQL files are static: no templates, bound parameters only, and only migrations change the schema."""

import re
from pathlib import Path

import pytest

from tests.architecture.source_tree import SQL, shown, sql_files

MIGRATIONS = SQL / "migrations"
# Roles belong to the cluster and must stand before the first migration; an administrator may run these files by hand.
ROLES = SQL / "roles"
LONGEST_BUILD = 150
JINJA = re.compile(r"\{\{|\{%|\{#")
SCHEMA_CHANGE = re.compile(
    r"(?is)\b(?:(?:create|alter|drop)\s+(?:or\s+replace\s+)?(?:temporary\s+|temp\s+|unlogged\s+|unique\s+|materialized\s+)*"
    r"(?:table|view|index|schema|function|procedure|sequence|type|role|database|extension|trigger|policy)"
    r"|truncate|grant|revoke|comment\s+on)\b"
)
# A comment, a quoted text, a quoted name, a dollar-quoted body: whichever begins first.
QUOTED = re.compile(r"(?s)--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"|\$(\w*)\$.*?\$\1\$")
PLACEHOLDER = re.compile(r"%\([a-z_][a-z0-9_]*\)s")


def bare(text: str) -> str:
    """The SQL without comments and without what stands in quotes."""
    return QUOTED.sub(" ", text)


def schema_changes(text: str) -> list[str]:
    """The statements that make, change or remove something in the schema, or who may see it."""
    return [" ".join(match.group().split()) for match in SCHEMA_CHANGE.finditer(bare(text))]


def unbound(text: str) -> list[str]:
    """What psycopg would not bind: a placeholder in quotes or in a comment, or a % of another form than %(name)s."""
    quoted = [match.group() for match in QUOTED.finditer(text) if PLACEHOLDER.search(match.group())]
    rest = PLACEHOLDER.sub("", text).replace("%%", "")
    return quoted + [rest[max(0, at.start() - 20) : at.start() + 20] for at in re.finditer("%", rest)]


def statement_files() -> list[Path]:
    """Every SQL file that runs with parameters: all but the migrations and the roles."""
    return [path for path in sql_files() if not path.is_relative_to(MIGRATIONS) and not path.is_relative_to(ROLES)]


def test_no_sql_file_is_a_template() -> None:
    assert len(sql_files()) >= 5
    assert [shown(path) for path in sql_files() if JINJA.search(path.read_text())] == []


def test_parameters_are_bound_and_never_pasted() -> None:
    assert {shown(path): found for path in statement_files() if (found := unbound(path.read_text()))} == {}


def test_migrations_and_roles_take_no_parameters() -> None:
    files = sql_files(MIGRATIONS) + sql_files(ROLES)
    assert [shown(path) for path in files if PLACEHOLDER.search(path.read_text())] == []


def test_only_migrations_change_the_schema() -> None:
    assert {shown(path): found for path in statement_files() if (found := schema_changes(path.read_text()))} == {}


def test_a_mart_is_built_in_a_page_or_three() -> None:
    lengths = {shown(path): len(path.read_text().splitlines()) for path in sql_files() if path.name == "build.sql"}
    assert {path: length for path, length in lengths.items() if length > LONGEST_BUILD} == {}


@pytest.mark.parametrize(
    "text",
    [
        "create table core.late (a int)",
        "CREATE OR REPLACE VIEW v AS SELECT 1",
        "select 1; drop index i",
        "truncate core.product",
        "alter table t add column c int",
        "grant select on t to r",
        "create temporary table t as select 1",
    ],
)
def test_a_schema_change_is_found(text: str) -> None:
    assert len(schema_changes(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "-- create table would be wrong here\nselect 1",
        "select 'drop table x' as warning",
        "select created_at, alter_count from t",
        "/* grant\nnothing */ delete from t",
    ],
)
def test_words_in_comments_and_quotes_change_no_schema(text: str) -> None:
    assert schema_changes(text) == []


@pytest.mark.parametrize(
    "text", ["select '%(day)s'", "select %s", 'select "%(name)s"', "-- reads %(day)s", "select a % b", "like 'x%'"]
)
def test_a_parameter_that_is_not_bound_is_found(text: str) -> None:
    assert unbound(text)


@pytest.mark.parametrize("text", ["select %(day)s::date", "where asin like 'x%%'", "any(%(days)s) -- all of them"])
def test_a_bound_parameter_is_left_alone(text: str) -> None:
    assert unbound(text) == []


@pytest.mark.parametrize("text", ["select {{ day }}", "{% if x %}", "{# note #}"])
def test_a_template_is_found(text: str) -> None:
    assert JINJA.search(text)


def test_braces_of_a_literal_are_no_template() -> None:
    assert JINJA.search("select '{}'::text[], '{1,2}'::int[]") is None
