"""``daybreak events``: the days on which demand is not usual."""

from datetime import datetime
from typing import Annotated

import typer

from daybreak.cli.output import Format, print_rows
from daybreak.settings import get_settings

COLUMNS = ("marketplace_code", "start_date", "end_date", "name")
events = typer.Typer(help="Days on which demand is not usual, such as Prime Day.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(events, name="events")


@events.command("list")
def list_events(
    year: Annotated[int | None, typer.Option(help="The year in which they begin; default this one.")] = None,
    marketplace: Annotated[str | None, typer.Option(help="One marketplace, such as IT.")] = None,
    form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
) -> None:
    """What the shipped file and include/own_events.yml say; the warehouse takes it over when it is prepared."""
    from daybreak.events import read_events

    settings = get_settings()
    wanted = year or datetime.now(settings.zone).year
    rows = [
        {
            "marketplace_code": event.marketplace_code,
            "start_date": event.first_date,
            "end_date": event.last_date,
            "name": event.name,
        }
        for event in read_events(settings)
        if event.first_date.year == wanted and marketplace in {None, event.marketplace_code}
    ]
    print_rows(rows, COLUMNS, form, f"Events of {wanted}")
