"""What the repair graph does before and after the work on its accounts: the plan of one window, and its verdict."""

import logging
from dataclasses import asdict

from airflow.sdk import Context, get_current_context
from airflow.sdk.exceptions import AirflowFailException

from daybreak.accounts import AccountsFileError, read_accounts
from daybreak.orchestration.account_steps import Planned, instant_of
from daybreak.settings import get_settings
from daybreak.steps.repair_planning import RepairRefused, RepairScope, choose_scope, plan_repair, read_window
from daybreak.steps.repair_verdict import judge_repair
from daybreak.steps.verdict import MorningIncomplete
from daybreak.warehouse.engine import transaction

logger = logging.getLogger(__name__)


def plan() -> list[Planned]:
    """Writes what the window owes to the ledger; returns the accounts that have work, one mapped group each."""
    context = get_current_context()
    scope, gone = _scope(context)
    for sentence in gone:
        logger.error(sentence)
    with transaction() as connection:
        planned = plan_repair(connection, scope, instant_of(context), context["run_id"], get_settings())
    for each in planned:
        logger.info("%s: %d new requests, %d series on their way", each.account_id, each.new_requests, each.coming)
    return [asdict(each) for each in planned]


def judge() -> str:
    """Red when anything of the window that Amazon can give is missing, blocked or refused, naming each of them."""
    context = get_current_context()
    scope, gone = _scope(context)
    with transaction() as connection:
        try:
            told = judge_repair(connection, scope, instant_of(context), context["run_id"], get_settings())
        except MorningIncomplete as incomplete:
            raise AirflowFailException("\n".join([*gone, str(incomplete)])) from None
    if gone:
        raise AirflowFailException("\n".join([*gone, told]))
    return told


def _scope(context: Context) -> tuple[RepairScope, list[str]]:
    """What the run's parameters name; and, in words, accounts that left the accounts file since it was triggered."""
    settings, params = get_settings(), context["params"]
    try:
        accounts = read_accounts(settings.accounts_path)
        known = {each.account_id for each in accounts}
        named = list(params["accounts"] or [])
        present = [each for each in named if each in known]
        scope = choose_scope(
            accounts,
            read_window(str(params["from_date"]), str(params["to_date"])),
            present if present else named,
            list(params["datasets"] or []),
            instant_of(context),
            settings,
        )
    except (AccountsFileError, RepairRefused) as refused:
        raise AirflowFailException(str(refused)) from None
    return scope, [
        f"{each} is not in {settings.accounts_path}: it was removed after this run was asked for; nothing is repaired"
        for each in named
        if each not in known
    ]
