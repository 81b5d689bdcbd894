"""The tasks of Monday's graph: each reads the run's instant and account, calls its step, and says what became of it."""

import logging
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowFailException

from daybreak.accounts import Account, read_accounts
from daybreak.business_dates import newest_control_date
from daybreak.orchestration.connections import find_account
from daybreak.orchestration.sweep_tasks import instant_of
from daybreak.settings import get_settings
from daybreak.steps import mart_building, week_planning, week_reports, week_verdict
from daybreak.steps.week_coverage import read_coverage
from daybreak.warehouse.engine import transaction

logger = logging.getLogger(__name__)

Planned = dict[str, Any]


def plan() -> list[Planned]:
    """The accounts with a finished week whose report is not final, one mapped group each."""
    accounts = read_accounts(get_settings().accounts_path)
    with transaction() as connection:
        planned = week_planning.plan_weeks(connection, accounts, instant_of(get_current_context()))
    for each in planned:
        logger.info("%s: weeks to %s", each.account_id, ", ".join(each.week_end_dates))
    return [asdict(each) for each in planned]


def check_coverage(planned: Planned) -> list[str]:
    """Says what the account's weeks lack; the verdict judges it. Returns the sentences."""
    account = _enter(planned)
    told: list[str] = []
    with transaction() as connection:
        for week in _weeks(planned):
            coverage = read_coverage(connection, account, week, instant_of(get_current_context()))
            told += [*coverage.losses(), *coverage.faults(), *coverage.remarks()]
    for sentence in told:
        logger.info(sentence)
    return told


def build_week(planned: Planned) -> int:
    """Builds, gates and publishes the Buy Box marts of the account's weeks; returns the number of rows that changed.

    Red when a gate blocks one, after all of them.
    """
    account = _enter(planned)
    last_date = newest_control_date(instant_of(get_current_context()), account.marketplace.time_zone)
    outcomes = [each for week in _weeks(planned) for each in mart_building.build_week(account, week, last_date)]
    blocked = [each.sentence for each in outcomes if each.counts is None]
    if blocked:
        raise AirflowFailException("\n".join(blocked))
    return sum(each.counts.changed_rows for each in outcomes if each.counts is not None)


def keep_report(planned: Planned) -> list[str]:
    """Keeps the report of each of the account's weeks as its marts stand; returns what became of each.

    Red when a week has no figures, after all of them.
    """
    account = _enter(planned)
    context = get_current_context()
    told: list[str] = []
    unknown: list[str] = []
    for week in _weeks(planned):
        try:
            sentence, _ = week_reports.keep_week(account, week, instant_of(context), context["run_id"], get_settings())
        except week_reports.WeekUnknown as missing:
            unknown.append(str(missing))
        else:
            logger.info(sentence)
            told.append(sentence)
    if unknown:
        raise AirflowFailException("\n".join(unknown))
    return told


def judge() -> str:
    """Red when a finished week is not covered, built or reported, naming account and days."""
    accounts = read_accounts(get_settings().accounts_path)
    with transaction(role="transformer") as connection:
        try:
            return week_verdict.judge_monday(connection, accounts, instant_of(get_current_context()))
        except week_verdict.WeekIncomplete as incomplete:
            raise AirflowFailException(str(incomplete)) from None


def _enter(planned: Planned) -> Account:
    get_current_context()["account_label"] = planned["label"]
    return find_account(planned["account_id"])


def _weeks(planned: Planned) -> Iterator[date]:
    return (date.fromisoformat(each) for each in planned["week_end_dates"])
