"""Names and sizes of modules, and what Airflow's plugin loader may see of them."""

import ast
import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source_tree import DAGS, PACKAGE, PLUGINS, SIMULATOR, python_files, shown

LONGEST_MODULE = 250
LONGEST_FUNCTION = 40
NO_ROOMS = frozenset({"utils", "util", "common", "helpers", "helper", "misc", "base", "core", "shared", "tools", "lib"})
ENTRY_POINTS = frozenset({"__init__", "__main__"})
SEEN_BY_AIRFLOW = frozenset({"daybreak_plugin.py"})


def taken_names() -> frozenset[str]:
    """Top-level names of the standard library and of every installed distribution but this one."""
    installed = {
        name for name, owners in importlib.metadata.packages_distributions().items() if set(owners) != {"daybreak"}
    }
    return frozenset(sys.stdlib_module_names | installed)


def bad_stem(path: Path, taken: frozenset[str]) -> str | None:
    """Why a module should be named otherwise; None when the name is good."""
    if path.stem in ENTRY_POINTS:
        return None
    if path.stem in NO_ROOMS:
        return f"{path.stem} says nothing of what the module knows"
    return f"{path.stem} is the name of a library" if path.stem in taken else None


def own_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function without its docstring and without the functions inside it, which count for themselves."""
    inner = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node is not function
    ]
    has_docstring = ast.get_docstring(function, clean=False) is not None
    apart: set[int] = set()
    for node in [*inner, *([function.body[0]] if has_docstring else [])]:
        apart |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(set(range(function.lineno, (function.end_lineno or function.lineno) + 1)) - apart)


def long_parts(source: str) -> list[str]:
    """The functions that are longer than a screen, and the module if it is too long."""
    lines = len(source.splitlines())
    found = [f"{lines} lines"] if lines > LONGEST_MODULE else []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (length := own_lines(node)) > LONGEST_FUNCTION:
            found.append(f"{node.name}: {length} lines")
    return found


def test_no_module_has_the_name_of_a_library_or_of_nothing() -> None:
    taken = taken_names()
    assert {"types", "yaml", "airflow", "pandas"} <= taken
    files = python_files(PLUGINS, DAGS, SIMULATOR)
    assert {shown(path): why for path in files if (why := bad_stem(path, taken))} == {}


@pytest.mark.parametrize("stem", ["types", "queue", "yaml", "utils", "helpers", "common"])
def test_a_bad_name_is_found(stem: str) -> None:
    assert bad_stem(PACKAGE / f"{stem}.py", taken_names())


def test_modules_and_functions_fit_in_a_head() -> None:
    found = {shown(path): long_parts(path.read_text()) for path in python_files(PLUGINS, DAGS, SIMULATOR)}
    assert {path: parts for path, parts in found.items() if parts} == {}


def test_a_long_function_and_a_long_module_are_found() -> None:
    body = "    x = 1\n" * LONGEST_FUNCTION
    assert long_parts(f"def f():\n{body}") == [f"f: {LONGEST_FUNCTION + 1} lines"]
    assert long_parts(f'def f():\n    """Says.\n\n    What."""\n{body[:-10]}') == []
    inner = body.replace("    ", "        ")[: -len("        x = 1\n")]
    assert long_parts(f"def f():\n    def g():\n{inner}    return g") == []
    assert long_parts("x = 1\n" * (LONGEST_MODULE + 1)) == [f"{LONGEST_MODULE + 1} lines"]


WALK = """
import sys
from pathlib import Path
from airflow._shared.module_loading import find_path_from_directory
from airflow.configuration import conf
syntax = conf.get("core", "DAG_IGNORE_FILE_SYNTAX", fallback="glob")
root = Path(sys.argv[1])
for found in find_path_from_directory(str(root), ".airflowignore", syntax):
    if found.endswith(".py"):
        print("seen:", Path(found).relative_to(root))
"""


def files_airflow_would_load(folder: Path, home: Path) -> set[str]:
    """The Python files below ``folder`` that Airflow's own walk hands to its plugin loader."""
    done = subprocess.run(
        [sys.executable, "-c", WALK, str(folder)],
        env={**os.environ, "AIRFLOW_HOME": str(home), "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return {line.removeprefix("seen: ") for line in done.stdout.splitlines() if line.startswith("seen: ")}


def test_airflow_loads_no_module_of_the_package_as_a_plugin(tmp_path: Path) -> None:
    assert files_airflow_would_load(PLUGINS, tmp_path) <= SEEN_BY_AIRFLOW


def test_airflow_sees_the_plugin_file_and_without_the_ignore_file_everything(tmp_path: Path) -> None:
    plugins = tmp_path / "plugins"
    (plugins / "daybreak" / "landing").mkdir(parents=True)
    for name in ("daybreak_plugin.py", "airflow_local_settings.py", "daybreak/settings.py", "daybreak/landing/rows.py"):
        (plugins / name).touch()
    assert len(files_airflow_would_load(plugins, tmp_path)) == 4
    (plugins / ".airflowignore").write_text((PLUGINS / ".airflowignore").read_text())
    assert files_airflow_would_load(plugins, tmp_path) == SEEN_BY_AIRFLOW
