"""``daybreak sweep``: who offers an account's products, looked at now."""

import os
from datetime import UTC, datetime
from typing import Annotated

import typer

from daybreak.settings import Settings, get_settings


def register(app: typer.Typer) -> None:
    app.command("sweep")(sweep)


def sweep(
    account: Annotated[str, typer.Option(help="The account whose products are looked at.")],
    asin: Annotated[
        list[str] | None, typer.Option(help="One product; may be repeated. Default all that are due.")
    ] = None,
) -> None:
    """Asks Amazon for the offers of the account's products now, and publishes what was seen.

    Amazon answers for two products a second. Ends with 1 when something failed or was held back by its gate.
    """
    from daybreak.cli.selection import chosen_account
    from daybreak.steps.sweep_now import sweep_now
    from daybreak.steps.sweep_planning import unswept

    settings = get_settings()
    chosen = chosen_account(settings, account)
    odd = [each for each in asin or () if len(each) != 10 or not each.isalnum() or each != each.upper()]
    if odd:
        raise typer.BadParameter(f"{', '.join(odd)}: an ASIN has ten capital letters and digits")
    for reason in unswept([chosen]).values():
        raise typer.BadParameter(f"{account} cannot be swept: {reason}")
    _use_local_airflow(settings)
    from daybreak.orchestration.connections import open_sweep

    outcome = sweep_now(open_sweep(chosen), asin or (), datetime.now(UTC))
    for sentence in outcome.sentences:
        typer.echo(sentence)
    if not outcome.is_complete:
        raise typer.Exit(1)


def _use_local_airflow(settings: Settings) -> None:
    """Where a local stack was made, its Airflow holds the credentials; elsewhere the environment names another."""
    from daybreak.stack.airflow_home import airflow_environment, airflow_home

    if (airflow_home(settings) / "airflow.cfg").exists():
        for name, value in airflow_environment(settings).items():
            os.environ.setdefault(name, value)
