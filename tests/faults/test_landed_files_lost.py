"""A landed file that is gone stops its own load, says so, and stops nothing else; what was asked for is remembered."""

import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from daybreak.landing.failures import LandedFileChanged
from daybreak.steps import file_loading
from daybreak.steps.arrivals import stage_or_reject
from daybreak.steps.gating import gate_staged
from daybreak.steps.publishing import publish_gated
from tests.faults.load_desk import ACCOUNT, DATASET, LAST_MART_DATE, Desk, document_bytes, many_views

LOST = many_views([0], 3, 10)
KEPT = many_views([1], 3, 20)


@pytest.fixture
def desk(warehouse: str, tmp_path: Path) -> Desk:
    return Desk(warehouse, tmp_path)


def lose(desk: Desk, load_id: int) -> None:
    """The staging table is emptied, as crash recovery does, and the landed file is deleted."""
    desk.query(f"with gone as (delete from staging.traffic_daily_{load_id} returning 1) select count(*) from gone")
    path = desk.read(load_id).document_path
    assert path is not None
    (desk.settings.landing / path).unlink()


def test_the_gate_rejects_the_load_whose_file_is_gone_and_judges_the_others(desk: Desk) -> None:
    lost, kept = desk.stage(LOST), desk.stage(KEPT)
    lose(desk, lost.load_id)
    (words,) = gate_staged(ACCOUNT, desk.dsn, desk.settings)
    assert f"brand_it traffic_daily load {lost.load_id}: " in words
    assert "the landed file is gone" in words
    assert "ask Amazon for the report again" in words
    assert (desk.read(lost.load_id).status_code, desk.read(kept.load_id).status_code) == ("rejected", "gated")
    assert desk.read(lost.load_id).reason in words


def test_publishing_rejects_the_load_whose_file_is_gone_and_publishes_the_others(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    lost, kept = desk.gated(LOST), desk.gated(KEPT)
    lose(desk, lost.load_id)
    done = publish_gated(ACCOUNT, LAST_MART_DATE, desk.settings, desk.dsn)
    assert [each.load.load_id for each in done] == [kept.load_id]
    assert desk.statuses() == ["rejected", "published"]
    assert {day for day, _ in desk.facts()} == {1}
    assert "the landed file is gone" in caplog.text
    with pytest.raises(Exception, match="is rejected: only a load that passed its gate"):
        desk.publish(desk.read(lost.load_id))


def test_a_person_who_publishes_a_load_whose_file_is_gone_is_told(desk: Desk) -> None:
    lost = desk.gated(LOST)
    lose(desk, lost.load_id)
    with pytest.raises(LandedFileChanged, match="the landed file is gone"):
        desk.publish(lost)
    assert desk.statuses() == ["rejected"]


def test_a_weekly_file_killed_between_landing_and_staging_is_staged_as_weekly(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = json.loads(gzip.decompress(document_bytes({0: {"B000000001": 7}}, date(2026, 3, 19))))
    content["reportSpecification"] |= {"reportOptions": {"reportPeriod": "WEEK"}, "dataEndTime": "2026-03-07"}
    for member in (DATASET.rows_member, DATASET.aggregate_member):
        content[member] = [row | {"endDate": "2026-03-07"} for row in content[member]]
    file = desk.home / "week.json"
    file.write_text(json.dumps(content))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(file_loading, "stage_or_reject", killed)
    with pytest.raises(KeyboardInterrupt):
        file_loading.load_file(
            file, ACCOUNT, DATASET, desk.settings, received_at=desk.received_at(), report_period="WEEK", dsn=desk.dsn
        )
    assert desk.statuses() == ["landed"]
    assert stage_or_reject(ACCOUNT, desk.read(1), desk.settings, desk.dsn) is None
    assert desk.read(1).staged_row_count == 1
