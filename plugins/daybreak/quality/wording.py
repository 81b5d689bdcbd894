"""What a person reads when an expectation fails: the sentence, and examples that can do no harm where shown."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

from daybreak.quality.suites import UNEXPECTED_ROWS, Expectation

EXAMPLES_KEPT = 20
CHARACTERS_KEPT = 200
# What finds a row again: its place in the document, or its place in the table.
_IDENTITY = ("account_id", "row_number", "business_date", "asin")
_EXAMPLES_TOLD = 3

Example = dict[str, str | None]


def harmless(value: object) -> str:
    """``value`` as text of at most 200 characters without control, format or line-breaking characters.

    ``<``, ``>`` and ``&`` come as HTML entities, anything that does not print as its escape (``\\t``, ``\\u202e``);
    what is cut off ends in an ellipsis, never within an entity.
    """
    kept: list[str] = []
    room = CHARACTERS_KEPT - 1
    for character in str(value):
        shown = character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        piece = html.escape(shown, quote=False)
        room -= len(piece)
        if room < 0:
            return "".join(kept) + "…"
        kept.append(piece)
    return "".join(kept)


def first_line(message: str | None) -> str:
    """The first line of an error message, harmless; what follows is the query and the driver's advice."""
    lines = (message or "").strip().splitlines()
    return harmless(lines[0].rstrip(".")) if lines else "no message"


def examples(expectation: Expectation, rows: Sequence[Mapping[str, Any]]) -> list[Example]:
    """At most 20 failing rows: what identifies each and the columns the expectation speaks of, all values harmless."""
    wanted = (*_IDENTITY, *expectation.columns)
    kept: list[Example] = []
    for row in rows[:EXAMPLES_KEPT]:
        names = [name for name in row if name in wanted] if expectation.columns else list(row)
        kept.append({harmless(name): None if row[name] is None else harmless(row[name]) for name in names})
    return kept


def failure_reason(expectation: Expectation, observed: str | None, unexpected: int | None, shown: list[Example]) -> str:
    """What failed in which column, in how many rows, with up to three examples, and why it matters."""
    parts = [_failure(expectation)]
    if unexpected is not None:
        parts.append(f": {unexpected} {'row' if unexpected == 1 else 'rows'}")
        if "mostly" in expectation.kwargs:
            parts.append(f", more than the {100 * (1 - expectation.kwargs['mostly']):g} % that are allowed")
    elif observed is not None:
        parts.append(f": {observed}")
    if shown:
        told = "; ".join(_told(example) for example in shown[:_EXAMPLES_TOLD])
        parts.append(f" (such as {told})")
    return f"{''.join(parts)}. {expectation.why}"


def crash_reason(expectation: Expectation, message: str) -> str:
    """That the check itself failed and how; nothing is known of the rows."""
    return f"{_failure(expectation)}: could not be checked: {first_line(message)}. {expectation.why}"


def _told(example: Example) -> str:
    return ", ".join(f"{name} {'null' if value is None else value}" for name, value in example.items())


def _failure(expectation: Expectation) -> str:
    if expectation.description:
        return expectation.description.rstrip(".")
    kwargs = expectation.kwargs
    columns = ", ".join(expectation.columns)
    sentences = {
        "expect_column_values_to_not_be_null": "{columns} is null",
        "expect_column_values_to_be_null": "{columns} is not null",
        "expect_column_values_to_be_unique": "{columns} stands more than once",
        "expect_column_values_to_be_in_set": "{columns} is none of {values}",
        "expect_column_values_to_not_be_in_set": "{columns} is one of {values}",
        "expect_column_values_to_match_regex": "{columns} does not match {regex}",
        "expect_column_values_to_not_match_regex": "{columns} matches {regex}",
        "expect_column_values_to_be_between": "{columns} is {outside}",
        "expect_column_value_lengths_to_be_between": "length of {columns} is {outside}",
        "expect_column_min_to_be_between": "smallest {columns} is {outside}",
        "expect_column_max_to_be_between": "largest {columns} is {outside}",
        "expect_column_mean_to_be_between": "mean of {columns} is {outside}",
        "expect_column_sum_to_be_between": "sum of {columns} is {outside}",
        "expect_column_unique_value_count_to_be_between": "number of different values of {columns} is {outside}",
        "expect_column_distinct_values_to_be_in_set": "{columns} holds others than {values}",
        "expect_column_pair_values_to_be_equal": "{columns} differ",
        "expect_column_pair_values_a_to_be_greater_than_b": "{columns}: the first is not the greater",
        "expect_compound_columns_to_be_unique": "{columns} together stand more than once",
        "expect_table_row_count_to_be_between": "number of rows is {outside}",
        UNEXPECTED_ROWS: "rows that should not be there",
    }
    return sentences[expectation.type].format(
        columns=columns,
        values=", ".join(map(str, kwargs.get("value_set", ()))),
        regex=kwargs.get("regex"),
        outside=_outside(kwargs.get("min_value"), kwargs.get("max_value")),
    )


def _outside(lowest: Any, highest: Any) -> str:
    if lowest is None:
        return f"above {highest}"
    return f"below {lowest}" if highest is None else f"outside {lowest} to {highest}"
