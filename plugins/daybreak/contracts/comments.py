"""The contracts' words as comments on the tables and columns of the warehouse."""

from collections.abc import Iterable, Iterator

from daybreak.contracts.table_contracts import ColumnContract, TableContract


def comment_statements(contracts: Iterable[TableContract]) -> Iterator[tuple[str, str]]:
    """Pairs of (object, comment), a table before its columns: what ``COMMENT ON <object> IS <comment>`` takes.

    An object is ``table core.sales_daily``, ``view mart.data_status`` or ``column core.sales_daily.asin``. Its parts
    are checked identifiers, lower-case and in no need of quotes; the comment is free text and must be quoted.
    """
    for contract in contracts:
        yield f"{contract.kind} {contract.table}", f"{contract.meaning} Grain: {contract.grain}."
        for name, column in contract.columns.items():
            yield f"column {contract.table}.{name}", _column_comment(column)


def _column_comment(column: ColumnContract) -> str:
    parts = [column.meaning]
    if column.unit:
        parts.append(f"Unit: {column.unit}.")
    if column.formula:
        parts.append(f"Formula: {column.formula}")
    return " ".join(parts)
