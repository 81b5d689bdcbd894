"""Which marts a changed fact reaches, and for how many days, as their ``table.yml`` says."""

from functools import cache

import yaml

from daybreak.settings import SQL_DIR


@cache
def _reach_by_fact() -> dict[str, tuple[tuple[str, int], ...]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for path in sorted((SQL_DIR / "mart").glob("*/table.yml")):
        for fact, reach_days in (yaml.safe_load(path.read_text()).get("reach_days") or {}).items():
            found.setdefault(fact, []).append((path.parent.name, int(reach_days)))
    return {fact: tuple(marts) for fact, marts in found.items()}


def dependent_marts(fact: str) -> tuple[tuple[str, int], ...]:
    """The marts that read ``fact`` (``core.sales_daily``), each with the days after a changed day that it moves."""
    return _reach_by_fact().get(fact, ())
