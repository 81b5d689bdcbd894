"""What an account may not read: noted when Amazon refuses it, asked for again once a day, said in words."""

import logging
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import psycopg

from daybreak.accounts import Account
from daybreak.datasets import DATASETS, datasets_of_document
from daybreak.feeds import controls_fed_by
from daybreak.landing.parts import Parts
from daybreak.settings import Settings
from daybreak.sources import Dataset
from daybreak.warehouse import report_requests
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.missing_access import (
    MissingAccess,
    ReasonCode,
    forget_missing_access,
    note_missing_access,
    read_missing_access,
)
from daybreak.warehouse.report_requests import OpenRequest

logger = logging.getLogger(__name__)


def deny(
    account: Account,
    request: OpenRequest,
    reason_code: ReasonCode,
    reason: str | None,
    settings: Settings,
    dsn: str | None = None,
) -> None:
    """Ends the request, and those of its dataset that were not begun, as having no access; notes what is missing, of
    every dataset that comes in the same document.

    ``reason`` is Amazon's refusal in words, None for a credential that the account does not have. Requests of the
    dataset that Amazon works on already go their own way.
    """
    dataset = DATASETS[request.dataset_code]
    reason = reason or _no_credential(account)
    with transaction(dsn) as connection:
        for key in datasets_of_document(dataset.key):
            note_missing_access(connection, account.account_id, DATASETS[key], reason_code, reason)
        ended = report_requests.finish_denied(connection, account.account_id, dataset.key, request.request_id, reason)
    for request_id in ended:
        Parts.of(settings.landing, account.account_id, request_id).discard()
    logger.warning("%s %s: %s", account.account_id, request.label, reason)


def askable(
    connection: psycopg.Connection,
    account: Account,
    datasets: Iterable[Dataset],
    midnight: datetime,
    *,
    again: bool = False,
) -> list[Dataset]:
    """Those of ``datasets`` that the account may be able to read.

    One that Amazon refused since ``midnight`` is not among them, unless ``again``; nor one whose credential the account
    does not have: that is noted, and forgotten as soon as it has it.
    """
    datasets = list(datasets)
    known = read_missing_access(connection, account.account_id)
    without = [each for each in datasets if not has_credential(account, each)]
    for dataset in without:
        note_missing_access(connection, account.account_id, dataset, "no_credential", _no_credential(account))
    arrived = [
        each.key
        for each in datasets
        if each not in without and each.key in known and known[each.key].reason_code == "no_credential"
    ]
    forget_missing_access(connection, account.account_id, arrived)
    return [
        each
        for each in datasets
        if each not in without and (again or each.key in arrived or not _was_refused(known.get(each.key), midnight))
    ]


def has_credential(account: Account, dataset: Dataset) -> bool:
    """Whether accounts.yml names a connection with which ``dataset`` could be asked for."""
    return dataset.credential_code == "vendor" or account.seller_connection_id is not None


def describe_missing(missing: MissingAccess) -> str:
    """What is missing and what that costs, such as ``no access: role Pricing is missing; costs the controls …``."""
    cause = (
        f"role {missing.role_name} is missing"
        if missing.reason_code == "role_missing"
        else f"no second credential, and with it role {missing.role_name}"
    )
    return f"no access: {cause}; costs the controls {_listed(controls_fed_by([missing.dataset_code]))}"


def nothing_readable(dataset_codes: Collection[str], known: Mapping[str, MissingAccess]) -> bool:
    """Whether Amazon refuses every dataset of the vendor's credential: that is no single role, and stays an alarm."""
    vendor = [code for code in dataset_codes if DATASETS[code].credential_code == "vendor"]
    return bool(vendor) and all(code in known and known[code].reason_code == "role_missing" for code in vendor)


def _was_refused(missing: MissingAccess | None, midnight: datetime) -> bool:
    return missing is not None and missing.last_tried_at is not None and missing.last_tried_at >= midnight


def _no_credential(account: Account) -> str:
    return f"accounts.yml names no seller_connection_id for {account.account_id}: a vendor's token does not open it"


def _listed(controls: tuple[str, ...]) -> str:
    return ", ".join(controls) if controls else "none"
