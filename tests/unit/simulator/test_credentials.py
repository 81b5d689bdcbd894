"""Two kinds of credential: what each opens, whose quota it takes, and what its missing roles close."""

import secrets

import pytest
from pydantic import ValidationError

from simulator.config import SELLER_ROLES, VENDOR_ROLES
from simulator.operations import SPAPI_OPERATIONS

from .conftest import MakeAccount
from .partners import Partners, make_partners, make_seller

FORBIDDEN = {"errors": [{"code": "Unauthorized", "message": "Access to the resource is forbidden", "details": ""}]}
DENIED = {"errors": [{"code": "Unauthorized", "message": "Access to requested resource is denied.", "details": ""}]}


def test_vendor_and_seller_log_in_apart_and_are_counted_apart(make_account: MakeAccount) -> None:
    partners = make_partners(make_account, asins=5)
    client, vendor, seller = partners.client, partners.vendor, partners.seller
    assert client.get("/reports/2021-06-30/reports/1", headers=vendor).status_code == 404
    refused = client.get("/reports/2021-06-30/reports/1", headers=seller)
    assert (refused.status_code, refused.json()) == (403, FORBIDDEN)
    assert client.get("/sellers/v1/marketplaceParticipations", headers=seller).status_code == 200
    calls = partners.simulation.journal.summary()
    assert set(calls) == {"demo_it", "demo_it:seller"}
    assert calls["demo_it"]["getReport"]["statuses"] == {"404": 1}
    assert calls["demo_it:seller"]["getReport"]["statuses"] == {"403": 1}


def test_a_refused_call_uses_up_neither_quota_nor_fault(make_account: MakeAccount) -> None:
    partners = Partners(make_account(asins=5, roles=("Product Listing",)))
    partners.arm(kind="http_500")
    answers = [partners.client.get("/vendor/orders/v1/purchaseOrders", headers=partners.vendor) for _ in range(12)]
    assert {answer.status_code for answer in answers} == {403}
    assert answers[0].json() == DENIED
    assert len(partners.simulation.armoury.waiting()) == 1
    assert partners.simulation.journal.summary()["demo_it"]["getPurchaseOrders"]["calls"] == 12


def test_a_seller_is_told_where_it_sells_and_a_vendor_nothing(make_account: MakeAccount) -> None:
    partners = make_partners(make_account, asins=5)
    told = partners.client.get("/sellers/v1/marketplaceParticipations", headers=partners.seller).json()["payload"]
    assert [entry["marketplace"]["id"] for entry in told] == ["APJ6JRA9NG5V4"]
    assert told[0]["marketplace"]["countryCode"] == "IT"
    account = partners.client.get("/sellers/v1/account", headers=partners.seller).json()["payload"]
    assert account["marketplaceParticipationList"] == told
    refused = partners.client.get("/sellers/v1/account", headers=partners.vendor)
    assert (refused.status_code, refused.json()) == (403, DENIED)


@pytest.mark.parametrize("missing", VENDOR_ROLES)
def test_one_missing_role_closes_only_what_no_other_role_opens(make_account: MakeAccount, missing: str) -> None:
    roles = tuple(role for role in VENDOR_ROLES if role != missing)
    closed = {name for name, operation in SPAPI_OPERATIONS.items() if not operation.open_to(roles)}
    closed_to_all = {name for name, operation in SPAPI_OPERATIONS.items() if not operation.open_to(VENDOR_ROLES)}
    for name in closed - closed_to_all:
        assert SPAPI_OPERATIONS[name].roles == {missing}


def test_prices_are_the_sellers_and_reports_and_orders_the_vendors() -> None:
    vendor = {name for name, operation in SPAPI_OPERATIONS.items() if operation.open_to(VENDOR_ROLES)}
    seller = {name for name, operation in SPAPI_OPERATIONS.items() if operation.open_to(SELLER_ROLES)}
    assert {"getItemOffers", "getItemOffersBatch", "getCompetitiveSummary"} <= seller - vendor
    assert {"createReport", "getReportDocument", "getPurchaseOrders", "getPurchaseOrdersStatus"} <= vendor - seller


def test_accounts_may_share_a_seller_and_then_its_quota(make_account: MakeAccount) -> None:
    seller = make_seller()
    accounts = [
        make_account(seller=seller),
        make_account("demo_de", marketplace_id="A1PA6795UKMFR9", seller=seller),
    ]
    logins = Partners(*accounts).simulation.logins
    found = logins.find(str(seller["refresh_token"]))
    assert found is not None
    assert (found.kind, found.name) == ("seller", "demo_it+demo_de:seller")
    vendors = [logins.find(account.refresh_token.get_secret_value()) for account in accounts]
    assert len({found.key, *(vendor.key for vendor in vendors if vendor)}) == 3


def test_a_refresh_token_has_one_owner_and_one_set_of_roles(make_account: MakeAccount) -> None:
    token = secrets.token_hex(8)
    with pytest.raises(ValidationError, match="repeats a refresh token and marketplace"):
        Partners(make_account(refresh_token=token, seller=make_seller(refresh_token=token)))
    seller = make_seller()
    other = {"account_id": "demo_de", "marketplace_id": "A1PA6795UKMFR9"}
    for change in ({"seller_id": "A3ANOTHERID02"}, {"roles": ("Pricing",)}, {"client_id": "another"}):
        with pytest.raises(ValidationError, match="shares a refresh token under other client or roles"):
            Partners(make_account(seller=seller), make_account(**other, seller=seller | change))


def test_roles_of_the_other_kind_are_no_roles(make_account: MakeAccount) -> None:
    with pytest.raises(ValidationError, match="Pricing"):
        make_account(roles=("Pricing",))
    with pytest.raises(ValidationError, match="Brand Analytics"):
        make_account(seller=make_seller(roles=("Brand Analytics",)))
