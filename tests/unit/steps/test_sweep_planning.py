"""What a slot plans: groups by credential, plans on disk, and accounts that cannot be swept."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from daybreak.accounts import Account
from daybreak.landing.parts import Parts
from daybreak.landing.sweeps import Plan, decode_plan
from daybreak.settings import Settings
from daybreak.steps import sweep_planning
from daybreak.steps.sweep_planning import PlannedGroup, plan_sweeps, unswept
from daybreak.warehouse.account_registry import sync_accounts
from daybreak.warehouse.report_requests import mark_asking, read_open_requests

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)


def account(account_id: str, connection_id: str | None = "seller", code: str = "IT", **more: object) -> Account:
    return Account.model_validate(
        {
            "account_id": account_id,
            "name": account_id.upper(),
            "marketplace_code": code,
            "vendor_connection_id": "vendor",
            "seller_connection_id": connection_id,
            **more,
        }
    )


def know(connection: psycopg.Connection, accounts: list[Account], count: int) -> None:
    """Each account has ``count`` products, the first of highest priority."""
    sync_accounts(connection, accounts)
    for each in accounts:
        for number in range(count):
            connection.execute(
                "insert into core.product (account_id, asin, valid_from_date, priority_code) "
                "values (%(account_id)s, %(asin)s, '1970-01-01', %(code)s)",
                {"account_id": each.account_id, "asin": f"B{number:09d}", "code": "A" if number == 0 else "B"},
            )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def plan_of(connection: psycopg.Connection, settings: Settings, account_id: str) -> Plan:
    [request] = read_open_requests(connection, account_id)
    return decode_plan(Parts.of(settings.landing, account_id, request.request_id).lines(0)[0])


def test_accounts_that_share_a_credential_are_one_group_and_each_has_its_plan(
    connection: psycopg.Connection, settings: Settings
) -> None:
    accounts = [account("acme_it"), account("acme_de", code="DE"), account("other_it", "seller_2")]
    know(connection, accounts, 3)
    groups = plan_sweeps(connection, accounts, NOON, "run", settings)
    assert groups == [
        PlannedGroup("seller", "ACME_IT, ACME_DE", ("acme_it", "acme_de")),
        PlannedGroup("seller_2", "OTHER_IT", ("other_it",)),
    ]
    for each in accounts:
        plan = plan_of(connection, settings, each.account_id)
        assert plan.asins == ("B000000000", "B000000001", "B000000002")
        assert plan.business_date == NOON.date()
        assert plan.until - plan.planned_at == timedelta(minutes=225)
        [request] = read_open_requests(connection, each.account_id)
        assert (request.dataset_code, request.variant_code) == ("offer_snapshot", "1200")


def test_the_day_of_a_sweep_is_the_accounts(connection: psycopg.Connection, settings: Settings) -> None:
    japan = account("acme_jp", code="JP")
    know(connection, [japan], 1)
    plan_sweeps(connection, [japan], NOON + timedelta(hours=4), "run", settings)
    assert plan_of(connection, settings, "acme_jp").business_date.isoformat() == "2026-03-21"


def test_a_window_that_holds_less_than_is_due_takes_the_most_urgent_of_all_its_accounts(
    connection: psycopg.Connection,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(sweep_planning, "OFFERS_SHARE", 3 / (225 * 60 * 2))
    accounts = [account("acme_it"), account("acme_de", code="DE")]
    know(connection, accounts, 3)
    with caplog.at_level(logging.WARNING):
        plan_sweeps(connection, accounts, NOON, "run", settings)
    assert plan_of(connection, settings, "acme_de").asins == ("B000000000", "B000000001")
    assert plan_of(connection, settings, "acme_it").asins == ("B000000000",)
    assert "6 products are due and 3 fit into the window of acme_it, acme_de" in caplog.text


def test_planning_a_slot_twice_asks_for_nothing_twice(connection: psycopg.Connection, settings: Settings) -> None:
    accounts = [account("acme_it")]
    know(connection, accounts, 1)
    first = plan_sweeps(connection, accounts, NOON, "run", settings)
    assert plan_sweeps(connection, accounts, NOON, "run", settings) == first
    assert len(read_open_requests(connection, "acme_it")) == 1


def test_a_sweep_that_never_began_is_given_up_in_the_next_slot_and_a_begun_one_goes_on(
    connection: psycopg.Connection, settings: Settings
) -> None:
    accounts = [account("acme_it"), account("acme_de", code="DE")]
    know(connection, accounts, 1)
    plan_sweeps(connection, accounts, NOON, "run", settings)
    [begun] = read_open_requests(connection, "acme_de")
    mark_asking(connection, "acme_de", begun.request_id)
    [stale] = read_open_requests(connection, "acme_it")
    plan_sweeps(connection, accounts, NOON + timedelta(hours=4), "next", settings)
    assert not Parts.of(settings.landing, "acme_it", stale.request_id).has(0)
    assert Parts.of(settings.landing, "acme_de", begun.request_id).has(0)
    assert [each.variant_code for each in read_open_requests(connection, "acme_it")] == ["1600"]
    assert sorted(each.variant_code for each in read_open_requests(connection, "acme_de")) == ["1200", "1600"]
    reason = connection.execute("select reason from ops.report_request where status_code = 'failed'").fetchall()
    assert reason == [("its slot passed before it began; its products are due again in the next",)]


def test_accounts_that_cannot_be_swept_are_named_with_what_would_change_it(
    connection: psycopg.Connection, settings: Settings
) -> None:
    plain, polish = account("acme_it", None), account("acme_pl", code="PL")
    resting = account("acme_de", None, "DE", is_active=False)
    known = account("known_pl", code="PL", retail_seller_ids=["A1RETAIL"])
    reasons = unswept([plain, polish, resting, known])
    assert set(reasons) == {"acme_it", "acme_pl"}
    assert "seller_connection_id" in reasons["acme_it"]
    assert "retail_seller_ids" in reasons["acme_pl"]
    know(connection, [plain, polish, resting], 1)
    assert plan_sweeps(connection, [plain, polish, resting], NOON, "run", settings) == []
