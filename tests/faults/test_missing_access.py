"""An account whose role or second credential is missing gets everything else, says so, and heals when it is granted."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from daybreak.accounts import Account
from daybreak.datasets import DATASETS
from daybreak.spapi.credentials import CredentialError, SellingPartnerCredential
from daybreak.spapi.session import SellingPartnerSession
from daybreak.spapi.tokens import TokenStore
from daybreak.steps.examination import Examination
from daybreak.steps.probing import Finding, probes
from daybreak.steps.verdict import judge_morning, read_refusals, read_series
from daybreak.warehouse.account_registry import sync_accounts
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.missing_access import note_missing_access, read_missing_access
from daybreak.warehouse.quota import WarehouseQuota
from tests.morning import Morning
from tests.simulator_process import SimulatorProcess, running_simulator, simulator_configuration

PULLED = frozenset({"sales_daily", "traffic_daily", "featured_offer_loss_daily"})


@pytest.fixture
def refused(morning: Morning) -> Morning:
    """A morning on which Amazon refuses Data Kiosk's createQuery to the account, and nothing else."""
    morning.dataset_codes = PULLED
    morning.fault("role_missing", operation="createQuery", times=2)
    return morning


def published(morning: Morning) -> dict[str, int]:
    rows = morning.rows("select dataset_code, count(*) from ops.slice where status_code = 'published' group by 1")
    return {str(name): int(count) for name, count in rows}


SELLERS = {"offer", "offer_snapshot"}
"""What the account lacks anyway: it has no second credential."""


def queries(morning: Morning) -> int:
    return len(morning.simulator.control("GET", "/state")["queries"])


def test_a_refused_dataset_costs_the_others_nothing_and_its_task_is_not_red(refused: Morning) -> None:
    progress = refused.run()
    assert progress.failures == []
    assert published(refused) == {"sales_daily": 15, "traffic_daily": 15}
    with transaction(refused.dsn) as connection:
        missing = read_missing_access(connection, "demo_it")
        assert read_refusals(connection, [refused.account], "test") == []
    assert missing.keys() == {"featured_offer_loss_daily", *SELLERS}
    assert missing["featured_offer_loss_daily"].role_name == "Brand Analytics"
    assert "Access to requested resource is denied" in missing["featured_offer_loss_daily"].reason


def test_the_verdict_names_the_role_and_its_cost_without_being_red(refused: Morning) -> None:
    refused.run()
    with transaction(refused.dsn) as connection:
        series = read_series(connection, [refused.account], refused.instant, refused.settings)
    told = judge_morning([each for each in series if each.dataset_code in PULLED])
    assert "role Brand Analytics is missing; costs the controls Buy Box, sales drivers" in told


def test_a_granted_role_heals_by_itself_on_the_next_day_and_until_then_amazon_is_not_asked(refused: Morning) -> None:
    before = queries(refused)
    refused.run()
    assert refused.plan() == 0
    refused.instant += timedelta(days=1)
    refused.run()
    assert queries(refused) > before
    assert published(refused)["featured_offer_loss_daily"] >= 15
    with transaction(refused.dsn) as connection:
        assert read_missing_access(connection, "demo_it").keys() == SELLERS


def test_a_refusal_of_one_moment_is_asked_about_once_more_and_costs_nothing(morning: Morning) -> None:
    morning.dataset_codes = PULLED
    morning.fault("role_missing", operation="createQuery", times=1)
    morning.run()
    assert published(morning) == dict.fromkeys(PULLED, 15)


def test_a_report_that_ends_fatal_for_want_of_access_counts_as_refused_and_not_as_answered(morning: Morning) -> None:
    morning.dataset_codes = frozenset({"traffic_daily"})
    words = "The selling partner does not have access to this report type."
    morning.fault("report_fatal", report_type="GET_VENDOR_TRAFFIC_REPORT", text=words)
    assert morning.run().failures == []
    with transaction(morning.dsn) as connection:
        assert words in read_missing_access(connection, "demo_it")["traffic_daily"].reason
        assert read_refusals(connection, [morning.account], "test") == []
    assert morning.plan() == 0


