"""What must hold of a table's rows: the typed, checked form of ``include/sql/<layer>/<table>/expectations.yml``.

Reading a suite needs no Great Expectations: which types and kwargs it knows is listed here, and a test holds the list
against the library.
"""

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from daybreak.settings import SQL_DIR

Severity = Literal["critical", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")
GATED_LAYERS = ("core", "mart")
UNEXPECTED_ROWS = "unexpected_rows_expectation"

_BOUNDS = ("min_value", "max_value", "strict_min", "strict_max")
_PAIR = ("column_A", "column_B")
# type: (needed kwargs, kwargs that may stand beside them)
EXPECTATION_KWARGS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "expect_column_values_to_not_be_null": (("column",), ("mostly",)),
    "expect_column_values_to_be_null": (("column",), ("mostly",)),
    "expect_column_values_to_be_unique": (("column",), ("mostly",)),
    "expect_column_values_to_be_in_set": (("column", "value_set"), ("mostly",)),
    "expect_column_values_to_not_be_in_set": (("column", "value_set"), ("mostly",)),
    "expect_column_values_to_match_regex": (("column", "regex"), ("mostly",)),
    "expect_column_values_to_not_match_regex": (("column", "regex"), ("mostly",)),
    "expect_column_values_to_be_between": (("column",), ("mostly", *_BOUNDS)),
    "expect_column_value_lengths_to_be_between": (("column",), ("mostly", *_BOUNDS)),
    "expect_column_min_to_be_between": (("column",), _BOUNDS),
    "expect_column_max_to_be_between": (("column",), _BOUNDS),
    "expect_column_mean_to_be_between": (("column",), _BOUNDS),
    "expect_column_sum_to_be_between": (("column",), _BOUNDS),
    "expect_column_unique_value_count_to_be_between": (("column",), _BOUNDS),
    "expect_column_distinct_values_to_be_in_set": (("column", "value_set"), ()),
    "expect_column_pair_values_to_be_equal": (_PAIR, ("mostly", "ignore_row_if")),
    "expect_column_pair_values_a_to_be_greater_than_b": (_PAIR, ("mostly", "or_equal", "ignore_row_if")),
    "expect_compound_columns_to_be_unique": (("column_list",), ("mostly", "ignore_row_if")),
    "expect_table_row_count_to_be_between": ((), _BOUNDS),
    UNEXPECTED_ROWS: (("unexpected_rows_query",), ("description",)),
}
_ENTRY_FIELDS = {"type", "kwargs", "severity", "meta", "description"}
_COLUMN_NAME = re.compile(r"[a-z][a-z0-9_]*")
# What SQLAlchemy would take for a bound parameter; a cast's double colon is none.
_BIND = re.compile(r"(?<![:\w\\]):\w+(?!:)")


class SuiteError(ValueError):
    """A suite cannot be used; names the file and the entry."""


@dataclass(frozen=True)
class Expectation:
    """One thing that must hold, in Great Expectations' own words.

    ``severity``: critical blocks, warning publishes with a flag, info is only noted. ``why`` is the sentence that a
    person reads when it fails; ``description`` says in words what a failing row is, for queries above all.
    """

    type: str
    kwargs: Mapping[str, Any]
    severity: Severity
    why: str
    description: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it speaks of; none for a whole table or a query."""
        if "column_list" in self.kwargs:
            return tuple(self.kwargs["column_list"])
        return tuple(self.kwargs[name] for name in ("column", *_PAIR) if name in self.kwargs)

    @property
    def title(self) -> str:
        """What tells it from the others of its suite: type, columns (for a query description or why), severity."""
        subject = ", ".join(self.columns) or self.description or self.why
        return f"{self.type} ({subject}), {self.severity}"


@dataclass(frozen=True)
class Suite:
    """All expectations of one table, in the file's order; never empty."""

    table: str
    path: Path
    expectations: tuple[Expectation, ...]

    @property
    def asks_for_rows(self) -> bool:
        return any(expectation.type == "expect_table_row_count_to_be_between" for expectation in self.expectations)


def suite_tables(directory: Path = SQL_DIR) -> list[str]:
    """The tables that have a suite, as ``layer.table``, sorted."""
    found = (path.parent for layer in GATED_LAYERS for path in (directory / layer).glob("*/expectations.yml"))
    return sorted(f"{folder.parent.name}.{folder.name}" for folder in found)


