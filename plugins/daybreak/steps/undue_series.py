"""What is published of datasets that no morning owes: offers seen through the day, and the client's own files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

import psycopg

from daybreak.accounts import Account
from daybreak.datasets import DATASETS, SWEEPS
from daybreak.sources import Dataset
from daybreak.steps.access import describe_missing
from daybreak.steps.sweep_planning import unswept
from daybreak.steps.sweep_verdict import describe_gap
from daybreak.warehouse.missing_access import MissingAccess, read_missing_access
from daybreak.warehouse.slices import read_newest_slice
from daybreak.warehouse.sweeps import read_gaps_of_sweep, read_newest_sweep

LONGEST_SILENCE = timedelta(hours=24)
"""Within a day every product that the quota holds is looked at; without a look for so long something is wrong."""


@dataclass(frozen=True)
class UndueSeries:
    """One account and dataset, or the client's part of one: its newest date, and of offers the newest sweep.

    ``variant_code`` is the sweep's start in UTC (HHMM), or what the client supplies; ``left_out_count`` counts the
    products that the newest sweep planned to look at and did not see; ``why`` is empty where nothing is to be told.
    """

    account_id: str
    dataset_code: str
    variant_code: str
    status: Literal["complete", "incomplete", "missing", "no access", "not swept", "not supplied"]
    newest_published_date: date | None
    left_out_count: int | None = None
    why: str = ""


def read_undue_series(
    connection: psycopg.Connection, accounts: Sequence[Account], instant: datetime
) -> list[UndueSeries]:
    """One state for every sweep and every part that the client supplies, of each active account, at ``instant``."""
    not_swept = unswept(accounts)
    states: list[UndueSeries] = []
    for account in accounts:
        if not account.is_active:
            continue
        refused = read_missing_access(connection, account.account_id)
        reason = not_swept.get(account.account_id)
        states += [_sweep(connection, account, each, instant, refused, reason) for each in SWEEPS.values()]
        states += [
            _supplied(connection, account, dataset, variant, instant)
            for dataset in DATASETS.values()
            for variant in dataset.supplied_variants
        ]
    return states


def _sweep(
    connection: psycopg.Connection,
    account: Account,
    dataset: Dataset,
    instant: datetime,
    refused: Mapping[str, MissingAccess],
    not_swept: str | None,
) -> UndueSeries:
    newest = read_newest_slice(connection, account.account_id, dataset.key, None, instant)
    sweep = read_newest_sweep(connection, account.account_id, dataset.document_of or dataset.key, instant)
    gaps = read_gaps_of_sweep(connection, account.account_id, sweep.request_id) if sweep else []

    def state(
        status: Literal["complete", "incomplete", "missing", "no access", "not swept"], why: str = ""
    ) -> UndueSeries:
        return UndueSeries(
            account.account_id,
            dataset.key,
            newest.variant_code if newest else "",
            status,
            newest.business_date if newest else None,
            sum(gap.asin_count for gap in gaps) if sweep else None,
            why,
        )

    if dataset.key in refused:
        return state("no access", describe_missing(refused[dataset.key]))
    if not_swept:
        return state("not swept", not_swept)
    if newest is None or newest.requested_at < instant - LONGEST_SILENCE:
        seen = f"not looked at since {newest.requested_at:%Y-%m-%d %H:%M} UTC" if newest else "never looked at"
        last = f"; its newest sweep is {sweep.status_code}" if sweep else ""
        return state("missing", f"{seen}{last}{f': {sweep.reason}' if sweep and sweep.reason else ''}")
    return state("incomplete" if gaps else "complete", "; ".join(describe_gap(gap) for gap in gaps))


def _supplied(
    connection: psycopg.Connection, account: Account, dataset: Dataset, variant: str, instant: datetime
) -> UndueSeries:
    newest = read_newest_slice(connection, account.account_id, dataset.key, variant, instant)
    if newest is not None:
        return UndueSeries(account.account_id, dataset.key, variant, "complete", newest.business_date)
    why = (
        "no file of the client's has been loaded: "
        f"daybreak load FILE --account {account.account_id} --dataset {dataset.key}"
    )
    return UndueSeries(account.account_id, dataset.key, variant, "not supplied", None, None, why)
