"""The Airflow of the local stack: its configuration file, its processes' environment and its metadata database."""

import configparser
import hashlib
import io
import json
import os
import secrets
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from pydantic import SecretStr

from daybreak.settings import CHECKOUT, Settings
from daybreak.stack.failures import StackFailure
from daybreak.stack.postgres import EmbeddedPostgres
from daybreak.stack.processes import Command
from daybreak.stack.record import StackRecord, write_private

ADMIN = "admin"
METADATA_DATABASE = "airflow"
# Logs stay on this machine, where the api-server reads the files themselves: no log server, no port for it.
COMPONENTS: dict[str, tuple[str, ...]] = {
    "api-server": ("api-server",),  # slowest to start
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
# LocalExecutor forks them all at its start; more than this helps no machine of one person.
_MOST_WORKERS = 32
_LOOPBACK = ("127.0.0.1", "localhost")


class MetadataNotMigrated(StackFailure):
    """``airflow db migrate`` failed; holds the end of its output."""


def airflow_home(settings: Settings) -> Path:
    return settings.home.resolve() / "airflow"


def passwords_file(settings: Settings) -> Path:
    """Where the password of the user ``admin`` stands, as JSON."""
    return airflow_home(settings) / "passwords.json"


def connections_file(settings: Settings) -> Path:
    """Airflow connections of the local stack, by connection id; the operator may add to it."""
    return settings.home.resolve() / "connections.yaml"


def ensure_admin_password(settings: Settings) -> bool:
    """Afterwards ``passwords_file`` holds a password for ``admin``; true when it was made now."""
    path = passwords_file(settings)
    if path.exists():
        return False
    write_private(path, json.dumps({ADMIN: secrets.token_urlsafe(18)}) + "\n")
    return True


def read_admin_password(settings: Settings) -> str:
    return str(json.loads(passwords_file(settings).read_text())[ADMIN])


def airflow_options(
    settings: Settings, record: StackRecord, extra_dags: Path | None = None
) -> dict[str, dict[str, str]]:
    """Every Airflow option that the local stack sets, by section; the rest keeps Airflow's default."""
    database = str(record.airflow_database_url)
    return {
        "core": _core_options(settings, record),
        "database": {
            "sql_alchemy_conn": database.replace("postgresql://", "postgresql+psycopg2://"),
            "sql_alchemy_conn_async": database.replace("postgresql://", "postgresql+asyncpg://"),
        },
        "logging": _logging_options(settings),
        "secrets": {
            "backend": "airflow.secrets.local_filesystem.LocalFilesystemBackend",
            "backend_kwargs": json.dumps({"connections_file_path": str(connections_file(settings))}),
        },
        "api": _api_options(record),
        "api_auth": {"jwt_secret": record.secrets.jwt_secret},
        # The defaults notice a killed task or scheduler after five minutes.
        "scheduler": {"task_instance_heartbeat_timeout": "30", "orphaned_tasks_check_interval": "15"},
        "dag_processor": {
            # The default hides a new DAG file for five minutes.
            "refresh_interval": "15",
            "dag_bundle_config_list": json.dumps(
                [_bundle("daybreak", CHECKOUT / "dags")] + ([_bundle("extra", extra_dags)] if extra_dags else [])
            ),
        },
    }


def _core_options(settings: Settings, record: StackRecord) -> dict[str, str]:
    return {
        "dags_folder": str(CHECKOUT / "dags"),
        "plugins_folder": str(CHECKOUT / "plugins"),
        "load_examples": "False",
        "executor": "LocalExecutor",
        "parallelism": str(min(_MOST_WORKERS, 2 * (os.cpu_count() or 1))),
        # Workers and tasks share the scheduler's preloaded modules only when they are forked from it.
        "mp_start_method": "fork",
        "fernet_key": record.secrets.fernet_key,
        "auth_manager": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
        "simple_auth_manager_users": f"{ADMIN}:admin",
        "simple_auth_manager_passwords_file": str(passwords_file(settings)),
        "execution_api_server_url": f"{record.airflow_url}/execution/",
        # Airflow's own asks the name server, which costs seconds on a machine without network.
        "hostname_callable": "socket.gethostname",
        "dags_are_paused_at_creation": "True",
        "test_connection": "Disabled",
    }


def _logging_options(settings: Settings) -> dict[str, str]:
    logs = settings.home.resolve() / "logs"
    return {
        "base_log_folder": str(logs / "tasks"),
        "dag_processor_child_process_log_directory": str(logs / "dag_files"),
        # httpx logs whole addresses at INFO; those of report documents are signed and open to whoever reads them.
        "namespace_levels": "httpx=WARNING httpcore=WARNING http.access=WARNING",
        "uvicorn_logging_level": "WARNING",
        "colored_console_log": "False",
    }


def _api_options(record: StackRecord) -> dict[str, str]:
    return {
        "host": "127.0.0.1",
        "port": str(record.airflow_port),
        "base_url": str(record.airflow_url),
        "workers": "1",
        "secret_key": record.secrets.api_secret_key,
        "expose_config": "False",
        "expose_stacktrace": "False",
        "enable_swagger_ui": "False",
    }


def _bundle(name: str, folder: Path) -> dict[str, object]:
    kind = "airflow.dag_processing.bundles.local.LocalDagBundle"
    return {"name": name, "classpath": kind, "kwargs": {"path": str(folder)}}


def configuration_text(options: dict[str, dict[str, str]]) -> str:
    """``options`` as an ``airflow.cfg``, whose reader takes a percent sign for interpolation."""
    parser = configparser.RawConfigParser()
    parser.read_dict({name: {k: v.replace("%", "%%") for k, v in section.items()} for name, section in options.items()})
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()


def settings_environment(settings: Settings) -> dict[str, str]:
    """The ``DAYBREAK_…`` variables that make another process see these very settings."""
    values: dict[str, str] = {"DAYBREAK_HOME": str(settings.home.resolve())}
    for name in sorted(settings.model_fields_set - {"home"}):
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        if value is not None:
            values[f"DAYBREAK_{name.upper()}"] = str(value.resolve() if isinstance(value, Path) else value)
    return values


def base_environment(settings: Settings) -> dict[str, str]:
    """What every process of the stack needs beside the machine's own variables."""
    past_proxy = [host for host in os.environ.get("NO_PROXY", "").split(",") if host not in ("", *_LOOPBACK)]
    local = ",".join([*past_proxy, *_LOOPBACK])
    return {
        **settings_environment(settings),
        # Bytecode halves every start-up; some machines switch it off.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONUNBUFFERED": "1",
        # A proxy of the machine must not get the stack's calls to itself.
        "NO_PROXY": local,
        "no_proxy": local,
    }


def airflow_environment(settings: Settings) -> dict[str, str]:
    """What an ``airflow`` command needs beside the machine's own variables to be one of this stack."""
    return {**base_environment(settings), "AIRFLOW_HOME": str(airflow_home(settings)), "GX_ANALYTICS_ENABLED": "false"}


def airflow_command(settings: Settings, arguments: tuple[str, ...], configuration: str = "") -> Command:
    """``airflow …`` by the interpreter that runs now, in the environment of this stack."""
    return Command(
        [sys.executable, "-P", "-m", "airflow", *arguments],
        airflow_environment(settings),
        airflow_home(settings),
        configuration,
    )


def write_configuration(settings: Settings, record: StackRecord, extra_dags: Path | None = None) -> str:
    """Afterwards ``airflow.cfg`` and an (at first empty) connections file are there; returns the former's text."""
    text = configuration_text(airflow_options(settings, record, extra_dags))
    write_private(airflow_home(settings) / "airflow.cfg", text)
    if not connections_file(settings).exists():
        write_private(connections_file(settings), "{}\n")
    return text


def metadata_mark() -> str:
    """Names the metadata schema that this installation wants: Airflow's version and the lock, which pins providers."""
    lock = hashlib.sha256((CHECKOUT / "requirements.txt").read_bytes()).hexdigest()[:16]
    return f"airflow {version('apache-airflow')} lock {lock}"


def migrate_metadata(settings: Settings, server: EmbeddedPostgres) -> bool:
    """Afterwards Airflow's metadata database is at the newest revision; true when a migration ran.

    The database carries the mark of its last migration as its comment, so that a new or restored one is told apart.

    Raises:
        MetadataNotMigrated: with the end of ``airflow db migrate``'s output.
    """
    mark = metadata_mark()
    if server.read_comment(METADATA_DATABASE) == mark:
        return False
    command = airflow_command(settings, ("db", "migrate"))
    log = settings.home.resolve() / "logs" / "db-migrate.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        ended = subprocess.run(
            list(command.arguments),
            env=command.full_environment(),
            cwd=command.directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
        )
    if ended.returncode != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise MetadataNotMigrated(f"'airflow db migrate' ended with {ended.returncode} (all of it: {log}):\n{tail}")
    server.write_comment(METADATA_DATABASE, mark)
    return True
