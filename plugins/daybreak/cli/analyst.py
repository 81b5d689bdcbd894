"""``daybreak analyst``: who may read the warehouse with SQL, and whose rows."""

from typing import Annotated

import typer

from daybreak.cli.output import Format, print_rows
from daybreak.settings import get_settings

COLUMNS = ("login", "accounts")

analyst_app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The login: lower-case letters, digits and underscores.")]
Accounts = Annotated[str | None, typer.Option("--accounts", help="The accounts whose rows it sees: a,b,c.")]
Everything = Annotated[bool, typer.Option("--all", help="Every account, those to come included.")]


def register(app: typer.Typer) -> None:
    app.add_typer(analyst_app, name="analyst")


@analyst_app.command("add")
def add(name: Name, accounts: Accounts = None, everything: Everything = False) -> None:
    """Make a login that reads core and mart, and print its connection: this once, it is kept nowhere."""
    from daybreak.warehouse.analysts import add_analyst

    chosen = _chosen(accounts, everything)
    url = add_analyst(name, chosen, get_settings().warehouse_dsn())
    typer.echo(f"{name} reads {_named(chosen)}. Hand this over by a safe way; it is not shown again:", err=True)
    typer.echo(url)


@analyst_app.command("accounts")
def accounts(name: Name, accounts: Accounts = None, everything: Everything = False) -> None:
    """Change whose rows a login sees, from its next query on."""
    from daybreak.warehouse.analysts import change_accounts

    chosen = _chosen(accounts, everything)
    change_accounts(name, chosen)
    typer.echo(f"{name} reads {_named(chosen)} from now on.")


@analyst_app.command("remove")
def remove(name: Name) -> None:
    """Take a login's access away, at once and for good."""
    from daybreak.warehouse.analysts import remove_analyst

    remove_analyst(name)
    typer.echo(f"{name} may not read the warehouse any more.")


@analyst_app.command("list")
def show(form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE) -> None:
    """Every login that reads the warehouse, and whose rows it sees."""
    from daybreak.warehouse.analysts import read_analysts

    rows = [{"login": each.login_name, "accounts": _named(each.account_ids)} for each in read_analysts()]
    print_rows(rows, COLUMNS, form, "Readers of the warehouse")


@analyst_app.callback()
def _analyst() -> None:
    """Who may read the warehouse with SQL, and whose rows."""


def _chosen(accounts: str | None, everything: bool) -> tuple[str, ...] | None:
    if (accounts is None) != everything:
        raise typer.BadParameter("say either --accounts a,b or --all")
    return None if accounts is None else tuple(part.strip() for part in accounts.split(",") if part.strip())


def _named(account_ids: tuple[str, ...] | None) -> str:
    return "every account" if account_ids is None else ", ".join(account_ids) or "no account"
