"""A number is read as it was meant, or refused: never as another one."""

from contextlib import suppress
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from daybreak.landing.client_numbers import NumberProblem, NumberStyle, decimal_mark, find_style

Mark = Literal[",", "."]
ITALIAN, ENGLISH, UNKNOWN = NumberStyle(","), NumberStyle("."), NumberStyle(None)
amounts = st.decimals(min_value=0, max_value=10**9, places=2)
styles = st.sampled_from([ITALIAN, ENGLISH])


def written(value: Decimal, mark: Mark, *, grouped: bool) -> str:
    """``value`` as a spreadsheet of that style shows it."""
    plain = f"{value:,.2f}" if grouped else f"{value:.2f}"
    return plain if mark == "." else plain.translate(str.maketrans(",.", ".,"))


@given(amounts, styles, st.booleans())
def test_what_a_spreadsheet_writes_with_cents_is_read_back_whatever_the_style_of_the_file(
    value: Decimal, style: NumberStyle, grouped: bool
) -> None:
    mark: Mark = style.decimal_mark or "."
    text = written(value, mark, grouped=grouped)
    for reader in (ITALIAN, ENGLISH, UNKNOWN):
        assert reader.read(text) == value


@given(st.integers(0, 10**12), styles)
def test_whole_numbers_are_read_back_with_their_thousands_apart(value: int, style: NumberStyle) -> None:
    grouped = f"{value:,}" if style is ENGLISH else f"{value:,}".replace(",", ".")
    assert style.read(grouped) == style.read(str(value)) == value


@given(st.text(max_size=12))
def test_any_text_is_a_finite_number_or_is_refused(text: str) -> None:
    for style in (ITALIAN, ENGLISH, UNKNOWN):
        with suppress(NumberProblem):
            assert style.read(text).is_finite()


@given(st.from_regex(r"[0-9]{1,4}([.,][0-9]{1,4}){0,3}", fullmatch=True))
def test_styles_disagree_only_where_a_text_can_be_read_in_two_ways(text: str) -> None:
    assume(decimal_mark(text) is not None)
    found = set()
    for style in (ITALIAN, ENGLISH, UNKNOWN):
        try:
            found.add(style.read(text))
        except NumberProblem:
            found.add(None)
    assert len(found) == 1


@pytest.mark.parametrize(
    ("text", "italian", "english"),
    [
        ("1.234", 1234, "1.234"),
        ("1,234", "1.234", 1234),
        ("12.345.678", 12345678, 12345678),
        ("0,125", "0.125", "0.125"),
        ("0.125", "0.125", "0.125"),
        (",5", "0.5", "0.5"),
        ("12,", 12, 12),
        ("-3", -3, -3),
        ("\u22123,5", "-3.5", "-3.5"),
        ("1 234,50", "1234.50", "1234.50"),
        ("1\u00a0234,50", "1234.50", "1234.50"),
        ("1'234.50", "1234.50", "1234.50"),
        ("007", 7, 7),
    ],
)
def test_given_texts_have_these_values(text: str, italian: str | int, english: str | int) -> None:
    assert ITALIAN.read(text) == Decimal(italian)
    assert ENGLISH.read(text) == Decimal(english)


@pytest.mark.parametrize(
    "text",
    ["", "circa 5", "5 pz", "1.23.456", "1,23.456,7", "12,34,56", "1..2", "1e3", "8,00123E+12", "#N/D", "٣", "--5",
     "5-", "1" * 41, "NaN", "Infinity", "."],
)  # fmt: skip
def test_what_is_no_number_is_refused(text: str) -> None:
    for style in (ITALIAN, ENGLISH):
        with pytest.raises(NumberProblem):
            style.read(text)


def test_what_can_be_read_in_two_ways_is_refused_where_nothing_says_which() -> None:
    with pytest.raises(NumberProblem, match="can be read in two ways"):
        UNKNOWN.read("1.234")


@pytest.mark.parametrize("text", ["€ 12,50", "12,50 €", "EUR 12,50", "12,50EUR", "12,50"])
def test_the_accounts_currency_may_stand_beside_an_amount(text: str) -> None:
    assert ITALIAN.read(text, "EUR") == Decimal("12.50")


@pytest.mark.parametrize("text", ["$ 12,50", "USD 12,50", "12,50 £"])
def test_another_currency_is_refused(text: str) -> None:
    with pytest.raises(NumberProblem, match="the account's currency is EUR"):
        ITALIAN.read(text, "EUR")


def test_a_number_of_pieces_has_no_currency() -> None:
    with pytest.raises(NumberProblem):
        ITALIAN.read("€ 12")


@pytest.mark.parametrize(
    ("texts", "delimiter", "mark"),
    [
        (["1.234", "12,5"], ",", ","),
        (["1,234", "12.5"], ";", "."),
        (["1.234"], ";", ","),
        (["1,234"], ",", "."),
        (["1.234"], "\t", None),
        (["12,5", "12.5"], ";", ","),
        (["12,5", "12.5"], "\t", None),
        (["€ 7,25", "circa 1.5"], "\t", ","),
        (["-12,5"], "\t", ","),
    ],
)
def test_a_file_tells_its_style_by_its_clear_numbers_else_by_its_delimiter(
    texts: list[str], delimiter: str, mark: str | None
) -> None:
    assert find_style(texts, delimiter).decimal_mark == mark
