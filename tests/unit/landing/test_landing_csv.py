"""What is written for COPY comes back value for value."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daybreak.landing.csv_text import COPY_OPTIONS, Line, write_lines
from tests.unit.landing.report_documents import read_csv

TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
NUMBER = st.one_of(
    st.integers(min_value=-(2**31), max_value=2**31 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20),
)
AWKWARD = [
    '"',
    "\\",
    "\\.",
    "\t",
    "\n",
    "\r\n",
    "%s",
    "null",
    "NULL",
    "",
    ",",
    "][",
    "]\n[",
    "\u2028",
    "é😀",
    "';--",
    "\x7f",
]


def read_back(lines: list[list[str | None]], like: list[Line]) -> list[list[object]]:
    return [
        [
            value if isinstance(origin, str) or value is None else Decimal(value)
            for value, origin in zip(*pair, strict=True)
        ]
        for pair in zip(lines, like, strict=True)
    ]


@given(st.lists(st.lists(st.one_of(TEXT, NUMBER, st.none()), min_size=1, max_size=6), max_size=8))
@example([[text, 1, None] for text in AWKWARD])
def test_any_text_and_number_comes_back_from_csv(lines: list[Line]) -> None:
    written = write_lines(lines)
    wanted = [[Decimal(repr(value)) if isinstance(value, float) else value for value in line] for line in lines]
    assert read_back(read_csv(written.decode()), lines) == wanted


@pytest.mark.parametrize("text", AWKWARD)
def test_one_awkward_line_changes_no_other_line(text: str) -> None:
    plain: list[Line] = [[1, "B000000001", None], [3, "B000000003", 2.5]]
    written = write_lines([plain[0], [2, text, None], plain[1]])
    assert read_csv(written.decode()) == [["1", "B000000001", None], ["2", text, None], ["3", "B000000003", "2.5"]]
    assert written.startswith(write_lines(plain[:1]))
    assert written.endswith(write_lines(plain[1:]))


def test_missing_is_null_and_the_text_null_is_not() -> None:
    assert write_lines([[None, "null"]]) == b'null,"null"\n'
    assert "NULL 'null'" in COPY_OPTIONS


def test_decimals_keep_every_digit() -> None:
    assert write_lines([[Decimal("12345678901234567890.10")]]) == b"12345678901234567890.10\n"


def test_no_lines_are_no_bytes() -> None:
    assert write_lines([]) == b""
