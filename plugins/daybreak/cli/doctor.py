"""``daybreak doctor``: what works of each account at Amazon, what does not, and what that costs."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from daybreak.cli.output import Format, print_rows
from daybreak.settings import Settings, get_settings

if TYPE_CHECKING:
    from daybreak.accounts import Account
    from daybreak.steps.examination import Examination
    from daybreak.steps.probing import Finding
    from daybreak.steps.surroundings import Condition

COLUMNS = ("account_id", "credential", "check", "outcome", "role", "words", "next_step", "costs_controls")
# A quota of one call in ten or thirty seconds is worth waiting for.
_PATIENCE_SECONDS = 35.0


def register(app: typer.Typer) -> None:
    app.command("doctor")(doctor)


def doctor(
    account: Annotated[list[str] | None, typer.Option(help="One account; may be repeated. Default all.")] = None,
    order: Annotated[bool, typer.Option("--order", help="Also order one report: it stays at Amazon.")] = False,
    form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
) -> None:
    """Ask Amazon one cheap question per operation, and say per account what works and what a missing role costs.

    Ends with 1 when something that is configured does not work. Quotas are respected, so it may take a minute.
    """
    from daybreak.accounts import read_accounts
    from daybreak.cli.selection import chosen_account

    settings = get_settings()
    accounts = (
        [chosen_account(settings, each) for each in account]
        if account
        else [each for each in read_accounts(settings.accounts_path) if each.is_active]
    )
    conditions, findings = _look(settings, accounts, with_order=order)
    rows = [_condition_row(each) for each in conditions] + [_finding_row(each) for each in findings]
    print_rows(rows, COLUMNS, form, "What works")
    if any(not each.is_good for each in conditions) or any(each.is_failure for each in findings):
        raise typer.Exit(1)


def _look(
    settings: Settings, accounts: "Sequence[Account]", *, with_order: bool
) -> "tuple[list[Condition], list[Finding]]":
    from daybreak.steps.surroundings import Condition, check_clock, check_disk, check_warehouse

    names = ", ".join(each.account_id for each in accounts)
    conditions = [
        Condition("accounts file", True, f"{settings.accounts_path}: {names or 'no account is active'}"),
        check_warehouse(),
        check_disk(settings),
    ]
    if not conditions[1].is_good:
        conditions.append(Condition("Amazon", False, "nothing was asked: the quotas are counted in the warehouse"))
        return conditions, []
    examination = _examination(settings, with_order=with_order)
    findings = list(_examined(examination, accounts))
    clock = check_clock(examination.clock_skews)
    return [*conditions, *([clock] if clock else [])], findings


def _examination(settings: Settings, *, with_order: bool) -> "Examination":
    from functools import partial

    from daybreak.cli.local_airflow import use_local_airflow

    use_local_airflow(settings)
    from daybreak.orchestration.connections import open_session
    from daybreak.spapi.tokens import TokenStore
    from daybreak.steps.examination import Examination

    # Tokens of its own: a login is what is to be seen.
    opener = partial(open_session, patience_seconds=_PATIENCE_SECONDS, tokens=TokenStore())
    return Examination(opener, with_order)


def _examined(examination: "Examination", accounts: "Sequence[Account]") -> "Iterator[Finding]":
    console = Console(stderr=True, highlight=False)
    with console.status("asking Amazon") as status:
        for account in accounts:
            for finding in examination.examine(account):
                status.update(f"{account.account_id}: {finding.check} {finding.outcome}")
                yield finding


def _condition_row(condition: "Condition") -> dict[str, Any]:
    outcome = "works" if condition.is_good else "does not work"
    return {"check": condition.name, "outcome": outcome, "words": condition.words}


def _finding_row(finding: "Finding") -> dict[str, Any]:
    return {
        "account_id": finding.account_id,
        "credential": finding.credential_code,
        "check": finding.check,
        "outcome": finding.outcome,
        "role": finding.role or None,
        "words": finding.words or None,
        "next_step": finding.advice or None,
        "costs_controls": ", ".join(finding.costs) or None,
    }
