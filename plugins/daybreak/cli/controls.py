"""``daybreak controls``: the morning's list."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import typer

from daybreak.cli.output import Format, print_rows, print_table
from daybreak.settings import Settings, get_settings

COLUMNS = (
    "account_id",
    "asin",
    "stock_status_code",
    "sellable_on_hand_units",
    "expected_units_per_day",
    "days_of_cover",
    "projected_stockout_date",
    "revenue_at_risk_amount",
    "excess_cost_amount",
    "currency_code",
    "stock_as_of_at",
    "stock_source_code",
    "supply_cause_code",
    "data_status_code",
    "lane",
    "advice",
)
MORNING_COLUMNS = (
    "asin",
    "stock_status",
    "on_hand",
    "sells_a_day",
    "runs_out",
    "at_risk",
    "stock_as_of",
    "data",
    "what_to_do",
)
SHOWN_LINES = 8


def register(app: typer.Typer) -> None:
    app.command("controls")(controls)


def controls(
    control_date: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The morning; default today.")
    ] = None,
    account: Annotated[list[str] | None, typer.Option(help="One account; may be repeated.")] = None,
    form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
) -> None:
    """What to do this morning, per account, the most urgent first."""
    settings = get_settings()
    morning = control_date.date() if control_date else datetime.now(settings.zone).date()
    accounts = account or _account_ids(settings)
    rows = _rows(accounts, morning)
    print_rows(rows, COLUMNS, form, f"Stock controls of {morning} (figures of {morning - timedelta(days=1)})")


def print_morning(settings: Settings, morning: date | None = None) -> None:
    """Prints each account's most urgent stock lines and how many ASINs stand in each status."""
    from rich.console import Console

    from daybreak.accounts import read_accounts
    from daybreak.warehouse.engine import transaction
    from daybreak.warehouse.stock_controls import count_stock_statuses

    console = Console(highlight=False, soft_wrap=True)
    morning = morning or datetime.now(settings.zone).date()
    accounts = [each for each in read_accounts(settings.accounts_path) if each.is_active]
    with transaction(role="transformer") as connection:
        counts = count_stock_statuses(connection, [a.account_id for a in accounts], morning - timedelta(days=1))
    for each in accounts:
        rows = _rows([each.account_id], morning)
        urgent = [row for row in rows if row["lane"] == "today"] or rows
        console.print(f"\n[bold]{each.name}[/bold]: {len(urgent)} stock lines for {morning}")
        print_table([_morning_line(row) for row in urgent[:SHOWN_LINES]], MORNING_COLUMNS)
        statuses = sorted(counts.get(each.account_id, {}).items(), key=lambda pair: -pair[1])
        console.print("all ASINs: " + ", ".join(f"{count} {status}" for status, count in statuses))
        if len(urgent) > SHOWN_LINES:
            console.print(f"{len(urgent) - SHOWN_LINES} more: daybreak controls --account {each.account_id}")


def _rows(account_ids: list[str], morning: date) -> list[dict[str, Any]]:
    from daybreak.controls.stock_wording import advice_for, lane_of
    from daybreak.warehouse.engine import transaction
    from daybreak.warehouse.stock_controls import read_stock_controls

    with transaction(role="transformer") as connection:
        found = read_stock_controls(connection, account_ids, morning - timedelta(days=1))
    return [
        asdict(each) | {"lane": lane_of(each.stock_status_code), "advice": advice_for(each.stock_status_code)}
        for each in found
    ]


def _morning_line(row: dict[str, Any]) -> dict[str, Any]:
    at_risk = row["revenue_at_risk_amount"]
    return {
        "asin": row["asin"],
        "stock_status": row["stock_status_code"],
        "on_hand": row["sellable_on_hand_units"],
        "sells_a_day": row["expected_units_per_day"],
        "runs_out": row["projected_stockout_date"],
        "at_risk": None if at_risk is None else f"{at_risk:,.2f} {row['currency_code']}",
        "stock_as_of": row["stock_as_of_at"],
        "data": row["data_status_code"],
        "what_to_do": row["advice"],
    }


def _account_ids(settings: Settings) -> list[str]:
    from daybreak.accounts import read_accounts

    return [each.account_id for each in read_accounts(settings.accounts_path)]
