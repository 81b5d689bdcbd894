"""One run of maintenance does all that is due and the next finds nothing; what still waits keeps what it needs."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from daybreak.contracts import read_contracts
from daybreak.settings import Settings
from daybreak.steps.gating import gate_staged
from daybreak.steps.maintenance import RetentionTooShort, Upkeep, maintain, refuse_short_retention
from tests.faults.load_desk import ACCOUNT, FIRST_DAY, NOON, Desk, many_views

YEARS_LATER = datetime(2030, 6, 1, 3, tzinfo=UTC)


@pytest.fixture
def desk(warehouse: str, tmp_path: Path) -> Desk:
    made = Desk(warehouse, tmp_path)
    made.settings.accounts_path.parent.mkdir(parents=True, exist_ok=True)
    made.settings.accounts_path.write_text("accounts: []")
    return made


def keep(desk: Desk, instant: datetime) -> dict[str, Upkeep]:
    """What maintenance did, by subject, without what it had nothing to do for."""
    done = maintain(desk.settings, instant, desk.dsn)
    assert all(each.is_done for each in done)
    changed = [each for each in done if each.made or each.removed or each.note]
    return {each.subject: each for each in changed if each.subject != "statistics"}


def age_files(desk: Desk, instant: datetime) -> None:
    for path in desk.settings.landing.rglob("*"):
        os.utime(path, (instant.timestamp(), instant.timestamp()))


def landed(desk: Desk) -> set[str]:
    return {path.name for path in desk.settings.landing.rglob("*") if path.is_file()}


def test_the_first_run_makes_the_months_ahead_and_the_second_finds_nothing_to_do(desk: Desk) -> None:
    growing = {contract.table for contract in read_contracts() if contract.kept}
    done = keep(desk, NOON)
    assert done == {table: Upkeep(table, made=4) for table in growing}
    assert keep(desk, NOON) == {}
    # A month later one more is made, as far ahead as before.
    assert keep(desk, NOON + timedelta(days=31)) == {table: Upkeep(table, made=1) for table in growing}


def test_facts_of_a_dropped_month_are_expired_and_not_missing_and_can_be_published_again(desk: Desk) -> None:
    views = many_views([4, 44], 3, 10)
    desk.load(views)
    keep_april = datetime(2026, 4, 1, tzinfo=UTC) + timedelta(days=desk.settings.keep_daily_days)
    done = keep(desk, keep_april)
    assert done["core.traffic_daily"].removed == 1
    assert done["core.traffic_daily"].note == "dropped core.traffic_daily_202603; 1 published days expired"
    assert {day for day, _ in desk.facts()} == {44}
    assert desk.query("select business_date, status_code from ops.slice order by 1") == [
        (FIRST_DAY + timedelta(days=4), "expired"),
        (FIRST_DAY + timedelta(days=44), "published"),
    ]
    status = (
        "select data_status_code, reason, document_path is null from mart.data_status_at('2026-05-01') "
        "where dataset_code = 'traffic_daily' and business_date = '2026-03-05'"
    )
    assert desk.query(status) == [("not_observable", "older than the figures that are kept; they were removed", False)]
    assert keep(desk, keep_april) == {}
    desk.load(many_views([4], 3, 10))
    assert {day for day, _ in desk.facts()} == {4, 44}


def test_the_marks_of_dropped_days_of_a_mart_go_and_the_others_stay(desk: Desk) -> None:
    for day in ("2026-03-31", "2026-04-01"):
        desk.query(
            f"insert into ops.dirty_mart values ('brand_it', 'stock_coverage_daily', '{day}') returning account_id"
        )
    keep(desk, datetime(2026, 4, 1, tzinfo=UTC) + timedelta(days=desk.settings.keep_mart_days))
    assert desk.query("select business_date from ops.dirty_mart") == [(date(2026, 4, 1),)]


def test_a_landed_file_goes_when_it_was_kept_long_enough_and_the_ledger_says_when(desk: Desk) -> None:
    desk.load(many_views([0], 3, 10))
    (name,) = landed(desk)
    age_files(desk, NOON)
    kept_until = desk.received_at() + timedelta(days=desk.settings.keep_landing_days)
    assert "landing, expired documents" not in keep(desk, kept_until)
    assert landed(desk) == {name}
    assert keep(desk, kept_until + timedelta(seconds=1))["landing, expired documents"].removed == 1
    assert landed(desk) == set()
    assert desk.query("select expired_at is not null, path like '%' || $$" + name + "$$ from ops.document") == [
        (True, True)
    ]
    assert keep(desk, kept_until + timedelta(seconds=1)) == {}


@pytest.mark.parametrize("status", ["landed", "staged", "gated", "blocked", "released"])
def test_the_file_of_a_load_that_still_waits_is_never_removed(desk: Desk, status: str) -> None:
    desk.land(many_views([0], 3, 10))
    desk.query(f"update ops.load set status_code = '{status}' returning load_id")
    age_files(desk, NOON)
    before = landed(desk)
    keep(desk, YEARS_LATER)
    assert landed(desk) == before
    assert desk.query("select expired_at from ops.document") == [(None,)]


def test_bytes_that_were_loaded_twice_stay_until_both_documents_are_expired(desk: Desk) -> None:
    load = desk.land(many_views([0], 3, 10))
    desk.query(
        "insert into ops.document (account_id, dataset_code, source_code, path, sha256, size_bytes, received_at) "
        "select account_id, dataset_code, source_code, path, sha256, size_bytes, received_at + interval '9 days' "
        "from ops.document returning document_id"
    )
    desk.query(f"update ops.load set status_code = 'rejected' where load_id = {load.load_id} returning load_id")
    age_files(desk, NOON)
    kept_until = desk.received_at() + timedelta(days=desk.settings.keep_landing_days + 1)
    keep(desk, kept_until)
    assert desk.query("select expired_at is null from ops.document order by received_at") == [(False,), (True,)]
    assert len(landed(desk)) == 1
    keep(desk, kept_until + timedelta(days=9))
    assert landed(desk) == set()


def test_a_killed_download_is_swept_after_a_day_and_a_running_one_is_not(desk: Desk) -> None:
    folder = desk.settings.landing / "brand_it" / "traffic_daily" / "2026" / "03"
    folder.mkdir(parents=True)
    for name, age in ((".killed.partial", timedelta(hours=25)), (".running.partial", timedelta(hours=23))):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, ((NOON - age).timestamp(),) * 2)
    assert keep(desk, NOON)["landing, killed downloads"].removed == 1
    assert landed(desk) == {".running.partial"}


def test_a_file_that_no_document_names_is_reported_and_left(desk: Desk) -> None:
    desk.load(many_views([0], 3, 10))
    stray = desk.settings.landing / "brand_it" / "left_by_somebody.bin"
    stray.write_bytes(b"{}")
    age_files(desk, NOON)
    note = keep(desk, NOON + timedelta(days=2))["landing, files of no document"].note
    assert note is not None
    assert note.startswith("1 left as they are: brand_it/left_by_somebody.bin.")
    assert stray.exists()
    # One that was landed a moment ago may not be in the ledger yet.
    os.utime(stray, ((NOON + timedelta(days=2)).timestamp(),) * 2)
    assert "landing, files of no document" not in keep(desk, NOON + timedelta(days=2))


def test_judgements_of_loads_that_are_over_go_and_those_that_a_person_needs_stay(desk: Desk) -> None:
    published = desk.load(many_views([0], 3, 10)).load_id
    blocked = desk.stage(many_views([1], 3, 10)).load_id
    assert gate_staged(ACCOUNT, desk.dsn, desk.settings) == []
    desk.query(f"update ops.load set status_code = 'blocked' where load_id = {blocked} returning load_id")
    for load_id in (published, blocked):
        desk.query(
            f"insert into ops.quarantine values ('brand_it', {load_id}, 1, null, null, null, 'why', 'x') returning 1"
        )
    subjects = "select distinct subject_id from ops.gate_result order by 1"
    loads = "select load_id from ops.quarantine order by 1"
    keep(desk, datetime.now(UTC) + timedelta(days=desk.settings.keep_judgement_days - 1))
    assert desk.query(subjects) == desk.query(loads) == [(published,), (blocked,)]
    done = keep(desk, datetime.now(UTC) + timedelta(days=desk.settings.keep_judgement_days + 1))
    assert desk.query(subjects) == desk.query(loads) == [(blocked,)]
    assert done["ops.quarantine"].removed == 1
    # The day of the load that is published is the evidence of what is published.
    assert desk.query("select load_id from ops.load_slice order by 1") == [(published,), (blocked,)]


def test_the_days_of_a_load_that_was_replaced_go(desk: Desk) -> None:
    first = desk.load(many_views([0], 3, 10)).load_id
    second = desk.load(many_views([0], 3, 99)).load_id
    keep(desk, datetime.now(UTC) + timedelta(days=desk.settings.keep_judgement_days + 1))
    assert desk.query("select load_id from ops.load_slice") == [(second,)]
    assert first != second


def test_a_table_that_somebody_reads_is_told_and_the_rest_is_done(desk: Desk) -> None:
    with psycopg.connect(desk.dsn, autocommit=True) as owner:
        owner.execute("alter function ops.keep_months set lock_timeout to '100ms'")
    with psycopg.connect(desk.dsn) as reader:
        reader.execute("select count(*) from core.traffic_daily")
        done = {each.subject: each for each in maintain(desk.settings, NOON, desk.dsn)}
    assert not done["core.traffic_daily"].is_done
    assert "left for the next time" in (done["core.traffic_daily"].note or "")
    assert done["core.sales_daily"].made == 4
    assert keep(desk, NOON)["core.traffic_daily"].made == 4


def test_a_retention_that_cuts_into_what_a_mart_reads_is_refused_and_nothing_is_touched(desk: Desk) -> None:
    desk.settings = desk.settings.model_copy(update={"keep_daily_days": 407})
    with pytest.raises(RetentionTooShort, match=r"DAYBREAK_KEEP_DAILY_DAYS is 407, but mart.* keep at least 408"):
        keep(desk, NOON)
    assert desk.query("select 1 from ops.list_partitions('core.sales_daily')") == []
    refuse_short_retention(desk.settings.model_copy(update={"keep_daily_days": 408}), read_contracts())


@pytest.mark.parametrize(
    ("setting", "least"),
    [("keep_daily_days", 735), ("keep_mart_days", 400), ("keep_hourly_days", 7), ("partitions_ahead_months", 1)],
)
def test_a_retention_below_what_any_installation_needs_is_refused(setting: str, least: int) -> None:
    assert getattr(Settings(**{setting: least}), setting) == least  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=setting):
        Settings(**{setting: least - 1})  # type: ignore[arg-type]


def test_days_that_are_asked_for_are_kept() -> None:
    with pytest.raises(ValueError, match="asked for and removed in turns"):
        Settings(gap_days=800, keep_daily_days=799)


def test_the_defaults_keep_what_every_mart_reads_in_every_span_that_a_morning_may_rebuild() -> None:
    refuse_short_retention(Settings(), read_contracts())
    assert Settings().keep_hourly_days == 73


def test_a_step_that_fails_is_told_and_leaves_the_others_done(desk: Desk) -> None:
    desk.settings.accounts_path.write_text("accounts: [{}]")
    done = {each.subject: each for each in maintain(desk.settings, NOON, desk.dsn)}
    assert [subject for subject, each in done.items() if not each.is_done] == ["rebuilds"]
    assert "account_id" in str(done["rebuilds"].note)
    assert done["core.sales_daily"].made == 4


def test_reports_that_nobody_finished_while_amazon_kept_them_are_given_up_and_younger_ones_are_not(desk: Desk) -> None:
    with psycopg.connect(desk.dsn, autocommit=True) as connection:
        for age, status in ((91, "waiting"), (89, "waiting"), (91, "done"), (91, "asked")):
            connection.execute(
                "insert into ops.report_request (account_id, dataset_code, variant_code, window_start_date,"
                " window_end_date, generation, status_code, run_id, planned_at) select %(a)s, 'sales_daily', %(v)s,"
                " '2026-01-01', '2026-01-01', 1, %(s)s, 'old', %(p)s",
                {"a": ACCOUNT.account_id, "v": f"{age}{status}", "s": status, "p": NOON - timedelta(days=age)},
            )
    done = keep(desk, NOON)
    assert done["reports that nobody finished"].removed == 2
    states = desk.query("select variant_code, status_code, failure_kind_code from ops.report_request order by 1")
    assert states == [
        ("89waiting", "waiting", None),
        ("91asked", "failed", "give_up"),
        ("91done", "done", None),
        ("91waiting", "failed", "give_up"),
    ]
    assert "reports that nobody finished" not in keep(desk, NOON)


def test_statistics_are_taken_where_rows_have_changed(desk: Desk) -> None:
    desk.load(many_views([4], 3, 10))
    maintain(desk.settings, NOON, desk.dsn)
    taken = "select last_analyze is not null from pg_stat_user_tables where relname = %s"
    with psycopg.connect(desk.dsn) as connection:
        assert connection.execute(taken, ["traffic_daily_202603"]).fetchone() == (True,)
        assert connection.execute(taken, ["sales_hourly_202603"]).fetchone() in (None, (False,))
