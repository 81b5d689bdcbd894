"""The section ``marts``: one new day of all marts, beside pandas, and how that grows with history and products."""

import sys
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta

from bench.figures import Figure, Section, Target
from bench.marts.builds import MartSeconds, build_day, forget_day
from bench.marts.by_pandas.program import MARTS, build_with_pandas
from bench.marts.memory import measure_build_memory
from bench.marts.world import World, account_named, write_world
from bench.servers import BenchServer, bench_server
from daybreak.quality.gate import warm
from daybreak.warehouse.mart_reach import build_order

ASINS = 20_000
_DAYS = 120
# A Saturday, so that the marts of a week have rows too.
_LAST = date(2026, 6, 27)
_ACCOUNT = account_named("bench_it")


@dataclass
class _Worlds:
    """The warehouses of a section: by size and length of history, each with the marts of the day before."""

    server: BenchServer
    open_warehouses: ExitStack
    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    row_counts: dict[str, int] = field(default_factory=dict)

    def written(self, asin_count: int, day_count: int) -> str:
        """The URL of a warehouse with that history, one day before its newest built."""
        print(f"  writing {asin_count:,} products, {day_count} days", file=sys.stderr)
        dsn = self.open_warehouses.enter_context(self.server.warehouse())
        write_world(dsn, _ACCOUNT, World(asin_count, _LAST - timedelta(days=day_count - 1), _LAST))
        build_day(dsn, _ACCOUNT, _LAST - timedelta(days=1))
        return dsn

    def new_day(self, dsn: str) -> dict[str, MartSeconds]:
        forget_day(dsn, _ACCOUNT, _LAST)
        self.server.settle()
        return build_day(dsn, _ACCOUNT, _LAST)

    def run(self, dsn: str, half: str, short: str, long: str) -> None:
        """One measurement of everything."""
        took = self.new_day(dsn)
        self.row_counts = {mart: seconds.row_count for mart, seconds in took.items()}
        for mart, seconds in took.items():
            self.values[f"{mart}_seconds"].append(seconds.written)
        self.values["marts_seconds"].append(sum(took[mart].written for mart in MARTS))
        self.values["gate_seconds"].append(sum(seconds.gate for seconds in took.values()))
        self.values["publish_seconds"].append(sum(seconds.publish for seconds in took.values()))
        self.values["all_seconds"].append(_written(took))
        self.server.settle()
        self.values["pandas_seconds"].append(build_with_pandas(dsn, _ACCOUNT.account_id, _LAST)[0])
        for name, other in (("half", half), ("day_60", short), ("day_365", long)):
            self.values[f"{name}_seconds"].append(_written(self.new_day(other)))
        forget_day(dsn, _ACCOUNT, _LAST)
        self.values["memory_mebibytes"].append(measure_build_memory(dsn, _ACCOUNT.account_id, _LAST) / 2**20)


def measure_marts(asin_count: int, run_count: int) -> Section:
    """Figures and details of the section; writing the worlds takes minutes at 20,000 products."""
    warm()
    with bench_server() as server, ExitStack() as stack:
        worlds = _Worlds(server, stack)
        few = max(asin_count // 10, 1)
        dsns = (
            worlds.written(asin_count, _DAYS),
            worlds.written(max(asin_count // 2, 1), _DAYS),
            worlds.written(few, 60),
            worlds.written(few, 365),
        )
        for number in range(run_count):
            print(f"  run {number + 1} of {run_count}", file=sys.stderr)
            worlds.run(*dsns)
        setting = {
            "asins": asin_count,
            "days": _DAYS,
            "asins_of_day365_vs_day60": few,
            "pandas_marts": list(MARTS),
            "rows": worlds.row_counts,
            "postgres": server.version(),
        }
    return Section("marts", run_count, _figures(worlds.values), _details(worlds.values), setting)


def _written(took: dict[str, MartSeconds]) -> float:
    return sum(seconds.written for seconds in took.values())


def _ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    return [numerator / denominator for numerator, denominator in zip(above, below, strict=True)]


def _figures(values: dict[str, list[float]]) -> list[Figure]:
    return [
        Figure(
            "ratio_vs_pandas",
            f"{len(MARTS)} marts of one new day by read_sql, pandas and to_sql ÷ built and published, seconds",
            _ratios(values["pandas_seconds"], values["marts_seconds"]),
            Target("at least", 10),
        ),
        Figure(
            "memory_mb",
            "peak memory of the process that builds, gates and publishes all marts, imports included, MiB",
            values["memory_mebibytes"],
            Target("at most", 300),
        ),
        Figure(
            "day365_vs_day60",
            "all marts of the 365th day of history ÷ of the 60th, seconds",
            _ratios(values["day_365_seconds"], values["day_60_seconds"]),
            Target("at most", 1.2),
        ),
        Figure(
            "double_asins",
            "all marts of one new day of all products ÷ of half as many, seconds",
            _ratios(values["all_seconds"], values["half_seconds"]),
            Target("at most", 2.2),
        ),
    ]


def _details(values: dict[str, list[float]]) -> list[Figure]:
    meanings = {
        "all_seconds": "all marts built and published",
        "marts_seconds": "those that pandas builds too",
        "pandas_seconds": "read_sql, pandas, to_sql",
        "publish_seconds": "of all marts, in all_seconds",
        "gate_seconds": "of all marts, not in all_seconds",
        "half_seconds": "all marts of half as many products",
        "day_60_seconds": "all marts of the 60th day, a tenth of the products",
        "day_365_seconds": "of the 365th day",
        **{f"{mart}_seconds": "built and published" for mart in build_order()},
    }
    return [Figure(name, meaning, values[name]) for name, meaning in meanings.items()]
