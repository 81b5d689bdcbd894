"""Opens an account's SP-API session from its Airflow connection."""

from airflow.sdk import BaseHook

from daybreak.accounts import Account, read_accounts
from daybreak.settings import get_settings
from daybreak.spapi.credentials import SellingPartnerCredential
from daybreak.spapi.session import SellingPartnerSession
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
    found = BaseHook.get_connection(account.vendor_connection_id)
    credential = SellingPartnerCredential.from_connection(
        account.vendor_connection_id, found.host, found.login, found.password, found.extra_dejson
    )
    settings = get_settings()
    session = SellingPartnerSession(
        credential,
        account.marketplace.marketplace_id,
        region=None,
        quota=WarehouseQuota(account.vendor_connection_id),
        timeout_seconds=settings.spapi_timeout_seconds,
    )
    return Extraction(account, session, settings)
