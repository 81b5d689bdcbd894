"""``daybreak onboard``: an account's first history, with a progress bar and the time of its arrival."""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from daybreak.settings import Settings, get_settings

if TYPE_CHECKING:
    from rich.progress import Progress

    from daybreak.accounts import Account
    from daybreak.steps.onboarding import Onboarding, Standing

_LOCK_SECONDS = 1


def register(app: typer.Typer) -> None:
    app.command("onboard")(onboard)


def onboard(
    account: Annotated[str, typer.Argument(help="The account, as named in accounts.yml.")],
    days: Annotated[
        int | None, typer.Option(min=1, max=1460, help="Days of history; default as many as the controls need.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Stay until all of it is there.")] = True,
) -> None:
    """Load the first history of ACCOUNT, beside the dawn run, of whose quotas it takes little.

    Stopped or killed, it goes on with the same reports when it is started again. Ends with 1 when something failed.
    """
    from daybreak.cli.selection import chosen_account
    from daybreak.steps.onboarding import history_days
    from daybreak.warehouse.account_lock import account_lock

    settings = get_settings()
    chosen = chosen_account(settings, account)
    onboarding = _open(settings, chosen)
    console = Console(highlight=False, soft_wrap=True)
    with account_lock(f"{account} onboarding", wait_seconds=_LOCK_SECONDS):
        new = onboarding.plan(history_days(days))
        standing = onboarding.standing()
        console.print(
            f"{chosen.name}: {standing.open_requests} reports to come, {new} of them new. {_arrival(standing)}"
        )
        try:
            standing = _follow(onboarding, standing, console) if wait else onboarding.advance()
        except KeyboardInterrupt:
            console.print(f"Stopped. 'daybreak onboard {account}' goes on with the same reports.")
            raise typer.Exit(130) from None
    _tell_end(console, chosen, standing)
    if standing.failures:
        raise typer.Exit(1)


def _open(settings: Settings, account: "Account") -> "Onboarding":
    from daybreak.cli.local_airflow import use_local_airflow

    use_local_airflow(settings)
    from daybreak.orchestration.connections import open_onboarding
    from daybreak.steps.onboarding import Onboarding

    return Onboarding(open_onboarding(account), datetime.now(UTC))


def _follow(onboarding: "Onboarding", standing: "Standing", console: Console) -> "Standing":
    total = standing.open_requests
    with _bar(console) as bar:
        task = bar.add_task("history", total=total, arrival=_arrival(standing))
        while True:
            standing = onboarding.advance()
            # Amazon may split a report that holds an unpublished day into two.
            total = max(total, standing.open_requests)
            bar.update(task, total=total, completed=total - standing.open_requests, arrival=_arrival(standing))
            if not standing.open_requests:
                return standing
            # A person waits at this terminal; no worker is held, as it would be in a task.
            time.sleep(standing.wake_seconds)


def _bar(console: Console) -> "Progress":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[arrival]}"),
    )
    return Progress(*columns, console=console)


def _arrival(standing: "Standing") -> str:
    if standing.arrives_at is None:
        return "All of it is there."
    local = standing.arrives_at.astimezone()
    minutes = max(1, round((standing.arrives_at - datetime.now(UTC)).total_seconds() / 60))
    lasting = f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"
    return f"Expected at {local:%d %B %H:%M}, in {lasting}."


def _tell_end(console: Console, account: "Account", standing: "Standing") -> None:
    for failure in standing.failures:
        console.print(failure, markup=False)
    for dataset in standing.denied:
        console.print(f"{dataset}: no access; 'daybreak doctor --account {account.account_id}' says what is missing")
    left = (
        f", {standing.open_requests} to come: 'daybreak onboard {account.account_id}'" if standing.open_requests else ""
    )
    console.print(f"{account.name}: {standing.landed} documents landed{left}. The next dawn run builds the controls.")
