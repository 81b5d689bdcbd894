"""What commands print: exact numbers for programs, readable ones for people, nothing that a spreadsheet would run."""

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from daybreak.cli.output import Format, print_rows

ROW = {
    "asin": "B0TEST",
    "cover": Decimal("0.1234567890123456789"),
    "units": 3,
    "day": date(2026, 3, 1),
    "seen_at": datetime(2026, 3, 1, 5, tzinfo=UTC),
    "gone": None,
    "note": "=HYPERLINK(1)",
}
COLUMNS = tuple(ROW)


def test_json_keeps_every_digit_and_a_missing_value_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([ROW], COLUMNS, Format.JSON)
    (row,) = json.loads(capsys.readouterr().out, parse_float=Decimal)
    assert row["cover"] == ROW["cover"]
    assert (row["units"], row["gone"], row["day"]) == (3, None, "2026-03-01")
    assert row["note"] == "=HYPERLINK(1)"


def test_csv_keeps_every_digit_and_text_cannot_become_a_formula(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([ROW], COLUMNS, Format.CSV)
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["cover"] == "0.1234567890123456789"
    assert (row["gone"], row["note"], row["seen_at"]) == ("", "'=HYPERLINK(1)", "2026-03-01T05:00:00+00:00")


def test_no_rows_are_an_empty_list_and_a_header(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([], COLUMNS, Format.JSON)
    assert json.loads(capsys.readouterr().out) == []
    print_rows([], ("a", "b"), Format.CSV)
    assert capsys.readouterr().out == "a,b\n"


def test_a_table_shows_markup_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"note": "[red]x[/red]", "cover": Decimal("1234.5")}], ("note", "cover"), Format.TABLE)
    shown = capsys.readouterr().out
    assert "[red]x[/red]" in shown
    assert "1,234.50" in shown


@pytest.mark.parametrize("form", [Format.TABLE, Format.CSV])
def test_text_from_outside_cannot_steer_a_terminal(form: Format, capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"note": "\x1b[2Jgone\x07\u202e\x9b1m"}], ("note",), form)
    shown = capsys.readouterr().out
    assert not set(shown) & set("\x1b\x07\u202e\x9b")
    assert "\\x1b[2Jgone\\x07\\u202e\\x9b1m" in shown
