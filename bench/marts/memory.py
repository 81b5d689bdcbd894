"""The memory of a morning's builds, in a process of its own: ``python -m bench.marts.memory``."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from bench.load.memory import peak_bytes
from bench.marts.builds import build_day
from bench.marts.world import account_named
from daybreak.quality.gate import warm


def measure_build_memory(dsn: str, account_id: str, day: date) -> int:
    """Bytes that the process which builds, gates and publishes all marts of ``day`` has at its peak, imports included.

    Raises:
        RuntimeError: the process failed; holds the end of what it wrote.
    """
    finished = subprocess.run(
        [sys.executable, "-m", "bench.marts.memory"],
        input=json.dumps({"account_id": account_id, "day": day.isoformat()}),
        env={**os.environ, "DAYBREAK_WAREHOUSE_URL": dsn},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise RuntimeError(f"the builds in a process of their own failed:\n{finished.stderr[-2000:]}")
    return int(finished.stdout.splitlines()[-1])


def _main() -> None:
    told = json.load(sys.stdin)
    warm()
    account = account_named(told["account_id"])
    build_day(os.environ["DAYBREAK_WAREHOUSE_URL"], account, date.fromisoformat(told["day"]))
    print(peak_bytes())


if __name__ == "__main__":
    _main()
