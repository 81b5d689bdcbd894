"""What lies in the landing folder and should not: downloads that were killed, and files that nobody needs any more."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from daybreak.landing.files import PARTIAL_SUFFIX


def find_partials(landing_dir: Path, before: datetime) -> list[Path]:
    """Half-written files last touched before ``before``, sorted: what a killed download left behind."""
    return sorted(path for path in landing_dir.rglob(f".*{PARTIAL_SUFFIX}") if _is_older(path, before))


def find_documents(landing_dir: Path, before: datetime) -> Iterator[str]:
    """Every other file last touched before ``before``, as the ledger writes its path: relative, with ``/``."""
    for path in sorted(landing_dir.rglob("*")):
        if not path.name.endswith(PARTIAL_SUFFIX) and _is_older(path, before):
            yield path.relative_to(landing_dir).as_posix()


def _is_older(path: Path, before: datetime) -> bool:
    """Whether it is a file and was last touched before; one that vanishes meanwhile is none."""
    try:
        return path.is_file() and not path.is_symlink() and path.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False