def test_a_request_whose_credential_went_away_after_the_plan_ends_alone(
    morning: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    morning.dataset_codes = frozenset({"traffic_daily", "sales_daily"})
    morning.plan()
    of_the_seller = replace(DATASETS["traffic_daily"], credential_code="seller", role="Pricing")
    monkeypatch.setitem(DATASETS, "traffic_daily", of_the_seller)
    assert morning.extract().failures == []
    morning.gate_and_publish()
    assert published(morning) == {"sales_daily": 15}
    with transaction(morning.dsn) as connection:
        assert read_missing_access(connection, "demo_it")["traffic_daily"].reason_code == "no_credential"


ROLES: dict[str, tuple[str, ...]] = {
    "no_analytics": ("Product Listing", "Inventory and Order Tracking"),
    "no_catalogue": ("Brand Analytics", "Inventory and Order Tracking"),
    "no_orders": ("Brand Analytics", "Product Listing"),
    "all_roles": ("Brand Analytics", "Product Listing", "Inventory and Order Tracking"),
}
MARKETPLACES = {"no_analytics": "IT", "no_catalogue": "DE", "no_orders": "FR", "all_roles": "ES"}


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    """A simulator of four accounts, each with other roles; ``all_roles`` alone has a seller."""
    configuration = simulator_configuration()
    with_seller, plain = configuration["accounts"]
    configuration["clock"]["now"] = None
    configuration["accounts"] = [
        {
            **plain,
            "account_id": account_id,
            "marketplace_id": account(account_id).marketplace.marketplace_id,
            "asins": 20,
            "roles": list(roles),
            "client_id": f"{plain['client_id']}{number}",
            "refresh_token": f"{plain['refresh_token']}{number}",
            "seller": with_seller["seller"] if account_id == "all_roles" else None,
        }
        for number, (account_id, roles) in enumerate(ROLES.items())
    ]
    with running_simulator(configuration, tmp_path_factory.mktemp("clinic")) as simulator:
        yield simulator


def account(account_id: str, **more: Any) -> Account:
    return Account(
        account_id=account_id,
        name=account_id,
        marketplace_code=MARKETPLACES[account_id],
        vendor_connection_id=f"spapi_{account_id}",
        **more,
    )


@pytest.fixture
def examine(clinic: SimulatorProcess, warehouse: str) -> Callable[..., dict[str, Finding]]:
    """Examines an account; its findings by credential and check. ``changes`` replace parts of its credential.

    None of what it replaces, and no clock that is far off, may come out.
    """

    def open_session(examined: Account, connection_id: str, **changes: str) -> SellingPartnerSession:
        entry = clinic.accounts[examined.account_id]
        entry = entry["seller"] if connection_id.endswith("_seller") else entry
        if entry is None:
            raise CredentialError(f"{examined.account_id}: Airflow has no connection {connection_id}")
        parts = {name: entry[name] for name in ("client_id", "client_secret", "refresh_token")} | changes
        credential = SellingPartnerCredential.from_connection(
            connection_id,
            clinic.base_url,
            parts["client_id"],
            parts["client_secret"],
            {"refresh_token": parts["refresh_token"], "login_url": f"{clinic.base_url}/auth/o2/token"},
        )
        quota = WarehouseQuota(connection_id, warehouse)
        marketplace_id = examined.marketplace.marketplace_id
        return SellingPartnerSession(credential, marketplace_id, None, quota, tokens=TokenStore())

    def run(examined: Account, **changes: str) -> dict[str, Finding]:
        with transaction(warehouse) as connection:
            sync_accounts(connection, [examined])
        examination = Examination(lambda a, c: open_session(a, c, **changes), dsn=warehouse)
        findings = list(examination.examine(examined))
        assert not any(secret in json.dumps([f.words + f.advice for f in findings]) for secret in changes.values())
        assert all(abs(skew) < 10 for skew in examination.clock_skews)
        return {f"{each.credential_code} {each.check}": each for each in findings}

    return run


Examine = Callable[..., dict[str, Finding]]


def outcomes(findings: dict[str, Finding]) -> dict[str, str]:
    return {name: each.outcome for name, each in findings.items()}


def test_an_account_with_everything_works_in_every_operation(examine: Examine) -> None:
    found = examine(account("all_roles", seller_connection_id="spapi_all_roles_seller"))
    assert set(outcomes(found).values()) == {"works"}
    assert found.keys() == {
        "vendor login", "vendor getReports", "vendor getQueries", "vendor searchCatalogItems",
        "vendor searchContentDocuments", "vendor getPurchaseOrders", "seller login", "seller getItemOffersBatch",
        "seller getCompetitiveSummary", "seller getMarketplaceParticipations",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("account_id", "refused", "role", "cost"),
    [
        ("no_analytics", {"vendor getReports", "vendor getQueries"}, "Brand Analytics", "stock coverage"),
        ("no_catalogue", {"vendor searchCatalogItems"}, "Product Listing", "page score"),
        ("no_orders", {"vendor getPurchaseOrders"}, "Inventory and Order Tracking", "Born to Run"),
    ],
)
def test_a_missing_role_is_named_with_where_it_is_granted_and_what_it_costs_and_the_rest_works(
    examine: Examine, account_id: str, refused: set[str], role: str, cost: str
) -> None:
    found = examine(account(account_id))
    assert {name for name, outcome in outcomes(found).items() if outcome == "role missing"} == refused
    assert all(found[name].role == role and found[name].costs for name in refused)
    assert any(cost in found[name].costs for name in refused)
    assert all(f"the role {role} in the developer profile" in found[name].advice for name in refused)
    assert all("Access to" in found[name].words for name in refused)
    others = {outcome for name, outcome in outcomes(found).items() if name not in refused | {"seller connection"}}
    assert others == {"works"}
    assert all(found[name].is_failure for name in refused)


def test_an_account_without_a_seller_is_told_so_and_that_is_no_failure(examine: Examine) -> None:
    found = examine(account("no_orders"))["seller connection"]
    assert (found.outcome, found.is_failure) == ("not configured", False)
    assert {"Buy Box", "price and margin"} <= set(found.costs)


def test_a_connection_that_is_named_and_not_there_is_a_failure_and_the_vendor_is_examined_all_the_same(
    examine: Examine,
) -> None:
    found = examine(account("no_orders", seller_connection_id="spapi_no_orders_seller"))
    assert found["seller connection"].is_failure
    assert "Airflow has no connection spapi_no_orders_seller" in found["seller connection"].words
    assert found["vendor getReports"].outcome == "works"


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [({"refresh_token": "Atzr-withdrawn"}, "revoked"), ({"client_secret": "expired-secret"}, "login refused")],
)
def test_a_login_that_is_refused_costs_everything_and_no_operation_is_asked(
    examine: Examine, changes: dict[str, str], outcome: str
) -> None:
    found = examine(account("no_orders"), **changes)
    assert outcomes(found) == {"vendor login": outcome, "seller connection": "not configured"}
    assert {"stock coverage", "page score", "sales drivers"} <= set(found["vendor login"].costs)
    assert found["vendor login"].advice


