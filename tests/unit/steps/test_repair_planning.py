"""The plan of a repaired window: what can be had and is missing, asked for once whoever plans, and refused in words."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest

from daybreak.accounts import Account
from daybreak.datasets import DATASETS
from daybreak.settings import Settings
from daybreak.steps.planning import is_left_to_backfill, plan_morning
from daybreak.steps.repair_outlook import foresee
from daybreak.steps.repair_planning import RepairRefused, choose_scope, plan_repair, read_window, windows_of
from daybreak.warehouse.report_requests import read_open_requests
from tests.morning import PUBLISHED_REPORTS

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # the newest due day is 19 November
ITALY = Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_it")
MAY = (date(2026, 5, 1), date(2026, 5, 15))
NOVEMBER = (date(2026, 11, 9), date(2026, 11, 23))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, gap_days=30)


def plan(connection: psycopg.Connection, settings: Settings, span: tuple[date, date], *datasets: str) -> int:
    scope = choose_scope([ITALY], span, [], datasets or PUBLISHED_REPORTS, NOW, settings)
    return sum(each.new_requests for each in plan_repair(connection, scope, NOW, "repair", settings))


def test_a_window_is_asked_for_once_and_never_waited_for_at_dawn(
    connection: psycopg.Connection, settings: Settings
) -> None:
    assert plan(connection, settings, MAY) == 3
    assert plan(connection, settings, MAY) == 0
    asked = read_open_requests(connection, "brand_it")
    assert {each.window for each in asked} == {MAY}
    assert all(is_left_to_backfill(each, ITALY, NOW, settings) for each in asked)


def test_what_a_dawn_run_has_asked_for_is_taken_over(connection: psycopg.Connection, settings: Settings) -> None:
    plan_morning(connection, [ITALY], NOW, "dawn", settings, dataset_codes=PUBLISHED_REPORTS)
    assert plan(connection, settings, NOVEMBER) == 0
    assert not any(
        is_left_to_backfill(each, ITALY, NOW, settings) for each in read_open_requests(connection, "brand_it")
    )


def test_a_dawn_run_takes_over_what_a_repair_has_asked_for(connection: psycopg.Connection, settings: Settings) -> None:
    assert plan(connection, settings, NOVEMBER) == 3
    plan_morning(connection, [ITALY], NOW, "dawn", settings, dataset_codes=PUBLISHED_REPORTS)
    asked = [each for each in read_open_requests(connection, "brand_it") if each.covers(date(2026, 11, 15))]
    assert sorted(each.dataset_code for each in asked) == sorted(PUBLISHED_REPORTS)


def test_what_cannot_exist_any_more_and_what_is_not_out_yet_is_told_and_not_asked_for(
    connection: psycopg.Connection, settings: Settings
) -> None:
    plan(connection, settings, MAY, "margin_daily")  # the account is in the warehouse
    seen = {each.dataset_code: each for each in foresee(connection, [ITALY], DATASETS, MAY, NOW)}
    for gone in ("offer", "content_snapshot", "sales_hourly", "inventory_hourly"):
        assert (len(seen[gone].gone), seen[gone].wanted) == (15, ()), gone
    assert len(seen["forecast_weekly"].gone) == 2
    assert "back to 2026-10-26" in seen["sales_hourly"].why_gone
    assert (len(seen["margin_daily"].coming), seen["margin_daily"].request_count) == (15, 0)
    assert (len(seen["sales_daily"].wanted), seen["sales_daily"].request_count) == (15, 1)
    (sales,) = foresee(connection, [ITALY], ["sales_daily"], NOVEMBER, NOW)
    assert (sales.wanted[-1], sales.early) == (
        date(2026, 11, 19),
        tuple(date(2026, 11, 20) + timedelta(days=n) for n in range(4)),
    )


def test_two_years_are_windows_of_fifteen_days_the_oldest_first_without_gap_or_overlap() -> None:
    first, last = date(2024, 11, 19), date(2026, 11, 18)
    spans = windows_of((first, last))
    assert len(spans) == 49
    assert (spans[0][0], spans[-1][1]) == (first, last)
    assert all(later[0] == earlier[1] + timedelta(days=1) for earlier, later in pairwise(spans))
    assert max((end - begin).days for begin, end in spans) == 14
    assert windows_of((first, first)) == [(first, first)]


@pytest.mark.parametrize(
    ("span", "accounts", "datasets", "words"),
    [
        ((date(2026, 5, 2), date(2026, 5, 1)), [], [], "exchange them"),
        ((date(2026, 11, 1), date(2026, 11, 24)), [], [], "2026-11-24 is in the future"),
        (MAY, ["nobody"], [], "no account nobody in .*; there are: brand_it"),
        (MAY, [], ["sales"], "no dataset sales; there are: sales_daily"),
        (MAY, [], ["product"], "product comes in the client's own files"),
    ],
)
def test_what_cannot_be_repaired_is_refused_in_one_sentence(
    settings: Settings, span: tuple[date, date], accounts: list[str], datasets: list[str], words: str
) -> None:
    with pytest.raises(RepairRefused, match=words):
        choose_scope([ITALY], span, accounts, datasets, NOW, settings)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-05-01", "2026-05-16", "are 16 days and one run takes 15"),
        ("May", "2026-05-16", "must be dates such as 2026-03-01"),
    ],
)
def test_a_run_takes_one_window_of_real_dates(first: str, last: str, words: str) -> None:
    with pytest.raises(RepairRefused, match=words):
        read_window(first, last)
