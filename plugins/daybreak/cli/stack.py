"""``daybreak up``, ``down`` and ``demo``: the local stack, and one morning on it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from daybreak.settings import Settings, get_settings

if TYPE_CHECKING:
    from rich.console import Group

    from daybreak.stack.airflow_api import AirflowApi
    from daybreak.stack.dag_runs import RunView
    from daybreak.stack.local import Stack

# The morning first: it tells the catalogue whose offers are looked at.
DEMO_DAGS = ("daily_controls", "sweep_offers")
_STYLES = {"success": "green", "failed": "red", "upstream_failed": "red", "running": "cyan", "up_for_retry": "yellow"}
_RUN_TIMEOUT_SECONDS = 1_200.0


def register(app: typer.Typer) -> None:
    """Afterwards ``app`` has the three commands."""
    app.command()(up)
    app.command()(down)
    app.command()(demo)


def up() -> None:
    """Start Airflow, Postgres and (without accounts of your own) the simulator on this machine."""
    from daybreak.stack import airflow_home, local

    console = Console(highlight=False, soft_wrap=True)
    with _plain_errors():
        settings = get_settings()
        stack = local.up(settings, _teller(console))
        console.print(f"\nAirflow:   {stack.airflow_url}")
        console.print(f"Log in as: {airflow_home.ADMIN}, {_password_hint(stack)}")
        console.print(f"Warehouse: {_warehouse_hint(settings)}")
        console.print("Stop it:   make down")


def down() -> None:
    """Stop every process of the local stack; all data stays."""
    from daybreak.stack import local

    console = Console(highlight=False, soft_wrap=True)
    with _plain_errors():
        local.down(get_settings(), _teller(console))
        console.print("The local stack is down.")


def demo() -> None:
    """Run this morning's daily controls for three simulated client accounts and print what to do today."""
    from daybreak.stack import demo_accounts, local

    console = Console(highlight=False, soft_wrap=True)
    settings = get_settings()
    if not demo_accounts.uses_demo_accounts(settings):
        console.print(
            f"[red]The demo runs on simulated accounts, and {settings.accounts_path} names others.[/]\n"
            "To run it beside them: DAYBREAK_HOME=.daybreak/demo "
            "DAYBREAK_ACCOUNTS_FILE=.daybreak/demo/accounts.yml make demo"
        )
        raise typer.Exit(1)
    with _plain_errors():
        tell = _teller(console)
        was_running = any(part.is_alive for part in local.status(settings))
        try:
            succeeded = _run_morning(console, settings, tell)
        finally:
            if was_running:
                console.print("The local stack goes on running, as before: 'make down' stops it.")
            else:
                local.down(settings, tell)
                console.print("The local stack is down again; 'make up' shows the same data in Airflow's UI.")
        if not succeeded:
            raise typer.Exit(1)


def _run_morning(console: Console, settings: Settings, tell: Callable[[str], None]) -> bool:
    from daybreak.cli.controls import print_morning
    from daybreak.cli.demo_clients import load_client_files
    from daybreak.stack import local

    stack = local.up(settings, tell)
    tell("loading what the clients hand over: their products and the promotions they plan")
    for refusal in load_client_files(settings, datetime.now(UTC)):
        console.print(refusal, style="red", markup=False)
    with stack.airflow() as api:
        outcomes = [_run_dag(console, api, dag_id) for dag_id in DEMO_DAGS]
    console.print()
    print_morning(settings)
    _print_places(console, stack)
    return all(outcomes)


def _run_dag(console: Console, api: "AirflowApi", dag_id: str) -> bool:
    """Whether a run of the DAG for this moment succeeded; what failed is printed."""
    from daybreak.stack import dag_runs

    now = datetime.now(UTC)
    run_id = f"demo__{now:%Y-%m-%dT%H-%M-%S}"
    console.print(f"\nRunning {dag_id} for {now:%Y-%m-%d %H:%M} UTC")
    api.wait_for_dag(dag_id)
    api.trigger(dag_id, run_id, now)
    api.unpause(dag_id)
    views = dag_runs.follow_run(api, dag_id, run_id, _RUN_TIMEOUT_SECONDS)
    show = _show_live if console.is_terminal else _show_lines
    succeeded = show(console, views).state == "success"
    _print_failures(console, api, dag_id, run_id, succeeded=succeeded)
    return succeeded


