"""The verdict: red exactly when a due day is missing and not muted, and it names the day, the reason and the repair."""

from datetime import UTC, date, datetime

import pytest

from daybreak.accounts import Account
from daybreak.datasets import DATASETS, DAWN_DATASETS
from daybreak.settings import Settings
from daybreak.steps.verdict import MorningIncomplete, judge_morning, read_refusals, read_series, read_unbuilt_marts
from daybreak.warehouse.account_registry import sync_accounts
from daybreak.warehouse.mart_reach import build_order

DAWN = datetime(2026, 11, 23, 4, 15, tzinfo=UTC)
ITALY = Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_it")
REQUEST_COLUMNS = "account_id, dataset_code, variant_code, window_start_date, window_end_date, generation, run_id"
SERIES = tuple(
    (dataset, view) for dataset in DATASETS.values() if dataset.key in DAWN_DATASETS for view in dataset.variants(ITALY)
)
GAP_DAYS = 15
LOST = {date(2026, 11, 12), date(2026, 11, 13)}


@pytest.fixture
def ledger(connection):
    """Every due date of every series of the dawn published, but 12 and 13 November of sales."""
    sync_accounts(connection, [ITALY])
    for dataset, view in SERIES:
        load_id = connection.execute(
            "insert into ops.load (account_id, dataset_code, variant_code, status_code, requested_at) "
            "values ('brand_it', %s, %s, 'published', now()) returning load_id",
            (dataset.key, view),
        ).fetchone()[0]
        newest = dataset.calendar.newest_due(DAWN, "Europe/Rome")
        for day in dataset.calendar.dates(dataset.oldest_due(newest, GAP_DAYS), newest):
            if dataset.key != "sales_daily" or day not in LOST:
                connection.execute(
                    "insert into ops.slice values ('brand_it', %s, %s, %s, 'published', %s, null, now(), 'x', 1, 1, "
                    "now(), now(), now())",
                    (dataset.key, view, day, load_id),
                )
    return connection


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(home=tmp_path, gap_days=GAP_DAYS)


def test_a_missing_day_turns_the_morning_red_and_is_named_with_its_reason(ledger, settings) -> None:
    ledger.execute(
        f"insert into ops.report_request ({REQUEST_COLUMNS}, status_code, reason) values ('brand_it', 'sales_daily', "
        "'MANUFACTURING', '2026-11-12', '2026-11-13', 1, 'r', 'failed', 'Amazon said FATAL')"
    )
    with pytest.raises(MorningIncomplete) as red:
        judge_morning(read_series(ledger, [ITALY], DAWN, settings))
    assert "brand_it sales_daily MANUFACTURING: due and missing 2026-11-12 to 2026-11-13 (Amazon said FATAL)" in str(
        red.value
    )
    assert "in 1 places" in str(red.value)
    assert "daybreak status" in str(red.value)


def test_days_with_different_reasons_are_told_apart(ledger, settings) -> None:
    ledger.execute(
        f"insert into ops.report_request ({REQUEST_COLUMNS}, status_code) values ('brand_it', 'sales_daily', "
        "'MANUFACTURING', '2026-11-12', '2026-11-12', 1, 'r', 'waiting')"
    )
    sales = read_series(ledger, [ITALY], DAWN, settings)[0]
    assert sales.missing == {
        date(2026, 11, 12): "Amazon is still working on the report",
        date(2026, 11, 13): "never asked for",
    }


def test_a_muted_outage_is_not_red_and_is_still_told(ledger, settings) -> None:
    ledger.execute(
        "insert into ops.mute (account_id, dataset_code, until_date, reason, muted_by) "
        "values ('brand_it', 'sales_daily', '2026-12-01', 'Amazon case 123', 'on call')"
    )
    assert "muted until 2026-12-01: Amazon case 123" in judge_morning(read_series(ledger, [ITALY], DAWN, settings))


@pytest.mark.parametrize(
    ("dataset", "variant", "missing"),
    [
        ("forecast_weekly", "", date(2026, 11, 15)),
        ("sales_hourly", "", date(2026, 11, 22)),
        ("promotion", "COUPON", date(2026, 12, 1)),
        ("featured_offer_loss_daily", "", date(2026, 11, 19)),
    ],
)
def test_a_missing_date_of_any_calendar_turns_the_morning_red_until_it_is_muted(
    ledger, settings, dataset, variant, missing
) -> None:
    ledger.execute("delete from ops.slice where dataset_code = %s and business_date = %s", (dataset, missing))
    (series,) = [
        each
        for each in read_series(ledger, [ITALY], DAWN, settings)
        if (each.dataset_code, each.variant_code) == (dataset, variant)
    ]
    named = f"brand_it {dataset}{' ' + variant if variant else ''}: due and missing {missing} (never asked for)"
    with pytest.raises(MorningIncomplete) as red:
        judge_morning([series])
    assert named in str(red.value)
    ledger.execute(
        "insert into ops.mute (account_id, dataset_code, until_date, reason, muted_by) "
        "values ('brand_it', %s, '2026-12-05', 'no role yet', 'on call')",
        (dataset,),
    )
    (muted,) = [
        each
        for each in read_series(ledger, [ITALY], DAWN, settings)
        if (each.dataset_code, each.variant_code) == (dataset, variant)
    ]
    assert f"{named}; muted until 2026-12-05: no role yet" in judge_morning([muted])


