"""Missing access: a refused dataset is asked for once a day, is no alarm, and hides nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from daybreak.accounts import Account
from daybreak.datasets import DATASETS
from daybreak.feeds import FEEDS, controls_fed_by
from daybreak.settings import Settings
from daybreak.steps.access import deny
from daybreak.steps.planning import plan_morning
from daybreak.steps.verdict import MorningIncomplete, SeriesState, judge_morning, read_refusals, read_series
from daybreak.warehouse.missing_access import allow_another_try, note_missing_access, read_missing_access
from daybreak.warehouse.report_requests import read_open_requests

DAWN = datetime(2026, 11, 23, 4, 15, tzinfo=UTC)
ITALY = Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_it")
MARGIN = DATASETS["margin_daily"]
REFUSAL = 'spapi_it: createReport: access is denied. Amazon says: "Unauthorized"'


@pytest.fixture
def settings(tmp_path: Any) -> Settings:
    return Settings(home=tmp_path, gap_days=15)


def plan(connection: psycopg.Connection, settings: Settings, at: datetime, **how: Any) -> set[str]:
    """The datasets that a plan of ``at`` asks for anew."""
    before = {request.request_id for request in read_open_requests(connection, "brand_it")}
    plan_morning(connection, [how.pop("account", ITALY)], at, "run", settings, **how)
    asked = read_open_requests(connection, "brand_it")
    return {request.dataset_code for request in asked if request.request_id not in before}


def refuse(connection: psycopg.Connection, warehouse: str, settings: Settings, at: datetime = DAWN) -> None:
    """Amazon refuses the first request for margins that is open, at the instant ``at``."""
    request = next(r for r in read_open_requests(connection, "brand_it") if r.dataset_code == "margin_daily")
    deny(ITALY, request, "role_missing", REFUSAL, settings, warehouse)
    connection.execute("update ops.missing_access set last_tried_at = %s", (at,))


def series_of(connection: psycopg.Connection, settings: Settings, dataset_code: str) -> SeriesState:
    found = read_series(connection, [ITALY], DAWN, settings)
    return next(each for each in found if each.dataset_code == dataset_code)


def test_a_refused_dataset_is_left_for_the_day_and_asked_for_once_on_the_next(
    connection: psycopg.Connection, warehouse: str, settings: Settings
) -> None:
    assert "margin_daily" in plan(connection, settings, DAWN)
    refuse(connection, warehouse, settings)
    assert plan(connection, settings, DAWN + timedelta(hours=1)) == set()
    assert plan(connection, settings, DAWN + timedelta(hours=18)) == set()
    assert plan(connection, settings, DAWN + timedelta(days=1)) >= {"margin_daily"}


def test_a_person_who_fetches_anew_or_finds_the_role_by_a_probe_need_not_wait_for_the_next_day(
    connection: psycopg.Connection, warehouse: str, settings: Settings
) -> None:
    plan(connection, settings, DAWN)
    refuse(connection, warehouse, settings)
    assert "margin_daily" in plan(connection, settings, DAWN, refetch=True)
    refuse(connection, warehouse, settings)
    allow_another_try(connection, "brand_it", ["margin_daily", "sales_daily"])
    assert plan(connection, settings, DAWN) == {"margin_daily"}


def test_every_request_of_the_dataset_that_was_not_begun_ends_with_the_first_refusal(
    connection: psycopg.Connection, warehouse: str, tmp_path: Any
) -> None:
    settings = Settings(home=tmp_path, gap_days=60)
    plan(connection, settings, DAWN)
    assert sum(r.dataset_code == "margin_daily" for r in read_open_requests(connection, "brand_it")) == 4
    at_amazon = connection.execute(
        "update ops.report_request set status_code = 'waiting', amazon_report_id = '1' where request_id = "
        "(select max(request_id) from ops.report_request where dataset_code = 'margin_daily') returning request_id"
    ).fetchone()
    refuse(connection, warehouse, settings)
    left = [r.request_id for r in read_open_requests(connection, "brand_it") if r.dataset_code == "margin_daily"]
    assert at_amazon == tuple(left)
    assert {r.dataset_code for r in read_open_requests(connection, "brand_it")} >= {"sales_daily", "traffic_daily"}


def test_a_missing_role_is_told_with_what_it_costs_and_is_no_alarm(
    connection: psycopg.Connection, warehouse: str, settings: Settings
) -> None:
    plan(connection, settings, DAWN)
    refuse(connection, warehouse, settings)
    margins = series_of(connection, settings, "margin_daily")
    assert (margins.status, margins.is_red, margins.missing) == ("no access", False, {})
    assert len(margins.unreadable) == 15
    told = judge_morning([margins], read_refusals(connection, [ITALY], "run"))
    assert "no access: role Brand Analytics is missing; costs the controls price and margin, Born to Run" in told


def test_a_gap_of_another_kind_in_a_refused_dataset_stays_an_alarm(
    connection: psycopg.Connection, warehouse: str, settings: Settings
) -> None:
    plan(connection, settings, DAWN)
    refuse(connection, warehouse, settings)
    connection.execute(
        "insert into ops.report_request (account_id, dataset_code, variant_code, window_start_date, window_end_date, "
        "generation, run_id, status_code, failure_kind_code, reason) values ('brand_it', 'margin_daily', '', "
        "'2026-11-12', '2026-11-12', 1, 'run', 'failed', 'data_error', 'the document is cut short')"
    )
    margins = series_of(connection, settings, "margin_daily")
    assert (margins.status, list(margins.missing.values())) == ("missing", ["the document is cut short"])
    with pytest.raises(MorningIncomplete, match=r"2026-11-12 \(the document is cut short\).*no access"):
        judge_morning([margins])
    assert any("the document is cut short" in each for each in read_refusals(connection, [ITALY], "run"))


def test_the_other_gaps_of_a_red_morning_are_counted_without_the_missing_role_and_it_is_told_all_the_same(
    connection: psycopg.Connection, warehouse: str, settings: Settings
) -> None:
    plan(connection, settings, DAWN)
    refuse(connection, warehouse, settings)
    pair = [series_of(connection, settings, code) for code in ("sales_daily", "margin_daily")]
    with pytest.raises(MorningIncomplete, match=r"(?s)in 1 places.*sales_daily.*besides, brand_it margin_daily"):
        judge_morning(pair)


def test_an_account_to_which_amazon_refuses_everything_is_an_alarm(
    connection: psycopg.Connection, warehouse: str, settings: Settings
) -> None:
    plan(connection, settings, DAWN)
    for dataset in DATASETS.values():
        note_missing_access(connection, "brand_it", dataset, "role_missing", REFUSAL)
    connection.execute("update ops.report_request set status_code = 'failed', failure_kind_code = 'no_access'")
    found = read_series(connection, [ITALY], DAWN, settings)
    assert all(each.is_red for each in found)
    with pytest.raises(MorningIncomplete, match=r"refuses everything to this account.*daybreak doctor"):
        judge_morning(found)


@pytest.fixture
def a_dataset_of_the_seller(monkeypatch: pytest.MonkeyPatch) -> str:
    """Margins as if they needed the second credential."""
    monkeypatch.setitem(DATASETS, "margin_daily", replace(MARGIN, credential_code="seller", role="Pricing"))
    return "margin_daily"


def test_without_a_second_credential_the_rest_is_asked_for_and_the_account_says_so(
    connection: psycopg.Connection, settings: Settings, a_dataset_of_the_seller: str
) -> None:
    asked = plan(connection, settings, DAWN)
    assert a_dataset_of_the_seller not in asked
    assert {"sales_daily", "inventory_daily", "traffic_daily"} <= asked
    missing = read_missing_access(connection, "brand_it")[a_dataset_of_the_seller]
    assert (missing.reason_code, missing.role_name) == ("no_credential", "Pricing")
    found = series_of(connection, settings, a_dataset_of_the_seller)
    assert (found.status, found.is_red) == ("no access", False)
    assert "no second credential, and with it role Pricing" in found.sentence()


def test_a_second_credential_that_arrives_is_used_by_the_next_plan(
    connection: psycopg.Connection, settings: Settings, a_dataset_of_the_seller: str
) -> None:
    plan(connection, settings, DAWN)
    with_seller = ITALY.model_copy(update={"seller_connection_id": "spapi_it_seller"})
    assert plan(connection, settings, DAWN, account=with_seller) == {a_dataset_of_the_seller}
    assert read_missing_access(connection, "brand_it") == {}


def test_every_dataset_of_amazon_says_which_controls_it_feeds() -> None:
    assert {key for key in DATASETS if not FEEDS.get(key)} == set()
    assert controls_fed_by(["margin_daily", "inventory_daily"])[0] == "price and margin"
    assert len(set(controls_fed_by(DATASETS))) == len(controls_fed_by(DATASETS))
