"""``daybreak mute`` and ``unmute``: a known outage that shall alarm nobody for a while."""

import getpass
from datetime import date, datetime
from typing import Annotated

import typer

from daybreak.cli.selection import chosen_account, chosen_dataset
from daybreak.settings import Settings, get_settings

AccountId = Annotated[str, typer.Argument(help="The account, as accounts.yml names it.")]
DatasetCode = Annotated[str | None, typer.Option("--dataset", help="One dataset; default the whole account.")]


def register(app: typer.Typer) -> None:
    app.command("mute")(mute)
    app.command("unmute")(unmute)


def mute(
    account: AccountId,
    until: Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="The last day that it holds.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, for whoever reads it next; as of a case of Amazon's.")],
    dataset: DatasetCode = None,
    by: Annotated[str | None, typer.Option(help="Who mutes it; default the system user.")] = None,
) -> None:
    """Gaps of an account, or of one of its datasets, turn no run red until a day; every list still shows them."""
    from daybreak.warehouse.account_registry import sync_accounts
    from daybreak.warehouse.engine import transaction
    from daybreak.warehouse.mutes import Mute, insert_mute

    settings = get_settings()
    chosen = chosen_account(settings, account)
    if until.date() < _today(settings):
        raise typer.BadParameter(f"{until:%Y-%m-%d} is past; name the last day on which it shall hold")
    if not reason.strip():
        raise typer.BadParameter("--reason must say why: whoever finds the gap must know that it is known")
    known = Mute(_dataset_code(dataset), until.date(), reason.strip())
    with transaction() as connection:
        sync_accounts(connection, [chosen])
        insert_mute(connection, account, known, (by or getpass.getuser()).strip())
    typer.echo(f"{_spoken(account, dataset)}: muted until {known.until_date}, that day included: {known.reason}")


def unmute(account: AccountId, dataset: DatasetCode = None) -> None:
    """Gaps of the account, or of one of its datasets, are alarming again from today on."""
    from daybreak.warehouse.engine import transaction
    from daybreak.warehouse.mutes import end_mutes

    settings = get_settings()
    chosen_account(settings, account)
    with transaction() as connection:
        ended = end_mutes(connection, account, _dataset_code(dataset), _today(settings))
    if not ended:
        raise typer.BadParameter(f"{_spoken(account, dataset)} is not muted; 'daybreak status' shows what is")
    typer.echo(f"{_spoken(account, dataset)}: no longer muted")


def _dataset_code(dataset: str | None) -> str | None:
    return None if dataset is None else chosen_dataset(dataset).key


def _spoken(account: str, dataset: str | None) -> str:
    return f"{account} {dataset or 'with all its datasets'}"


def _today(settings: Settings) -> date:
    return datetime.now(settings.zone).date()
