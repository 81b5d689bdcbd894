"""Brings the whole local stack up and down: Postgres, the warehouse, the simulator and Airflow's four components.

Both are safe to repeat and after a kill of any part: what runs as it should is left alone, the rest is started anew.
Homes are independent of each other; one lock per home makes two callers wait for each other.
"""

import contextlib
import fcntl
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from daybreak.settings import CHECKOUT, Settings
from daybreak.stack import airflow_home, demo_accounts
from daybreak.stack.airflow_api import AirflowApi
from daybreak.stack.demo_accounts import DEMO_WORLD, World
from daybreak.stack.postgres import EmbeddedPostgres, free_port
from daybreak.stack.processes import Command, Component
from daybreak.stack.readiness import answering_airflow, answers, wait_until_healthy
from daybreak.stack.record import StackRecord, read_record, write_record
from daybreak.stack.warehouse_address import check_warehouse
from daybreak.warehouse.preparation import prepare_warehouse
from daybreak.warehouse.roles import make_roles

Say = Callable[[str], None]
WAREHOUSE = "warehouse"
SIMULATOR = "simulator"


@dataclass(frozen=True)
class Stack:
    """A stack that runs. ``password_is_new``: this start made the password of ``admin``, nobody has seen it yet."""

    settings: Settings
    record: StackRecord
    password_is_new: bool

    @property
    def warehouse_url(self) -> str:
        return str(self.record.warehouse_url)

    @property
    def airflow_url(self) -> str:
        return str(self.record.airflow_url)

    @property
    def simulator_url(self) -> str | None:
        return self.record.simulator_url

    @property
    def environment(self) -> dict[str, str]:
        """What makes a command line one of this stack, on top of the machine's own variables."""
        return airflow_home.airflow_environment(self.settings)

    def airflow(self) -> AirflowApi:
        return AirflowApi(self.airflow_url, airflow_home.ADMIN, airflow_home.read_admin_password(self.settings))


@dataclass(frozen=True)
class Part:
    """One part of the stack and whether it runs."""

    name: str
    is_alive: bool
    log: Path


def postgres_of(settings: Settings) -> EmbeddedPostgres:
    return EmbeddedPostgres(settings.home.resolve() / "postgres")


def component_of(settings: Settings, name: str) -> Component:
    """A process of the stack by name: ``simulator`` or one of ``airflow_home.COMPONENTS``."""
    return Component(settings.home.resolve(), name)


def status(settings: Settings) -> list[Part]:
    """Every part, in the order of their start."""
    server = postgres_of(settings)
    parts = [Part("postgres", server.is_running(), server.directory / "postgres.log")]
    for name in (SIMULATOR, *airflow_home.COMPONENTS):
        component = component_of(settings, name)
        parts.append(Part(name, component.is_alive(), component.log))
    return parts


def up(
    settings: Settings,
    say: Say = lambda _: None,
    *,
    world: World = DEMO_WORLD,
    extra_dags: Path | None = None,
    timeout_seconds: float = 120.0,
) -> Stack:
    """Afterwards every part of the stack runs and answers. ``say`` is told each step in one line.

    ``world`` counts when the demo's accounts are made, which is once per home; ``extra_dags`` is a folder of more DAGs.

    Raises:
        StackNotStarted: a part did not answer within ``timeout_seconds``, or ended twice.
        WarehouseUnusable: ``DAYBREAK_WAREHOUSE_URL`` is set and cannot be used.
        MigrationRefused, MetadataNotMigrated, PostgresNotStarted: as they say.
    """
    with _lock(settings, say):
        record = read_record(settings.stack_file)
        record.versions = {"daybreak": version("daybreak"), "airflow": version("apache-airflow")}
        commands: dict[str, Command] = {}
        if demo_accounts.uses_demo_accounts(settings):
            commands[SIMULATOR] = _start_simulator(settings, record, world, say)
        else:
            record.simulator_url = None
            component_of(settings, SIMULATOR).stop()
        _start_databases(settings, record, say)
        password_is_new = airflow_home.ensure_admin_password(settings)
        commands |= _start_airflow(settings, record, extra_dags, say)
        _wait(settings, record, commands, say, timeout_seconds)
        return Stack(settings, record, password_is_new)


def down(settings: Settings, say: Say = lambda _: None) -> None:
    """Afterwards no process of the stack lives; all data stays."""
    if not settings.home.exists():
        return
    with _lock(settings, say):
        # Running tasks may end; they tell the api-server how, so it goes last, when nobody needs it any more.
        _stop(settings, ("scheduler", "dag-processor", "triggerer"), 15.0, say)
        _stop(settings, ("api-server", SIMULATOR), 3.0, say)
        server = postgres_of(settings)
        if server.is_running():
            say("stopping postgres")
        if server.data.exists():
            server.stop()
        if settings.stack_file.exists():
            record = read_record(settings.stack_file)
            record.warehouse_url = record.airflow_url = record.airflow_database_url = record.simulator_url = None
            write_record(settings.stack_file, record)


