"""``daybreak maintain``: partitions ahead, retention, and what killed work left behind."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from daybreak.cli.output import Format, print_rows
from daybreak.settings import get_settings

COLUMNS = ("subject", "made", "removed", "note")


def register(app: typer.Typer) -> None:
    app.command("maintain")(maintain)


def maintain(
    form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
) -> None:
    """Makes partitions ahead and removes what was kept long enough. Ends with 1 when something was left for later."""
    from daybreak.steps import maintenance

    done = maintenance.maintain(get_settings(), datetime.now(UTC))
    print_rows([asdict(each) for each in done], COLUMNS, form, "What maintenance did")
    if not all(each.is_done for each in done):
        raise typer.Exit(1)
