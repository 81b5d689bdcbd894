"""The compose file describes hardened services, without a default password, in options that this Airflow has."""

import re
import secrets
import tempfile
from importlib import import_module, resources
from pathlib import Path, PurePosixPath
from typing import Any

import psycopg
import pytest
import yaml
from sqlalchemy import make_url

from daybreak.settings import CHECKOUT, Settings
from daybreak.stack.postgres import EmbeddedPostgres
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.preparation import prepare_warehouse

TEXT = (CHECKOUT / "docker-compose.yaml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
AIRFLOW = {name: service for name, service in SERVICES.items() if service["image"] == "daybreak:local"}
EXAMPLE = (CHECKOUT / ".env.example").read_text()
FIRST_START = PurePosixPath("/docker-entrypoint-initdb.d")


def known_options() -> set[tuple[str, str]]:
    """Every (section, option) of Airflow's core and of the providers whose sections the file uses."""
    core = yaml.safe_load(resources.files("airflow").joinpath("config_templates/config.yml").read_text())
    celery = import_module("airflow.providers.celery.get_provider_info").get_provider_info()["config"]
    return {(s, name) for config in (core, celery) for s, section in config.items() for name in section["options"]}


def test_every_airflow_option_exists() -> None:
    named = {name for service in SERVICES.values() for name in service["environment"] if name.startswith("AIRFLOW__")}
    assert len(named) > 20
    options = {tuple(name.removeprefix("AIRFLOW__").lower().split("__", 1)) for name in named}
    assert options - known_options() == set()


def test_every_daybreak_variable_is_a_setting() -> None:
    named = {name for service in SERVICES.values() for name in service["environment"] if name.startswith("DAYBREAK_")}
    assert named
    assert {name.removeprefix("DAYBREAK_").lower() for name in named} <= set(Settings.model_fields)


def test_auth_manager_and_executor_can_be_imported() -> None:
    environment = SERVICES["scheduler"]["environment"]
    module, _, name = environment["AIRFLOW__CORE__AUTH_MANAGER"].rpartition(".")
    assert hasattr(import_module(module), name)
    assert environment["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    import_module("airflow.providers.celery.executors.celery_executor")


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert not service["user"].startswith(("0", "root"))
    assert "privileged" not in service
    assert {"mem_limit", "pids_limit", "logging", "restart"} <= set(service)


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_lasting_service_says_when_it_is_well(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}


@pytest.mark.parametrize("name", sorted(set(AIRFLOW) - {"migrate"}))
def test_airflow_starts_only_on_migrated_databases(name: str) -> None:
    assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_every_published_port_listens_on_loopback_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_redis_is_reached_from_inside_only() -> None:
    assert SERVICES["redis"]["networks"] == ["backend"]
    assert COMPOSE["networks"]["backend"] == {"internal": True}
    assert "requirepass" in COMPOSE["configs"]["redis"]["content"]


def test_no_secret_has_a_default_and_the_example_asks_for_each() -> None:
    used = set(re.findall(r"(?<!\$)\$\{(\w+)", TEXT))
    secret = {name for name in used if re.search(r"PASSWORD|KEY|SECRET", name)}
    assert len(secret) == 8
    for name in secret:
        assert not re.search(rf"(?<!\$)\$\{{{name}(?!:\?)", TEXT), f"{name} must be refused when it is empty"
        assert re.search(rf"^{name}=$", EXAMPLE, re.MULTILINE), f"{name} belongs in .env.example, empty"
    for name in used - secret:
        assert re.search(rf"^# {name}=", EXAMPLE, re.MULTILINE), f"{name} belongs in .env.example"


def test_daybreak_logs_in_to_the_warehouse_as_another_than_its_superuser() -> None:
    place = make_url(AIRFLOW["scheduler"]["environment"]["DAYBREAK_WAREHOUSE_URL"])
    environment = SERVICES["warehouse"]["environment"]
    assert (place.username, place.database) == ("warehouse", environment["POSTGRES_DB"])
    assert environment["POSTGRES_USER"] == "postgres"
    assert "${WAREHOUSE_ADMIN_PASSWORD" in environment["POSTGRES_PASSWORD"]
    administered = {name for name, each in SERVICES.items() if "${WAREHOUSE_ADMIN_PASSWORD" in str(each)}
    assert administered == {"warehouse"}, "no other service knows the superuser's password"


def first_start_files() -> list[Path]:
    """What Postgres' image runs in a new cluster, in the order in which it does: by the name in the container."""
    mounts = [each for each in SERVICES["warehouse"]["volumes"] if isinstance(each, dict)]
    assert all(PurePosixPath(each["target"]).parent == FIRST_START for each in mounts)
    assert all(each["read_only"] and each["bind"] == {"create_host_path": False} for each in mounts)
    return [CHECKOUT / each["source"] for each in sorted(mounts, key=lambda each: PurePosixPath(each["target"]).name)]


def test_a_new_cluster_gets_a_plain_login_that_can_prepare_the_warehouse_and_nothing_else() -> None:
    environment = SERVICES["warehouse"]["environment"]
    password = secrets.token_urlsafe(48)
    options = re.sub(r"\$\{WAREHOUSE_PASSWORD[^}]*\}", password, environment["PGOPTIONS"])
    with tempfile.TemporaryDirectory(prefix="daybreak-compose-", ignore_cleanup_errors=True) as directory:
        server = EmbeddedPostgres(Path(directory) / "postgres")
        server.start()
        try:
            with psycopg.connect(server.url(), autocommit=True) as administrator:
                administrator.execute(f"create database {environment['POSTGRES_DB']}")
            for path in first_start_files():
                with psycopg.connect(server.url(environment["POSTGRES_DB"]), options=options) as administrator:
                    administrator.execute(path.read_bytes())
            login = server.url("warehouse", "warehouse", password)
            assert prepare_warehouse(login)[0] == "0001"
            with transaction(login) as loader:
                assert loader.execute("select current_user, session_user").fetchone() == (
                    "daybreak_loader",
                    "warehouse",
                )
            with psycopg.connect(login) as plain:
                attributes = "rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolinherit"
                own = plain.execute(f"select {attributes} from pg_roles where rolname = session_user").fetchone()
                assert own == (False,) * 6
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    plain.execute("select * from core.sales_daily")
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                psycopg.connect(server.url("postgres", "warehouse", password))
        finally:
            server.stop("immediate")


def test_the_image_installs_the_checkout_editable_and_does_not_run_as_root() -> None:
    lines = (CHECKOUT / "Dockerfile").read_text().splitlines()
    assert lines[[line.startswith("FROM") for line in lines].index(True)] == "FROM python:3.11-slim"
    assert any("pip install --requirement requirements.txt" in line for line in lines)
    assert any("--editable ." in line for line in lines)
    assert [line for line in lines if line.startswith("USER")] == ["USER 50000:0"]
    copied = [path for line in lines if line.startswith("COPY") for path in line.split()[1:-1]]
    assert {"plugins", "include", "dags", "requirements.txt", "pyproject.toml"} <= set(copied)
