"""What is shown of failing rows can do no harm and tells what it was."""

import html
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from daybreak.quality.suites import Expectation
from daybreak.quality.wording import CHARACTERS_KEPT, EXAMPLES_KEPT, examples, failure_reason, first_line, harmless

ASIN = Expectation("expect_column_values_to_match_regex", {"column": "asin", "regex": "^[A-Z]$"}, "warning", "Why.")


@given(st.text(max_size=400))
def test_whatever_comes_in_is_short_printable_and_no_markup(value: str) -> None:
    shown = harmless(value)
    assert len(shown) <= CHARACTERS_KEPT
    assert all(character.isprintable() for character in shown)
    assert not {"<", ">"} & set(shown)


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"], max_codepoint=0x2000), max_size=39))
def test_a_short_printable_value_comes_back_value_for_value(value: str) -> None:
    if value.isprintable():
        assert html.unescape(harmless(value)) == value


def test_what_could_harm_is_spelt_out() -> None:
    assert harmless("<script>alert(1)</script>") == "&lt;script&gt;alert(1)&lt;/script&gt;"
    assert harmless("a\tb\r\nc\x00\x1b[31m\u202e\u2028") == "a\\tb\\r\\nc\\x00\\x1b[31m\\u202e\\u2028"
    assert harmless("'; DROP TABLE x; -- %s {batch}") == "'; DROP TABLE x; -- %s {batch}"
    assert harmless(Decimal("12.50")) == "12.50"


def test_a_long_value_is_cut_between_entities() -> None:
    assert harmless("x" * 200) == "x" * 199 + "…"
    assert harmless("<" * 200) == "&lt;" * 49 + "…"


def test_examples_identify_the_row_and_show_the_columns_in_question() -> None:
    row = {"row_number": 4, "business_date": None, "asin": "<b>", "ordered_units": 3}
    assert examples(ASIN, [row]) == [{"row_number": "4", "business_date": None, "asin": "&lt;b&gt;"}]


def test_a_query_shows_all_that_it_selects() -> None:
    found = Expectation("unexpected_rows_expectation", {"unexpected_rows_query": ""}, "warning", "Why.", "odd")
    assert examples(found, [{"filled_count": 3}]) == [{"filled_count": "3"}]


def test_at_most_twenty_examples_are_kept() -> None:
    assert len(examples(ASIN, [{"asin": "a"}] * 50)) == EXAMPLES_KEPT == 20


def test_the_reason_names_column_count_examples_and_why() -> None:
    shown = examples(ASIN, [{"row_number": number, "asin": "b"} for number in range(1, 9)])
    assert failure_reason(ASIN, None, 8, shown) == (
        "asin does not match ^[A-Z]$: 8 rows "
        "(such as row_number 1, asin b; row_number 2, asin b; row_number 3, asin b). Why."
    )


def test_the_reason_of_a_tolerant_expectation_says_what_is_tolerated() -> None:
    tolerant = Expectation(
        "expect_column_values_to_be_between",
        {"column": "receive_fill_ratio", "max_value": 10, "mostly": 0.99},
        "warning",
        "Why.",
    )
    expected = "receive_fill_ratio is above 10: 1 row, more than the 1 % that are allowed. Why."
    assert failure_reason(tolerant, None, 1, []) == expected


def test_the_first_line_of_an_error_leaves_out_the_query() -> None:
    assert first_line("relation does not exist.\n[SQL: select 1]") == "relation does not exist"
    assert first_line(None) == first_line("  \n") == "no message"
