"""``daybreak gate release``: publishes a blocked load all the same, with name and reason kept."""

import getpass
from typing import Annotated

import typer

from daybreak.settings import get_settings

gate_app = typer.Typer(help="What the quality gates held back.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(gate_app, name="gate")


@gate_app.command("release")
def release(
    load_id: Annotated[int, typer.Argument(help="The number of the load, as 'daybreak status' shows it.")],
    reason: Annotated[str, typer.Option(help="Why it may be published although its gate blocked it.")],
    by: Annotated[str | None, typer.Option(help="Who decides; default the system user.")] = None,
) -> None:
    """Publishes a blocked load. Name, time and reason are kept in ops.load; the gate's results stay as they are."""
    from daybreak.cli.selection import chosen_account
    from daybreak.steps.releasing import release_load

    settings = get_settings()
    if not reason.strip():
        raise typer.BadParameter("--reason must say why the load may be published")
    typer.echo(
        release_load(load_id, by or getpass.getuser(), reason, lambda name: chosen_account(settings, name), settings)
    )


@gate_app.callback()
def _gate() -> None:
    """What the quality gates held back."""
