"""The accounts file: what it says, and what a person reads when it is wrong."""

from pathlib import Path

import pytest

from daybreak.accounts import AccountsFileError, read_accounts

GOOD = """
accounts:
  - {account_id: brand_it, name: Brand Italy, marketplace_code: IT, vendor_connection_id: spapi_brand}
  - account_id: brand_us
    name: Brand US
    marketplace_code: US
    vendor_connection_id: spapi_brand_us
    primary_distributor_view: SOURCING
    distributor_views: [SOURCING, MANUFACTURING]
    thresholds: {critical_cover_days: 5}
"""


def test_an_account_has_the_currency_calendar_and_marketplace_of_its_country(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(GOOD)
    italy, usa = read_accounts(tmp_path / "a.yml")
    assert (italy.marketplace.currency_code, italy.marketplace.time_zone) == ("EUR", "Europe/Rome")
    assert (usa.marketplace.marketplace_id, usa.marketplace.currency_code) == ("ATVPDKIKX0DER", "USD")
    assert (italy.thresholds.critical_cover_days, usa.thresholds.critical_cover_days) == (7, 5)


def test_an_account_has_the_vat_of_its_marketplace_unless_it_names_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(GOOD)
    assert [each.own_or_standard_vat_ratio for each in read_accounts(tmp_path / "a.yml")] == [0.22, 0.0]
    (tmp_path / "a.yml").write_text(GOOD.replace("marketplace_code: IT,", "marketplace_code: IT, vat_ratio: 0,"))
    assert read_accounts(tmp_path / "a.yml")[0].own_or_standard_vat_ratio == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("accounts: [{account_id: brand_it}]", r"accounts\.0\.name: Field required"),
        (GOOD.replace("marketplace_code: IT", "marketplace_code: XX"), "'XX' is none of IT, DE"),
        (GOOD.replace("brand_us", "brand_it"), "'brand_it' stands twice"),
        (GOOD.replace("SOURCING, MANUFACTURING", "MANUFACTURING"), "must be one of distributor_views"),
        (GOOD.replace("critical_cover_days", "critical_days"), "critical_days: Extra inputs are not permitted"),
        (GOOD.replace("account_id: brand_it", "account_id: 'Brand; drop'"), "String should match pattern"),
        (GOOD.replace("critical_cover_days: 5", "amazon_minimum_margin_ratio: 1"), "Input should be less than 1"),
        ("accounts: [", "is not YAML"),
    ],
)
def test_a_wrong_file_is_one_message_that_names_the_file_and_the_field(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "accounts.yml"
    path.write_text(text)
    with pytest.raises(AccountsFileError, match=message) as failure:
        read_accounts(path)
    assert str(path) in str(failure.value)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(AccountsFileError, match=r"copy include/accounts\.example\.yml"):
        read_accounts(tmp_path / "none.yml")
