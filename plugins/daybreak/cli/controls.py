"""``daybreak controls``: the morning's list."""

from dataclasses import asdict
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated, Any

import typer

from daybreak.cli.output import Format, print_rows, print_table
from daybreak.settings import Settings, get_settings

if TYPE_CHECKING:
    from rich.console import Console

    from daybreak.accounts import Account, Language
    from daybreak.warehouse.daily_controls import ControlLine

COLUMNS = (
    "account_id",
    "control_date",
    "lane_code",
    "lane_place",
    "control_id",
    "cause",
    "action",
    "asins",
    "client_sku",
    "name",
    "symptoms",
    "stake_amount",
    "currency_code",
    "opened_date",
    "age_days",
    "due_at",
    "human_status_code",
    "follow_up_date",
    "is_new",
    "is_worsened",
    "cause_code",
    "action_code",
    "bundle_code",
    "data_status_code",
)
MORNING_COLUMNS = ("place", "product", "cause", "stake_a_week", "due", "age_days", "what_to_do", "control_id")
SHOWN_LINES = 15
_SHOWN_NAME = 48


class ControlFormat(StrEnum):
    """How the list is given out; xlsx is a file of one sheet per account."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


class SpokenLanguage(StrEnum):
    EN = "en"
    IT = "it"


def register(app: typer.Typer) -> None:
    app.command("controls")(controls)


def controls(
    control_date: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The morning; default today.")
    ] = None,
    account: Annotated[list[str] | None, typer.Option(help="One account; may be repeated.")] = None,
    language: Annotated[SpokenLanguage, typer.Option(help="In which language people read it.")] = SpokenLanguage.EN,
    form: Annotated[ControlFormat, typer.Option("--format", help="How to give it out.")] = ControlFormat.TABLE,
    out: Annotated[Path | None, typer.Option(help="The file for xlsx; default controls_<date>.xlsx here.")] = None,
) -> None:
    """What to do this morning, per account, lane by lane, the most urgent first."""
    from daybreak.accounts import read_accounts
    from daybreak.cli.selection import chosen_account

    settings = get_settings()
    morning = control_date.date() if control_date else datetime.now(settings.zone).date()
    chosen = [chosen_account(settings, name) for name in account or []] or read_accounts(settings.accounts_path)
    if form is ControlFormat.TABLE:
        _print_accounts(chosen, morning, language.value)
        return
    rows = [_row(line, language.value) for each in chosen for line in _read(each, morning)[0]]
    if form is ControlFormat.XLSX:
        from daybreak.board.workbook import sheets_by, workbook_bytes

        path = out or Path(f"controls_{morning}.xlsx")
        path.write_bytes(workbook_bytes(sheets_by(rows, COLUMNS, "account_id")))
        typer.echo(f"{path}: {len(rows)} lines")
    else:
        print_rows(rows, COLUMNS, Format(form.value), f"Controls of {morning}")


def print_morning(settings: Settings, morning: date | None = None) -> None:
    """Prints each active account's lanes, today's lines first."""
    from daybreak.accounts import read_accounts

    accounts = [each for each in read_accounts(settings.accounts_path) if each.is_active]
    _print_accounts(accounts, morning or datetime.now(settings.zone).date(), "en")


def _print_accounts(accounts: "list[Account]", morning: date, language: "Language") -> None:
    from rich.console import Console

    from daybreak.controls.control_words import input_words, lane_words

    console = Console(highlight=False, soft_wrap=True)
    for account in accounts:
        lines, missing = _read(account, morning)
        present = dict.fromkeys(line.lane_code for line in lines)
        lanes = {lane: [line for line in lines if line.lane_code == lane] for lane in present}
        counts = ", ".join(f"{lane_words(lane, language)} {len(held)}" for lane, held in lanes.items())
        console.print(f"\n[bold]{account.name}[/bold], {morning}: {counts or 'no controls'}")
        for lane, held in lanes.items():
            _print_lane(console, lane_words(lane, language), held, language, account)
        for code in missing:
            console.print(input_words(code, language))


def _print_lane(
    console: "Console", title: str, lines: "list[ControlLine]", language: "Language", account: "Account"
) -> None:
    print_table([_morning_line(line, language) for line in lines[:SHOWN_LINES]], MORNING_COLUMNS, title)
    if len(lines) > SHOWN_LINES:
        console.print(f"{len(lines) - SHOWN_LINES} more: daybreak controls --account {account.account_id} --format csv")


def _read(account: "Account", morning: date) -> "tuple[list[ControlLine], list[str]]":
    from daybreak.warehouse.daily_controls import read_control_lines, read_missing_inputs
    from daybreak.warehouse.engine import transaction

    with transaction(role="transformer") as connection:
        return (
            read_control_lines(connection, [account.account_id], morning),
            read_missing_inputs(connection, account.account_id),
        )


def _row(line: "ControlLine", language: "Language") -> dict[str, Any]:
    from daybreak.controls.control_words import action_words, cause_words

    return asdict(line) | {
        "asins": " ".join(line.asins),
        "symptoms": " ".join(line.symptoms),
        "cause": cause_words(line.cause_code, language),
        "action": action_words(line.action_code, language),
    }


def _morning_line(line: "ControlLine", language: "Language") -> dict[str, Any]:
    from daybreak.controls.control_words import action_words, cause_words

    more = f" and {len(line.asins) - 1} more" if len(line.asins) > 1 else ""
    symptoms = "".join(f"; {cause_words(code, language).lower()}" for code in line.symptoms)
    known = shorten(" ".join(part for part in (line.client_sku, line.name) if part), _SHOWN_NAME, placeholder=" …")
    return {
        "place": line.lane_place,
        "product": f"{line.asins[0]}{more} {known}".rstrip(),
        "cause": cause_words(line.cause_code, language) + symptoms,
        "stake_a_week": None if line.stake_amount is None else f"{line.stake_amount:,.2f} {line.currency_code}",
        "due": line.due_at,
        "age_days": line.age_days,
        "what_to_do": action_words(line.action_code, language),
        "control_id": line.control_id,
    }
