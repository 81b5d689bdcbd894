"""The verdict on one repaired window: what of it can be had and is not there, by name and with the reason."""

from datetime import datetime

import psycopg

from daybreak.settings import Settings
from daybreak.steps.repair_planning import RepairScope
from daybreak.steps.verdict import judge_morning, read_refusals, read_series, read_unbuilt_marts


def judge_repair(
    connection: psycopg.Connection, scope: RepairScope, instant: datetime, run_id: str, settings: Settings
) -> str:
    """One sentence when every date of the window that Amazon can give is published or muted, and every mart is built.

    Raises:
        MorningIncomplete: naming what is missing, why, and how to go on.
    """
    first, last = scope.span
    accounts = scope.accounts
    series = read_series(
        connection, accounts, instant, settings, window=scope.span, dataset_codes=frozenset(scope.dataset_codes)
    )
    refusals = read_refusals(connection, accounts, run_id, window=scope.span)
    refusals += read_unbuilt_marts(connection, accounts, instant, scope.span)
    options = [f"--from {first} --to {last}", *(f"--account {each.account_id}" for each in accounts)]
    told = judge_morning(
        series,
        refusals,
        subject=f"the repair of {first} to {last}",
        next_step=f"'daybreak backfill {' '.join(options)}' asks again for what is missing, and for nothing else.",
    )
    return f"{first} to {last}: {told}"
