"""The gate of a staged load on a real warehouse: what history lets expect of a day decides with what the rows say."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from daybreak.accounts import Account
from daybreak.datasets import PERIOD_REPORTS
from daybreak.settings import Settings
from daybreak.steps.file_loading import LoadedFile, load_file

ITALY = Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_it")
FIRST = date(2026, 3, 1)
NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)


class Deliveries:
    """Traffic documents as Amazon sends them, carried from the file to the table."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self.dsn = dsn
        self.folder = folder
        self.count = 0

    def deliver(self, rows_by_day: dict[int, int]) -> LoadedFile:
        """One document with this many rows for each day (from 0, 1 March) of one window."""
        self.count += 1
        first, last = min(rows_by_day), max(rows_by_day)
        file = self.folder / f"delivery_{self.count}.json"
        file.write_text(json.dumps(self._document(rows_by_day, first, last)))
        received_at = NOON + timedelta(hours=self.count)
        settings = Settings(home=self.folder, minimum_free_mebibytes=0)
        return load_file(file, ITALY, PERIOD_REPORTS["traffic_daily"], settings, received_at=received_at, dsn=self.dsn)

    def _document(self, rows_by_day: dict[int, int], first: int, last: int) -> dict[str, object]:
        def dates(offset: int) -> dict[str, str]:
            day = (FIRST + timedelta(days=offset)).isoformat()
            return {"startDate": day, "endDate": day}

        return {
            "reportSpecification": {
                "reportType": "GET_VENDOR_TRAFFIC_REPORT",
                "reportOptions": {"reportPeriod": "DAY"},
                "lastUpdatedDate": "2026-03-20",
                "dataStartTime": dates(first)["startDate"],
                "dataEndTime": dates(last)["startDate"],
                "marketplaceIds": [ITALY.marketplace.marketplace_id],
            },
            "trafficAggregate": [{**dates(offset), "glanceViews": 7 * n} for offset, n in rows_by_day.items()],
            "trafficByAsin": [
                {**dates(offset), "asin": f"B0{number:08}", "glanceViews": 7}
                for offset, n in rows_by_day.items()
                for number in range(n)
            ],
        }

    def published_rows(self) -> dict[int, int]:
        """Rows of core.traffic_daily by day."""
        with psycopg.connect(self.dsn) as connection:
            rows = connection.execute("select business_date, count(*) from core.traffic_daily group by 1").fetchall()
        return {(day - FIRST).days: count for day, count in rows}

    def failed_checks(self, load_id: int) -> set[str]:
        with psycopg.connect(self.dsn) as connection:
            rows = connection.execute(
                "select expectation_code from ops.gate_result where subject_id = %s and not is_success", (load_id,)
            ).fetchall()
        return {code for (code,) in rows}


@pytest.fixture
def deliveries(warehouse: str, tmp_path: Path) -> Deliveries:
    """A series with eight published days of 40 rows."""
    made = Deliveries(warehouse, tmp_path)
    assert made.deliver(dict.fromkeys(range(8), 40)).is_published
    return made


def test_a_new_day_with_half_its_asins_is_published_and_one_with_fewer_is_blocked(deliveries: Deliveries) -> None:
    assert deliveries.deliver({8: 20}).is_published
    outcome = deliveries.deliver({9: 19})
    assert not outcome.is_published
    assert "2026-03-10: 19 rows, usually 40 (median of 9 published days before it)" in outcome.sentence
    assert f"daybreak gate release {outcome.load_id} --reason" in outcome.sentence
    assert deliveries.failed_checks(outcome.load_id) == {"rows_of_day_near_usual"}
    assert deliveries.published_rows() == {**dict.fromkeys(range(8), 40), 8: 20}


def test_a_day_that_amazon_delivers_empty_blocks_the_load_it_came_with(deliveries: Deliveries) -> None:
    outcome = deliveries.deliver({8: 40, 9: 0})
    assert not outcome.is_published
    assert "2026-03-10: 0 rows, usually 40 (median of 8 published days before it)" in outcome.sentence
    assert deliveries.failed_checks(outcome.load_id) == {"rows_of_day_near_usual", "delivered_day_not_empty"}
    assert 8 not in deliveries.published_rows()


def test_a_restatement_that_would_remove_most_rows_goes_to_the_gate_and_not_to_the_table(
    deliveries: Deliveries,
) -> None:
    outcome = deliveries.deliver({0: 23})
    assert not outcome.is_published
    assert "2026-03-01: 23 rows, no published day before it, 40 published" in outcome.sentence
    assert deliveries.failed_checks(outcome.load_id) == {"published_rows_kept"}
    assert deliveries.published_rows() == dict.fromkeys(range(8), 40)
    assert deliveries.deliver({0: 24}).is_published
    assert deliveries.published_rows()[0] == 24


def test_days_that_did_not_change_are_not_judged_again(deliveries: Deliveries) -> None:
    again = deliveries.deliver(dict.fromkeys(range(8), 40))
    assert again.is_published
    with psycopg.connect(deliveries.dsn) as connection:
        codes = connection.execute(
            "select expectation_code from ops.gate_result where subject_id = %s", (again.load_id,)
        ).fetchall()
    assert ("bytes_equal_published",) in codes
    assert ("rows_of_day_near_usual",) not in codes
