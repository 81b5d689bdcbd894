"""Asks Postgres for no more than a yes or no needs: what Great Expectations says at length, said shortly.

A load's gate is asked for yes or no first.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, event

from daybreak.quality.suites import UNEXPECTED_ROWS, Expectation

_UNIQUE_KEY = "expect_compound_columns_to_be_unique"
_KEY_STANDS_TWICE = "select {} from {{batch}} where {} group by {} having count(*) > 1"
_VALUE_COUNT = "expect_column_unique_value_count_to_be_between"
_SEVERAL_VALUES = "select min({}) from {{batch}} having min({}) <> max({})"
_OWN_LIMIT = re.compile(r"\b(limit|offset|fetch)\b", re.IGNORECASE)
# How Great Expectations counts rows that fail, and how it looks for values that a pattern does not describe.
_SUM_OF_ONES = re.compile(r"sum\(CASE WHEN (.+?) THEN %\((\w+)\)s::INTEGER ELSE %\((\w+)\)s::INTEGER END\)")
_NO_MATCH = re.compile(r"NOT \((\w+) ~ %\((\w+)\)s::VARCHAR\)")
_SO_MANY_OF = re.compile(r"\^\[([A-Za-z0-9-]+)\]\{(\d+)\}\$")


def shortest(expectations: Mapping[int, Expectation]) -> dict[int, Expectation]:
    """Questions that are cheaper to ask, under the same keys: what they are met by meets ``expectations``, too.

    Whatever is not met must be asked in full: only then is it certain, and told in what it fails.
    """
    single = {e.columns[0] for e in expectations.values() if _is_of_one_value(e)}
    return {key: _shortest(expectation, single) for key, expectation in expectations.items()}


def _shortest(expectation: Expectation, single: Collection[str]) -> Expectation:
    """The question for one expectation, where others ask whether each column of ``single`` holds one value only.

    For unique keys Great Expectations groups the batch and joins it with itself beside it, which costs more. Keys
    with a null in them never count as the same, here as there. Rows that differ in some columns of a key differ in
    all of it: those that hold one value are left out. For a column of at most one value it sorts the batch to count
    the values; a least and a greatest value that are the same need no order, and several processes find them.
    """
    # A suite takes nothing but plain names for columns.
    if expectation.type == _UNIQUE_KEY and set(expectation.kwargs) == {"column_list"}:
        key = [name for name in expectation.columns if name not in single] or expectation.columns
        names = ", ".join(key)
        query = _KEY_STANDS_TWICE.format(names, " and ".join(f"{name} is not null" for name in key), names)
    elif _is_of_one_value(expectation):
        query = _SEVERAL_VALUES.format(*(expectation.columns * 3))
    else:
        return expectation
    return replace(expectation, type=UNEXPECTED_ROWS, kwargs={"unexpected_rows_query": query})


def _is_of_one_value(expectation: Expectation) -> bool:
    limits = {name: value for name, value in expectation.kwargs.items() if name != "column"}
    return expectation.type == _VALUE_COUNT and limits == {"max_value": 1}


@dataclass
class StatementTuning:
    """Changes the statements of one batch on their way to Postgres, never what they say of the rows."""

    batch_query: str
    _unread: tuple[str, ...] = field(default=(), init=False)

    def listen(self, engine: Engine) -> None:
        """Afterwards every statement of ``engine`` passes here."""
        event.listen(engine, "before_cursor_execute", self._shortened, retval=True)

    @contextmanager
    def without_rows(self, expectations: Collection[Expectation]) -> Iterator[None]:
        """Until its end, of the queries of ``expectations`` only the numbers of rows are fetched."""
        queries = [e.kwargs["unexpected_rows_query"] for e in expectations if e.type == UNEXPECTED_ROWS]
        self._unread = tuple(query[: query.index("{batch}")] for query in queries)
        try:
            yield
        finally:
            self._unread = ()

    def _shortened(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        # Great Expectations 1.24 learns a query's columns by running all of it, which brings every row over the wire,
        # and fetches the failing rows of a query before it counts them.
        is_unread = statement.startswith(self._unread) and _OWN_LIMIT.search(statement) is None
        if statement == self.batch_query or is_unread:
            statement += " limit 0"
        if isinstance(parameters, Mapping):
            parameters = {name: _exact(value) for name, value in parameters.items()}
            statement = _counted(statement, parameters)
            statement = _searched(statement, parameters)
        return statement, parameters


def _counted(statement: str, parameters: Mapping[str, Any]) -> str:
    """Counts the failing rows instead of adding up a 1 or a 0 for every row."""

    def count(found: re.Match[str]) -> str:
        if (parameters.get(found[2]), parameters.get(found[3])) != (1, 0):
            return found[0]
        return f"count(*) FILTER (WHERE {found[1]})"

    return _SUM_OF_ONES.sub(count, statement)


def _searched(statement: str, parameters: dict[str, Any]) -> str:
    """Looks for a wrong character, and at the length, where a pattern says ``^[A-Z0-9]{10}$``.

    For each value Postgres builds such a pattern's states anew, one per repetition: this takes a quarter of the time.
    """

    def search(found: re.Match[str]) -> str:
        column, name = found[1], found[2]
        pattern = _SO_MANY_OF.fullmatch(str(parameters.get(name)))
        # A pattern that is used twice is changed once.
        if pattern is None or statement.count(f"%({name})s") != 1:
            return found[0]
        parameters[name] = f"[^{pattern[1]}]"
        return f"(char_length({column}) <> {pattern[2]} OR {column} ~ %({name})s::VARCHAR)"

    return _NO_MATCH.sub(search, statement)


def _exact(value: Any) -> Any:
    """A bound as the number that the suite's file says: Great Expectations makes a double of each.

    To compare a numeric with a double Postgres turns every value into text and back.
    """
    if not isinstance(value, float):
        return value
    return int(value) if value.is_integer() else Decimal(repr(value))
