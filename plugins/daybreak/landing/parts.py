"""The answers of an unfinished collection: each is on disk before the next call, so that a kill repeats none."""

import gzip
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FOLDER = ".collections"


@dataclass(frozen=True)
class Parts:
    """The parts of one collection by number. One process at a time works on a collection."""

    folder: Path

    @classmethod
    def of(cls, landing_dir: Path, account_id: str, request_id: int) -> "Parts":
        return cls(landing_dir / _FOLDER / account_id / str(request_id))

    def has(self, number: int) -> bool:
        return self._path(number).exists()

    def read(self, number: int) -> list[Any]:
        """The lines of a part, decoded."""
        return [json.loads(line) for line in self.lines(number)]

    def lines(self, number: int) -> list[bytes]:
        """The lines of a part as they were written."""
        return gzip.decompress(self._path(number).read_bytes()).splitlines()

    def write(self, number: int, lines: list[bytes]) -> None:
        """Afterwards part ``number`` holds ``lines`` (JSON, one object each, as received) and survives a power cut."""
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = self._path(number).with_suffix(".partial")
        with partial.open("wb") as file:
            # Members of gzip one after the other are gzip again: the document is the parts, unchanged.
            file.write(gzip.compress(b"".join(line + b"\n" for line in lines), 4, mtime=0))
            file.flush()
            os.fsync(file.fileno())
        partial.rename(self._path(number))

    def chunks(self) -> Iterator[bytes]:
        """The document: every part in order, as gzip."""
        for path in sorted(self.folder.glob("*.jsonl.gz")):
            yield path.read_bytes()

    def discard(self) -> None:
        """Once the document has landed, nothing of its parts is left."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:06d}.jsonl.gz"
