"""The client's own files on their whole way: landed as received, judged, published, and what was refused is said."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from daybreak.accounts import Account
from daybreak.datasets import DATASETS, PERIOD_REPORTS
from daybreak.settings import Settings
from daybreak.steps.file_loading import LoadedFile, load_file
from daybreak.steps.releasing import release_load

ITALY = Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_it")
MONDAY = datetime(2026, 3, 16, 9, tzinfo=UTC)
PREFILLED = date(1970, 1, 1)


class Desk:
    """Where a client's files arrive, each a day after the last."""

    def __init__(self, dsn: str, connection: psycopg.Connection, folder: Path) -> None:
        self.dsn = dsn
        self.connection = connection
        self.settings = Settings(home=folder, minimum_free_mebibytes=0)
        self.folder = folder
        self.count = 0

    def load(self, content: str | bytes, dataset: str = "product", at: datetime | None = None) -> LoadedFile:
        self.count += 1
        file = self.folder / f"{dataset}_{self.count}.csv"
        file.write_bytes(content.encode("cp1252") if isinstance(content, str) else content)
        received_at = at or MONDAY + timedelta(days=self.count - 1)
        return load_file(file, ITALY, DATASETS[dataset], self.settings, received_at=received_at, dsn=self.dsn)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, values).fetchall()  # type: ignore[arg-type]

    def products(self, columns: str) -> list[tuple[Any, ...]]:
        return self.rows(f"select {columns} from core.product order by asin, valid_from_date")

    def see(self, asin: str, day: str) -> None:
        """Amazon's traffic report shows the ASIN on ``day``."""
        file = self.folder / f"traffic_{asin}_{day}.json"
        told = {"startDate": day, "endDate": day, "glanceViews": 7}
        report = {
            "reportSpecification": {
                "reportType": "GET_VENDOR_TRAFFIC_REPORT",
                "reportOptions": {"reportPeriod": "DAY"},
                "lastUpdatedDate": "2026-03-15",
                "dataStartTime": day,
                "dataEndTime": day,
                "marketplaceIds": [ITALY.marketplace.marketplace_id],
            },
            "trafficAggregate": [told],
            "trafficByAsin": [told | {"asin": asin}],
        }
        file.write_text(json.dumps(report))
        outcome = load_file(
            file, ITALY, PERIOD_REPORTS["traffic_daily"], self.settings, received_at=MONDAY, dsn=self.dsn
        )
        assert outcome.is_published, outcome.sentence


@pytest.fixture
def desk(warehouse: str, connection: psycopg.Connection, tmp_path: Path) -> Iterator[Desk]:
    return Desk(warehouse, connection, tmp_path)


LIST = (
    "ASIN;Costo;Descrizione\r\nB000000001;1.234,50;Caffè\r\nB000000002;circa 5;Tè\r\n"
    "B000000003;7;Latte\r\nB000000004;8;Orzo\r\n"
)


def test_good_rows_are_published_and_the_others_are_said_with_line_column_and_reason(desk: Desk) -> None:
    outcome = desk.load(LIST)
    assert outcome.is_published
    assert "4 rows of 2026-03-16 to 2026-03-16: 3 new, 0 changed, 0 gone, 1 rows in quarantine" in outcome.sentence
    assert "row 2: line 3, column Costo (unit_cost_amount): not a number: 'circa 5'" in outcome.sentence
    assert [(str(cost), name) for cost, name in desk.products("unit_cost_amount, name")] == [
        ("1234.50", "Caffè"),
        ("7.0", "Latte"),
        ("8.0", "Orzo"),
    ]
    [(field, reason, asin)] = desk.rows("select field_name, reason, asin from ops.quarantine")
    assert (field, asin) == ("unit_cost_amount", "B000000002")
    assert reason.startswith("line 3")