def _show_live(console: Console, views: "Iterator[RunView]") -> "RunView":
    from rich.live import Live

    from daybreak.stack.dag_runs import RunView

    view = RunView("", "queued", [])
    with Live(console=console, refresh_per_second=4) as live:
        for view in views:
            live.update(_picture(view))
    return view


def _show_lines(console: Console, views: "Iterator[RunView]") -> "RunView":
    from daybreak.stack.dag_runs import RunView

    view, told = RunView("", "queued", []), set[tuple[str, str, int, str]]()
    for view in views:
        labels = view.labels()
        for task in view.tasks:
            key = (view.run_id, task.task_id, task.map_index, str(task.state))
            if task.state is None or task.state in ("scheduled", "queued") or key in told:
                continue
            told.add(key)
            label = labels[task.map_index]
            name = f"{task.task_id} [{label}]" if label else task.task_id
            console.print(f"  {name}: {task.state}", markup=False)
        if view.state in ("success", "failed"):
            console.print(f"  run {view.run_id}: {view.state}", markup=False)
    return view


def _picture(view: "RunView") -> "Group":
    """One line per account, its tasks in the order of their start, coloured by their state."""
    from rich.console import Group
    from rich.text import Text

    lines = [Text(f"{view.run_id}: {view.state}", style=_STYLES.get(view.state, "bold"))]
    for map_index, label in sorted(view.labels().items()):
        tasks = [task for task in view.tasks if task.map_index == map_index and task.started_at is not None]
        tasks.sort(key=lambda task: (task.started_at, task.task_id))
        line = Text(f"  {label or 'all accounts':<24}")
        for task in tasks:
            line.append(f"{task.task_id.rpartition('.')[2]} ", style=_STYLES.get(str(task.state), "dim"))
        lines.append(line)
    return Group(*lines)


def _print_failures(console: Console, api: "AirflowApi", dag_id: str, run_id: str, *, succeeded: bool) -> None:
    from daybreak.stack import dag_runs

    failures = dag_runs.explain_failures(api, dag_id, run_id)
    if not succeeded:
        console.print(f"\n[red]{dag_id} failed.[/]")
    for failure in failures:
        console.print(f"  failed: {failure.task}", style="red", markup=False)
        for error in failure.errors:
            console.print("    " + error.strip().replace("\n", "\n    "), markup=False)
    if failures or not succeeded:
        console.print(
            "Look further: 'daybreak status' names what is missing; 'make up' shows all logs in Airflow's UI."
        )


def _print_places(console: Console, stack: "Stack") -> None:
    from daybreak.stack import airflow_home

    console.print(f"\nAirflow:   {stack.airflow_url} (user {airflow_home.ADMIN}, {_password_hint(stack)})")
    console.print(f"Warehouse: {_warehouse_hint(stack.settings)}")
    console.print(f"Landing:   {stack.settings.landing.resolve()} (every document as received)")
    console.print(f"Logs:      {stack.settings.home.resolve() / 'logs'}")


def _password_hint(stack: "Stack") -> str:
    from daybreak.stack import airflow_home

    if stack.password_is_new:
        return f"password {airflow_home.read_admin_password(stack.settings)} (shown only this once)"
    return f"password in {airflow_home.passwords_file(stack.settings)}"


def _warehouse_hint(settings: Settings) -> str:
    if settings.warehouse_url is not None:
        return "as DAYBREAK_WAREHOUSE_URL says"
    return (
        "'daybreak analyst add NAME --all' makes a login for psql and any BI tool; "
        f"Daybreak's own stands in {settings.stack_file.resolve()}"
    )


def _teller(console: Console) -> Callable[[str], None]:
    began = time.monotonic()
    return lambda step: console.print(f"{time.monotonic() - began:6.1f} s  {step}", markup=False)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """What can be expected to go wrong ends in its message and exit code 1, not in a traceback."""
    from daybreak.stack.failures import StackFailure

    try:
        yield
    except StackFailure as error:
        Console(stderr=True, soft_wrap=True).print(str(error), style="red", markup=False, highlight=False)
        raise typer.Exit(1) from None
