"""Keeps what a manager is shown of a morning, append-only, in ``ops.morning``."""

import hashlib
import json
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from daybreak.accounts import Account
from daybreak.business_dates import local_date
from daybreak.controls.stock_wording import advice_for, lane_of
from daybreak.warehouse import mornings
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.stock_controls import count_stock_statuses, read_stock_controls


def compose_morning(connection: psycopg.Connection, account: Account, control_date: date) -> dict[str, Any]:
    """The morning of ``control_date`` for one account: counts by status and each stock line with its advice.

    It speaks of the day before ``control_date``. Figures are strings, exactly as the warehouse holds them.
    """
    business_date = control_date - timedelta(days=1)
    lines = [
        {key: value if value is None else str(value) for key, value in asdict(control).items()}
        | {"lane": lane_of(control.stock_status_code), "advice": advice_for(control.stock_status_code)}
        for control in read_stock_controls(connection, [account.account_id], business_date)
    ]
    counts = count_stock_statuses(connection, [account.account_id], business_date).get(account.account_id, {})
    return {
        "account_id": account.account_id,
        "control_date": control_date.isoformat(),
        "business_date": business_date.isoformat(),
        "asins_by_stock_status": dict(sorted(counts.items())),
        "stock": lines,
    }


def keep_morning(account: Account, instant: datetime, run_id: str, dsn: str | None = None) -> str:
    """Appends the account's morning to ``ops.morning`` unless it equals what was kept last; says which, in words."""
    control_date = local_date(instant, account.marketplace.time_zone)
    with transaction(dsn, role="transformer") as connection:
        digest = compose_morning(connection, account, control_date)
        digest_hash = hashlib.sha256(json.dumps(digest, sort_keys=True).encode()).hexdigest()
        last = mornings.read_last_digest(connection, account.account_id, control_date)
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
    lines = len(digest["stock"])
    return f"the morning of {control_date} {'is kept' if last is None else 'has changed'}: {lines} stock lines"
