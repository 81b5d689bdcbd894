"""Which marts a changed fact reaches, and for how many days, as their ``table.yml`` says."""

from functools import cache

from daybreak.contracts import read_contracts


@cache
def _reach_by_fact() -> dict[str, tuple[tuple[str, int], ...]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for contract in read_contracts():
        for fact, reach_days in contract.reach_days.items():
            found.setdefault(fact, []).append((contract.name, reach_days))
    return {fact: tuple(marts) for fact, marts in found.items()}


def dependent_marts(fact: str) -> tuple[tuple[str, int], ...]:
    """The marts that read ``fact`` (``core.sales_daily``), each with the days after a changed day that it moves."""
    return _reach_by_fact().get(fact, ())