def test_a_revoked_token_is_told_apart_from_a_role_and_amazons_trouble_from_both(
    examine: Examine, clinic: SimulatorProcess
) -> None:
    faults = [
        {"kind": "revoked_token", "operation": "getReports"},
        {"kind": "http_503_html", "operation": "getQueries"},
    ]
    clinic.control("POST", "/faults", [each | {"account_id": "all_roles"} for each in faults])
    found = examine(account("all_roles"))
    assert found["vendor getReports"].outcome == "revoked"
    assert found["vendor getQueries"].outcome == "Amazon unavailable"


def test_what_a_probe_finds_granted_is_asked_for_by_the_next_plan_and_what_it_does_not_is_left(
    examine: Examine, warehouse: str
) -> None:
    examined = account("no_catalogue")
    with transaction(warehouse) as connection:
        sync_accounts(connection, [examined])
        note_missing_access(connection, "no_catalogue", DATASETS["sales_daily"], "role_missing", "refused")
    examine(examined)
    with transaction(warehouse) as connection:
        assert read_missing_access(connection, "no_catalogue")["sales_daily"].last_tried_at is None
    missing = account("no_analytics")
    with transaction(warehouse) as connection:
        sync_accounts(connection, [missing])
        note_missing_access(connection, "no_analytics", DATASETS["sales_daily"], "role_missing", "refused")
    examine(missing)
    with transaction(warehouse) as connection:
        assert read_missing_access(connection, "no_analytics")["sales_daily"].last_tried_at is not None


def test_every_dataset_that_is_asked_of_amazon_has_a_probe_of_its_credential_and_role() -> None:
    probed = {(code, probe.credential_code, probe.role) for probe in probes() for code in probe.dataset_codes}
    wanted = {(key, each.credential_code, each.role) for key, each in DATASETS.items() if each.role}
    assert wanted - probed == set()


def test_the_order_that_is_only_made_when_it_is_wanted_is_a_probe_of_its_own() -> None:
    assert {p.operation for p in probes(with_order=True)} - {p.operation for p in probes()} == {"createReport"}
