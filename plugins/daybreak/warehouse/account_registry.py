"""Copies the operator's accounts into ``ops.account``, so that SQL and people read one truth."""

from collections.abc import Sequence

import psycopg
from psycopg.types.json import Jsonb

from daybreak.accounts import Account
from daybreak.warehouse.statements import statement


def sync_accounts(connection: psycopg.Connection, accounts: Sequence[Account]) -> None:
    """Afterwards ``ops.account`` holds ``accounts``; one that is no longer named keeps its rows, inactive."""
    for account in accounts:
        register_account(connection, account)
    connection.execute(statement("ops/account/retire_others"), {"account_ids": [a.account_id for a in accounts]})


def register_account(connection: psycopg.Connection, account: Account) -> None:
    """Afterwards ``ops.account`` holds ``account`` as the file has it."""
    for kind_code, credential_id in (
        ("vendor", account.vendor_connection_id),
        ("seller", account.seller_connection_id),
    ):
        if credential_id is not None:
            noted = {"credential_id": credential_id, "kind_code": kind_code}
            connection.execute(statement("ops/credential/note_credential"), noted)
    connection.execute(
        statement("ops/account/upsert_account"),
        {
            "account_id": account.account_id,
            "name": account.name,
            "marketplace_code": account.marketplace_code,
            "marketplace_id": account.marketplace.marketplace_id,
            "currency_code": account.marketplace.currency_code,
            "time_zone": account.marketplace.time_zone,
            "credential_id": account.vendor_connection_id,
            "primary_distributor_view_code": account.primary_distributor_view,
            "thresholds": Jsonb(account.thresholds.model_dump()),
            "is_active": account.is_active,
            "vat_ratio": account.own_or_standard_vat_ratio,
            "amazon_seller_ids": sorted(account.amazon_seller_ids),
            "own_seller_ids": sorted(account.own_seller_ids),
        },
    )
    _sync_watch_list(connection, account)


def _sync_watch_list(connection: psycopg.Connection, account: Account) -> None:
    key = {"account_id": account.account_id}
    connection.execute(statement("ops/watched_competitor/delete_competitors"), key)
    with connection.cursor() as cursor:
        cursor.executemany(
            statement("ops/watched_competitor/insert_competitor"),
            [
                {**key, "asin": asin, "competitor_asin": competitor_asin, "pack_units": pack_units}
                for asin, competitors in account.watch_list.items()
                for competitor_asin, pack_units in competitors.items()
            ],
        )
