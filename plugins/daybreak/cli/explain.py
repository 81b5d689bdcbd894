"""``daybreak explain``: a control, the figures that prove it, how each was computed, and the documents behind them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from daybreak.cli.output import print_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg
    from rich.console import Console

    from daybreak.contracts import TableContract
    from daybreak.warehouse.daily_controls import ControlLine

SHOWN_PRODUCTS = 5


def register(app: typer.Typer) -> None:
    app.command("explain")(explain)


def explain(
    control_id: Annotated[str, typer.Argument(help="As 'daybreak controls' names it.")],
    control_date: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The morning; default the newest.")
    ] = None,
    asin: Annotated[str | None, typer.Option(help="One product of a line of many.")] = None,
) -> None:
    """Show why CONTROL_ID stands: its figures, their formulas, and the documents that Amazon sent."""
    from rich.console import Console

    from daybreak.contracts import read_contracts
    from daybreak.warehouse.daily_controls import read_control
    from daybreak.warehouse.engine import transaction

    console = Console(highlight=False, soft_wrap=True)
    contracts = {contract.name: contract for contract in read_contracts() if contract.layer == "mart"}
    with transaction(role="transformer") as connection:
        try:
            line = read_control(connection, control_id, control_date.date() if control_date else None)
        except LookupError as error:
            raise typer.BadParameter(str(error)) from None
        if asin is not None and asin not in line.asins:
            raise typer.BadParameter(f"{control_id} is about {', '.join(line.asins)}, not about {asin}")
        _print_line(console, line)
        products = [asin] if asin else line.asins[:SHOWN_PRODUCTS]
        for product in products:
            _print_product(console, connection, line, product, contracts)
    if asin is None and len(line.asins) > len(products):
        console.print(f"{len(line.asins) - len(products)} more products: --asin names one of {', '.join(line.asins)}")


def _print_line(console: "Console", line: "ControlLine") -> None:
    from daybreak.controls.control_words import action_words, cause_words

    console.print(f"[bold]{cause_words(line.cause_code, 'en')}[/bold] ({line.control_id})")
    console.print(f"What to do: {action_words(line.action_code, 'en')}")
    console.print(
        f"Morning of {line.control_date}, figures of {line.business_date} ({line.data_status_code}); "
        f"since {line.opened_date}, {line.age_days} days, reopened {line.reopened_count} times"
    )
    stake = "unknown" if line.stake_amount is None else f"{line.stake_amount:,.2f} {line.currency_code} a week"
    console.print(f"Stake {stake}; lane {line.lane_code}, place {line.lane_place}; {line.human_status_code}")
    for symptom in line.symptoms:
        console.print(f"It also explains: {cause_words(symptom, 'en')}")


def _print_product(
    console: "Console",
    connection: "psycopg.Connection",
    line: "ControlLine",
    asin: str,
    contracts: "Mapping[str, TableContract]",
) -> None:
    from daybreak.warehouse.daily_controls import read_mart_row, read_sources

    evidence: dict[str, Any] = line.evidence.get(asin, {})
    console.print(f"\n[bold]{asin}[/bold]")
    mart = str(evidence.get("mart", ""))
    row = read_mart_row(connection, mart, line.account_id, asin, line.business_date) if mart in contracts else None
    if row is not None:
        figures = [
            {"figure": name, "value": value, "how": column.formula or column.meaning}
            for name, column in contracts[mart].columns.items()
            if (value := row.get(name)) is not None
        ]
        print_table(figures, ("figure", "value", "how"), f"mart.{mart}, what was found")
    sources = read_sources(connection, line.account_id, asin, line.business_date)
    print_table(
        [
            {
                "dataset": each.dataset_code,
                "day": each.fact_date,
                "load": each.load_id,
                "document": each.path,
                "sha256": (each.sha256 or "")[:12],
                "received": each.received_at,
            }
            for each in sources
        ],
        ("dataset", "day", "load", "document", "sha256", "received"),
        "the newest facts about it, as Amazon sent them",
    )
