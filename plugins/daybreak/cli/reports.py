"""``daybreak report``: what a client is given, made by hand."""

import getpass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from daybreak.settings import get_settings

if TYPE_CHECKING:
    from datetime import date

    from daybreak.accounts import Account

report_app = typer.Typer(help="What a client is given.", no_args_is_help=True)


class ReportFormat(StrEnum):
    HTML = "html"
    XLSX = "xlsx"


class ReportLanguage(StrEnum):
    EN = "en"
    IT = "it"


def register(app: typer.Typer) -> None:
    app.add_typer(report_app, name="report")


@report_app.callback()
def reports() -> None:
    """What a client is given."""


@report_app.command("monday")
def monday(
    week: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Any day of the week, which ends on Saturday.")],
    account: Annotated[list[str] | None, typer.Option(help="One account; may be repeated. Default all.")] = None,
    language: Annotated[ReportLanguage | None, typer.Option(help="Default the account's own.")] = None,
    form: Annotated[ReportFormat, typer.Option("--format", help="Which of the two files to name or write.")] = (
        ReportFormat.HTML
    ),
    out: Annotated[Path | None, typer.Option(help="Write one report there and keep nothing.")] = None,
) -> None:
    """The Monday report of a finished week, as the marts stand: kept as the weekly run keeps it, or written to --out.

    Equal figures make no new edition. Ends with 1 when an account has no figures of the week.
    """
    from daybreak.accounts import read_accounts
    from daybreak.business_dates import local_date, week_end_of
    from daybreak.cli.selection import chosen_account
    from daybreak.steps.week_reports import WeekUnknown

    settings = get_settings()
    named = [chosen_account(settings, name) for name in account or []]
    chosen = named or [each for each in read_accounts(settings.accounts_path) if each.is_active]
    if out is not None and len(chosen) != 1:
        raise typer.BadParameter("--out is one file: name one account with --account")
    instant = datetime.now(UTC)
    week_end_date = week_end_of(week.date())
    failed = False
    for each in chosen:
        if local_date(instant, each.marketplace.time_zone) <= week_end_date:
            raise typer.BadParameter(f"the week to {week_end_date} is not over in {each.marketplace.time_zone}")
        try:
            typer.echo(_report(each, week_end_date, instant, language, form, out))
        except WeekUnknown as unknown:
            failed = True
            typer.echo(str(unknown), err=True)
    if failed:
        raise typer.Exit(1)


def _report(
    account: "Account",
    week_end_date: "date",
    instant: datetime,
    language: ReportLanguage | None,
    form: ReportFormat,
    out: Path | None,
) -> str:
    from daybreak.steps import week_reports

    spoken = language.value if language else account.spoken_language
    settings = get_settings()
    if out is None:
        run_id = f"by hand: {getpass.getuser()}"
        told, page = week_reports.keep_week(account, week_end_date, instant, run_id, settings, language=spoken)
        return told if form is ReportFormat.HTML else f"{told}; {page.with_suffix('.xlsx')}"
    out.write_bytes(week_reports.draw_week(account, week_end_date, instant, spoken, form.value))
    return f"{account.account_id}: the report of the week to {week_end_date} is in {out}"
