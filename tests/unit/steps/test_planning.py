"""The plan: what a morning owes, from its instant and the ledger alone."""

from datetime import UTC, date, datetime, time, timedelta

import psycopg
import pytest

from daybreak.accounts import MARKETPLACES, Account
from daybreak.business_dates import days
from daybreak.datasets import DATASETS
from daybreak.settings import Settings
from daybreak.steps.planning import PlannedAccount, plan_morning
from daybreak.warehouse.report_requests import read_open_requests
from tests.morning import PUBLISHED_REPORTS

DAWN = datetime(2026, 11, 23, 4, 15, tzinfo=UTC)  # 05:15 in Rome; the newest due day is 19 November
NEWEST = date(2026, 11, 19)
ITALY = Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_it")


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(home=tmp_path, gap_days=30)


def plan(
    connection: psycopg.Connection,
    settings: Settings,
    at: datetime = DAWN,
    accounts: list[Account] | None = None,
    **how,
) -> list[PlannedAccount]:
    how.setdefault("dataset_codes", PUBLISHED_REPORTS)
    return plan_morning(connection, accounts or [ITALY], at, "run", settings, **how)


def asked(connection: psycopg.Connection) -> list[tuple[str, date, date]]:
    rows = connection.execute(
        "select dataset_code, window_start_date, window_end_date from ops.report_request order by request_id"
    )
    return [tuple(row) for row in rows]  # type: ignore[misc]


def publish(connection: psycopg.Connection, published: list[date], confirmed_at: datetime = DAWN) -> None:
    """The ledger after ``published`` of every dataset were published, all requests answered."""
    connection.execute(
        "update ops.report_request set status_code = 'done', finished_at = now() where status_code = 'asked'"
    )
    for dataset, view in (
        ("sales_daily", "MANUFACTURING"),
        ("inventory_daily", "MANUFACTURING"),
        ("traffic_daily", ""),
    ):
        load_id = connection.execute(
            "insert into ops.load (account_id, dataset_code, variant_code, status_code, requested_at) "
            "values ('brand_it', %s, %s, 'published', now()) returning load_id",
            (dataset, view),
        ).fetchone()[0]
        for day in published:
            connection.execute(
                "insert into ops.slice values ('brand_it', %s, %s, %s, 'published', %s, null, now(), 'x', 1, 1, now(), "
                "now(), %s) on conflict (account_id, dataset_code, variant_code, business_date) "
                "do update set confirmed_at = excluded.confirmed_at",
                (dataset, view, day, load_id, confirmed_at),
            )


def test_a_first_morning_asks_for_the_whole_gap_in_windows_of_15_days_newest_first(connection, settings) -> None:
    assert plan(connection, settings) == [PlannedAccount("brand_it", "Brand IT", 6, 0)]
    windows = [(date(2026, 11, 5), NEWEST), (date(2026, 10, 21), date(2026, 11, 4))]
    assert asked(connection) == [
        (dataset, *window) for dataset in ("sales_daily", "inventory_daily", "traffic_daily") for window in windows
    ]


def test_a_second_plan_of_the_same_morning_asks_for_nothing_that_is_open(connection, settings) -> None:
    plan(connection, settings)
    assert plan(connection, settings) == [PlannedAccount("brand_it", "Brand IT", 0, 6)]
    assert len(read_open_requests(connection, "brand_it")) == 6


def test_a_morning_whose_days_are_confirmed_owes_nothing_and_maps_nobody(connection, settings) -> None:
    plan(connection, settings)
    publish(connection, days(date(2026, 10, 21), NEWEST))
    assert plan(connection, settings, DAWN + timedelta(hours=1)) == []


def test_the_next_morning_asks_once_per_dataset_for_the_newest_day_and_the_restatement_window(
    connection, settings
) -> None:
    plan(connection, settings)
    publish(connection, days(date(2026, 10, 21), NEWEST))
    connection.execute("delete from ops.report_request")
    assert plan(connection, settings, DAWN + timedelta(days=1))[0].new_requests == 3
    assert set(asked(connection)) == {
        (dataset, date(2026, 11, 6), date(2026, 11, 20))
        for dataset in ("sales_daily", "inventory_daily", "traffic_daily")
    }


