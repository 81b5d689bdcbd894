"""Keeps what a manager is shown of a morning, append-only, in ``ops.morning``."""

import hashlib
import json
from collections import Counter
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from daybreak.accounts import Account
from daybreak.business_dates import local_date, start_of_day
from daybreak.controls.control_words import action_words, cause_words
from daybreak.datasets import DATASETS, DAWN_DATASETS
from daybreak.warehouse import mornings
from daybreak.warehouse.daily_controls import read_control_lines, read_missing_inputs, read_revenue
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.slices import read_newest_published

REVENUE_DAYS = 28
"""So many days of sales a morning shows: four weeks, so that each weekday stands beside its like."""


def compose_morning(connection: psycopg.Connection, account: Account, control_date: date) -> dict[str, Any]:
    """The morning of ``control_date`` for one account: the number of lines by lane, each line in words, how fresh the
    data are, and what was sold of late.

    It speaks of the day before ``control_date``. Figures are strings, exactly as the warehouse holds them.
    """
    lines = read_control_lines(connection, [account.account_id], control_date)
    business_date = control_date - timedelta(days=1)
    return {
        "account_id": account.account_id,
        "name": account.name,
        "control_date": control_date.isoformat(),
        "business_date": business_date.isoformat(),
        "currency_code": account.marketplace.currency_code,
        "time_zone": account.marketplace.time_zone,
        "lines_by_lane": dict(sorted(Counter(line.lane_code for line in lines).items())),
        "controls": [
            {key: _plain(value) for key, value in asdict(line).items()}
            | {"cause": cause_words(line.cause_code, "en"), "action": action_words(line.action_code, "en")}
            for line in lines
        ],
        "freshness": _freshness(connection, account, control_date),
        "revenue": [
            [day.isoformat(), _plain(amount)]
            for day, amount in read_revenue(connection, account.account_id, business_date, REVENUE_DAYS)
        ],
        "missing_inputs": read_missing_inputs(connection, account.account_id),
    }


def _freshness(connection: psycopg.Connection, account: Account, control_date: date) -> list[dict[str, Any]]:
    """The newest published date of each series of the morning; late when it is not what was due as the day began."""
    newest = read_newest_published(connection, account.account_id)
    time_zone = account.marketplace.time_zone
    # By the day's first instant, so that every run of a morning judges alike.
    began = start_of_day(control_date, time_zone)
    return [
        {
            "dataset_code": dataset.key,
            "variant_code": variant,
            "newest_date": _plain(known),
            "is_late": known is None or known < dataset.calendar.newest_due(began, time_zone),
        }
        for dataset in DATASETS.values()
        if dataset.key in DAWN_DATASETS
        for variant in dataset.variants(account)
        for known in [newest.get((dataset.key, variant))]
    ]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, list, dict)) else str(value)


def keep_morning(account: Account, instant: datetime, run_id: str, dsn: str | None = None) -> str:
    """Appends the account's morning to ``ops.morning`` unless it equals what was kept last; says which, in words."""
    control_date = local_date(instant, account.marketplace.time_zone)
    with transaction(dsn, role="transformer") as connection:
        digest = compose_morning(connection, account, control_date)
        digest_hash = hashlib.sha256(json.dumps(digest, sort_keys=True).encode()).hexdigest()
        last = mornings.read_digest(connection, account.account_id, control_date)
        if last is not None and last.digest_hash == digest_hash:
            return f"the morning of {control_date} is unchanged"
        mornings.insert_digest(
            connection,
            account.account_id,
            control_date,
            sequence=1 if last is None else last.sequence + 1,
            digest=Jsonb(digest),
            digest_hash=digest_hash,
            run_id=run_id,
        )
    lines = len(digest["controls"])
    return f"the morning of {control_date} {'is kept' if last is None else 'has changed'}: {lines} lines"
