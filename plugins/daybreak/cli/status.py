"""``daybreak status``: newest day, gaps and trouble per account and dataset."""

from datetime import datetime
from typing import Annotated, Any

import typer

from daybreak.cli.output import Format, print_rows, print_table
from daybreak.settings import get_settings

COLUMNS = (
    "account_id",
    "dataset",
    "view",
    "status",
    "newest_due_date",
    "newest_published_date",
    "missing_days",
    "no_data_days",
    "left_out",
    "why",
)
ACCESS_COLUMNS = ("account_id", "dataset", "what", "since", "last_tried", "amazon_said")
TROUBLE_COLUMNS = ("account_id", "load_id", "dataset", "window", "status", "reason")


def register(app: typer.Typer) -> None:
    app.command("status")(status)


def status(
    at: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="As due at the end of that day; default now."),
    ] = None,
    account: Annotated[list[str] | None, typer.Option(help="One account; may be repeated.")] = None,
    form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
) -> None:
    """What is published of each dataset, which due days are missing and why. Exit code 1 when a due day is missing.

    Offers and the client's own files are never due: they are shown with their newest date and what was left out.
    """
    from daybreak.accounts import read_accounts
    from daybreak.steps.undue_series import read_undue_series
    from daybreak.steps.verdict import SeriesState, read_series
    from daybreak.warehouse.engine import transaction
    from daybreak.warehouse.missing_access import read_missing_access
    from daybreak.warehouse.troubles import read_troubles

    settings = get_settings()
    instant = at.replace(hour=23, minute=59, tzinfo=settings.zone) if at else datetime.now(settings.zone)
    accounts = [a for a in read_accounts(settings.accounts_path) if not account or a.account_id in account]
    with transaction() as connection:
        series: list[SeriesState] = read_series(connection, accounts, instant, settings)
        undue = read_undue_series(connection, accounts, instant)
        troubles = [(a.account_id, trouble) for a in accounts for trouble in read_troubles(connection, a.account_id)]
        refused = [
            (a.account_id, each) for a in accounts for each in read_missing_access(connection, a.account_id).values()
        ]
    rows = [_series_row(each) for each in series] + [_undue_row(each) for each in undue]
    # A stable sort: one account's rows stay together in the order of the registry.
    rows.sort(key=lambda row: [a.account_id for a in accounts].index(row["account_id"]))
    print_rows(rows, COLUMNS, form, "Published facts")
    if form is Format.TABLE:
        _print_beside([_trouble_row(*each) for each in troubles], [_access_row(*each) for each in refused])
    if any(each.is_red for each in series):
        raise typer.Exit(1)


def _print_beside(troubles: list[dict[str, Any]], refused: list[dict[str, Any]]) -> None:
    """For people, what explains a gap: programs read the rows of the facts alone."""
    if troubles:
        print_table(troubles, TROUBLE_COLUMNS, "Loads that did not get through")
    if refused:
        print_table(refused, ACCESS_COLUMNS, "What cannot be read; 'daybreak doctor' says how to change it")


def _trouble_row(account_id: str, trouble: Any) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "load_id": trouble.load_id,
        "dataset": trouble.dataset_code,
        "window": f"{trouble.window_start_date} to {trouble.window_end_date}",
        "status": trouble.status_code,
        "reason": trouble.reason,
    }


def _access_row(account_id: str, missing: Any) -> dict[str, Any]:
    from daybreak.steps.access import describe_missing

    return {
        "account_id": account_id,
        "dataset": missing.dataset_code,
        "what": describe_missing(missing),
        "since": missing.noted_at,
        "last_tried": missing.last_tried_at,
        "amazon_said": missing.reason,
    }


def _undue_row(each: Any) -> dict[str, Any]:
    return {
        "account_id": each.account_id,
        "dataset": each.dataset_code,
        "view": each.variant_code or None,
        "status": each.status,
        "newest_published_date": each.newest_published_date,
        "left_out": each.left_out_count,
        "why": each.why or None,
    }


def _series_row(each: Any) -> dict[str, Any]:
    return {
        "account_id": each.account_id,
        "dataset": each.dataset_code,
        "view": each.variant_code or None,
        "status": each.status,
        "newest_due_date": each.newest_due_date,
        "newest_published_date": each.newest_published_date,
        "missing_days": len(each.missing) + len(each.unreadable),
        "no_data_days": len(each.no_data_dates),
        "why": each.sentence() if each.status != "complete" else None,
    }
