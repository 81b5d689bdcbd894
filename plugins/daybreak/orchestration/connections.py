"""Opens an account's SP-API session from its Airflow connection."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from daybreak.accounts import Account, read_accounts
from daybreak.datasets import DAWN_DATASETS, SWEEPS
from daybreak.settings import get_settings
from daybreak.spapi.credentials import CredentialError, SellingPartnerCredential
from daybreak.spapi.session import SellingPartnerSession
from daybreak.spapi.tokens import TOKENS, TokenStore
from daybreak.steps.arrival_prediction import SHARE_TOKENS
from daybreak.steps.extraction import Extraction
from daybreak.warehouse.quota import WarehouseQuota


class UnknownAccount(LookupError):
    """The account is not, or no longer, in the accounts file."""


def find_account(account_id: str) -> Account:
    """The account of the accounts file.

    Raises:
        UnknownAccount: it was removed between plan and run.
    """
    settings = get_settings()
    for account in read_accounts(settings.accounts_path):
        if account.account_id == account_id:
            return account
    raise UnknownAccount(f"{account_id} is not in {settings.accounts_path}: it was removed after this run was planned")


def open_extraction(account: Account) -> Extraction:
    """The account's extraction with a session of this task's own. Reads the connection, so call it in a task."""
    return Extraction(account, open_session(account, account.vendor_connection_id), get_settings())


def open_sweep(account: Account, patience_seconds: float = 5.0) -> Extraction:
    """The account's extraction of offers, with a session of its seller's credential.

    A wait for the quota of up to ``patience_seconds`` is slept through.

    Raises:
        UnknownAccount: the account lost its seller's connection between plan and run.
    """
    if account.seller_connection_id is None:
        raise UnknownAccount(
            f"{account.account_id} has no seller_connection_id any more: its offers cannot be asked for"
        )
    session = open_session(account, account.seller_connection_id, patience_seconds=patience_seconds)
    return Extraction(account, None, get_settings(), seller_session=session, dataset_codes=frozenset(SWEEPS))


def open_planned(account: Account, planned: Mapping[str, Any]) -> Extraction:
    """The extraction for one entry of a plan: of a repair, that of its window. Reads the connection."""
    if "from_date" not in planned:
        return open_extraction(account)
    first, last = (date.fromisoformat(planned[name]) for name in ("from_date", "to_date"))
    codes = DAWN_DATASETS.intersection(planned["dataset_codes"])
    return replace(open_onboarding(account), window=(first, last), dataset_codes=codes)


def open_onboarding(account: Account) -> Extraction:
    """The extraction of the account's history. It leaves the dawn run most of each burst, and never sleeps for a quota:
    while one kind of call must wait, another may go on."""
    session = open_session(account, account.vendor_connection_id, patience_seconds=0.0, share_tokens=SHARE_TOKENS)
    return Extraction(account, session, get_settings(), is_backfill=True)


def open_session(
    account: Account,
    connection_id: str,
    *,
    patience_seconds: float = 5.0,
    share_tokens: float | None = None,
    tokens: TokenStore = TOKENS,
) -> SellingPartnerSession:
    """A session for the account's marketplace with the credential in the connection ``connection_id``.

    Raises:
        CredentialError: Airflow has no such connection, or it cannot be used; names what is wrong, never a value.
    """
    try:
        found = BaseHook.get_connection(connection_id)
    except AirflowNotFoundException:
        raise CredentialError(
            f"{account.account_id}: Airflow has no connection {connection_id}: add it, or correct accounts.yml"
        ) from None
    credential = SellingPartnerCredential.from_connection(
        connection_id, found.host, found.login, found.password, found.extra_dejson
    )
    return SellingPartnerSession(
        credential,
        account.marketplace.marketplace_id,
        region=None,
        quota=WarehouseQuota(connection_id, share_tokens=share_tokens),
        timeout_seconds=get_settings().spapi_timeout_seconds,
        patience_seconds=patience_seconds,
        tokens=tokens,
    )