def test_a_mute_that_has_ended_no_longer_counts(ledger, settings) -> None:
    ledger.execute(
        "insert into ops.mute (account_id, until_date, reason, muted_by) "
        "values ('brand_it', '2026-11-01', 'old', 'on call')"
    )
    with pytest.raises(MorningIncomplete):
        judge_morning(read_series(ledger, [ITALY], DAWN, settings))


def test_a_complete_morning_is_green_and_days_that_are_not_due_yet_do_not_count(ledger, settings) -> None:
    ledger.execute(
        "insert into ops.slice select 'brand_it', 'sales_daily', 'MANUFACTURING', d::date, 'no_data', "
        "(select min(load_id) from ops.load), null, now(), '', 0, 1, now(), now(), now() "
        "from generate_series('2026-11-12'::timestamp, '2026-11-13', '1 day') as d"
    )
    series = read_series(ledger, [ITALY], DAWN, settings)
    assert judge_morning(series) == "every due day is published"
    assert {each.label.removeprefix("brand_it "): each.newest_published_date for each in series} == {
        "sales_daily MANUFACTURING": date(2026, 11, 19),
        "inventory_daily MANUFACTURING": date(2026, 11, 19),
        "traffic_daily": date(2026, 11, 19),
        "margin_daily": date(2026, 11, 19),
        "featured_offer_loss_daily": date(2026, 11, 19),
        "forecast_weekly": date(2026, 11, 15),  # the Sunday that a forecast was made on
        "sales_hourly": date(2026, 11, 22),  # Rome's yesterday, which ends within this day of UTC
        "traffic_hourly": date(2026, 11, 22),
        "inventory_hourly": date(2026, 11, 22),
        "promotion DEAL": date(2026, 12, 1),  # what begins next month is known ahead of it
        "promotion COUPON": date(2026, 12, 1),
        "content_snapshot": date(2026, 11, 23),  # what is looked at today
        "purchase_order_line": date(2026, 11, 23),
    }
    assert series[0].no_data_dates == (date(2026, 11, 12), date(2026, 11, 13))


def test_a_blocked_load_is_red_until_a_later_load_of_the_same_days_is_published(ledger, settings) -> None:
    window = "'2026-11-05', '2026-11-19'"
    columns = (
        "account_id, dataset_code, variant_code, requested_at, window_start_date, window_end_date, status_code, reason"
    )
    ledger.execute(
        f"insert into ops.load ({columns}) "
        f"values ('brand_it', 'traffic_daily', '', now(), {window}, 'blocked', 'doubled')"
    )
    (refusal,) = read_refusals(ledger, [ITALY], "run")
    assert "(traffic_daily 2026-11-05 to 2026-11-19) is blocked: doubled" in refusal
    with pytest.raises(MorningIncomplete, match="is blocked: doubled"):
        judge_morning([], [refusal])
    ledger.execute(
        f"insert into ops.load ({columns}) values ('brand_it', 'traffic_daily', '', now(), {window}, 'published', null)"
    )
    assert read_refusals(ledger, [ITALY], "run") == []


def test_what_amazon_refused_to_this_run_is_red_and_what_it_refused_to_another_is_not(ledger) -> None:
    ledger.execute(
        f"insert into ops.report_request ({REQUEST_COLUMNS}, status_code, failure_kind_code, reason) values "
        "('brand_it', 'sales_daily', 'MANUFACTURING', '2026-11-12', '2026-11-13', 1, 'r', 'failed', 'give_up', "
        "'no role')"
    )
    assert read_refusals(ledger, [ITALY], "another") == []
    assert read_refusals(ledger, [ITALY], "r") == [
        "brand_it sales_daily MANUFACTURING 2026-11-12 to 2026-11-13: no role"
    ]


def test_a_mart_without_a_published_build_of_yesterday_is_named_with_its_gates_reason(ledger) -> None:
    columns = "account_id, mart_code, from_date, to_date, status_code, reason"
    for mart in build_order()[1:]:
        published = f"'brand_it', '{mart}', '2026-11-08', '2026-11-22', 'published', null"
        ledger.execute(f"insert into ops.build ({columns}) values ({published})")
    span = f"'brand_it', '{build_order()[0]}', '2026-11-08', '2026-11-22'"
    (missing,) = read_unbuilt_marts(ledger, [ITALY], DAWN)
    assert missing == f"brand_it mart.{build_order()[0]} is not built for 2026-11-22"
    ledger.execute(f"insert into ops.build ({columns}) values ({span}, 'blocked', 'a negative cover')")
    (blocked,) = read_unbuilt_marts(ledger, [ITALY], DAWN)
    assert "is blocked: a negative cover" in blocked
    ledger.execute(f"insert into ops.build ({columns}) values ({span}, 'published', null)")
    assert read_unbuilt_marts(ledger, [ITALY], DAWN) == []
