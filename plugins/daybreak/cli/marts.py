"""``daybreak build``: a mart anew from the facts, through its gate."""

from datetime import datetime
from typing import Annotated

import typer

from daybreak.settings import get_settings


def register(app: typer.Typer) -> None:
    app.command("build")(build)


def build(
    mart: Annotated[str, typer.Argument(help="stock_coverage_daily")],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included.")],
    account: Annotated[list[str] | None, typer.Option(help="One account; may be repeated. Default all.")] = None,
) -> None:
    """Builds MART for the days from --from to --to, both included. Ends with 1 when its gate blocks a build."""
    from daybreak.accounts import read_accounts
    from daybreak.cli.selection import chosen_account
    from daybreak.steps.mart_building import build_span
    from daybreak.warehouse.mart_reach import build_order

    settings = get_settings()
    if mart not in build_order():
        raise typer.BadParameter(f"{mart} is no mart; there are: {', '.join(build_order())}")
    if last < first:
        raise typer.BadParameter(f"--to {last:%Y-%m-%d} is before --from {first:%Y-%m-%d}: exchange them")
    names = account or [each.account_id for each in read_accounts(settings.accounts_path)]
    outcomes = build_span([chosen_account(settings, name) for name in names], mart, first.date(), last.date())
    for outcome in outcomes:
        typer.echo(outcome.sentence)
    if not all(outcome.is_published for outcome in outcomes):
        raise typer.Exit(1)
