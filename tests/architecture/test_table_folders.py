"""A table is one folder: whoever opens it finds its contract, its gate, its SQL and the cases that prove them."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from daybreak.contracts import read_contracts
from daybreak.datasets import DATASETS
from tests.architecture.source_tree import CHECKOUT, SQL

SQL_CASES = CHECKOUT / "tests" / "sql"
PUBLISHED_BY = ("build.sql", "publish.sql", "expectations.yml")


def read_expectations(folder: Path) -> list[dict[str, Any]]:
    """The folder's expectations; none when it has no such file."""
    path = folder / "expectations.yml"
    return (yaml.safe_load(path.read_text()) or []) if path.exists() else []


def lacks(folder: Path, cases: Path, statement: str) -> list[str]:
    """What a table folder with a gate lacks: a file, a critical expectation, a reason, or a case of its SQL."""
    missing = [name for name in (statement, "table.yml", "expectations.yml") if not (folder / name).is_file()]
    expectations = read_expectations(folder)
    if not any(expectation.get("severity") == "critical" for expectation in expectations):
        missing.append("a critical expectation")
    missing += [f"the why of {e.get('type')}" for e in expectations if not (e.get("meta") or {}).get("why")]
    if statement == "build.sql" and not any(path.is_file() for path in cases.glob("*/*")):
        missing.append("a case of its SQL")
    return missing


def view_lacks(folder: Path, cases: Path) -> list[str]:
    """What is wrong with the folder of a view: nothing of it is built or gated, and tests prove its SQL."""
    wrong = [f"no {name}: nothing of a view is published" for name in PUBLISHED_BY if (folder / name).exists()]
    return wrong if any(cases.glob("test_*.py")) else [*wrong, "a test of its SQL"]


@cache
def view_folders() -> dict[str, Path]:
    """The folder of every view, by ``layer/table``."""
    views = (contract for contract in read_contracts() if contract.kind == "view")
    return {f"{view.layer}/{view.name}": SQL / view.layer / view.name for view in views}


def gated_folders() -> dict[str, tuple[Path, str]]:
    """The folder and the statement of every table that is published through a gate, by ``layer/table``."""
    facts = {f"core/{key}": (SQL / "core" / key, "publish.sql") for key in DATASETS}
    marts = (path for path in (SQL / "mart").iterdir() if path.is_dir() and f"mart/{path.name}" not in view_folders())
    return {**facts, **{f"mart/{path.name}": (path, "build.sql") for path in marts}}


@pytest.mark.parametrize("name", sorted(gated_folders()))
def test_a_published_table_has_its_sql_contract_gate_and_cases(name: str) -> None:
    folder, statement = gated_folders()[name]
    assert lacks(folder, SQL_CASES / name, statement) == []


@pytest.mark.parametrize("name", sorted(view_folders()))
def test_a_view_has_tests_and_neither_build_nor_gate(name: str) -> None:
    assert view_lacks(view_folders()[name], SQL_CASES / name) == []


def test_what_is_wrong_with_the_folder_of_a_view_is_found(tmp_path: Path) -> None:
    assert view_lacks(tmp_path, tmp_path) == ["a test of its SQL"]
    (tmp_path / "test_late.py").touch()
    assert view_lacks(tmp_path, tmp_path) == []
    (tmp_path / "build.sql").touch()
    assert view_lacks(tmp_path, tmp_path) == ["no build.sql: nothing of a view is published"]


def test_every_folder_of_a_layer_is_a_table_with_a_contract() -> None:
    folders = {
        f"{path.parent.name}.{path.name}"
        for layer in ("ops", "core", "mart")
        for path in (SQL / layer).iterdir()
        if path.is_dir()
    }
    assert folders == {contract.table for contract in read_contracts()}


def test_only_known_layers_lie_beside_the_migrations_and_the_roles() -> None:
    assert {path.name for path in SQL.iterdir() if path.is_dir()} == {"migrations", "roles", "ops", "core", "mart"}


def test_every_dataset_with_history_keeps_it_and_no_other_does() -> None:
    histories = {contract.history_of for contract in read_contracts() if contract.history_of}
    assert histories == {f"core.{key}" for key, dataset in DATASETS.items() if dataset.has_history}


def test_a_mart_says_how_far_what_it_reads_reaches_and_reads_facts_and_built_marts_only() -> None:
    contracts = read_contracts()
    facts = {contract.table for contract in contracts if contract.layer == "core" and contract.history_of is None}
    facts |= {contract.table for contract in contracts if contract.layer == "mart" and contract.kind == "table"}
    tables = (contract for contract in contracts if contract.layer == "mart" and contract.kind == "table")
    reaches = {contract.table: contract.reach_days for contract in tables}
    assert {table: sorted(reach.keys() - facts) for table, reach in reaches.items() if reach.keys() - facts} == {}
    assert [table for table, reach in reaches.items() if not reach] == []


def test_what_a_folder_lacks_is_found(tmp_path: Path) -> None:
    folder, cases = tmp_path / "mart" / "late_daily", tmp_path / "cases"
    folder.mkdir(parents=True)
    everything = ["build.sql", "table.yml", "expectations.yml", "a critical expectation", "a case of its SQL"]
    assert lacks(folder, cases, "build.sql") == everything
    for name in ("build.sql", "table.yml"):
        (folder / name).touch()
    warning = {"type": "expect_column_values_to_not_be_null", "severity": "warning"}
    (folder / "expectations.yml").write_text(yaml.safe_dump([warning]))
    assert lacks(folder, cases, "build.sql") == [
        *("a critical expectation", "the why of expect_column_values_to_not_be_null", "a case of its SQL")
    ]
    (folder / "expectations.yml").write_text(
        yaml.safe_dump([{**warning, "severity": "critical", "meta": {"why": "It must."}}])
    )
    (cases / "no_sales").mkdir(parents=True)
    (cases / "no_sales" / "expect.yaml").touch()
    assert lacks(folder, cases, "build.sql") == []
