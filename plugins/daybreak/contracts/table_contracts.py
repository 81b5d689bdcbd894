"""The typed form of ``table.yml`` and the reader of all of them."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from daybreak.settings import SQL_DIR

LAYERS = ("ops", "core", "mart")
"""Schemas whose tables carry a contract, in the order in which data passes them. Staging and candidate copy them."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3)]
TableName = Annotated[str, StringConstraints(pattern=r"^(ops|core|mart)\.[a-z][a-z0-9_]*$", max_length=60)]
ColumnName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=63)]
Kept = Literal["hourly", "daily", "history", "snapshot", "mart"]
"""What a table's rows are kept as; the settings ``keep_<kind>_days`` say for how long."""
# Postgres' own short names; an array is its element's name and [].
ColumnType = Literal[
    "text",
    "integer",
    "bigint",
    "numeric",
    "double precision",
    "interval",
    "boolean",
    "date",
    "timestamptz",
    "jsonb",
    "text[]",
]


class ContractError(ValueError):
    """A ``table.yml`` cannot be used; names the file and the field."""


class ColumnContract(BaseModel):
    """One column: its Postgres type, whether it may be null, what it means and, where it is computed, how."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: ColumnType
    nullable: bool
    meaning: Words
    unit: Words | None = None
    formula: Words | None = None


class TableContract(BaseModel):
    """One table: its grain, meaning, primary key and all of its columns in their order.

    ``reach_days`` (marts): a changed fact of day d in that core table can change rows of d … d + n.
    ``decisions`` (marts): how ambiguous rules were read, one sentence each.
    ``history_of``: the table whose former row versions this one keeps; its key and columns come from there.
    ``kind`` (marts): ``view`` for one that is computed when it is read; it has no build, no gate and no reach.
    ``kept`` (core, mart): the table grows, is partitioned by month, and its months go when they have been kept so long.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    table: TableName
    grain: Words
    meaning: Words
    key: Annotated[tuple[ColumnName, ...], Field(min_length=1)]
    columns: Annotated[dict[ColumnName, ColumnContract], Field(min_length=1)]
    kind: Literal["table", "view"] = "table"
    history_of: TableName | None = None
    kept: Kept | None = None
    reach_days: dict[TableName, Annotated[int, Field(ge=0)]] = {}
    decisions: tuple[Words, ...] = ()

    @model_validator(mode="after")
    def _key_columns_exist_and_are_filled(self) -> "TableContract":
        for name in self.key:
            if name not in self.columns:
                raise ValueError(f"key names {name!r}, which is not among the columns")
            if self.columns[name].nullable:
                raise ValueError(f"key column {name!r} is nullable: true; a primary key holds no null")
        if len(set(self.key)) != len(self.key):
            raise ValueError("key names a column twice")
        return self

    @model_validator(mode="after")
    def _only_marts_reach_and_decide(self) -> "TableContract":
        if self.layer != "mart" and (self.reach_days or self.decisions):
            raise ValueError("reach_days and decisions belong to marts")
        return self

    @model_validator(mode="after")
    def _what_is_kept_by_the_month_has_rows_of_its_own(self) -> "TableContract":
        if self.kept is not None and (self.layer == "ops" or self.kind == "view"):
            raise ValueError("kept belongs to tables of core and mart: the ledger and views have no months to drop")
        return self

    @model_validator(mode="after")
    def _only_marts_are_views_and_views_reach_nowhere(self) -> "TableContract":
        if self.kind == "view" and self.layer != "mart":
            raise ValueError("kind: view belongs to marts")
        if self.kind == "view" and self.reach_days:
            raise ValueError("a view is computed when it is read and is never rebuilt: remove reach_days")
        return self

    @property
    def layer(self) -> str:
        return self.table.partition(".")[0]

    @property
    def name(self) -> str:
        return self.table.partition(".")[2]


class _NoRepeatedKeys(yaml.CSafeLoader):
    """YAML where a key that stands twice is an error: plain YAML keeps the last and loses the other in silence."""


def _mapping_without_repeats(loader: _NoRepeatedKeys, node: yaml.MappingNode) -> dict[Any, Any]:
    counted = Counter(key.value for key, _ in node.value)
    repeated = [key for key, count in counted.items() if count > 1]
    if repeated:
        raise yaml.constructor.ConstructorError(None, None, f"{repeated[0]!r} stands twice", node.start_mark)
    return loader.construct_mapping(node, deep=True)


_NoRepeatedKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_without_repeats)


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        raw = yaml.load(path.read_text(), Loader=_NoRepeatedKeys)  # noqa: S506 (a SafeLoader)
    except yaml.YAMLError as error:
        raise ContractError(f"{path} is not YAML: {error}") from None
    if not isinstance(raw, dict):
        raise ContractError(f"{path} must be a mapping that begins with 'table:'")
    expected = f"{path.parent.parent.name}.{path.parent.name}"
    if raw.get("table") != expected:
        raise ContractError(f"{path}: table is {raw.get('table')!r}, but its folder says {expected!r}")
    return raw


def _validate(path: Path, raw: dict[str, Any]) -> TableContract:
    try:
        return TableContract.model_validate(raw)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'table'}: {e['msg']}" for e in error.errors())
        raise ContractError(f"{path}: {problems}") from None


def _expand_history(path: Path, raw: dict[str, Any], by_table: dict[str, TableContract]) -> dict[str, Any]:
    base = by_table.get(raw["history_of"])
    if base is None:
        raise ContractError(f"{path}: history_of names {raw['history_of']!r}, which has no contract of its own")
    if "known_from" not in base.columns:
        raise ContractError(f"{path}: {base.table} has no column known_from, so it can have no history")
    for given in ("key", "columns"):
        if given in raw:
            raise ContractError(f"{path}: {given} comes from history_of; remove it here")
    known_to = ColumnContract(
        type="timestamptz",
        nullable=False,
        meaning="When a newer load replaced this version: it was known from known_from up to this instant, exclusive.",
    )
    return {**raw, "key": (*base.key, "known_from"), "columns": {**base.columns, "known_to": known_to}}


def read_contracts(directory: Path = SQL_DIR) -> list[TableContract]:
    """The contract of every table folder under ``directory``, by layer (ops, core, mart), then by name.

    A folder with ``history_of`` comes out expanded: the base table's columns and key, then ``known_to``.

    Raises:
        ContractError: a file is no YAML, names another table than its folder, or has a wrong or missing field.
    """
    found: dict[Path, dict[str, Any]] = {
        path: _read_yaml(path) for layer in LAYERS for path in sorted((directory / layer).glob("*/table.yml"))
    }
    by_table: dict[str, TableContract] = {}
    for path, raw in found.items():
        if "history_of" not in raw:
            by_table[raw["table"]] = _validate(path, raw)
    for path, raw in found.items():
        if "history_of" in raw:
            by_table[raw["table"]] = _validate(path, _expand_history(path, raw, by_table))
    return [by_table[raw["table"]] for raw in found.values()]