def test_a_gap_of_three_days_without_a_scheduler_is_filled_by_the_next_plan(connection, settings) -> None:
    plan(connection, settings)
    publish(connection, [day for day in days(date(2026, 10, 21), NEWEST) if day != date(2026, 10, 25)])
    connection.execute("delete from ops.report_request")
    plan(connection, settings, DAWN + timedelta(days=3))
    assert {(start, end) for _, start, end in asked(connection)} == {
        (date(2026, 11, 8), date(2026, 11, 22)),
        (date(2026, 10, 25), date(2026, 10, 25)),
    }


def test_refetch_asks_for_the_restatement_window_although_it_was_confirmed(connection, settings) -> None:
    plan(connection, settings)
    publish(connection, days(date(2026, 10, 21), NEWEST))
    assert plan(connection, settings, refetch=True)[0].new_requests == 3
    generations = connection.execute("select distinct generation from ops.report_request order by 1").fetchall()
    assert generations == [(1,), (2,)]


def test_an_account_with_two_views_is_asked_once_per_view_but_for_traffic(connection, settings) -> None:
    both = ITALY.model_copy(update={"distributor_views": ("MANUFACTURING", "SOURCING")})
    assert plan(connection, settings, accounts=[both])[0].new_requests == 10


def test_an_inactive_account_is_not_planned_and_one_that_left_the_file_is_retired(connection, settings) -> None:
    assert plan(connection, settings, accounts=[ITALY.model_copy(update={"is_active": False})]) == []
    plan(connection, settings)
    other = ITALY.model_copy(update={"account_id": "other_it"})
    plan(connection, settings, accounts=[other])
    active = connection.execute("select account_id, is_active from ops.account order by 1").fetchall()
    assert active == [("brand_it", False), ("other_it", True)]


def only(dataset: str, connection: psycopg.Connection, settings: Settings, at: datetime = DAWN, **how) -> list:
    """Variant and window of what this plan asks for, of one dataset alone."""
    before = {row[0] for row in connection.execute("select request_id from ops.report_request")}
    plan(connection, settings, at, dataset_codes={dataset}, **how)
    rows = connection.execute(
        "select request_id, variant_code, window_start_date, window_end_date from ops.report_request order by 1"
    ).fetchall()
    return [tuple(row[1:]) for row in rows if row[0] not in before]


def answer(connection: psycopg.Connection, requested_at: datetime) -> None:
    """Every open request was answered with all the dates of its window."""
    for dataset, variant, first, last in connection.execute(
        "select dataset_code, variant_code, window_start_date, window_end_date from ops.report_request "
        "where status_code = 'asked'"
    ).fetchall():
        load_id = connection.execute(
            "insert into ops.load (account_id, dataset_code, variant_code, status_code, requested_at) "
            "values ('brand_it', %s, %s, 'published', %s) returning load_id",
            (dataset, variant, requested_at),
        ).fetchone()[0]
        for day in DATASETS[dataset].calendar.dates(first, last):
            connection.execute(
                "insert into ops.slice values ('brand_it', %s, %s, %s, 'published', %s, null, %s, 'x', 1, 1, now(), "
                "now(), %s) on conflict (account_id, dataset_code, variant_code, business_date) "
                "do update set confirmed_at = excluded.confirmed_at, requested_at = excluded.requested_at",
                (dataset, variant, day, load_id, requested_at, requested_at),
            )
    connection.execute(
        "update ops.report_request set status_code = 'done', finished_at = now() where status_code = 'asked'"
    )


def test_hours_are_asked_for_as_far_back_as_amazon_gives_them_in_windows_that_it_takes(connection, settings) -> None:
    yesterday = date(2026, 11, 22)  # which ends in Rome before it ends in UTC
    assert only("sales_hourly", connection, settings) == [
        ("", date(2026, 11, 9), yesterday),
        ("", date(2026, 10, 26), date(2026, 11, 8)),
    ]
    assert only("inventory_hourly", connection, settings) == [
        ("", day, day) for day in reversed(days(date(2026, 11, 18), yesterday))
    ]


