"""The section ``load``: every way in every run, on one server, in a turning order; ratios are taken within a run."""

import gc
import gzip
import math
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from bench.figures import Figure, Section, Target
from bench.load.data_frame import insert_data_frame
from bench.load.daybreak_path import LoadSeconds, NotPublished, load_document
from bench.load.dlt_merge import dlt_version, merge_with_dlt
from bench.load.inventory_document import InventoryDocument, write_document
from bench.load.keyed_tables import export_published, fingerprint, make_rival_table, require_rows
from bench.load.memory import measure_memory
from bench.load.raw_copy import copy_beside_document, copy_packed_rows
from bench.servers import BenchServer, bench_server
from daybreak.quality.gate import warm

ROWS = 200_000
_DAYS = 15
_FIRST = date(2026, 3, 1)
_REHEARSAL_ROWS = 3_000


@dataclass
class _Measurements:
    """Everything that a run measures, by name; the same place in each list is the same run."""

    server: BenchServer
    folder: Path
    document: InventoryDocument
    next_document: InventoryDocument
    """The window one day later: all of its days but the last are the same bytes."""
    rows: bytes = b""
    packed_rows: bytes = b""
    expected: tuple[int, object] = (0, None)
    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def prepare(self) -> None:
        """Afterwards the rows that every way must end in are known, as Daybreak publishes them."""
        with self.server.warehouse() as dsn:
            load_document(self.document, dsn)
            self.rows = export_published(dsn, self.document)
            make_rival_table(dsn, self.document)
            copy_beside_document(self.document, self.rows, dsn)
            self.expected = fingerprint(dsn)
        self.packed_rows = gzip.compress(self.rows, compresslevel=6, mtime=0)

    def run(self, number: int) -> None:
        """Measures every way once; the order turns with the run, so that none is always the first."""
        slow: list[tuple[str, Callable[[], None]]] = [
            ("dlt", self._dlt),
            ("to_sql", self._to_sql),
            ("memory", self._memory),
        ]
        turn = number % len(slow)
        first: Callable[[], None] = partial(self._daybreak_beside_copy, is_copy_first=number % 2 == 1)
        for name, way in [("daybreak and copy", first), *slow[turn:], *slow[:turn]]:
            self._settle()
            started = time.perf_counter()
            way()
            print(f"  run {number + 1}, {name}: {time.perf_counter() - started:.1f} s", file=sys.stderr)

    def _settle(self) -> None:
        gc.collect()
        self.server.settle()

    def _daybreak_beside_copy(self, *, is_copy_first: bool) -> None:
        """The two nearest in time: their ratio is the one that a change of the machine's load would spoil most."""
        if is_copy_first:
            self._copy()
        with self.server.warehouse() as dsn:
            self._settle()
            seconds = load_document(self.document, dsn)
            if not is_copy_first:
                self._copy()
            self._settle()
            again = load_document(self.next_document, dsn)
        if again.changed_rows != self.document.asin_count:
            raise NotPublished(f"the next window changed {again.changed_rows} rows, must be one day")
        self._note(seconds, "daybreak")
        self.values["next_window_seconds"].append(again.total)

    def _note(self, seconds: LoadSeconds, name: str) -> None:
        steps = {"land": seconds.land, "stage": seconds.stage, "gate": seconds.gate, "publish": seconds.publish}
        for step, value in {"": seconds.total, **{f"_{step}": value for step, value in steps.items()}}.items():
            self.values[f"{name}{step}_seconds"].append(value)

    def _copy(self) -> None:
        self._rival("copy_seconds", lambda dsn: copy_beside_document(self.document, self.rows, dsn))
        self._rival("packed_copy_seconds", lambda dsn: copy_packed_rows(self.packed_rows, dsn))

    def _to_sql(self) -> None:
        self._rival("to_sql_seconds", lambda dsn: insert_data_frame(self.document, dsn))

    def _rival(self, name: str, fill: Callable[[str], float]) -> None:
        with self.server.warehouse() as dsn:
            make_rival_table(dsn, self.document)
            self._settle()
            self.values[name].append(fill(dsn))
            require_rows(dsn, self.expected)

    def _dlt(self) -> None:
        with self.server.warehouse() as dsn:
            self.values["dlt_seconds"].append(merge_with_dlt(self.document, dsn, self.folder / "dlt"))

    def _memory(self) -> None:
        with self.server.warehouse() as dsn:
            memory = measure_memory(self.document, dsn)
        self.values["load_memory_mebibytes"].append(memory.load_bytes / 2**20)
        self.values["baseline_memory_mebibytes"].append(memory.baseline_bytes / 2**20)


