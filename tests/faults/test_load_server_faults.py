"""The server stops hard, or a disk is full: nothing half-visible, a sentence that says what to do, and all heals."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from daybreak.landing.failures import NoDiskToSpare
from daybreak.settings import Settings
from daybreak.stack.postgres import SYSTEM_USER, EmbeddedPostgres
from daybreak.warehouse.engine import WarehouseDiskFull
from daybreak.warehouse.preparation import prepare_warehouse
from daybreak.warehouse.publish import publish_load
from tests.faults.load_desk import ACCOUNT, DATASET, LAST_MART_DATE, Desk, in_words, many_views

pytestmark = pytest.mark.long

OLD = many_views(range(15), 400, base=1)
NEW = many_views(range(15), 410, base=7)


@pytest.fixture(scope="module")
def own_server() -> Iterator[EmbeddedPostgres]:
    with tempfile.TemporaryDirectory(prefix="daybreak-crash-", ignore_cleanup_errors=True) as directory:
        server = EmbeddedPostgres(Path(directory) / "postgres")
        server.start()
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("alter system set fsync = off")  # the server dies here, the machine does not
            connection.execute("select pg_reload_conf()")
        yield server
        server.stop("immediate")


@pytest.fixture
def desk(own_server: EmbeddedPostgres, tmp_path: Path) -> Iterator[Desk]:
    own_server.start()
    name = f"warehouse_{secrets.token_hex(4)}"
    own_server.ensure_database(name, "warehouse_login", secrets.token_urlsafe(16))
    prepare_warehouse(own_server.url(name))
    yield Desk(own_server.url(name), tmp_path)
    with psycopg.connect(own_server.url(), autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


def test_a_server_that_stops_hard_loses_staging_tables_and_nothing_else(
    own_server: EmbeddedPostgres, desk: Desk
) -> None:
    first, second, third = range(5), range(5, 10), range(10, 15)
    desk.load(many_views(first, 400, base=1))
    gated = desk.gated(many_views(first, 410, base=7))
    open_load = desk.gated(many_views(second, 400, base=2))
    staged = desk.stage(many_views(third, 400, base=3))
    with psycopg.connect(desk.dsn) as publisher:
        publish_load(publisher, ACCOUNT.account_id, open_load, last_mart_date=LAST_MART_DATE)
        own_server.stop("immediate")
        own_server.start()
        with pytest.raises(psycopg.OperationalError):
            publisher.commit()
    name = make_url(desk.dsn).database
    desk.dsn = own_server.url(name or "")
    assert desk.facts() == in_words(many_views(first, 400, base=1))
    emptied = [f"staging.{DATASET.key}_{load.load_id}" for load in (gated, open_load, staged)]
    assert [desk.query(f"select count(*) from {table}") for table in emptied] == [[(0,)]] * 3
    desk.heal()
    desk.assert_healed({**many_views(first, 410, base=7), **many_views(second, 400, base=2),
                        **many_views(third, 400, base=3)})  # fmt: skip


class SmallDisk:
    """A file system of its own; ``resize`` changes how much it holds while it is used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        done = self._mount("size=64m")
        if done.returncode:
            pytest.skip(f"this machine lets nobody mount: {done.stderr.strip()}")

    def fill(self, spare_kibibytes: int) -> None:
        used = shutil.disk_usage(self.folder).used >> 10
        done = self._mount(f"remount,size={used + spare_kibibytes}k")
        assert done.returncode == 0, done.stderr

    def extend(self) -> None:
        done = self._mount("remount,size=64m")
        assert done.returncode == 0, done.stderr

    def _mount(self, options: str) -> subprocess.CompletedProcess[str]:
        command = ["mount", "-t", "tmpfs", "-o", options, "daybreak-small", str(self.folder)]
        return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def small_disk(own_server: EmbeddedPostgres) -> Iterator[SmallDisk]:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("a file system of a given size can be mounted by root only")
    disk = SmallDisk(own_server.directory / f"small_{secrets.token_hex(4)}")  # where the server's user may go
    yield disk
    subprocess.run(["umount", str(disk.folder)], check=True)


@pytest.fixture
def small_warehouse(own_server: EmbeddedPostgres, small_disk: SmallDisk, desk: Desk) -> Iterator[SmallDisk]:
    """The disk on which the desk's warehouse makes every table from now on."""
    folder, space = small_disk.folder, f"small_{secrets.token_hex(4)}"
    shutil.chown(folder, SYSTEM_USER, SYSTEM_USER)
    database = make_url(desk.dsn).database
    with psycopg.connect(own_server.url(), autocommit=True) as connection:
        connection.execute(f"create tablespace {space} location '{folder}'")
        connection.execute(f"grant create on tablespace {space} to public")  # the roles of the work make tables, too
        connection.execute(f"alter database {database} set default_tablespace = {space}")
        yield small_disk
        connection.execute(f"drop database {database} with (force)")
        connection.execute(f"create database {database}")
        connection.execute(f"drop tablespace {space}")
        # A later recovery must not look for the directory of a tablespace that is gone.
        connection.execute("checkpoint")


@pytest.mark.parametrize("moment", ["staging", "publishing"])
def test_a_warehouse_disk_that_fills_up_shows_nothing_of_the_load_and_heals_when_there_is_space(
    desk: Desk, small_warehouse: SmallDisk, moment: str
) -> None:
    desk.load(OLD)
    load = desk.land(NEW) if moment == "staging" else desk.gated(NEW)
    small_warehouse.fill(spare_kibibytes=64)
    told = rf"brand_it load {load.load_id} \(traffic_daily\): the warehouse's disk is full .*Free space on the database"
    with pytest.raises(WarehouseDiskFull, match=told) as failure:
        desk.stage_landed() if moment == "staging" else desk.publish(load)
    assert isinstance(failure.value.__cause__, psycopg.errors.DiskFull)
    assert desk.facts() == in_words(OLD)
    assert desk.read(load.load_id).status_code == load.status_code
    small_warehouse.extend()
    desk.heal()
    desk.assert_healed(NEW)


def landed_files(desk: Desk) -> list[Path]:
    return [path for path in desk.settings.landing.rglob("*") if path.is_file()]


def test_a_landing_disk_that_fills_up_keeps_no_half_document_and_takes_the_file_when_there_is_space(
    desk: Desk, small_disk: SmallDisk
) -> None:
    desk.settings = Settings(home=desk.home, landing_dir=small_disk.folder, minimum_free_mebibytes=0)
    desk.load(OLD)
    before = landed_files(desk)
    small_disk.fill(spare_kibibytes=8)
    with pytest.raises(NoDiskToSpare, match=r"account brand_it, dataset traffic_daily .*nothing of it was kept"):
        desk.load(NEW)
    assert landed_files(desk) == before
    assert desk.statuses() == ["published"]
    assert desk.facts() == in_words(OLD)
    small_disk.extend()
    assert desk.load(NEW).is_published
    desk.assert_healed(NEW)


def test_landing_refuses_to_start_without_disk_to_spare_and_says_how_to_go_on(desk: Desk) -> None:
    desk.load(OLD)
    before = landed_files(desk)
    usual = desk.settings
    desk.settings = Settings(home=desk.home, minimum_free_mebibytes=1 << 40)
    with pytest.raises(NoDiskToSpare, match=r"account brand_it.*Free space.*DAYBREAK_MINIMUM_FREE_MEBIBYTES"):
        desk.load(NEW)
    assert landed_files(desk) == before
    assert desk.statuses() == ["published"]
    desk.settings = usual
    assert desk.load(NEW).is_published
    desk.assert_healed(NEW)
