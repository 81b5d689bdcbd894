"""The memory of one load, measured in a process of its own: ``python -m bench.load.memory``, started by the section."""

import json
import os
import resource
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import psutil

from bench.load.daybreak_path import load_document
from bench.load.inventory_document import InventoryDocument
from daybreak.quality.gate import warm

_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class LoadMemory:
    """Resident bytes: after every import and before the load, and the most at any moment."""

    baseline_bytes: int
    peak_bytes: int

    @property
    def load_bytes(self) -> int:
        return self.peak_bytes - self.baseline_bytes


def measure_memory(document: InventoryDocument, dsn: str) -> LoadMemory:
    """Loads ``document`` into the warehouse ``dsn`` in a new process; the address goes there by its environment.

    Raises:
        RuntimeError: the process failed; holds the end of what it wrote.
    """
    told = asdict(document) | {"path": str(document.path), "first": str(document.first), "last": str(document.last)}
    finished = subprocess.run(
        [sys.executable, "-m", "bench.load.memory"],
        input=json.dumps(told),
        env={**os.environ, "DAYBREAK_WAREHOUSE_URL": dsn},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise RuntimeError(f"the load in a process of its own failed:\n{finished.stderr[-2000:]}")
    return LoadMemory(**json.loads(finished.stdout.splitlines()[-1]))


def peak_bytes() -> int:
    """The most that this process ever had resident."""
    # getrusage also counts what the parent had when it started this process; the kernel's own mark does not.
    if _STATUS.exists():
        mark = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(mark.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _main() -> None:
    told = json.load(sys.stdin)
    days = {name: date.fromisoformat(told[name]) for name in ("first", "last")}
    document = InventoryDocument(**(told | days | {"path": Path(told["path"])}))
    warm()
    baseline = psutil.Process().memory_info().rss
    load_document(document, os.environ["DAYBREAK_WAREHOUSE_URL"])
    print(json.dumps(asdict(LoadMemory(baseline, peak_bytes()))))


if __name__ == "__main__":
    _main()