EXCEL_IN_ITALY = (
    "ASIN;Costo;Descrizione\r\nB000000001;1.234,50;Caffè\r\nB000000002;circa 5;Tè\r\n"
    "B000000003;7,25;Latte\r\nB000000003;7,30;Latte\r\nB000000004;8,00;Orzo\r\n"
    "B000000005;9,10;Farro\r\nB000000006;0;Miglio\r\n"
).encode("utf-8-sig")


def test_a_list_as_excel_in_italy_writes_it_costs_only_its_text_in_the_cost_and_its_asin_that_stands_twice(
    desk: Desk,
) -> None:
    outcome = desk.load(EXCEL_IN_ITALY)
    assert outcome.is_published, outcome.sentence
    assert desk.products("asin, unit_cost_amount, name") == [
        ("B000000001", Decimal("1234.5"), "Caffè"),
        ("B000000004", Decimal(8), "Orzo"),
        ("B000000005", Decimal("9.1"), "Farro"),
        ("B000000006", Decimal(0), "Miglio"),
    ]
    assert "not a number: 'circa 5'" in outcome.sentence
    told = desk.rows("select asin, reason from ops.quarantine order by row_number")
    assert [asin for asin, _ in told] == ["B000000002", "B000000003", "B000000003"]
    flags = desk.rows("select reason from ops.gate_result where not is_success")
    assert any("a cost of 0" in reason for (reason,) in flags)


def test_the_file_is_landed_as_it_was_received(desk: Desk) -> None:
    desk.load(LIST)
    [(path,)] = desk.rows("select path from ops.document")
    assert (desk.settings.landing / path).read_bytes() == LIST.encode("cp1252")


def test_the_same_file_again_changes_no_row(desk: Desk) -> None:
    desk.load(LIST, at=MONDAY)
    before = desk.products("*, xmin")
    outcome = desk.load(LIST, at=MONDAY + timedelta(hours=1))
    assert "0 new, 0 changed, 0 gone" in outcome.sentence
    assert desk.products("*, xmin") == before


def test_a_new_file_is_a_new_version_and_the_old_ones_stay(desk: Desk) -> None:
    desk.load("asin;cost;valid from\nB000000001;5;2025-01-01\n")
    desk.load("asin;cost\nB000000001;6\nB000000002;1\n")
    desk.load("asin;cost\nB000000001;7\n")
    assert [(a, day, int(cost)) for a, day, cost in desk.products("asin, valid_from_date, unit_cost_amount")] == [
        ("B000000001", date(2025, 1, 1), 5),
        ("B000000001", date(2026, 3, 17), 6),
        ("B000000001", date(2026, 3, 18), 7),
        ("B000000002", date(2026, 3, 17), 1),
    ]


def test_a_second_file_of_a_day_corrects_what_it_names_and_leaves_the_rest(desk: Desk) -> None:
    desk.load("asin;cost\nB000000001;5\nB000000002;6\n", at=MONDAY)
    outcome = desk.load("asin;cost\nB000000002;60\n", at=MONDAY + timedelta(hours=2))
    assert "0 new, 1 changed, 0 gone" in outcome.sentence
    assert [(a, int(cost)) for a, cost in desk.products("asin, unit_cost_amount")] == [
        ("B000000001", 5),
        ("B000000002", 60),
    ]


def test_prefilled_rows_stay_and_a_described_product_keeps_its_first_appearance(desk: Desk) -> None:
    desk.see("B000000001", "2026-02-01")
    desk.see("B000000002", "2026-02-02")
    desk.load("asin;cost\nB000000001;5\n")
    assert desk.products("asin, valid_from_date, first_seen_date, load_id is null") == [
        ("B000000001", PREFILLED, date(2026, 2, 1), True),
        ("B000000001", date(2026, 3, 16), date(2026, 2, 1), False),
        ("B000000002", PREFILLED, date(2026, 2, 2), True),
    ]
    desk.see("B000000001", "2026-01-15")
    assert {row[0] for row in desk.rows("select first_seen_date from core.product where asin = 'B000000001'")} == {
        date(2026, 1, 15)
    }


