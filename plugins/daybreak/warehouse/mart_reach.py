"""Which marts a changed table reaches and for how many days, and in which order they are built (``table.yml``)."""

from functools import cache
from graphlib import TopologicalSorter

from daybreak.contracts import read_contracts


@cache
def _reach_by_table() -> dict[str, tuple[tuple[str, int], ...]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for contract in read_contracts():
        for table, reach_days in contract.reach_days.items():
            found.setdefault(table, []).append((contract.name, reach_days))
    return {table: tuple(marts) for table, marts in found.items()}


def dependent_marts(table: str) -> tuple[tuple[str, int], ...]:
    """The marts that read ``table`` (``core.sales_daily``), each with the days after a changed day that it moves."""
    return _reach_by_table().get(table, ())


@cache
def build_order() -> tuple[str, ...]:
    """Every mart that is built, after each mart that it reads; of equals by name.

    Raises:
        graphlib.CycleError: two marts read each other.
    """
    return tuple(TopologicalSorter(_read_marts()).static_order())


@cache
def marts_behind(*marts: str) -> tuple[str, ...]:
    """``marts`` and every mart that they read, directly or through others, in the order of building."""
    found: set[str] = set()
    waiting = list(marts)
    while waiting:
        mart = waiting.pop()
        if mart not in found:
            found.add(mart)
            waiting += _read_marts()[mart]
    return tuple(mart for mart in build_order() if mart in found)


@cache
def _read_marts() -> dict[str, list[str]]:
    return {
        contract.name: sorted(table.removeprefix("mart.") for table in contract.reach_days if table.startswith("mart."))
        for contract in read_contracts()
        if contract.layer == "mart" and contract.kind == "table"
    }
