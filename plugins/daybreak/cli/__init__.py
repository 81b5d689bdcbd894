"""The command line ``daybreak``: may call every room, imports the heavy ones only when a command needs them."""

import typer

from daybreak.cli import (
    analyst,
    backfill,
    control,
    controls,
    dictionary,
    digests,
    doctor,
    events,
    explain,
    facts,
    gate,
    maintenance,
    marts,
    mute,
    onboard,
    reports,
    stack,
    status,
    sweep,
)

app = typer.Typer(
    name="daybreak",
    help="The daily controls of Amazon Vendor accounts.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # boxes cut paths and account names over several lines
    pretty_exceptions_show_locals=False,  # locals may hold credentials
)
for module in (
    stack, doctor, status, controls, digests, explain, control, facts, onboard, sweep, marts, gate, events, maintenance,
    analyst, dictionary, mute, reports, backfill,
):  # fmt: skip
    module.register(app)


def main() -> None:
    """Runs the command line; a failure that Daybreak understands is one message, not a traceback."""
    from daybreak.cli.failures import explained

    with explained():
        app()
