"""Airflow reads from the local stack's files what the stack means, and loads no more of Daybreak than it should."""

import importlib.resources
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from daybreak.settings import CHECKOUT, Settings
from daybreak.stack import airflow_home, demo_accounts
from daybreak.stack.demo_accounts import World
from daybreak.stack.record import StackRecord

SIMULATOR_URL = "http://127.0.0.1:4711"


def airflow_reference() -> dict[str, Any]:
    text = importlib.resources.files("airflow").joinpath("config_templates/config.yml").read_text()
    return dict(yaml.safe_load(text))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "100% home")


@pytest.fixture
def record() -> StackRecord:
    return StackRecord(
        airflow_url="http://127.0.0.1:4710",
        airflow_port=4710,
        airflow_database_url="postgresql://airflow:secret@127.0.0.1:1/airflow",
    )


def run_in_airflow(settings: Settings, program: str, *arguments: str) -> Any:
    """What ``program`` prints last, as JSON, in the environment of the stack's Airflow."""
    command = airflow_home.airflow_command(settings, ())
    ended = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=command.full_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


def test_every_option_that_is_set_exists_in_this_airflow(settings: Settings, record: StackRecord) -> None:
    reference = airflow_reference()
    options = airflow_home.airflow_options(settings, record)
    unknown = [
        f"{s}.{name}" for s, section in options.items() for name in section if name not in reference[s]["options"]
    ]
    assert unknown == []


def test_parallelism_is_twice_the_cores(settings: Settings, record: StackRecord) -> None:
    options = airflow_home.airflow_options(settings, record)
    assert int(options["core"]["parallelism"]) == min(32, 2 * (psutil.cpu_count() or 1))


def test_airflow_reads_every_option_back_as_it_was_meant_and_finds_the_demo_connections(
    settings: Settings, record: StackRecord
) -> None:
    airflow_home.write_configuration(settings, record, extra_dags=settings.home / "dags")
    airflow_home.ensure_admin_password(settings)
    demo_accounts.write_demo(settings, SIMULATOR_URL, World())
    program = """
import json, sys
from airflow.configuration import conf
from airflow.sdk import BaseHook
options = {s: {n: conf.get(s, n) for n in names} for s, names in json.loads(sys.argv[1]).items()}
found = BaseHook.get_connection("spapi_demo_de")
connection = [found.conn_type, found.host, found.login, found.password, found.extra_dejson]
print(json.dumps([options, connection]))
"""
    meant = airflow_home.airflow_options(settings, record, settings.home / "dags")
    names = json.dumps({section: list(options) for section, options in meant.items()})
    read, connection = run_in_airflow(settings, program, names)
    assert read == meant
    simulator = yaml.safe_load(demo_accounts.simulator_file(settings).read_text())
    account = next(account for account in simulator["accounts"] if account["account_id"] == "demo_de")
    extra = {"refresh_token": account["refresh_token"], "login_url": f"{SIMULATOR_URL}/auth/o2/token"}
    assert connection == ["generic", SIMULATOR_URL, account["client_id"], account["client_secret"], extra]


def test_what_holds_a_secret_is_its_owners_only(settings: Settings, record: StackRecord) -> None:
    airflow_home.write_configuration(settings, record)
    airflow_home.ensure_admin_password(settings)
    home = airflow_home.airflow_home(settings)
    for path in (home / "airflow.cfg", airflow_home.passwords_file(settings), airflow_home.connections_file(settings)):
        assert path.stat().st_mode & 0o077 == 0, path


def test_the_admin_password_is_made_once(settings: Settings) -> None:
    assert airflow_home.ensure_admin_password(settings) is True
    password = airflow_home.read_admin_password(settings)
    assert len(password) >= 20
    assert airflow_home.ensure_admin_password(settings) is False
    assert airflow_home.read_admin_password(settings) == password


def test_tasks_see_the_settings_of_the_stack_that_runs_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAYBREAK_GAP_DAYS", "99")
    settings = Settings(
        home=tmp_path, warehouse_url="postgresql://u:p@h:1/d", accounts_file=tmp_path / "a.yml", restatement_days=3
    )
    for name, value in airflow_home.settings_environment(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings
    assert Settings().gap_days == 99


def test_calls_of_the_stack_to_itself_pass_by_the_machines_proxy(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "intra.example")
    for _ in range(2):  # a command started by the stack sees the variable already made
        made = airflow_home.base_environment(settings)["NO_PROXY"]
        assert made == "intra.example,127.0.0.1,localhost"
        monkeypatch.setenv("NO_PROXY", made)


def test_airflows_plugin_loader_imports_nothing_of_the_package(settings: Settings, record: StackRecord) -> None:
    airflow_home.write_configuration(settings, record)
    program = """
import json, pathlib, sys
from airflow import plugins_manager, settings
plugins_manager.ensure_plugins_loaded()
folder = pathlib.Path(settings.PLUGINS_FOLDER)
files = {name: str(getattr(module, "__file__", "")) for name, module in sys.modules.items()}
ours = {name: file for name, file in files.items() if file.startswith(str(folder)) and not name.startswith("daybreak.")}
print(json.dumps([str(folder), sorted(set(ours) - {"daybreak"}), plugins_manager.get_import_errors()]))
"""
    folder, loaded, errors = run_in_airflow(settings, program)
    assert folder == str(CHECKOUT / "plugins")
    assert set(loaded) <= {"airflow_local_settings", "daybreak_plugin"}
    assert errors == {}


@pytest.mark.parametrize(
    ("command_line", "is_preloaded"),
    [(["scheduler"], True), (["celery", "worker"], True), (["api-server"], False)],
)
def test_only_parents_of_tasks_load_the_heavy_libraries_beforehand(
    settings: Settings, record: StackRecord, command_line: list[str], is_preloaded: bool
) -> None:
    airflow_home.write_configuration(settings, record)
    program = """
import json, sys
import airflow.settings
airflow.settings.initialize()
if sys.argv[1:3] == ["celery", "worker"]:
    from celery.signals import import_modules
    assert "great_expectations" not in sys.modules, "Celery's parent loads them when it is told to, not before"
    import_modules.send(sender=None)
heavy = ("great_expectations", "pandas", "psycopg", "msgspec")
print(json.dumps([name in sys.modules for name in heavy]))
"""
    loaded = run_in_airflow(settings, program, *command_line)
    if is_preloaded:
        assert all(loaded)
    else:
        assert not loaded[0], "great_expectations costs seconds"