@pytest.mark.parametrize(("key", "given"), [("sales_hourly", 30), ("traffic_hourly", 30), ("inventory_hourly", 7)])
@pytest.mark.parametrize("marketplace", sorted(MARKETPLACES))
def test_no_hour_is_asked_for_that_amazon_no_longer_gives(key: str, given: int, marketplace: str) -> None:
    dataset, zone = DATASETS[key], MARKETPLACES[marketplace].time_zone
    for hour in range(24 * 2):
        planned_at = DAWN + timedelta(hours=hour)
        newest = dataset.calendar.newest_due(planned_at, zone)
        oldest = datetime.combine(dataset.oldest_due(newest, 400), time(), UTC)
        run_late_at = planned_at + timedelta(hours=20)  # a day's last run, begun after a night without a scheduler
        assert oldest >= run_late_at - timedelta(days=given), (planned_at, newest)


def test_a_day_of_hours_that_was_not_over_is_asked_for_once_more_and_never_again(connection, settings) -> None:
    early = DAWN - timedelta(minutes=45)  # Amazon has the last hour of Rome's day, and not yet that of UTC's
    only("sales_hourly", connection, settings, early)
    answer(connection, early)
    assert only("sales_hourly", connection, settings, early + timedelta(minutes=15)) == []
    second = [("", date(2026, 11, 22), date(2026, 11, 23))]
    assert only("sales_hourly", connection, settings, early + timedelta(days=1)) == second
    answer(connection, early + timedelta(days=1, minutes=45))
    third = [("", date(2026, 11, 24), date(2026, 11, 24))]  # this time it was asked for after midnight's hour was there
    assert only("sales_hourly", connection, settings, early + timedelta(days=2)) == third


def test_a_forecast_is_asked_for_once_per_generation(connection, settings) -> None:
    first, second = date(2026, 11, 15), date(2026, 11, 22)
    assert only("forecast_weekly", connection, settings) == [("", first, first)]
    answer(connection, DAWN)
    assert only("forecast_weekly", connection, settings, DAWN + timedelta(days=1)) == []
    assert only("forecast_weekly", connection, settings, DAWN + timedelta(days=3)) == [("", second, second)]


def test_a_forecast_that_came_before_it_was_due_leaves_nothing_to_ask_for(connection, settings) -> None:
    due = date(2026, 11, 15)
    assert only("forecast_weekly", connection, settings) == [("", due, due)]
    answer(connection, DAWN)
    connection.execute("update ops.slice set business_date = business_date + 7")  # Amazon gave the one after it
    assert only("forecast_weekly", connection, settings, DAWN + timedelta(hours=1)) == []


@pytest.mark.parametrize("gap_days", [15, 30, 60])
def test_promotions_of_four_months_are_asked_for_every_morning_once_per_kind(connection, tmp_path, gap_days) -> None:
    settings = Settings(home=tmp_path, gap_days=gap_days)
    four = (date(2026, 9, 1), date(2026, 12, 1))
    assert only("promotion", connection, settings) == [("DEAL", *four), ("COUPON", *four)]
    answer(connection, DAWN)
    assert only("promotion", connection, settings, DAWN + timedelta(hours=1)) == []
    assert only("promotion", connection, settings, DAWN + timedelta(days=1)) == [("DEAL", *four), ("COUPON", *four)]


def test_in_every_month_of_four_years_four_months_are_looked_at(tmp_path) -> None:
    promotion = DATASETS["promotion"]
    for offset in range(4 * 365):
        newest = promotion.calendar.newest_due(DAWN + timedelta(days=offset), "Europe/Rome")
        assert len(promotion.calendar.dates(promotion.oldest_due(newest, 15), newest)) == 4


def test_a_day_whose_query_is_open_is_not_asked_for_again(connection, settings) -> None:
    windows = [("", date(2026, 11, 5), NEWEST), ("", date(2026, 10, 21), date(2026, 11, 4))]
    assert only("featured_offer_loss_daily", connection, settings) == windows
    assert only("featured_offer_loss_daily", connection, settings) == []
