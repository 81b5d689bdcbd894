"""``daybreak load``: one document from disk through the same landing, gate and publish as the dawn run."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from daybreak.settings import get_settings


def register(app: typer.Typer) -> None:
    app.command("load")(load)


def load(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            readable=True,
            help="A report document as Amazon sends it, plain or gzip, or a CSV of the client's.",
        ),
    ],
    account: Annotated[str, typer.Option(help="The account it belongs to.")],
    dataset: Annotated[str, typer.Option(help="Such as sales_daily; product and promotion take CSV.")],
    period: Annotated[
        Literal["DAY", "WEEK"], typer.Option(help="What a row of the document spans; only DAY is a daily fact.")
    ] = "DAY",
    view: Annotated[str | None, typer.Option(help="Distributor view; default the account's primary one.")] = None,
) -> None:
    """Lands, gates and publishes FILE. Ends with 1 and the reasons when the document or its gate refuses."""
    from daybreak.cli.selection import chosen_account, chosen_dataset
    from daybreak.steps.file_loading import load_file

    settings = get_settings()
    outcome = load_file(
        file,
        chosen_account(settings, account),
        chosen_dataset(dataset),
        settings,
        received_at=datetime.now(UTC),
        variant=view,
        report_period=period,
    )
    typer.echo(outcome.sentence)
    if not outcome.is_published:
        raise typer.Exit(1)
