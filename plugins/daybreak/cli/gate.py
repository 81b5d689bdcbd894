"""``daybreak gate``: what a gate found in a load, the rows it put aside, and publishing it all the same."""

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from daybreak.cli.output import Format, print_rows, print_table
from daybreak.settings import get_settings

if TYPE_CHECKING:
    from daybreak.warehouse.loads import AccountLoad

RESULT_COLUMNS = ("expectation_code", "column_name", "severity_code", "outcome", "unexpected_row_count", "reason")
QUARANTINE_COLUMNS = ("row_number", "business_date", "asin", "field_name", "reason", "raw_row")
LoadId = Annotated[int, typer.Argument(help="The number of the load, as 'daybreak status' shows it.")]
PrintForm = Annotated[Format, typer.Option("--format", help="How to print.")]

gate_app = typer.Typer(help="What the quality gates held back.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(gate_app, name="gate")


@gate_app.command("show")
def show(
    load_id: LoadId,
    everything: Annotated[bool, typer.Option("--all", help="Also what holds.")] = False,
    form: PrintForm = Format.TABLE,
) -> None:
    """What the gate found in a load, with examples, and how to see every row that was put aside."""
    from daybreak.warehouse.engine import transaction
    from daybreak.warehouse.gate_results import read_gate_results

    load = _chosen_load(load_id)
    with transaction() as connection:
        results = read_gate_results(connection, load.account_id, load_id)
    rows = [each | {"outcome": _outcome(each)} for each in results if everything or not each["is_success"]]
    if form is not Format.TABLE:
        print_rows(rows, (*RESULT_COLUMNS, *(("examples",) if form is Format.JSON else ())), form)
        return
    print_table(rows, RESULT_COLUMNS, _title(load))
    for each in rows:
        if each["examples"]:
            print_table(each["examples"], tuple(each["examples"][0]), f"such as ({each['expectation_code']})")
    if load.quarantined_row_count:
        typer.echo(f"{load.quarantined_row_count} rows in quarantine, all of them: daybreak gate quarantine {load_id}")
    if load.status_code == "blocked":
        typer.echo(f"When it is right all the same: daybreak gate release {load_id} --reason '…'")


@gate_app.command("quarantine")
def quarantine(load_id: LoadId, form: PrintForm = Format.TABLE) -> None:
    """Every row of a load that could not be accepted, with its reason and its text as received."""
    from daybreak.warehouse.engine import transaction
    from daybreak.warehouse.quarantine import read_quarantine

    load = _chosen_load(load_id)
    with transaction() as connection:
        rows = read_quarantine(connection, load.account_id, load_id)
    print_rows(rows, QUARANTINE_COLUMNS, form, _title(load))


@gate_app.command("release")
def release(
    load_id: LoadId,
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


def _chosen_load(load_id: int) -> "AccountLoad":
    from daybreak.warehouse.engine import transaction
    from daybreak.warehouse.loads import read_load

    with transaction() as connection:
        load = read_load(connection, load_id)
    if load is None:
        raise typer.BadParameter(f"there is no load {load_id}; 'daybreak status' lists those that did not get through")
    return load


def _title(load: "AccountLoad") -> str:
    view = f" {load.variant_code}" if load.variant_code else ""
    return (
        f"{load.account_id} {load.dataset_code}{view} {load.window_start_date} to {load.window_end_date}: "
        f"load {load.load_id} is {load.status_code}, {load.row_count or 0} rows, "
        f"{load.quarantined_row_count or 0} in quarantine"
    )


def _outcome(result: dict[str, Any]) -> str:
    if result["has_crashed"]:
        return "crashed"
    return "holds" if result["is_success"] else "failed"
