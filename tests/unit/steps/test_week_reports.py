"""The client's Monday report: what it says of the week, what is kept of it, and what it must never do."""

import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
import yaml

from daybreak.accounts import Account
from daybreak.board.week_facts import WeekReport
from daybreak.board.week_page import week_page
from daybreak.board.week_workbook import week_workbook
from daybreak.settings import Settings
from daybreak.steps.week_reports import WeekUnknown, compose_week, keep_week
from tests.sql.worlds import insert_world, read_world

WEEK = date(2026, 3, 21)
MONDAY = datetime(2026, 3, 23, 5, 0, tzinfo=UTC)
BRAND = Account(
    account_id="brand",
    name="Brand & Figli",
    marketplace_code="IT",
    vendor_connection_id="spapi",
    seller_connection_id="s",
)
GIVEN = Path(__file__).parents[2] / "client_week.yml"


def insert_week(connection: psycopg.Connection) -> None:
    """The week as its marts stand, built and published."""
    insert_world(connection, read_world(yaml.safe_load(GIVEN.read_text())))
    connection.execute(
        "insert into ops.build (account_id, mart_code, from_date, to_date, status_code)"
        " values ('brand', 'buy_box_weekly', '2026-03-21', '2026-03-21', 'published')"
    )


@pytest.fixture(scope="module")
def told(module_warehouse: str) -> WeekReport:
    """What the report of the week says on its Monday."""
    with psycopg.connect(module_warehouse, autocommit=True) as connection:
        insert_week(connection)
        return compose_week(connection, BRAND, WEEK, MONDAY)


def test_shares_of_the_account_are_weighted_by_usual_revenue_and_the_week_before_stands_beside(
    told: WeekReport,
) -> None:
    totals = told.totals
    assert (totals.products, totals.observed_products, totals.lost_products, totals.weighted_products) == (3, 2, 1, 2)
    assert totals.headline_ratio == Decimal("0.9")  # (0.6 of 1,000 and all of 3,000) / 4,000
    assert totals.ownership_ratio == Decimal("0.875")
    assert totals.other_ratio == Decimal("0.125")
    assert totals.official_lost_ratio == Decimal("0.1")
    assert totals.lost_revenue_amount == 400
    assert told.totals_before is not None
    assert told.totals_before.headline_ratio == Decimal("0.9")
    first, second, third = told.products
    assert (first.asin, first.headline_ratio_before, first.lost_revenue_amount_before) == (
        "B000000001",
        Decimal("0.9"),
        100,
    )
    assert (second.asin, second.headline_ratio_before) == ("B000000002", None)
    assert (third.asin, third.lost_revenue_amount) == ("B000000003", None)


def test_what_was_found_are_the_confirmed_losses_and_the_controls_of_the_week_on_the_accounts_clock(
    told: WeekReport,
) -> None:
    assert [(each.asin, each.opened_at.day, each.lost_revenue_amount) for each in told.incidents] == [
        ("B000000001", 16, Decimal("291.6667")),
        ("B000000001", 11, 100),
        ("B000000002", 2, None),
    ]
    assert [(each.control_id, each.human_status_code) for each in told.controls] == [
        ("brand:buy_box:B000000001:2026-03-16", "agreed")
    ]


def test_what_was_done_says_who_and_when_and_of_which_product(told: WeekReport) -> None:
    assert [(each.actor_name, each.cause_code, each.asins, each.spend_amount) for each in told.actions] == [
        ("anna", "undercut", ("B000000001",), 60),
        ("=cmd", None, (), None),
    ]


def test_what_it_brought_is_the_usual_revenue_from_taking_it_back_to_the_end_of_the_week(told: WeekReport) -> None:
    (recovery,) = told.recoveries
    # Wednesday 11:00 UTC to Saturday's midnight in Rome, 23:00 UTC: 84 of 168 hours of 1,000.
    assert recovery.regained_revenue_amount == 500
    assert (told.spend_amount, told.regained_revenue_amount) == (60, 500)
    assert replace(told, recoveries=()).regained_revenue_amount is None


def test_a_day_without_a_look_and_days_that_amazon_still_owes_are_said_and_make_it_provisional(
    told: WeekReport,
) -> None:
    assert told.coverage.unseen_dates == (date(2026, 3, 18),)
    assert told.coverage.is_final
    assert "18 Mar" in week_page(told, "en")
    owed = replace(
        told.coverage,
        undue_dates=(date(2026, 3, 21),),
        complete_at=datetime(2026, 3, 24, 23, tzinfo=UTC),
        is_final=False,
    )
    page = week_page(replace(told, coverage=owed), "it")
    assert "provvisorio" in page
    assert "mer 25 mar, 00:00" in page


