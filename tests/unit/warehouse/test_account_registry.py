"""What the marts know of an account is what the accounts file says of it."""

from decimal import Decimal

import psycopg

from daybreak.accounts import Account
from daybreak.warehouse.account_registry import register_account


def test_vat_and_sellers_of_an_account_are_those_of_the_file(connection: psycopg.Connection) -> None:
    account = Account(
        account_id="brand",
        name="Brand",
        marketplace_code="IT",
        vendor_connection_id="spapi_brand",
        own_seller_ids=("SHOP2", "SHOP1"),
        retail_seller_ids=("RETAIL",),
    )
    asked = "select vat_ratio, amazon_seller_ids, own_seller_ids from ops.account where account_id = 'brand'"
    register_account(connection, account)
    assert connection.execute(asked).fetchone() == (Decimal("0.22"), ["RETAIL"], ["SHOP1", "SHOP2"])
    register_account(connection, account.model_copy(update={"vat_ratio": 0.1, "own_seller_ids": ()}))
    assert connection.execute(asked).fetchone() == (Decimal("0.1"), ["RETAIL"], [])
