"""Imports go one way: who may know whom, and who may know Airflow."""

import ast
import re
import sys
from pathlib import Path

import pytest

from tests.architecture.source_tree import (
    CHECKOUT,
    DAGS,
    PACKAGE,
    PLUGINS,
    SIMULATOR,
    imported_modules,
    kept_files,
    python_files,
    shown,
    sql_files,
)

REGISTRIES = frozenset(
    {"settings", "accounts", "calendars", "sources", "datasets", "feeds", "business_dates", "events"}
)
WORKROOMS = frozenset({"spapi", "landing", "warehouse", "quality", "controls"})
# A room, and the rooms that it may import; itself always. The registries know each other.
ALLOWED: dict[str, frozenset[str]] = {
    **dict.fromkeys(REGISTRIES, REGISTRIES),
    "contracts": frozenset({"settings"}),
    **{room: REGISTRIES | {"contracts"} for room in WORKROOMS},
    "board": REGISTRIES | {"contracts", "controls"},  # it shows what the controls say
    "steps": REGISTRIES | WORKROOMS | {"contracts", "board"},
    "orchestration": REGISTRIES | WORKROOMS | {"contracts", "board", "steps"},
    "stack": REGISTRIES | {"contracts", "warehouse"},
    "cli": REGISTRIES | WORKROOMS | {"contracts", "board", "steps", "orchestration", "stack"},
}
MAY_KNOW_AIRFLOW = (
    PACKAGE / "orchestration",
    DAGS,
    PLUGINS / "daybreak_plugin.py",
    PLUGINS / "airflow_local_settings.py",
)
CONTRACTS_MAY_KNOW = frozenset({"yaml", "pydantic"})


def room_of(module: str) -> str | None:
    """The room that a dotted module lies in; None outside the package."""
    parts = module.split(".")
    return parts[1] if parts[0] == "daybreak" and len(parts) > 1 else None


def crossings(room: str, source: str) -> list[str]:
    """The imports in a module of ``room`` that go against the arrows."""
    found = []
    for module, line in imported_modules(ast.parse(source)):
        target = room_of(module)
        if target is not None and target != room and target not in ALLOWED[room]:
            found.append(f"line {line}: {room} imports daybreak.{target}")
        if module.startswith("."):
            found.append(f"line {line}: relative import {module}")
    return found


def airflow_imports(source: str) -> list[str]:
    """The imports of Airflow or of anything below it."""
    return [module for module, _ in imported_modules(ast.parse(source)) if module.split(".")[0] == "airflow"]


def rooms() -> dict[str, list[Path]]:
    """The package's Python files by room."""
    found: dict[str, list[Path]] = {}
    for path in python_files(PACKAGE):
        inside = path.relative_to(PACKAGE)
        if len(inside.parts) > 1 or inside.stem != "__init__":
            found.setdefault(inside.parts[0].removesuffix(".py"), []).append(path)
    return found


def test_the_package_has_no_room_that_the_arrows_do_not_know() -> None:
    assert rooms().keys() - ALLOWED.keys() == set()
    assert rooms().keys() >= REGISTRIES | {"contracts", "warehouse"}


def test_imports_go_down_the_arrows_only() -> None:
    broken = {
        shown(path): found
        for room, paths in rooms().items()
        if room in ALLOWED
        for path in paths
        if (found := crossings(room, path.read_text()))
    }
    assert broken == {}


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("landing", "from daybreak.warehouse.engine import transaction"),
        ("landing", "from daybreak import warehouse"),
        ("spapi", "import daybreak.landing"),
        ("warehouse", "def late():\n    from daybreak.steps import publish"),
        ("settings", "from daybreak.contracts import read_contracts"),
        ("steps", "from daybreak.orchestration.operators import ExtractOperator"),
        ("quality", "from ..warehouse import engine"),
        ("stack", "from daybreak.cli import app"),
        ("board", "from daybreak.warehouse import mornings"),
    ],
)
def test_an_import_against_the_arrows_is_found(room: str, source: str) -> None:
    assert len(crossings(room, source)) == 1


