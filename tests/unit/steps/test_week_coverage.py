"""What a Monday owes and what turns it red: coverage by day, missed Mondays, and one account beside another."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from daybreak.accounts import Account
from daybreak.business_dates import days
from daybreak.datasets import DATASETS
from daybreak.steps.week_coverage import WeekCoverage, owed_weeks, read_coverage, spans
from daybreak.steps.week_planning import plan_weeks
from daybreak.steps.week_verdict import WeekIncomplete, judge_monday
from daybreak.warehouse.account_registry import sync_accounts
from daybreak.warehouse.client_reports import KeptReport, insert_report
from daybreak.warehouse.missing_access import note_missing_access
from tests.sql.worlds import insert_world, read_world

WEEK = date(2026, 3, 21)
MONDAY = datetime(2026, 3, 23, 5, 0, tzinfo=UTC)
"""Monday 06:00 in Rome: Amazon has published the days up to Thursday the 19th."""
THURSDAY = date(2026, 3, 19)
BRAND = Account(
    account_id="brand", name="Brand", marketplace_code="IT", vendor_connection_id="v", seller_connection_id="s"
)
EVERY_DAY: dict[str, Any] = {
    "sales_daily": [[date(2026, 1, 1), THURSDAY]],
    "featured_offer_loss_daily": [[date(2026, 1, 1), THURSDAY]],
    "offer_snapshot": [[date(2026, 3, 1), WEEK]],
}


def known(connection: psycopg.Connection, **published: Any) -> None:
    insert_world(connection, read_world({"published": EVERY_DAY | published}))


def build(connection: psycopg.Connection, week: date, status: str = "published") -> None:
    connection.execute(
        "insert into ops.build (account_id, mart_code, from_date, to_date, status_code, reason)"
        " values ('brand', 'buy_box_weekly', %(w)s, %(w)s, %(s)s, 'a share of 2')",
        {"w": week, "s": status},
    )


def report(connection: psycopg.Connection, week: date, *, is_final: bool = True, language: str = "it") -> None:
    insert_report(connection, "brand", week, language, KeptReport(1, "hash", "a.html", "a.xlsx", is_final), "run")


def test_a_day_that_amazon_still_has_time_for_is_not_missing_and_keeps_the_week_open(
    connection: psycopg.Connection,
) -> None:
    known(connection)
    build(connection, WEEK)
    found = read_coverage(connection, BRAND, WEEK, MONDAY)
    assert found.undue_dates == (date(2026, 3, 20), WEEK)
    assert found.complete_at == datetime(2026, 3, 24, 23, tzinfo=UTC)
    assert (found.losses(), found.faults(), found.is_final) == ([], [], False)
    assert "until 2026-03-24 23:00 UTC" in found.remarks()[0]


def test_days_without_a_look_and_official_days_that_are_due_are_named(connection: psycopg.Connection) -> None:
    known(
        connection,
        offer_snapshot=[[date(2026, 3, 1), date(2026, 3, 16)], [date(2026, 3, 19), WEEK]],
        featured_offer_loss_daily=[[date(2026, 1, 1), date(2026, 3, 17)], [THURSDAY, THURSDAY]],
    )
    found = read_coverage(connection, BRAND, WEEK, MONDAY)
    assert found.losses() == ["brand week to 2026-03-21: nobody looked at the offers on 2026-03-17 to 2026-03-18"]
    assert found.faults() == [
        "brand week to 2026-03-21: featured_offer_loss_daily is due and missing for 2026-03-18",
        "brand week to 2026-03-21: mart.buy_box_weekly is not built",
    ]


def test_days_before_the_first_look_are_not_missing_and_an_account_without_a_seller_is_told_not_red(
    connection: psycopg.Connection,
) -> None:
    known(connection, offer_snapshot=[[date(2026, 3, 18), WEEK]])
    assert read_coverage(connection, BRAND, WEEK, MONDAY).unseen_dates == ()
    blind = BRAND.model_copy(update={"seller_connection_id": None})
    found = read_coverage(connection, blind, WEEK - timedelta(weeks=1), MONDAY)
    assert (found.unseen_dates, found.losses()) == ((), [])
    assert "no seller_connection_id" in found.remarks()[0]


def test_official_figures_that_a_role_keeps_back_are_told_and_not_owed(connection: psycopg.Connection) -> None:
    known(connection, featured_offer_loss_daily=[])
    assert len(read_coverage(connection, BRAND, WEEK, MONDAY).lacking_dates) == 5
    note_missing_access(connection, "brand", DATASETS["featured_offer_loss_daily"], "role_missing", "refused")
    build(connection, WEEK)
    found = read_coverage(connection, BRAND, WEEK, MONDAY)
    assert (found.faults(), found.is_final) == ([], True)
    assert any("role Brand Analytics is missing" in each for each in found.remarks())


def test_a_blocked_build_of_newer_facts_is_a_fault_although_an_older_one_stands(connection: psycopg.Connection) -> None:
    known(connection)
    build(connection, WEEK)
    build(connection, WEEK, "blocked")
    assert read_coverage(connection, BRAND, WEEK, MONDAY).unbuilt is None, "what it held back was built since"
    connection.execute(
        "insert into ops.dirty_mart (account_id, mart_code, business_date) values ('brand', 'buy_box_weekly', %(w)s)",
        {"w": WEEK},
    )
    assert "is blocked: a share of 2" in read_coverage(connection, BRAND, WEEK, MONDAY).faults()[0]


def test_a_scheduler_that_was_off_finds_every_week_without_a_final_report(connection: psycopg.Connection) -> None:
    known(connection)
    weeks = [WEEK - timedelta(weeks=back) for back in (3, 2, 1, 0)]
    assert owed_weeks(connection, BRAND, MONDAY) == weeks
    report(connection, weeks[1])
    report(connection, weeks[2], is_final=False)
    report(connection, weeks[3], language="en")
    assert owed_weeks(connection, BRAND, MONDAY) == [weeks[0], weeks[2], weeks[3]]
    assert owed_weeks(connection, BRAND, MONDAY + timedelta(days=5)) == [weeks[0], weeks[2], weeks[3]], "until Saturday"


def test_weeks_before_an_accounts_first_sales_are_not_owed(connection: psycopg.Connection) -> None:
    known(connection, sales_daily=[[date(2026, 3, 14), THURSDAY]])
    assert owed_weeks(connection, BRAND, MONDAY) == [WEEK - timedelta(weeks=1), WEEK]


def test_a_plan_names_each_active_account_with_weeks_to_close(connection: psycopg.Connection) -> None:
    known(connection)
    for back in range(4):
        report(connection, WEEK - timedelta(weeks=back))
    new = BRAND.model_copy(update={"account_id": "new_us", "name": "New US", "marketplace_code": "US"})
    gone = BRAND.model_copy(update={"account_id": "gone_it", "is_active": False})
    (planned,) = plan_weeks(connection, [BRAND, new, gone], MONDAY)
    assert (planned.account_id, planned.label, planned.week_end_dates) == ("new_us", "New US", ("2026-03-21",))


def test_the_verdict_is_green_when_the_newest_week_is_covered_built_and_reported(
    connection: psycopg.Connection,
) -> None:
    known(connection)
    for day in (WEEK - timedelta(weeks=back) for back in range(4)):
        build(connection, day)
        report(connection, day, is_final=day != WEEK)
    told = judge_monday(connection, [BRAND], MONDAY)
    assert told.startswith("every finished week is covered, built and reported; brand week to 2026-03-21: Amazon has")


def test_the_verdict_names_every_account_and_week_that_lacks_something_and_leaves_out_the_others(
    connection: psycopg.Connection,
) -> None:
    known(connection, offer_snapshot=[[date(2026, 3, 1), date(2026, 3, 9)], [date(2026, 3, 11), date(2026, 3, 20)]])
    for day in (WEEK - timedelta(weeks=back) for back in range(4)):
        build(connection, day)
    report(connection, WEEK)
    report(connection, WEEK - timedelta(weeks=1), is_final=False)
    for back in (2, 3):
        report(connection, WEEK - timedelta(weeks=back))
    other = BRAND.model_copy(update={"account_id": "other_de", "name": "Other", "marketplace_code": "DE"})
    sync_accounts(connection, [other])
    with pytest.raises(WeekIncomplete) as red:
        judge_monday(connection, [BRAND, other], MONDAY)
    told = str(red.value)
    assert "brand week to 2026-03-21: nobody looked at the offers on 2026-03-21" in told
    assert "other_de week to 2026-03-21: nobody looked at the offers on 2026-03-15 to 2026-03-21" in told
    assert "other_de week to 2026-03-21: mart.buy_box_weekly is not built" in told
    assert "other_de week to 2026-03-21: it has no report in en" in told
    assert "besides, brand week to 2026-03-14: nobody looked at the offers on 2026-03-10" in told, "said on its Monday"
    assert "2026-03-07" not in told


def test_days_in_words_join_neighbours() -> None:
    assert spans(days(date(2026, 2, 27), date(2026, 3, 1))) == "2026-02-27 to 2026-03-01"
    assert spans([date(2026, 3, 1), date(2026, 3, 3)]) == "2026-03-01, 2026-03-03"


def test_a_week_is_final_only_when_nothing_of_it_can_come(tmp_path: Path) -> None:
    whole = WeekCoverage("brand", WEEK)
    assert whole.is_final
    assert WeekCoverage("brand", WEEK, unseen_dates=(WEEK,)).is_final, "what nobody saw never comes"
    assert not WeekCoverage("brand", WEEK, lacking_dates=(WEEK,)).is_final
    assert not WeekCoverage("brand", WEEK, unbuilt="not built").is_final
