"""The gate of a staged load on a real warehouse: what history lets expect of a day decides with what the rows say."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from daybreak.accounts import Account
from daybreak.datasets import DATASETS
from daybreak.settings import Settings
from daybreak.steps.file_loading import LoadedFile, load_file

SPAIN = Account(account_id="brand_es", name="Brand ES", marketplace_code="ES", vendor_connection_id="spapi_es")
FRANCE = Account(account_id="brand_fr", name="Brand FR", marketplace_code="FR", vendor_connection_id="spapi_fr")
ITALY = Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_it")
FIRST = date(2026, 3, 1)
NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)


class Deliveries:
    """Traffic documents as Amazon sends them, carried from the file to the table."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self.dsn = dsn
        self.folder = folder
        self.count = 0

    def deliver(
        self, rows_by_day: dict[int, int], account: Account = ITALY, received_at: datetime | None = None
    ) -> LoadedFile:
        """One document with this many rows for each day (from 0, 1 March) of one window; each comes after the last."""
        self.count += 1
        first, last = min(rows_by_day), max(rows_by_day)
        file = self.folder / f"delivery_{self.count}.json"
        file.write_text(json.dumps(self._document(rows_by_day, first, last, account)))
        received_at = received_at or NOON + timedelta(hours=self.count)
        settings = Settings(home=self.folder, minimum_free_mebibytes=0)
        return load_file(file, account, DATASETS["traffic_daily"], settings, received_at=received_at, dsn=self.dsn)

    def _document(self, rows_by_day: dict[int, int], first: int, last: int, account: Account) -> dict[str, object]:
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
                "marketplaceIds": [account.marketplace.marketplace_id],
            },
            "trafficAggregate": [{**dates(offset), "glanceViews": 7 * n} for offset, n in rows_by_day.items()],
            "trafficByAsin": [
                {**dates(offset), "asin": f"B0{number:08}", "glanceViews": 7}
                for offset, n in rows_by_day.items()
                for number in range(n)
            ],
        }

    def published_rows(self) -> dict[int, int]:
        """Italy's rows of core.traffic_daily by day."""
        query = "select business_date, count(*) from core.traffic_daily where account_id = 'brand_it' group by 1"
        with psycopg.connect(self.dsn) as connection:
            rows = connection.execute(query).fetchall()
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


def load_row(deliveries: Deliveries, load_id: int) -> tuple[str, str]:
    with psycopg.connect(deliveries.dsn) as connection:
        row = connection.execute("select status_code, reason from ops.load where load_id = %s", (load_id,)).fetchone()
    assert row is not None
    return row


def test_an_older_payload_that_comes_late_is_superseded_whatever_its_size(deliveries: Deliveries) -> None:
    late = deliveries.deliver({0: 3}, received_at=NOON - timedelta(days=1))
    status, reason = load_row(deliveries, late.load_id)
    assert status == "superseded"
    assert "newer figures are published for every day" in reason
    assert deliveries.failed_checks(late.load_id) == set()
    assert deliveries.published_rows() == dict.fromkeys(range(8), 40)
    with psycopg.connect(deliveries.dsn) as connection:
        assert connection.execute("select tablename from pg_tables where schemaname = 'staging'").fetchall() == []


def test_the_older_days_of_a_late_payload_are_not_measured_and_its_new_day_is_published(deliveries: Deliveries) -> None:
    late = deliveries.deliver({7: 3, 8: 40}, received_at=NOON - timedelta(days=1))
    assert late.is_published, late.sentence
    assert deliveries.published_rows() == dict.fromkeys(range(9), 40)


def test_an_empty_day_of_one_account_says_that_the_others_have_it(deliveries: Deliveries) -> None:
    assert deliveries.deliver(dict.fromkeys(range(9), 5), SPAIN).is_published
    alone = deliveries.deliver({8: 0})
    assert "while 1 other account has rows of the day" in alone.sentence
    assert "look at this account's catalogue" in alone.sentence
    assert "delivered_day_not_empty" in deliveries.failed_checks(alone.load_id)
    assert "day_not_empty_for_every_account" not in deliveries.failed_checks(alone.load_id)


def test_a_day_that_comes_empty_for_every_account_is_amazons_failure_and_no_day_without_sales(
    deliveries: Deliveries,
) -> None:
    assert deliveries.deliver(dict.fromkeys(range(8), 5), SPAIN).is_published
    first = deliveries.deliver({8: 0})
    assert "and no other account has brought the day" in first.sentence
    second = deliveries.deliver({8: 0}, SPAIN)
    assert not second.is_published
    assert "none either in 1 other account that brought the day" in second.sentence
    assert "Amazon's failure and no day without sales" in second.sentence
    assert "day_not_empty_for_every_account" in deliveries.failed_checks(second.load_id)
    assert "delivered_day_not_empty" not in deliveries.failed_checks(second.load_id)


def test_an_account_without_a_past_cannot_publish_a_day_that_is_empty_for_every_account(deliveries: Deliveries) -> None:
    assert not deliveries.deliver({8: 0}).is_published
    newcomer = deliveries.deliver({8: 0, 9: 4}, FRANCE)
    assert not newcomer.is_published
    assert deliveries.failed_checks(newcomer.load_id) == {"day_not_empty_for_every_account"}


def test_an_empty_restatement_of_every_account_is_seen_behind_the_rows_that_are_published(
    deliveries: Deliveries,
) -> None:
    assert deliveries.deliver(dict.fromkeys(range(8), 5), SPAIN).is_published
    assert not deliveries.deliver({7: 0}, SPAIN).is_published
    empty = deliveries.deliver({7: 0})
    assert "day_not_empty_for_every_account" in deliveries.failed_checks(empty.load_id)
