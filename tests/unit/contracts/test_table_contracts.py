"""Reading table.yml: what stands in a file comes out typed, and whatever is wrong is said with file and field."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from daybreak.contracts import ContractError, TableContract, read_contracts

SALES: dict[str, Any] = {
    "table": "core.sales_daily",
    "grain": "one row per account and ASIN",
    "meaning": "Sales of one product.",
    "key": ["account_id", "asin"],
    "columns": {
        "account_id": {"type": "text", "nullable": False, "meaning": "The account."},
        "asin": {"type": "text", "nullable": False, "meaning": "The product."},
        "ordered_units": {"type": "integer", "nullable": True, "unit": "units", "meaning": "Ordered units."},
        "known_from": {"type": "timestamptz", "nullable": False, "meaning": "When it was published."},
    },
}
HISTORY: dict[str, Any] = {
    "table": "core.sales_daily_history",
    "history_of": "core.sales_daily",
    "grain": "one row per former version",
    "meaning": "What was said before.",
}


def write(directory: Path, *contracts: dict[str, Any]) -> Path:
    """A folder of tables as include/sql is one; each contract lies where its table name says."""
    for contract in contracts:
        layer, name = contract["table"].split(".")
        (directory / layer / name).mkdir(parents=True)
        (directory / layer / name / "table.yml").write_text(yaml.safe_dump(contract, sort_keys=False))
    return directory


def test_a_contract_keeps_the_order_of_its_columns_and_every_word(tmp_path: Path) -> None:
    (contract,) = read_contracts(write(tmp_path, SALES))
    assert (contract.layer, contract.name, contract.key) == ("core", "sales_daily", ("account_id", "asin"))
    assert list(contract.columns) == ["account_id", "asin", "ordered_units", "known_from"]
    units = contract.columns["ordered_units"]
    assert (units.type, units.nullable, units.unit, units.meaning) == ("integer", True, "units", "Ordered units.")


def test_a_history_table_has_the_columns_and_key_of_its_base_and_when_each_version_ended(tmp_path: Path) -> None:
    base, history = read_contracts(write(tmp_path, SALES, HISTORY))
    assert list(history.columns) == [*base.columns, "known_to"]
    assert history.key == ("account_id", "asin", "known_from")
    assert history.columns["ordered_units"] == base.columns["ordered_units"]
    assert (history.columns["known_to"].type, history.columns["known_to"].nullable) == ("timestamptz", False)


def test_a_view_is_never_rebuilt_and_so_reaches_nowhere(tmp_path: Path) -> None:
    view = {**SALES, "table": "mart.sales_curve", "kind": "view"}
    assert [contract.kind for contract in read_contracts(write(tmp_path / "a", SALES, view))] == ["table", "view"]
    with pytest.raises(ContractError, match="a view is computed when it is read and is never rebuilt"):
        read_contracts(write(tmp_path / "b", {**view, "reach_days": {"core.sales_daily": 3}}))


def test_contracts_come_by_layer_then_by_name(tmp_path: Path) -> None:
    names = ("mart.b_daily", "mart.a_daily", "core.z_daily", "ops.account")
    directory = write(tmp_path, *({**SALES, "table": name} for name in names))
    assert [contract.table for contract in read_contracts(directory)] == [*reversed(names[2:]), *reversed(names[:2])]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"key": ["account_id", "ean"]}, r"key names 'ean', which is not among the columns"),
        ({"key": ["ordered_units"]}, r"key column 'ordered_units' is nullable"),
        ({"key": ["asin", "asin"]}, r"key names a column twice"),
        ({"key": []}, r"key: "),
        ({"grain": ""}, r"grain: "),
        ({"meanings": "Sales."}, r"meanings: Extra inputs"),
        ({"columns": {}}, r"columns: "),
        ({"columns": {"asin": {"type": "varchar", "nullable": False, "meaning": "x" * 9}}}, r"columns\.asin\.type: "),
        ({"columns": {"asin": {"type": "text", "meaning": "The product."}}}, r"columns\.asin\.nullable: "),
        ({"columns": {"asin": {"type": "text", "nullable": False}}}, r"columns\.asin\.meaning: "),
        ({"columns": {"Asin": SALES["columns"]["asin"]}}, r"columns\.Asin"),
        ({"decisions": ["Read so."]}, r"reach_days and decisions belong to marts"),
        ({"reach_days": {"core.sales_daily": 3}}, r"reach_days and decisions belong to marts"),
        ({"kind": "view"}, r"kind: view belongs to marts"),
        ({"kind": "matview"}, r"kind: "),
    ],
)
def test_a_wrong_field_is_named_with_its_file(tmp_path: Path, change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ContractError, match=rf"core/sales_daily/table\.yml: .*{complaint}"):
        read_contracts(write(tmp_path, {**SALES, **change}))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"history_of": "core.returns_daily"}, r"history_of names 'core.returns_daily', which has no contract"),
        ({"key": ["account_id"]}, r"key comes from history_of"),
        ({"columns": SALES["columns"]}, r"columns comes from history_of"),
    ],
)
def test_a_history_that_cannot_be_derived_says_why(tmp_path: Path, change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ContractError, match=complaint):
        read_contracts(write(tmp_path, SALES, {**HISTORY, **change}))


def test_a_table_that_does_not_say_since_when_has_no_history(tmp_path: Path) -> None:
    columns = {name: column for name, column in SALES["columns"].items() if name != "known_from"}
    with pytest.raises(ContractError, match=r"core\.sales_daily has no column known_from"):
        read_contracts(write(tmp_path, {**SALES, "columns": columns}, HISTORY))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("table: core.sales_daily\nkey: [", "is not YAML"),
        ("table: core.sales_daily\ngrain: a row\ngrain: a day\n", "'grain' stands twice"),
        ("- table\n", "must be a mapping"),
        ("table: core.sales\n", r"table is 'core\.sales', but its folder says 'core\.sales_daily'"),
    ],
)
def test_a_file_that_is_no_contract_is_refused_with_its_name(tmp_path: Path, text: str, complaint: str) -> None:
    (write(tmp_path, SALES) / "core/sales_daily/table.yml").write_text(text)
    with pytest.raises(ContractError, match=rf"sales_daily/table\.yml.*{complaint}"):
        read_contracts(tmp_path)


@pytest.mark.parametrize(("table", "kind"), [("ops.mute", "table"), ("mart.late", "view")])
def test_only_tables_of_core_and_mart_are_kept_by_the_month(table: str, kind: str) -> None:
    words: dict[str, object] = {
        "table": table, "kind": kind, "grain": "one row", "meaning": "Something.", "key": ["account_id"],
        "columns": {"account_id": {"type": "text", "nullable": False, "meaning": "Whose."}},
    }  # fmt: skip
    TableContract.model_validate(words)
    with pytest.raises(ValueError, match="kept belongs to tables of core and mart"):
        TableContract.model_validate({**words, "kept": "mart"})
