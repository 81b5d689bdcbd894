"""Loads that die, meet or are cut off: afterwards core holds the landed documents, once and whole."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from daybreak.steps.arrivals import stage_or_reject
from daybreak.steps.file_loading import load_file
from daybreak.steps.gating import gate_load
from daybreak.steps.staging import stage_load
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.loads import lock_series
from tests.faults import killable_load
from tests.faults.cutting_proxy import CuttingProxy
from tests.faults.killable_load import DEATHS_OF_A_LOAD, DEATHS_OF_A_PUBLISHER
from tests.faults.load_desk import ACCOUNT, DATASET, Desk, Views, in_words, many_views, reader, sight, wait_for

pytestmark = pytest.mark.long

SCRIPT = Path(killable_load.__file__)
WAITING = "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
FREE = """
select 1 where not exists (
    select 1 from pg_locks as l inner join pg_database as d on l.database = d.oid
    where l.locktype = 'advisory' and d.datname = current_database()
)
"""
OLD = many_views(range(15), 400, base=1)
NEW = many_views(range(15), 410, base=7)


@pytest.fixture
def desk(warehouse: str, tmp_path: Path) -> Desk:
    return Desk(warehouse, tmp_path)


def start(desk: Desk, *arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {
        "DAYBREAK_WAREHOUSE_URL": desk.dsn,
        "DAYBREAK_HOME": str(desk.home),
        "DAYBREAK_MINIMUM_FREE_MEBIBYTES": "0",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), *arguments], env=environment, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip


def finish(process: subprocess.Popen[str]) -> int:
    try:
        output, errors = process.communicate(timeout=90)
    finally:
        process.kill()
    sys.stderr.write(output + errors)
    return process.returncode


@pytest.mark.parametrize("death", DEATHS_OF_A_LOAD)
def test_a_load_killed_at_any_place_shows_nothing_of_itself_and_the_next_run_carries_it_through(
    desk: Desk, death: str
) -> None:
    old = desk.load(OLD).load_id
    file = desk.file(NEW)
    has_landed = death != "while the document is written"
    with reader(desk) as sights:
        assert finish(start(desk, "load", str(file), desk.received_at().isoformat(), death)) == -signal.SIGKILL
        assert len(desk.statuses()) == 1 + has_landed
        assert desk.facts() == in_words(OLD)
        desk.heal()
        if not has_landed:  # nothing of it is in the ledger: whoever loaded the file loads it again
            again = load_file(file, ACCOUNT, DATASET, desk.settings, received_at=desk.received_at(), dsn=desk.dsn)
            assert again.is_published
    assert sights == {sight(old, OLD), sight(old + 1, NEW)}
    desk.assert_healed(NEW)


@pytest.mark.parametrize("death", DEATHS_OF_A_PUBLISHER)
def test_a_publisher_killed_before_or_after_its_commit_leaves_all_or_nothing_and_the_next_run_ends_with_all(
    desk: Desk, death: str
) -> None:
    old = desk.load(OLD).load_id
    load = desk.gated(NEW)
    is_committed = death == "after publishing commits"
    with reader(desk) as sights:
        assert finish(start(desk, "publish", str(load.load_id), death)) == -signal.SIGKILL
        assert desk.facts() == in_words(NEW if is_committed else OLD)
        assert desk.read(load.load_id).status_code == ("published" if is_committed else "gated")
        desk.publish(load)  # a retry that still takes the load for gated
        desk.heal()
    assert sights == {sight(old, OLD), sight(load.load_id, NEW)}
    desk.assert_healed(NEW)


@pytest.mark.parametrize("first_in_line", ["older", "newer"])
def test_two_processes_that_publish_one_slice_at_once_go_one_after_the_other_and_the_newest_payload_wins(
    desk: Desk, first_in_line: str
) -> None:
    desk.load(OLD)
    older, newer = desk.gated(many_views(range(15), 400, base=3)), desk.gated(NEW)
    line = [older, newer] if first_in_line == "older" else [newer, older]
    with psycopg.connect(desk.dsn) as holder:
        lock_series(holder, ACCOUNT.account_id, older)
        processes = []
        for place, load in enumerate(line, 1):
            processes.append(start(desk, "publish", str(load.load_id)))
            wait_for(desk, WAITING, rows=place)
    assert [finish(process) for process in processes] == [0, 0]
    assert desk.statuses() == ["published", "published" if first_in_line == "older" else "superseded", "published"]
    desk.assert_healed(NEW)


def test_two_processes_that_publish_one_load_at_once_after_its_staging_table_was_lost_publish_it_once(
    desk: Desk,
) -> None:
    load = desk.gated(NEW)
    with psycopg.connect(desk.dsn, autocommit=True) as connection:
        connection.execute(f"truncate staging.{DATASET.key}_{load.load_id}")
    with psycopg.connect(desk.dsn) as holder:
        lock_series(holder, ACCOUNT.account_id, load)
        processes = [start(desk, "publish", str(load.load_id)) for _ in range(2)]
        wait_for(desk, WAITING, rows=2)
    assert [finish(process) for process in processes] == [0, 0]
    assert desk.query("select count(*) from core.traffic_daily_history") == [(0,)]
    desk.assert_healed(NEW)


def test_a_load_that_two_processes_stage_at_once_is_staged_once(desk: Desk) -> None:
    """A person loads a file while the dawn run takes up whatever has landed."""
    load = desk.land(NEW)
    outcomes: list[object] = []

    def stage_too() -> None:
        try:
            outcomes.append(stage_or_reject(ACCOUNT, load, desk.settings, desk.dsn))
        except psycopg.Error as error:
            outcomes.append(error)

    second = threading.Thread(target=stage_too)
    with transaction(desk.dsn) as connection:
        stage_load(connection, ACCOUNT, load, desk.settings)
        second.start()
        wait_for(desk, WAITING)
    second.join()
    assert outcomes == [None]
    desk.heal()
    desk.assert_healed(NEW)


def test_a_step_that_comes_late_to_a_load_that_is_published_changes_nothing(desk: Desk) -> None:
    landed = desk.land(NEW)
    assert stage_or_reject(ACCOUNT, landed, desk.settings, desk.dsn) is None
    staged = desk.read(landed.load_id)
    desk.heal()
    before = desk.query("select l.*, s.* from ops.load as l inner join ops.load_slice as s using (load_id) order by s")
    assert stage_or_reject(ACCOUNT, landed, desk.settings, desk.dsn) is None
    assert gate_load(ACCOUNT, staged, desk.dsn, desk.settings) is None
    desk.publish(staged)
    after = desk.query("select l.*, s.* from ops.load as l inner join ops.load_slice as s using (load_id) order by s")
    assert after == before
    desk.assert_healed(NEW)


def test_rows_refused_in_a_day_that_is_staged_only_at_publishing_keep_their_published_version(desk: Desk) -> None:
    """The day equalled the published one when the load was staged, and no longer when it is published."""
    broken: Views = {0: {**NEW[0], "B000000007": "many"}}
    desk.load({0: OLD[0]})
    desk.load(broken)
    waiting = desk.gated(broken)
    desk.load({0: OLD[0]}, received_at=waiting.requested_at - timedelta(minutes=1))
    assert desk.facts() == in_words({0: OLD[0]})
    desk.publish(waiting)
    assert desk.facts() == in_words({0: {**NEW[0], "B000000007": OLD[0]["B000000007"]}})
    assert desk.query(f"select asin from ops.quarantine where load_id = {waiting.load_id}") == [("B000000007",)]


@pytest.mark.parametrize("is_committed", [False, True], ids=["before the server heard it", "before it was answered"])
def test_a_connection_cut_at_commit_is_resolved_by_the_ledger_on_the_retry(desk: Desk, is_committed: bool) -> None:
    old = desk.load(OLD).load_id
    load = desk.gated(NEW)
    with reader(desk) as sights:
        with (
            CuttingProxy(desk.dsn, is_committed=is_committed) as proxy,
            pytest.raises(psycopg.OperationalError, match="server closed the connection"),
        ):
            desk.publish(load, proxy.dsn)
        assert proxy.cuts == 1
        wait_for(desk, FREE)
        assert desk.read(load.load_id).status_code == ("published" if is_committed else "gated")
        assert desk.facts() == in_words(NEW if is_committed else OLD)
        desk.publish(load)  # a retry that still takes the load for gated
        desk.heal()
    assert sights == {sight(old, OLD), sight(load.load_id, NEW)}
    desk.assert_healed(NEW)


def test_a_session_terminated_in_the_middle_of_its_commit_publishes_nothing_and_the_retry_all(desk: Desk) -> None:
    desk.load(OLD)
    load = desk.gated(NEW)
    with psycopg.connect(desk.dsn, autocommit=True) as holder:
        # A deferred trigger runs inside COMMIT; this one waits there for a lock that the test holds.
        holder.execute(
            """
            create function public.wait_at_commit() returns trigger language plpgsql as
            'begin perform pg_advisory_xact_lock(4711); return null; end';
            create constraint trigger waits after update on ops.slice deferrable initially deferred
            for each row execute function public.wait_at_commit()
            """
        )
        holder.execute("select pg_advisory_lock(4711)")
        failures: list[BaseException] = []

        def publish() -> None:
            try:
                desk.publish(load)
            except psycopg.Error as error:
                failures.append(error)

        thread = threading.Thread(target=publish)
        thread.start()
        committing = WAITING + " and query = 'COMMIT' and wait_event = 'advisory'"
        pid = wait_for(desk, committing)[0][0]
        assert desk.facts() == in_words(OLD)
        holder.execute("select pg_terminate_backend(%s)", (pid,))
        thread.join()
        holder.execute("select pg_advisory_unlock(4711)")
    assert isinstance(failures[0], psycopg.errors.AdminShutdown)
    assert desk.facts() == in_words(OLD)
    desk.heal()
    desk.assert_healed(NEW)
