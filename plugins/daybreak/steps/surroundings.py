"""What an installation rests on: its warehouse, its disk and its clock."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy.exc import OperationalError

from daybreak.settings import Settings, WarehouseNotConfigured
from daybreak.warehouse.migrations import MigrationRefused, pending_migrations
from daybreak.warehouse.roles import RolesMissing

LARGEST_SKEW_SECONDS: Final = 120.0
"""Amazon refuses what is signed minutes off, and what is due is computed from this clock."""
_MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True)
class Condition:
    """One thing that the installation rests on, in words that say what to do where it is not good."""

    name: str
    is_good: bool
    words: str


def check_warehouse(dsn: str | None = None) -> Condition:
    """Whether the warehouse answers and is at the newest migration of this checkout."""
    try:
        pending = pending_migrations(dsn)
    except (WarehouseNotConfigured, MigrationRefused, RolesMissing) as refusal:
        return Condition("warehouse", False, str(refusal))
    except (psycopg.Error, OperationalError) as failure:
        cause = str(getattr(failure, "orig", failure)).strip().splitlines()[0]
        return Condition("warehouse", False, f"it does not answer: {cause}")
    if pending:
        words = (
            f"migrations {', '.join(pending)} are not applied: 'make up' applies them, on servers the migrate service"
        )
        return Condition("warehouse", False, words)
    return Condition("warehouse", True, "it answers and is at the newest migration")


def check_disk(settings: Settings) -> Condition:
    """Whether landing has more disk than it refuses to start with."""
    folder = _existing(settings.landing)
    free = shutil.disk_usage(folder).free // _MEBIBYTE
    is_good = free >= settings.minimum_free_mebibytes
    words = f"{free:,} MiB are free under {folder}"
    if not is_good:
        words += (
            f"; landing refuses below {settings.minimum_free_mebibytes:,}: free space, or move DAYBREAK_LANDING_DIR"
        )
    return Condition("disk", is_good, words)


def check_clock(skews: Iterable[float]) -> Condition | None:
    """Whether this machine's clock is that of Amazon's answers, from seconds that it was ahead; None without any."""
    worst = max(skews, key=abs, default=None)
    if worst is None:
        return None
    is_good = abs(worst) <= LARGEST_SKEW_SECONDS
    words = f"{abs(worst):.0f} s {'ahead of' if worst >= 0 else 'behind'} Amazon's answers"
    return Condition("clock", is_good, words if is_good else f"{words}: set this machine's clock by a time server")


def _existing(folder: Path) -> Path:
    """``folder``, or the nearest folder above it that is there."""
    folder = folder.resolve()
    while not folder.exists():
        folder = folder.parent
    return folder
