"""Logs: old ones of tasks go, large ones of running programs are put aside and written on, others stay."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from daybreak.steps.log_rotation import remove_old_logs, rotate_logs

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def written(path: Path, age_days: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("said")
    for touched in (path, path.parent, path.parent.parent):
        os.utime(touched, times=((NOW - timedelta(days=age_days)).timestamp(),) * 2)
    return path


def test_old_logs_of_tasks_and_their_empty_folders_go_and_nothing_else(tmp_path: Path) -> None:
    old = written(tmp_path / "tasks" / "dag" / "old" / "attempt=1.log", 40)
    young = written(tmp_path / "tasks" / "dag" / "young" / "attempt=1.log", 20)
    program = written(tmp_path / "scheduler.log", 40)
    assert remove_old_logs(tmp_path, NOW - timedelta(days=30)) == 1
    assert not old.exists()
    assert young.exists()
    assert program.exists()
    assert remove_old_logs(tmp_path, NOW - timedelta(days=30)) == 0


def test_no_folder_of_logs_is_no_failure(tmp_path: Path) -> None:
    assert remove_old_logs(tmp_path / "none", NOW) == 0
    assert rotate_logs(tmp_path / "none", 1) == 0


def test_a_large_log_is_put_aside_and_its_writer_goes_on_in_the_emptied_file(tmp_path: Path) -> None:
    log = tmp_path / "scheduler.log"
    small = tmp_path / "triggerer.log"
    small.write_text("x" * 10)
    with log.open("ab", buffering=0) as writer:
        writer.write(b"a" * 100)
        assert rotate_logs(tmp_path, 50) == 1
        writer.write(b"after")
    assert (tmp_path / "scheduler.log.1").read_bytes() == b"a" * 100
    assert log.read_bytes() == b"after"
    assert not (tmp_path / "triggerer.log.1").exists()
