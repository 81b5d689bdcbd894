"""The dictionary and the comments say what the contracts say, all of it, and nothing breaks their form."""

import re
from pathlib import Path
from random import Random

import pytest

from daybreak.contracts import ColumnContract, TableContract, comment_statements, read_contracts, render_dictionary
from daybreak.contracts.__main__ import run

ACCOUNT = ColumnContract(type="text", nullable=False, meaning="The account.")
MART = TableContract(
    table="mart.stock_daily",
    grain="one row per account",
    meaning="Stock | and\ncover.",
    key=("account_id",),
    columns={
        "account_id": ACCOUNT,
        "cover_days": ColumnContract(
            type="numeric", nullable=True, unit="days", meaning="How long stock lasts.", formula="on hand / expected"
        ),
    },
    reach_days={"core.sales_daily": 365},
    decisions=("An unknown day is no day.",),
)
OPS = TableContract(
    table="ops.account",
    grain="one row per account",
    meaning="Who.",
    key=("account_id",),
    columns={"account_id": ACCOUNT},
)


def test_the_page_says_everything_that_a_contract_says() -> None:
    page = render_dictionary([MART])
    for words in ("mart.stock_daily", "one row per account", "How long stock lasts.", "on hand / expected", "days"):
        assert words in page
    for words in ("A changed day of `core.sales_daily` can change the 365 days after it", "An unknown day is no day."):
        assert words in page


def test_a_view_is_called_one_in_the_page_and_in_its_comment() -> None:
    view = MART.model_copy(update={"kind": "view", "reach_days": {}})
    assert "A view: computed when it is read." in render_dictionary([view])
    assert "A view: computed when it is read." not in render_dictionary([MART])
    assert next(comment_statements([view]))[0] == "view mart.stock_daily"


def test_no_text_ends_the_table_cell_it_stands_in() -> None:
    rows = [line for line in render_dictionary([MART]).splitlines() if line.startswith("| [`mart.stock_daily`]")]
    assert len(rows) == 1
    assert len(re.split(r"(?<!\\)\|", rows[0])) == 5  # three cells


def test_the_page_is_the_same_whatever_the_order_of_the_contracts() -> None:
    contracts = read_contracts()
    shuffled = contracts.copy()
    Random(7).shuffle(shuffled)
    assert shuffled != contracts
    assert render_dictionary(shuffled) == render_dictionary(contracts)


def test_every_table_and_column_gets_one_comment_with_unit_and_formula() -> None:
    comments = dict(comment_statements([OPS, MART]))
    assert list(comments) == [
        *("table ops.account", "column ops.account.account_id"),
        *("table mart.stock_daily", "column mart.stock_daily.account_id", "column mart.stock_daily.cover_days"),
    ]
    assert comments["table ops.account"] == "Who. Grain: one row per account."
    assert comments["column mart.stock_daily.cover_days"] == (
        "How long stock lasts. Unit: days. Formula: on hand / expected"
    )


def test_check_is_red_until_the_page_is_written_and_write_changes_nothing_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "docs" / "data_dictionary.md"
    assert run(["--check"], page=page) == 1
    assert "daybreak docs" in capsys.readouterr().err
    assert not page.exists()
    assert run(["--write"], page=page) == 0
    written = page.stat().st_mtime_ns
    assert run(["--check"], page=page) == 0
    assert run(["--write"], page=page) == 0
    assert page.stat().st_mtime_ns == written


def test_a_wrong_contract_ends_in_one_line_that_names_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ops" / "account").mkdir(parents=True)
    (tmp_path / "ops" / "account" / "table.yml").write_text("table: ops.accounts\n")
    assert run(["--check"], directory=tmp_path, page=tmp_path / "page.md") == 2
    assert "ops/account/table.yml: table is 'ops.accounts'" in capsys.readouterr().err