@pytest.mark.parametrize("language", ["en", "it"])
def test_text_from_outside_is_never_markup_on_the_page(told: WeekReport, language: str) -> None:
    page = week_page(told, language)  # type: ignore[arg-type]
    assert "<script" not in page
    assert "<b>42" not in page
    assert "Brand &amp; Figli" in page
    assert "http" not in page.replace("http://www.w3.org", "")


def test_both_languages_say_the_same_figures_in_their_own_way(told: WeekReport) -> None:
    english, italian = week_page(told, "en"), week_page(told, "it")
    assert "What it brought" in english
    assert "Che cosa ha portato" in italian
    assert "90.0%" in english
    assert "90,0%" in italian
    assert "€400" in english
    assert "400\xa0€" in italian


def test_the_workbook_holds_every_row_in_typed_cells_and_runs_nothing(told: WeekReport, tmp_path: Path) -> None:
    path = tmp_path / "week.xlsx"
    path.write_bytes(week_workbook(told, "it"))
    with zipfile.ZipFile(path) as book:
        names = book.read("xl/workbook.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
        products = book.read("xl/worksheets/sheet2.xml").decode()
        everything = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    for sheet in ("Sintesi", "Per prodotto", "Perdite della Buy Box", "Controlli aperti", "Che cosa ha portato"):
        assert f'name="{sheet}"' in names
    assert "=HYPERLINK(1)" in texts
    assert "=cmd" in texts
    assert "<f>" not in everything
    assert products.count("<row ") == 4
    assert "<v>0.6</v>" in products
    assert week_workbook(told, "it") == path.read_bytes()


@pytest.fixture
def closed(connection: psycopg.Connection, warehouse: str, tmp_path: Path) -> Callable[..., str]:
    """Keeps the report of the week, as often as it is called; says what became of it."""
    insert_week(connection)
    settings = Settings(home=tmp_path)

    def keep(run_id: str = "monday", **more: str) -> str:
        return keep_week(BRAND, WEEK, MONDAY, run_id, settings, warehouse, **more)[0]  # type: ignore[arg-type]

    return keep


def editions(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    query = "select language_code, sequence, is_final, run_id from ops.client_report order by language_code, sequence"
    return connection.execute(query).fetchall()


def test_equal_figures_make_no_new_edition_and_changed_ones_do(
    closed: Callable[..., str], connection: psycopg.Connection, tmp_path: Path
) -> None:
    assert "is kept" in closed("first")
    assert "is unchanged" in closed("second")
    assert editions(connection) == [("it", 1, True, "first")]
    connection.execute("update mart.buy_box_weekly set lost_revenue_amount = 401 where lost_revenue_amount = 400")
    assert "has changed: edition 2" in closed("third")
    assert editions(connection) == [("it", 1, True, "first"), ("it", 2, True, "third")]
    folder = tmp_path / "reports" / "brand" / "2026-03-21"
    assert sorted(path.name for path in folder.iterdir()) == [
        f"buy_box_brand_2026-03-21_it_{edition}.{ending}" for edition in (1, 2) for ending in ("html", "xlsx")
    ]


def test_each_language_has_editions_of_its_own(closed: Callable[..., str], connection: psycopg.Connection) -> None:
    closed()
    closed("by hand", language="en")
    assert editions(connection) == [("en", 1, True, "by hand"), ("it", 1, True, "monday")]


def test_a_lost_file_is_written_again_from_equal_figures(closed: Callable[..., str], tmp_path: Path) -> None:
    closed()
    for path in (tmp_path / "reports").rglob("*.xlsx"):
        path.unlink()
    assert "is unchanged" in closed()
    assert len(list((tmp_path / "reports").rglob("*.xlsx"))) == 1


def test_a_week_without_figures_is_no_report_and_says_what_to_do(
    closed: Callable[..., str], warehouse: str, tmp_path: Path
) -> None:
    with pytest.raises(WeekUnknown, match=r"brand: .* week to 2026-01-03.*daybreak build buy_box_weekly"):
        keep_week(BRAND, date(2026, 1, 3), MONDAY, "run", Settings(home=tmp_path), warehouse)
    assert not (tmp_path / "reports").exists()
