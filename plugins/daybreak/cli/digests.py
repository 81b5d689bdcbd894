"""``daybreak digest``: what was or would be sent of a morning."""

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from daybreak.cli.controls import SpokenLanguage
from daybreak.settings import get_settings

if TYPE_CHECKING:
    from daybreak.accounts import Account
    from daybreak.board.morning_facts import MorningFacts


class LetterFormat(StrEnum):
    """The mail's two parts; html is a page that needs nothing beside it."""

    TEXT = "text"
    HTML = "html"


def register(app: typer.Typer) -> None:
    app.command("digest")(digest)


def digest(
    control_date: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The morning; default today.")
    ] = None,
    account: Annotated[list[str] | None, typer.Option(help="One account; may be repeated.")] = None,
    language: Annotated[SpokenLanguage | None, typer.Option(help="Default: the account's.")] = None,
    form: Annotated[LetterFormat, typer.Option("--format", help="Which part of the mail.")] = LetterFormat.TEXT,
    out: Annotated[Path | None, typer.Option(help="The file to write; for html it is needed.")] = None,
) -> None:
    """The mail of a morning as it was kept, or as it would be now; sends nothing."""
    from daybreak.accounts import read_accounts
    from daybreak.board.morning_letter import compose_letter
    from daybreak.cli.selection import chosen_account

    settings = get_settings()
    morning = control_date.date() if control_date else datetime.now(settings.zone).date()
    chosen = [chosen_account(settings, name) for name in account or []]
    chosen = chosen or [each for each in read_accounts(settings.accounts_path) if each.is_active]
    if out is not None and len(chosen) != 1:
        raise typer.BadParameter("a file holds one mail: name one account with --account")
    if form is LetterFormat.HTML and out is None:
        raise typer.BadParameter("name the file with --out: a page is for a browser")
    for each in chosen:
        spoken = language.value if language else each.spoken_language
        letter = compose_letter(_read(each, morning), spoken)
        shown = letter.page() if form is LetterFormat.HTML else f"{letter.subject}\n\n{letter.text}"
        if out is None:
            typer.echo(shown)
        else:
            out.write_text(shown)
            typer.echo(f"{out}: {letter.subject}")


def _read(account: "Account", morning: date) -> "MorningFacts":
    """The newest kept version of the morning; composed now when none is kept."""
    from daybreak.board.morning_facts import read_morning
    from daybreak.steps.digest import compose_morning
    from daybreak.warehouse.engine import transaction
    from daybreak.warehouse.mornings import read_digest

    with transaction(role="transformer") as connection:
        kept = read_digest(connection, account.account_id, morning)
        return read_morning(kept.digest if kept else compose_morning(connection, account, morning))