def read_suite(table: str, directory: Path = SQL_DIR) -> Suite:
    """The suite of ``table`` (``core.sales_daily``).

    Raises:
        SuiteError: the file is missing, empty or not YAML, or an entry has an unknown type, kwarg or severity, lacks
            ``meta.why`` or stands twice; the message names file and entry.
    """
    layer, _, name = table.partition(".")
    path = directory / layer / name / "expectations.yml"
    try:
        raw = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        raise SuiteError(f"{path} is missing: nothing of {table} is published without a suite; write one") from None
    except yaml.YAMLError as error:
        raise SuiteError(f"{path} is not YAML: {error}") from None
    if not isinstance(raw, list) or not raw:
        raise SuiteError(f"{path} holds no expectations: it must be a list of at least one entry")
    expectations: dict[str, Expectation] = {}
    for number, entry in enumerate(raw, start=1):
        kind = entry.get("type", "no type") if isinstance(entry, dict) else type(entry).__name__
        try:
            expectation = _read_entry(entry)
        except ValueError as error:
            raise SuiteError(f"{path}, entry {number} ({kind}): {error}") from None
        if expectation.title in expectations:
            raise SuiteError(f"{path}, entry {number} ({kind}) stands above already: drop one or describe each")
        expectations[expectation.title] = expectation
    return Suite(table, path, tuple(expectations.values()))


def _read_entry(entry: Any) -> Expectation:
    if not isinstance(entry, dict):
        raise ValueError("must be a mapping with type, kwargs, severity and meta")  # noqa: TRY004 (one error for people)
    _refuse_unknown("field", entry, _ENTRY_FIELDS)
    kind, kwargs, meta = entry.get("type"), entry.get("kwargs") or {}, entry.get("meta") or {}
    if kind not in EXPECTATION_KWARGS:
        raise ValueError(f"unknown expectation type; known are {', '.join(sorted(EXPECTATION_KWARGS))}")
    if entry.get("severity") not in SEVERITIES:
        raise ValueError(f"severity is {entry.get('severity')!r}, must be one of {', '.join(SEVERITIES)}")
    if not isinstance(meta, dict) or not isinstance(meta.get("why"), str) or len(meta["why"].strip()) < 3:
        raise ValueError("meta.why is missing: one sentence that tells a person why it matters")
    if not isinstance(kwargs, dict):
        raise ValueError("kwargs must be a mapping")  # noqa: TRY004 (one error for people)
    _check_kwargs(kind, kwargs)
    description = entry.get("description", kwargs.get("description"))
    if description is not None and not isinstance(description, str):
        raise ValueError("description must be a sentence")
    engine_kwargs = {name: value for name, value in kwargs.items() if name != "description"}
    return Expectation(kind, engine_kwargs, entry["severity"], meta["why"].strip(), description)


def _refuse_unknown(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    for name in given:
        if name not in known:
            raise ValueError(f"unknown {what} {name!r}; known are {', '.join(sorted(known))}")


def _check_kwargs(kind: str, kwargs: Mapping[str, Any]) -> None:
    needed, optional = EXPECTATION_KWARGS[kind]
    _refuse_unknown("kwarg", kwargs, {*needed, *optional})
    for name in needed:
        if kwargs.get(name) in (None, "", []):
            raise ValueError(f"kwarg {name!r} is missing")
    columns = [kwargs[name] for name in ("column", *_PAIR) if name in kwargs]
    columns += _list("column_list", kwargs)
    for column in columns:
        if not isinstance(column, str) or not _COLUMN_NAME.fullmatch(column):
            raise ValueError(f"{column!r} is no column name")
    _list("value_set", kwargs)
    if "min_value" in optional and kwargs.get("min_value") is None and kwargs.get("max_value") is None:
        raise ValueError("min_value or max_value is missing: without either it always holds")
    mostly = kwargs.get("mostly", 1)
    if isinstance(mostly, bool) or not isinstance(mostly, int | float) or not 0 < mostly <= 1:
        raise ValueError(f"mostly is {mostly!r}, must be a fraction above 0 and at most 1")
    if kind == UNEXPECTED_ROWS:
        _check_query(kwargs["unexpected_rows_query"])


def _list(name: str, kwargs: Mapping[str, Any]) -> list[Any]:
    value = kwargs.get(name, [])
    if not isinstance(value, list):
        raise ValueError(f"{name} must be a list")  # noqa: TRY004 (one error for people)
    return value


def _check_query(query: Any) -> None:
    if not isinstance(query, str) or not query.lstrip().lower().startswith(("select ", "select\n")) or ";" in query:
        raise ValueError("unexpected_rows_query must be one SELECT without a semicolon")
    try:
        placeholders = {field for _, field, _, _ in string.Formatter().parse(query) if field is not None}
    except ValueError as error:
        raise ValueError(f"unexpected_rows_query: {error}; write a literal brace twice") from None
    if placeholders != {"batch"}:
        raise ValueError("unexpected_rows_query must read from {batch} alone; write a literal brace twice")
    if found := _BIND.search(query):
        raise ValueError(f"unexpected_rows_query: {found[0]!r} reads like a bound parameter and none is given")