def measure_load(row_count: int, run_count: int) -> Section:
    """Figures and details of the section; takes about a minute a run at 200,000 rows."""
    warm()
    with bench_server() as server:
        print("  rehearsing and writing the documents", file=sys.stderr)
        rehearsal = _measurements(server, _REHEARSAL_ROWS, "rehearsal")
        rehearsal.prepare()
        rehearsal.run(0)
        measured = _measurements(server, row_count, "measured")
        measured.prepare()
        for number in range(run_count):
            measured.run(number)
        setting = {
            "rows": measured.document.row_count,
            "days": _DAYS,
            "document_bytes": measured.document.size_bytes,
            "gzip_bytes": measured.document.path.stat().st_size,
            "postgres": server.version(),
            "dlt": dlt_version(),
        }
    return Section("load", run_count, _figures(measured), _details(measured), setting)


def _measurements(server: BenchServer, row_count: int, name: str) -> _Measurements:
    folder = server.folder / name
    folder.mkdir()
    asin_count = math.ceil(row_count / _DAYS)
    return _Measurements(
        server,
        folder,
        write_document(folder / "window.json.gz", _FIRST, _DAYS, asin_count),
        write_document(folder / "next_window.json.gz", _FIRST + timedelta(days=1), _DAYS, asin_count),
    )


def _ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    return [numerator / denominator for numerator, denominator in zip(above, below, strict=True)]


def _figures(measured: _Measurements) -> list[Figure]:
    values = measured.values
    own = values["daybreak_seconds"]
    document_mebibytes = [measured.document.size_bytes / 2**20] * len(own)
    # The rows are the same, so that a ratio of rows per second is the inverse ratio of seconds.
    return [
        Figure(
            "ratio_vs_copy",
            "gzip document to published and gated, rows/s ÷ unpacking it + one COPY of its finished rows",
            _ratios(values["copy_seconds"], own),
            Target("at least", 0.4),
        ),
        Figure(
            "ratio_vs_packed_copy",
            "the same ÷ unpacking the finished rows as gzip CSV + one COPY",
            _ratios(values["packed_copy_seconds"], own),
        ),
        Figure("ratio_vs_dlt", "the same ÷ dlt merge", _ratios(values["dlt_seconds"], own), Target("at least", 10)),
        Figure(
            "ratio_vs_to_sql",
            "the same ÷ pandas.json_normalize + DataFrame.to_sql",
            _ratios(values["to_sql_seconds"], own),
            Target("at least", 4),
        ),
        Figure(
            "memory_ratio",
            "peak memory of the load above the imports ÷ size of the unpacked document",
            _ratios(values["load_memory_mebibytes"], document_mebibytes),
            Target("at most", 4),
        ),
        Figure(
            "window_republish_ratio",
            "a window of 15 days with one new day ÷ 15 new days, seconds",
            _ratios(values["next_window_seconds"], own),
            Target("at most", 0.4),
        ),
        Figure(
            "gate_share",
            "seconds in the gate ÷ seconds of the load",
            _ratios(values["daybreak_gate_seconds"], own),
            Target("at most", 0.4),
        ),
    ]


_MEANINGS = {
    "daybreak_seconds": "landed, staged, gated and published",
    "daybreak_land_seconds": "stored with its hash, synced to disk",
    "daybreak_stage_seconds": "unpacked, typed, copied to the staging table",
    "daybreak_gate_seconds": "Great Expectations and the checks of the document",
    "daybreak_publish_seconds": "merged into core, history, ledger",
    "next_window_seconds": "the window one day later, one new day",
    "copy_seconds": "document unpacked, finished rows copied",
    "packed_copy_seconds": "finished rows unpacked and copied",
    "dlt_seconds": "dlt merge",
    "to_sql_seconds": "json_normalize and to_sql",
    "baseline_memory_mebibytes": "after imports, before the load",
    "load_memory_mebibytes": "peak above that",
}


def _details(measured: _Measurements) -> list[Figure]:
    return [Figure(name, meaning, measured.values[name]) for name, meaning in _MEANINGS.items()]
