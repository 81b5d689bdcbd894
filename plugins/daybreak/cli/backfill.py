"""``daybreak backfill``: days that are missing, asked of Amazon anew by runs of ``repair_window``."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from daybreak.cli.output import Format, print_rows
from daybreak.settings import Settings, get_settings

if TYPE_CHECKING:
    from rich.console import Console

    from daybreak.stack.airflow_api import AirflowApi
    from daybreak.steps.backfilling import Prospect
    from daybreak.steps.repair_planning import RepairScope

COLUMNS = (
    "account_id",
    "dataset",
    "view",
    "to_fetch",
    "requests",
    "on_its_way",
    "published_days",
    "not_out_yet",
    "cannot_be_had",
    "why",
)
_LOOK_SECONDS = 2.0
_First = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")]
_Last = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included.")]


def register(app: typer.Typer) -> None:
    app.command("backfill")(backfill)


def backfill(
    first: _First = None,
    last: _Last = None,
    account: Annotated[list[str] | None, typer.Option(help="One account; may be repeated. Default all.")] = None,
    dataset: Annotated[list[str] | None, typer.Option(help="One dataset; may be repeated. Default all.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Stay until it has ended; without days, of what runs already.")
    ] = False,
    stop: Annotated[bool, typer.Option("--stop", help="End every backfill that runs; its days stay owed.")] = False,
    form: Annotated[Format, typer.Option("--format", help="How to print what becomes of each day.")] = Format.TABLE,
) -> None:
    """Ask Amazon for what is missing of the days from --from to --to, both included, beside the dawn run.

    It says first what it fetches, what cannot be had any more and how long the quotas make it last. Stopped, killed or
    failed, the same command goes on where it was. Ends with 1 when with --wait something could not be repaired.
    """
    from rich.console import Console

    settings = get_settings()
    console = Console(highlight=False, markup=False, soft_wrap=True, stderr=form is not Format.TABLE)
    if stop:
        _stop(settings, console)
    elif first is None and last is None and wait:
        _wait_for_open(settings, console)
    elif first is None or last is None:
        raise typer.BadParameter("name the first and the last day: --from 2026-03-01 --to 2026-03-15")
    else:
        scope = _scope(settings, (first, last), account or [], dataset or [])
        prospect = _tell_prospect(scope, console, form)
        if prospect.windows and not dry_run:
            _start(settings, prospect, account or [], dataset or [], console, wait=wait)


def _scope(
    settings: Settings, ends: tuple[datetime, datetime], accounts: Sequence[str], datasets: Sequence[str]
) -> "RepairScope":
    from daybreak.accounts import read_accounts
    from daybreak.steps.repair_planning import choose_scope

    span = (ends[0].date(), ends[1].date())
    return choose_scope(read_accounts(settings.accounts_path), span, accounts, datasets, datetime.now(UTC), settings)


def _tell_prospect(scope: "RepairScope", console: "Console", form: Format) -> "Prospect":
    """Prints what would be done; returns it.

    Raises:
        RepairRefused: nothing of these days can be had any more.
    """
    from daybreak.steps.backfilling import describe_outlook, foresee_backfill

    prospect = foresee_backfill(scope, datetime.now(UTC))
    first, last = scope.span
    rows = [describe_outlook(each, first) for each in prospect.outlooks]
    print_rows(rows, COLUMNS, form, f"{first} to {last}")
    prospect.refuse_beyond()
    if not prospect.windows:
        console.print(f"{first} to {last}: there is nothing to do; what Amazon gives of it is there.")
    else:
        console.print(
            f"{prospect.requests} requests in {len(prospect.windows)} runs of repair_window, one after the other. "
            f"Amazon's quotas make it last {_lasting(prospect.seconds)}."
        )
    return prospect


def _lasting(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return f"about {minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"about {minutes} min"


def _start(
    settings: Settings,
    prospect: "Prospect",
    accounts: Sequence[str],
    datasets: Sequence[str],
    console: "Console",
    *,
    wait: bool,
) -> None:
    from daybreak.cli.local_airflow import open_airflow
    from daybreak.stack.repair_runs import RepairRequest, start_repair

    request = RepairRequest(prospect.windows, tuple(accounts), tuple(datasets))
    with open_airflow(settings) as api:
        run_ids = start_repair(api, request)
        for run_id in run_ids:
            console.print(f"  started {run_id}")
        if wait:
            _follow(api, run_ids, console, datetime.now(UTC) + timedelta(seconds=prospect.seconds), prospect.requests)
        else:
            console.print("'daybreak backfill --wait' shows how far it is, 'daybreak backfill --stop' ends it.")


def _wait_for_open(settings: Settings, console: "Console") -> None:
    from daybreak.cli.local_airflow import open_airflow
    from daybreak.stack.repair_runs import open_runs

    with open_airflow(settings) as api:
        run_ids = [run.run_id for run in open_runs(api)]
        if run_ids:
            _follow(api, run_ids, console)
        else:
            console.print("No backfill runs.")


def _stop(settings: Settings, console: "Console") -> None:
    from daybreak.cli.local_airflow import open_airflow
    from daybreak.stack.repair_runs import stop_repairs

    with open_airflow(settings) as api:
        stopped = stop_repairs(api)
    for run_id in stopped:
        console.print(f"  stopped {run_id}")
    console.print(
        "What Amazon was asked for stays on record: the same command goes on with it."
        if stopped
        else "No backfill runs."
    )


def _follow(
    api: "AirflowApi",
    run_ids: Sequence[str],
    console: "Console",
    arrives_at: datetime | None = None,
    expected: int = 0,
) -> None:
    """Shows how far the runs are, until all of them have ended; what failed is said with its reasons.

    Raises:
        typer.Exit: 1 when a run failed; 130 when the person leaves, which ends nothing.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[arrival]}"),
    )
    arrival = f"expected at {arrives_at.astimezone():%d %B %H:%M}" if arrives_at else ""
    left, failed = list(run_ids), 0
    try:
        with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
            task = bar.add_task("requests", total=None, arrival=arrival)
            while left:
                known, ended = _counts(run_ids)
                told = f"window {len(run_ids) - len(left) + 1} of {len(run_ids)}, requests"
                bar.update(task, description=told, total=max(known, expected) or None, completed=ended)
                for run_id in _ended(api, left):
                    left.remove(run_id)
                    failed += not _tell_end(api, run_id, console)
                if left:
                    time.sleep(_LOOK_SECONDS)  # a person waits at this terminal; no worker is held, as in a task
    except KeyboardInterrupt:
        console.print("Left; the backfill goes on. 'daybreak backfill --stop' ends it.")
        raise typer.Exit(130) from None
    if failed:
        console.print(f"{failed} of {len(run_ids)} windows are not whole; the same command asks for what is missing.")
        raise typer.Exit(1)


def _ended(api: "AirflowApi", run_ids: Sequence[str]) -> list[str]:
    """Those of the runs, which go one after the other, that are over; in their order."""
    from daybreak.stack.repair_runs import open_runs

    still = {run.run_id for run in open_runs(api)}
    return [run_id for run_id in run_ids if run_id not in still]


def _counts(run_ids: Sequence[str]) -> tuple[int, int]:
    from daybreak.warehouse.engine import transaction
    from daybreak.warehouse.report_requests import count_of_runs

    with transaction() as connection:
        return count_of_runs(connection, run_ids)


def _tell_end(api: "AirflowApi", run_id: str, console: "Console") -> bool:
    """Prints how the run ended; whether it succeeded."""
    from daybreak.stack.dag_runs import explain_failures
    from daybreak.stack.repair_runs import DAG_ID, window_of

    state = api.run_state(DAG_ID, run_id)
    console.print(f"  {window_of(run_id)}: {'repaired' if state == 'success' else state}")
    if state == "success":
        return True
    for failure in explain_failures(api, DAG_ID, run_id):
        if failure.errors or failure.task == "verdict":
            console.print(f"    {failure.task}")
        for error in failure.errors:
            console.print("      " + error.strip().replace("\n", "\n      "))
    return False