def test_an_import_along_the_arrows_is_none() -> None:
    source = "import yaml\nfrom daybreak.warehouse import engine\nfrom daybreak.settings import get_settings"
    assert crossings("steps", source) == []
    assert crossings("warehouse", source) == []


def test_only_orchestration_and_the_dags_know_airflow() -> None:
    strangers = [
        path for path in python_files(PLUGINS, SIMULATOR) if not path.is_relative_to(PACKAGE / "orchestration")
    ]
    knowing = {shown(path) for path in strangers if path not in MAY_KNOW_AIRFLOW and airflow_imports(path.read_text())}
    assert knowing == set()


def test_an_import_of_airflow_is_found_wherever_it_stands() -> None:
    assert airflow_imports("def late():\n    from airflow.sdk import dag") == ["airflow.sdk.dag"]
    assert airflow_imports("import airflow as engine") == ["airflow"]
    assert airflow_imports("import airflowlike") == []


def test_the_command_line_starts_without_orchestration() -> None:
    eager = {
        shown(path): [module for module, _ in found if module.startswith("daybreak.orchestration")]
        for path in rooms().get("cli", [])
        if (found := list(imported_modules(ast.parse(path.read_text()), lazy_too=False)))
    }
    assert {path: modules for path, modules in eager.items() if modules} == {}


def test_an_import_inside_a_function_is_a_lazy_one() -> None:
    tree = ast.parse(
        "import a\ndef f():\n    import b\nif TYPE_CHECKING:\n    import c\ntry:\n    import d\nfinally: ..."
    )
    assert [module for module, _ in imported_modules(tree, lazy_too=False)] == ["a", "d"]


def test_contracts_know_nothing_but_settings_yaml_and_pydantic() -> None:
    foreign = {
        module.split(".")[0]
        for path in rooms()["contracts"]
        for module, _ in imported_modules(ast.parse(path.read_text()))
        if room_of(module) not in {"settings", "contracts"}
    }
    assert foreign - CONTRACTS_MAY_KNOW - sys.stdlib_module_names == set()


def simulator_imports(source: str) -> list[str]:
    return [module for module, _ in imported_modules(ast.parse(source)) if module.split(".")[0] == "simulator"]


def test_nothing_imports_the_simulator() -> None:
    own = (SIMULATOR, CHECKOUT / "tests" / "unit" / "simulator")
    others = [path for path in kept_files() if path.suffix == ".py" and not any(path.is_relative_to(o) for o in own)]
    assert len(others) > 20
    assert {shown(path) for path in others if simulator_imports(path.read_text())} == set()


def test_nothing_that_works_out_a_control_can_ask_what_was_true() -> None:
    texts = {path: path.read_text() for path in [*python_files(PLUGINS, DAGS), *sql_files()]}
    assert {shown(path) for path, text in texts.items() if re.search(r"/truth\b|simulator truth", text)} == set()
    # The token that opens it is the local stack's, which starts the simulator and asks for its health.
    knowing = {path for path, text in texts.items() if "control_token" in text or "x-control-token" in text}
    assert {path.parent for path in knowing} == {PACKAGE / "stack"}


def test_the_simulator_imports_nothing_of_daybreak() -> None:
    knowing = {
        shown(path)
        for path in python_files(SIMULATOR)
        if any(module.split(".")[0] == "daybreak" for module, _ in imported_modules(ast.parse(path.read_text())))
    }
    assert knowing == set()


def test_an_import_of_the_simulator_is_found() -> None:
    assert simulator_imports("from simulator.clock import Clock") == ["simulator.clock.Clock"]
    assert simulator_imports("from daybreak.stack import simulator_process") == []


def test_dag_files_import_orchestration_and_the_registries_only() -> None:
    allowed = REGISTRIES | {"orchestration"}
    found = {
        shown(path): [module for module, _ in imported_modules(ast.parse(path.read_text())) if room_of(module)]
        for path in python_files(DAGS)
    }
    strangers = {path: [m for m in modules if room_of(m) not in allowed] for path, modules in found.items()}
    assert {path: modules for path, modules in strangers.items() if modules} == {}
