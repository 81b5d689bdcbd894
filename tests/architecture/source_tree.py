"""The checkout's files, as the laws read them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PLUGINS = CHECKOUT / "plugins"
PACKAGE = PLUGINS / "daybreak"
DAGS = CHECKOUT / "dags"
SIMULATOR = CHECKOUT / "simulator"
SQL = CHECKOUT / "include" / "sql"


@cache
def kept_files() -> tuple[Path, ...]:
    """Every file that git keeps or would keep; ignored ones excepted. In an export without .git, every file."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=CHECKOUT,
        capture_output=True,
        check=False,
        text=True,
    )
    if listed.returncode != 0:
        hidden = {".git", ".venv", ".daybreak", "__pycache__", ".mypy_cache", ".ruff_cache", ".hypothesis"}
        return tuple(p for p in sorted(CHECKOUT.rglob("*")) if p.is_file() and not hidden & set(p.parts))
    paths = (CHECKOUT / name for name in listed.stdout.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file()))


def python_files(*folders: Path) -> list[Path]:
    """The kept Python files below ``folders``."""
    return [path for path in kept_files() if path.suffix == ".py" and any(path.is_relative_to(f) for f in folders)]


def sql_files(folder: Path = SQL) -> list[Path]:
    """The kept SQL files below ``folder``."""
    return [path for path in kept_files() if path.suffix == ".sql" and path.is_relative_to(folder)]


def shown(path: Path) -> str:
    """The path from the checkout's root, for messages."""
    return str(path.relative_to(CHECKOUT)) if path.is_relative_to(CHECKOUT) else str(path)


def imported_modules(tree: ast.AST, *, lazy_too: bool = True) -> Iterator[tuple[str, int]]:
    """(dotted module, line) of every absolute import; ``from a import b`` gives ``a.b``, whatever b is.

    Without ``lazy_too`` only what the import of the module itself runs: nothing inside functions or TYPE_CHECKING.
    """
    for node in ast.walk(tree) if lazy_too else _run_at_import(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names)


def _run_at_import(tree: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(tree):
        is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        is_for_types = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        if not (is_function or is_for_types):
            yield child
            yield from _run_at_import(child)
