"""Keeps logs from filling the disk: old ones go, and one that a running program has filled is put aside."""

import shutil
from datetime import datetime
from pathlib import Path

TASK_LOGS = ("tasks", "dag_files")
ASIDE = ".1"


def remove_old_logs(logs: Path, before: datetime) -> int:
    """Removes the logs of tasks and DAG files last written before ``before``, and folders that are empty then."""
    removed = 0
    for folder in (logs / name for name in TASK_LOGS):
        for path in sorted(folder.rglob("*"), reverse=True):  # what lies in a folder before the folder
            if path.is_symlink():
                continue
            if path.is_file() and path.stat().st_mtime < before.timestamp():
                path.unlink(missing_ok=True)
                removed += 1
            elif path.is_dir() and not any(path.iterdir()) and path.stat().st_mtime < before.timestamp():
                path.rmdir()
    return removed


def rotate_logs(logs: Path, largest_bytes: int) -> int:
    """Puts each program's log above ``largest_bytes`` aside as ``<name>.log.1``, in place of the one before.

    Programs append to the file that they opened: it is copied and emptied, so that they go on writing to it.
    """
    rotated = 0
    for path in sorted(logs.glob("*.log")):
        if path.stat().st_size > largest_bytes:
            shutil.copy2(path, path.with_name(path.name + ASIDE))
            with path.open("r+b") as file:
                file.truncate()
            rotated += 1
    return rotated