def test_a_version_from_ever_on_takes_the_place_of_the_prefilled_row(desk: Desk) -> None:
    desk.see("B000000001", "2026-02-01")
    outcome = desk.load("asin;stato;valid from\nB000000001;stagionale;1970-01-01\n")
    assert "0 new, 1 changed" in outcome.sentence
    assert desk.products("valid_from_date, lifecycle_code, first_seen_date") == [
        (PREFILLED, "seasonal", date(2026, 2, 1))
    ]


def test_a_product_that_the_client_described_first_is_not_prefilled(desk: Desk) -> None:
    desk.load("asin;cost\nB000000001;5\n")
    desk.see("B000000001", "2026-02-01")
    assert desk.products("valid_from_date, first_seen_date") == [(date(2026, 3, 16), date(2026, 2, 1))]


def test_a_list_of_which_most_is_wrong_is_blocked_and_released_it_still_counts_from_its_own_day(desk: Desk) -> None:
    outcome = desk.load("asin;cost\nB000000001;5\nB000000002;a\nB000000003;b\n")
    assert not outcome.is_published
    assert "2 of 3 rows are quarantined (66.67%), at most 50%" in outcome.sentence
    assert desk.products("asin") == []
    desk.connection.execute(f"drop table staging.product_{outcome.load_id}")
    release_load(outcome.load_id, "a colleague", "the client knows", lambda _: ITALY, desk.settings, desk.dsn)
    assert desk.products("asin, valid_from_date") == [("B000000001", date(2026, 3, 16))]


def test_what_is_no_list_is_rejected_and_kept(desk: Desk) -> None:
    outcome = desk.load(b"PK\x03\x04 workbook")
    assert not outcome.is_published
    assert "an Excel workbook, not a CSV file" in outcome.sentence
    assert desk.rows("select status_code from ops.load") == [("rejected",)]


def test_a_cost_from_long_ago_makes_the_marts_of_a_year_be_built_anew(desk: Desk) -> None:
    desk.load("asin;cost;valid from\nB000000001;5;2020-01-01\nB000000002;5;2026-03-10\n")
    marked = desk.rows(
        "select min(business_date), max(business_date), count(*) from ops.dirty_mart "
        "where mart_code = 'stock_coverage_daily' and business_date >= '2025-03-15'"
    )
    assert marked == [(date(2025, 3, 15), date(2026, 3, 15), 366)]


PLAN = "promo;asin;start;end;funding\n"


def planned(desk: Desk) -> list[tuple[Any, ...]]:
    return desk.rows("select promotion_id, asin, source_code from core.promotion order by 1, 2")


def test_a_newer_plan_replaces_the_older_one_in_the_months_that_it_speaks_of(desk: Desk) -> None:
    row = "{};B000000001;2026-{}-10;2026-{}-12;1\n"
    desk.load(
        PLAN + "".join(row.format(name, m, m) for name, m in (("A", "04"), ("B", "05"), ("C", "06"))), "promotion"
    )
    desk.load(PLAN + row.format("A", "04", "04") + row.format("D", "05", "05"), "promotion")
    assert [name for name, *_ in planned(desk)] == ["A", "C", "D"]


def test_a_plan_never_replaces_what_amazon_tells(desk: Desk) -> None:
    desk.connection.execute(
        "insert into core.promotion (account_id, promotion_id, asin, source_code, kind_code, start_at, end_at, units, "
        "spend_amount, currency_code, load_id, known_from) values ('brand_it', 'A', 'B000000001', 'DEAL', 'best_deal', "
        "'2026-04-10', '2026-04-12', 40, 80, 'EUR', 1, now())"
    )
    desk.load(PLAN + "A;B000000001;2026-04-10;2026-04-12;1\nB;B000000001;2026-04-20;2026-04-21;1\n", "promotion")
    assert planned(desk) == [("A", "B000000001", "DEAL"), ("B", "B000000001", "PLANNED")]
