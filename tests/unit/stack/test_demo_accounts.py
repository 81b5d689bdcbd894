"""The demo's world is written once, kept, and fits the files that it is for."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from daybreak.accounts import read_accounts
from daybreak.datasets import DATASETS
from daybreak.landing.decoding import decode_document
from daybreak.landing.specifications import ExpectedReport
from daybreak.settings import Settings
from daybreak.stack import airflow_home, demo_accounts
from daybreak.stack.demo_accounts import DEMO_WORLD, World, first_of_month, uses_demo_accounts, write_demo

FIRST, SECOND = "http://127.0.0.1:4711", "http://127.0.0.1:4712"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, accounts_file=tmp_path / "accounts.yml")


def test_the_accounts_file_holds_one_account_for_each_of_three_markets(settings: Settings) -> None:
    write_demo(settings, FIRST, DEMO_WORLD)
    accounts = read_accounts(settings.accounts_path)
    assert [(a.account_id, a.marketplace_code) for a in accounts] == [
        ("demo_it", "IT"),
        ("demo_de", "DE"),
        ("demo_fr", "FR"),
    ]


def test_the_simulator_plays_exactly_these_accounts_each_with_credentials_of_its_own(settings: Settings) -> None:
    simulator = yaml.safe_load(write_demo(settings, FIRST, World(asins=40, speed=12.0)))
    accounts = {account.account_id: account.marketplace for account in read_accounts(settings.accounts_path)}
    assert {a["account_id"]: a["marketplace_id"] for a in simulator["accounts"]} == {
        name: marketplace.marketplace_id for name, marketplace in accounts.items()
    }
    for secret in ("client_id", "client_secret", "refresh_token", "seed_offset"):
        assert len({account[secret] for account in simulator["accounts"]}) == 3
    assert {account["asins"] for account in simulator["accounts"]} == {40}
    assert simulator["clock"] == {"now": None, "speed": 12.0}
    two_years_ago = datetime.now(UTC).date() - timedelta(days=2 * 365)
    assert simulator["start_date"] <= two_years_ago


def test_every_account_has_its_connection_by_the_id_that_it_names(settings: Settings) -> None:
    write_demo(settings, FIRST, DEMO_WORLD)
    connections = yaml.safe_load(airflow_home.connections_file(settings).read_text())
    vendors = {account.vendor_connection_id for account in read_accounts(settings.accounts_path)}
    assert vendors | {"spapi_demo_it_seller", "spapi_demo_de_seller"} == set(connections)


def test_all_but_one_have_a_seller_with_a_credential_of_its_own(settings: Settings) -> None:
    accounts = yaml.safe_load(write_demo(settings, FIRST, DEMO_WORLD))["accounts"]
    sellers = {account["account_id"]: account["seller"] for account in accounts if "seller" in account}
    assert set(sellers) == {"demo_it", "demo_de"}
    assert len({partner["refresh_token"] for partner in (*accounts, *sellers.values())}) == 5
    assert all(re.fullmatch(r"A[A-Z0-9]{13}", seller["seller_id"]) for seller in sellers.values())
    connections = yaml.safe_load(airflow_home.connections_file(settings).read_text())
    for account_id, seller in sellers.items():
        connection = connections[f"spapi_{account_id}_seller"]
        assert connection["login"] == seller["client_id"]
        assert connection["password"] == seller["client_secret"]
        assert connection["extra_dejson"]["refresh_token"] == seller["refresh_token"]


def test_the_accounts_file_names_the_sellers_connection_and_whose_buy_box_is_the_brands(settings: Settings) -> None:
    simulator = yaml.safe_load(write_demo(settings, FIRST, DEMO_WORLD))
    sellers = {each["account_id"]: each["seller"]["seller_id"] for each in simulator["accounts"] if "seller" in each}
    accounts = {each.account_id: each for each in read_accounts(settings.accounts_path)}
    assert {name: each.own_seller_ids for name, each in accounts.items() if each.seller_connection_id} == {
        name: (seller_id,) for name, seller_id in sellers.items()
    }
    assert accounts["demo_it"].seller_connection_id == "spapi_demo_it_seller"
    assert accounts["demo_fr"].seller_connection_id is None


def test_each_account_knows_both_seller_ids_of_amazon_and_its_competitors(settings: Settings) -> None:
    write_demo(settings, FIRST, DEMO_WORLD)
    for account in read_accounts(settings.accounts_path):
        assert set(account.retail_seller_ids) > set(account.marketplace.retail_seller_ids)
        assert len(account.retail_seller_ids) == 2
        assert len(account.watch_list) == 40
        assert all(len(competitors) >= 3 for competitors in account.watch_list.values())


def test_what_the_clients_hand_over_is_read_to_the_last_row(settings: Settings) -> None:
    write_demo(settings, FIRST, DEMO_WORLD)
    today = datetime.now(UTC).date()
    for account in read_accounts(settings.accounts_path):
        for dataset_code, name in demo_accounts.CLIENT_FILES.items():
            path = demo_accounts.client_folder(settings, account.account_id) / name
            marketplace = account.marketplace
            expected = ExpectedReport(
                account_id=account.account_id,
                marketplace_id=marketplace.marketplace_id,
                currency_code=marketplace.currency_code,
                variant=DATASETS[dataset_code].file_variant(account),
                window_start=today,
                window_end=today,
                time_zone=marketplace.time_zone,
            )
            decoded = decode_document(path.read_bytes(), DATASETS[dataset_code], expected, name)
            assert decoded.row_count > (190 if dataset_code == "product" else 1)
            assert decoded.rejected == []
            assert list(decoded.unknown_fields) == []


def test_a_client_file_that_cannot_be_written_is_told(settings: Settings) -> None:
    demo_accounts.simulator_file(settings).write_text("seed: none")
    with pytest.raises(demo_accounts.DemoNotWritten, match="clients' files"):
        demo_accounts.write_client_files(settings)


def test_a_later_start_keeps_world_and_credentials_and_follows_the_port(settings: Settings) -> None:
    before = yaml.safe_load(write_demo(settings, FIRST, World(asins=40)))
    after = yaml.safe_load(write_demo(settings, SECOND, World(asins=300, seed=8)))
    assert after == {**before, "public_base_url": SECOND}
    connections = yaml.safe_load(airflow_home.connections_file(settings).read_text())
    assert {connection["host"] for connection in connections.values()} == {SECOND}


def test_connections_that_the_operator_added_stay(settings: Settings) -> None:
    path = airflow_home.connections_file(settings)
    path.write_text(yaml.safe_dump({"smtp_default": {"conn_type": "smtp", "host": "mail.example"}}))
    write_demo(settings, FIRST, DEMO_WORLD)
    assert yaml.safe_load(path.read_text())["smtp_default"]["host"] == "mail.example"


def test_files_with_credentials_are_their_owners_only(settings: Settings) -> None:
    write_demo(settings, FIRST, DEMO_WORLD)
    for path in (demo_accounts.simulator_file(settings), airflow_home.connections_file(settings)):
        assert path.stat().st_mode & 0o077 == 0, path


def test_accounts_of_the_operators_own_are_never_taken_for_the_demos(tmp_path: Path) -> None:
    assert uses_demo_accounts(Settings(home=tmp_path, accounts_file=tmp_path / "accounts.yml"))
    assert not uses_demo_accounts(Settings(home=tmp_path, accounts_file=tmp_path / "clients.yml"))


@given(today=st.dates(date(2000, 1, 1), date(2100, 1, 1)), months=st.integers(0, 60))
def test_the_first_of_a_month_lies_that_many_months_back(today: date, months: int) -> None:
    found = first_of_month(months, today)
    assert found.day == 1
    assert (today.year - found.year) * 12 + today.month - found.month == months
