"""Figures by name: medians over runs, the machine they were measured on, as a table and as JSON."""

import json
import os
import platform
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import psutil
from rich.console import Console
from rich.table import Table

_WIDTH = 150


@dataclass(frozen=True)
class Target:
    """What a figure should reach; a ratio within one run, never an absolute time."""

    relation: Literal["at least", "at most"]
    value: float

    def is_met(self, figure: float) -> bool:
        return figure >= self.value if self.relation == "at least" else figure <= self.value


@dataclass(frozen=True)
class Figure:
    """One measured quantity: its value in each run, what it means, and what it should reach where that is said."""

    name: str
    meaning: str
    values: Sequence[float]
    target: Target | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def as_json(self) -> dict[str, Any]:
        """Median, min, max and all values; with a target also whether the median meets it."""
        told: dict[str, Any] = {
            "median": round(self.median, 4),
            "min": round(min(self.values), 4),
            "max": round(max(self.values), 4),
            "values": [round(value, 4) for value in self.values],
            "meaning": self.meaning,
        }
        if self.target is not None:
            told |= {"target": asdict(self.target), "is_met": self.target.is_met(self.median)}
        return told


@dataclass(frozen=True)
class Section:
    """The outcome of one section. ``figures`` are what it is for; ``details`` are seconds and bytes behind them."""

    name: str
    run_count: int
    figures: Sequence[Figure]
    details: Sequence[Figure]
    setting: Mapping[str, Any] = field(default_factory=dict)
    """What was measured: sizes and versions."""

    def write(self, folder: Path) -> Path:
        """Writes ``<folder>/<section>.json`` and returns its path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.json"
        told = {
            "section": self.name,
            "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": describe_machine(),
            "run_count": self.run_count,
            "setting": dict(self.setting),
            "figures": {figure.name: figure.as_json() for figure in self.figures},
            "details": {figure.name: figure.as_json() for figure in self.details},
        }
        path.write_text(json.dumps(told, indent=2) + "\n")
        return path

    def print(self) -> None:
        """The section as a table: ratios first, then what they are made of."""
        # What is no terminal counts as 80 characters wide, which folds every meaning into a column of syllables.
        console = Console(width=None if sys.stdout.isatty() else _WIDTH)
        console.print(_table(f"{self.name}: medians of {self.run_count} runs", self.figures))
        console.print(_table(f"{self.name}: behind the figures", self.details))


def _table(title: str, figures: Sequence[Figure]) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in ("figure", "median", "min", "max", "target"):
        table.add_column(heading, justify="left" if heading in ("figure", "target") else "right", no_wrap=True)
    table.add_column("meaning")
    for figure in figures:
        target = figure.target
        met = "" if target is None else f"{target.relation} {target.value:g}: "
        met += "" if target is None else "met" if target.is_met(figure.median) else "missed"
        numbers = (figure.median, min(figure.values), max(figure.values))
        table.add_row(figure.name, *(f"{number:,.3f}" for number in numbers), met, figure.meaning)
    return table


def describe_machine() -> dict[str, Any]:
    """What the figures depend on; the load says whether something else was running."""
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": psutil.cpu_count(),
        "memory_gibibytes": round(psutil.virtual_memory().total / 2**30, 1),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
    }


def _processor() -> str:
    # platform.processor() is empty on most Linux systems.
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
