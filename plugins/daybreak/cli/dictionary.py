"""``daybreak docs``: the data dictionary anew from the contracts."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command("docs")(docs)


def docs(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; end with 1 when the file is stale.")] = False,
) -> None:
    """Write docs/data_dictionary.md from every table.yml."""
    from daybreak.contracts.__main__ import run

    raise typer.Exit(run(["--check" if check else "--write"]))
