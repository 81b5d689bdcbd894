"""Monday's verdict: which weeks are not covered, built or reported, by name, with why and what repairs it."""

from collections.abc import Sequence
from datetime import datetime

import psycopg

from daybreak.accounts import Account
from daybreak.business_dates import finished_weeks
from daybreak.steps.week_coverage import WeekCoverage, owed_weeks, read_coverage
from daybreak.warehouse.client_reports import read_last_report


class WeekIncomplete(RuntimeError):
    """A finished week is not as it should be; the message names all of it."""


def judge_monday(connection: psycopg.Connection, accounts: Sequence[Account], instant: datetime) -> str:
    """One sentence when the newest finished week of every active account is covered, built and reported.

    Of the three weeks before, what can still be repaired is judged as well: official figures that are due, a build, a
    report. That nobody looked at the offers on a day of theirs was said on their own Monday.

    Raises:
        WeekIncomplete: naming each account and week, what is wrong with it, why and what to do.
    """
    red: list[str] = []
    told: list[str] = []
    for account in accounts:
        if not account.is_active:
            continue
        newest = finished_weeks(instant, account.marketplace.time_zone, 1)[0]
        for week in sorted({newest, *owed_weeks(connection, account, instant)}):
            coverage = read_coverage(connection, account, week, instant)
            (red if week == newest else told).extend(coverage.losses())
            red += [*coverage.faults(), *_unreported(connection, account, coverage)]
            told += coverage.remarks()
    if red:
        lines = "\n  ".join([*red, *(f"besides, {each}" for each in told)])
        raise WeekIncomplete(
            f"the week is incomplete in {len(red)} places:\n  {lines}\n"
            "What was there is reported. daily_controls asks again for what is missing; the next run of "
            "weekly_buy_box, or 'daybreak report monday', makes the report anew from what has come by then."
        )
    return "; ".join(["every finished week is covered, built and reported", *told])


def _unreported(connection: psycopg.Connection, account: Account, coverage: WeekCoverage) -> list[str]:
    if read_last_report(connection, account.account_id, coverage.week_end_date, account.spoken_language):
        return []
    return [f"{coverage.label}: it has no report in {account.spoken_language}; the task's log says why"]