def _stop(settings: Settings, names: tuple[str, ...], patience_seconds: float, say: Say) -> None:
    components = [component_of(settings, name) for name in names]
    if any(component.session is not None for component in components):
        say(f"stopping {', '.join(names)}")
    with ThreadPoolExecutor(len(components)) as pool:
        list(pool.map(lambda component: component.stop(patience_seconds), components))


@contextlib.contextmanager
def _lock(settings: Settings, say: Say) -> Iterator[None]:
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "stack.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another 'up' or 'down' of this home")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _start_simulator(settings: Settings, record: StackRecord, world: World, say: Say) -> Command:
    component = component_of(settings, SIMULATOR)
    if not component.is_alive():
        say("starting the simulator of Amazon's API")
    if record.simulator_port == 0 or not component.is_alive():
        record.simulator_port = free_port(record.simulator_port)
    record.simulator_url = f"http://127.0.0.1:{record.simulator_port}"
    text = demo_accounts.write_demo(settings, record.simulator_url, world)
    file, port = str(demo_accounts.simulator_file(settings)), str(record.simulator_port)
    command = Command(
        [sys.executable, "-m", "simulator", "serve", "--config", file, "--host", "127.0.0.1", "--port", port],
        airflow_home.base_environment(settings),
        CHECKOUT,
        text,
    )
    component.start(command)
    return command


def _start_databases(settings: Settings, record: StackRecord, say: Say) -> None:
    server = postgres_of(settings)
    if not server.is_running():
        # Whoever still runs has lost its database and ends by that sooner or later, perhaps just after it was asked.
        _stop(settings, tuple(airflow_home.COMPONENTS), 3.0, say)
        say("starting postgres" if server.data.exists() else "making a Postgres cluster")
    server.start(record.postgres_port)
    record.postgres_port = server.port
    keys = record.secrets
    record.airflow_database_url = server.ensure_database(
        airflow_home.METADATA_DATABASE, "airflow", keys.airflow_password
    )
    if settings.warehouse_url is None:
        record.warehouse_url = server.ensure_database(WAREHOUSE, WAREHOUSE, keys.warehouse_password)
        make_roles(server.url(WAREHOUSE), login=WAREHOUSE)
    else:
        record.warehouse_url = settings.warehouse_url.get_secret_value()
        check_warehouse(record.warehouse_url)
    write_record(settings.stack_file, record)


def _migrate(settings: Settings, record: StackRecord, say: Say) -> None:
    say("bringing both databases to their newest migration")
    with ThreadPoolExecutor(2) as pool:
        metadata = pool.submit(airflow_home.migrate_metadata, settings, postgres_of(settings))
        warehouse = pool.submit(prepare_warehouse, str(record.warehouse_url))
        metadata.result()
        warehouse.result()


def _start_airflow(settings: Settings, record: StackRecord, extra_dags: Path | None, say: Say) -> dict[str, Command]:
    if record.airflow_port == 0 or not component_of(settings, "api-server").is_alive():
        record.airflow_port = free_port(record.airflow_port)
    record.airflow_url = f"http://127.0.0.1:{record.airflow_port}"
    write_record(settings.stack_file, record)
    text = airflow_home.write_configuration(settings, record, extra_dags)
    _migrate(settings, record, say)
    commands = {
        name: airflow_home.airflow_command(settings, arguments, text)
        for name, arguments in airflow_home.COMPONENTS.items()
    }
    with ThreadPoolExecutor(len(commands)) as pool:  # one that has to stop first takes seconds
        news = list(pool.map(lambda name: component_of(settings, name).start(commands[name]), commands))
    started = [name for name, is_new in zip(commands, news, strict=True) if is_new]
    if started:
        say(f"starting Airflow's {', '.join(started)}")
    return commands


def _wait(
    settings: Settings, record: StackRecord, commands: dict[str, Command], say: Say, timeout_seconds: float
) -> None:
    parts = {name: (component_of(settings, name), command) for name, command in commands.items()}

    def answering() -> set[str]:
        started_at = {name: parts[name][0].started_at for name in airflow_home.COMPONENTS}
        found = answering_airflow(api, started_at)
        if SIMULATOR in parts:
            headers = {"x-control-token": demo_accounts.read_control_token(settings)}
            if answers(f"{record.simulator_url}/control/health", headers):
                found.add(SIMULATOR)
        return found

    with AirflowApi(str(record.airflow_url), airflow_home.ADMIN, "") as api:
        wait_until_healthy(parts, answering, say, timeout_seconds)
