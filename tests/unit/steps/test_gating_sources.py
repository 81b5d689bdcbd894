"""The gate of datasets whose dates are no whole days: what may be compared with earlier dates is, and nothing else."""

import itertools
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from daybreak.accounts import Account
from daybreak.landing.files import store_document
from daybreak.settings import Settings
from daybreak.steps.arrivals import stage_or_reject
from daybreak.steps.gating import gate_staged
from daybreak.steps.publishing import publish_gated
from daybreak.warehouse import loads
from daybreak.warehouse.account_registry import register_account
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.report_requests import insert_request
from tests.unit.landing.source_documents import deal, deals, hour_row, hours, product

ITALY = Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_it")
FRIDAY = date(2026, 11, 20)


class Arriving:
    """Documents as Amazon sends them on request, carried to the table; what the gate says of each."""

    def __init__(self, dsn: str, home: Path) -> None:
        self.dsn, self.count = dsn, 0
        self.settings = Settings(home=home, minimum_free_mebibytes=0)
        with transaction(dsn) as connection:
            register_account(connection, ITALY)

    def bring(
        self, dataset: str, variant: str, window: tuple[date, date], content: Any, requested_at: datetime
    ) -> list[str]:
        self.count += 1
        stored = store_document(
            self.settings.landing, ITALY.account_id, dataset, f"report-{self.count}", [json.dumps(content).encode()],
            received_at=requested_at, minimum_free_bytes=0,
        )  # fmt: skip
        document = loads.LandedDocument(stored.path, stored.sha256, stored.size_bytes, requested_at, "spapi")
        with transaction(self.dsn) as connection:
            request = insert_request(connection, ITALY.account_id, dataset, variant, window, f"run {self.count}")
            load_id = loads.insert_load(
                connection, ITALY.account_id, dataset, variant, document, request_id=request, window=window,
                requested_at=requested_at,
            )  # fmt: skip
            load = loads.read_load(connection, load_id)
        assert load is not None
        assert stage_or_reject(ITALY, load, self.settings, self.dsn) is None
        blocked = gate_staged(ITALY, self.dsn, self.settings)
        publish_gated(ITALY, FRIDAY, self.settings, self.dsn)
        return blocked

    def failed_checks(self) -> set[str]:
        with psycopg.connect(self.dsn) as connection:
            rows = connection.execute(
                "select expectation_code from ops.gate_result where not is_success "
                "and subject_id = (select max(load_id) from ops.load)"
            ).fetchall()
        return {code for (code,) in rows}


@pytest.fixture
def arriving(warehouse: str, tmp_path: Path) -> Arriving:
    return Arriving(warehouse, tmp_path)


def bring_hours(arriving: Arriving, first: date, hour_count: int, requested_at: datetime) -> list[str]:
    """Sales of one product in each of the hours from the midnight that begins ``first``."""
    begins = datetime(first.year, first.month, first.day, tzinfo=UTC)
    instants = [begins + timedelta(hours=number) for number in range(hour_count + 1)]
    texts = [each.strftime("%Y-%m-%dT%H:%M:%SZ") for each in instants]
    rows = [hour_row(startTime=start, endTime=end) for start, end in itertools.pairwise(texts)]
    window = (first, (instants[-1] - timedelta(seconds=1)).date())
    content = hours(rows, dataStartTime=texts[0], dataEndTime=texts[-1])
    return arriving.bring("sales_hourly", "", window, content, requested_at)


def test_a_day_of_which_some_hours_are_over_is_not_short_and_the_same_hours_a_day_later_are(arriving: Arriving) -> None:
    midnight = datetime(2026, 11, 20, tzinfo=UTC)
    assert bring_hours(arriving, FRIDAY - timedelta(days=9), 9 * 24, midnight + timedelta(hours=5)) == []
    assert bring_hours(arriving, FRIDAY, 5, midnight + timedelta(hours=9, minutes=30)) == []
    (blocked,) = bring_hours(arriving, FRIDAY, 4, midnight + timedelta(hours=30))
    assert "brand_it" in blocked
    assert "sales_hourly 2026-11-20" in blocked
    assert "rows_of_day_near_usual" in arriving.failed_checks()


MONTHS = (date(2026, 9, 1), date(2026, 12, 1))
OPTIONS = {"promotionStartDateFrom": "2026-09-01T00:00:00Z", "promotionStartDateTo": "2026-12-31T23:59:59Z"}


def bring_deals(arriving: Arriving, months: list[int], hour: int) -> list[str]:
    rows = [
        deal([product()], promotionId=f"P{month}", startDateTime=f"2026-{month:02d}-05T00:00:00Z",
             endDateTime=f"2026-{month:02d}-09T00:00:00Z")
        for month in months
    ]  # fmt: skip
    requested_at = datetime(2026, 11, 20, hour, tzinfo=UTC)
    return arriving.bring("promotion", "DEAL", MONTHS, deals(rows, reportOptions=OPTIONS), requested_at)


def test_a_month_without_promotions_is_ordinary_and_no_day_between_months_is_missed(arriving: Arriving) -> None:
    assert bring_deals(arriving, [9, 10, 11], 5) == []
    assert arriving.failed_checks() == set()
    assert bring_deals(arriving, [9, 11], 6) == []  # one was taken back
    assert arriving.failed_checks() == set()


def test_promotions_that_are_all_refused_are_blocked_and_not_taken_for_none(arriving: Arriving) -> None:
    content = deals([deal([product(productAmountSpentCurrencyCode="USD")])], reportOptions=OPTIONS)
    (blocked,) = arriving.bring("promotion", "DEAL", MONTHS, content, datetime(2026, 11, 20, 5, tzinfo=UTC))
    assert "holds no rows and nobody confirmed that there is no data" in blocked


def test_an_account_that_promotes_nothing_is_told_so_and_not_blocked(arriving: Arriving) -> None:
    assert bring_deals(arriving, [], 5) == []
    assert arriving.failed_checks() == set()
    with psycopg.connect(arriving.dsn) as connection:
        slices = connection.execute("select business_date, row_count from ops.slice order by 1").fetchall()
    assert slices == [(date(2026, month, 1), 0) for month in (9, 10, 11, 12)]
