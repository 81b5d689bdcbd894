"""What a Monday owes: for each account the finished weeks whose report is not final, as the ledger says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from daybreak.accounts import Account
from daybreak.steps.week_coverage import owed_weeks
from daybreak.warehouse.account_registry import sync_accounts


@dataclass(frozen=True)
class PlannedWeeks:
    """An account with weeks to close; ``label`` is what people see in Airflow's grid, ``week_end_dates`` are as ISO."""

    account_id: str
    label: str
    week_end_dates: tuple[str, ...]


def plan_weeks(connection: psycopg.Connection, accounts: Sequence[Account], instant: datetime) -> list[PlannedWeeks]:
    """The active accounts that have a week to close at ``instant``, each with its weeks, the oldest first.

    It asks the ledger, not the calendar: a scheduler that was off for three Mondays finds all of them.
    """
    sync_accounts(connection, accounts)
    planned = [
        PlannedWeeks(
            account.account_id,
            account.name,
            tuple(week.isoformat() for week in owed_weeks(connection, account, instant)),
        )
        for account in accounts
        if account.is_active
    ]
    return [each for each in planned if each.week_end_dates]
