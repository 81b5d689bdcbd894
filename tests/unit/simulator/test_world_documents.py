"""Documents depend on the seed, the question and the world's date, and on nothing else."""

import gzip
import hashlib
import json
import re
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.world.documents import LAYOUTS, compress, has_data, write_document
from simulator.world.history import AccountWorld
from simulator.world.questions import PeriodQuestion
from simulator.world.restatement import SETTLED_AGE_DAYS, published, strength
from simulator.world.sections import SECTIONS

from .conftest import MakeAccount

DAILY = (("reportPeriod", "DAY"), ("distributorView", "MANUFACTURING"), ("sellingProgram", "RETAIL"))
FIRST, LAST, TODAY = date(2026, 11, 5), date(2026, 11, 19), date(2026, 11, 23)
CHECKOUT = Path(__file__).resolve().parents[3]


def question(report_type: str, today: date = TODAY, **changes: str) -> PeriodQuestion:
    options = dict(DAILY) | changes
    if report_type in {"GET_VENDOR_TRAFFIC_REPORT", "GET_VENDOR_NET_PURE_PRODUCT_MARGIN_REPORT"}:
        options = {"reportPeriod": options["reportPeriod"]}
    return PeriodQuestion(report_type, tuple(options.items()), today, FIRST, LAST)


def read(world: AccountWorld, asked: PeriodQuestion) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(gzip.decompress(compress(write_document(world, asked))))
    return document


def rows_of(world: AccountWorld, asked: PeriodQuestion) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read(world, asked)[LAYOUTS[asked.report_type].rows_member]
    return rows


PRINT_DIGESTS = """
import hashlib, sys
from datetime import date
from simulator.config import AccountConfig
from simulator.world.documents import compress, write_document
from simulator.world.history import AccountWorld
from simulator.world.questions import PeriodQuestion
account = AccountConfig(account_id="demo_it", marketplace_id="APJ6JRA9NG5V4", currency_code="EUR",
    time_zone="Europe/Rome", asins=40, client_id="c", client_secret="s", refresh_token="r")
world = AccountWorld(account, int(sys.argv[1]), date(2026, 6, 1))
for report_type, names in (("GET_VENDOR_SALES_REPORT", 3), ("GET_VENDOR_INVENTORY_REPORT", 3),
        ("GET_VENDOR_TRAFFIC_REPORT", 1)):
    options = (("reportPeriod", "DAY"), ("distributorView", "SOURCING"), ("sellingProgram", "RETAIL"))[:names]
    asked = PeriodQuestion(report_type, options, date(2026, 7, 19), date(2026, 7, 1), date(2026, 7, 15))
    print(hashlib.sha256(compress(write_document(world, asked))).hexdigest())
"""


def digests(seed: int, hash_seed: str) -> str:
    finished = subprocess.run(
        [sys.executable, "-c", PRINT_DIGESTS, str(seed)],
        env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return finished.stdout


def test_the_same_seed_gives_the_same_bytes_in_any_process() -> None:
    first = digests(7, "1")
    assert len(set(first.split())) == 3
    assert digests(7, "2") == first
    assert digests(8, "1") != first


@pytest.mark.parametrize("report_type", sorted(SECTIONS))
def test_asking_again_gives_the_same_bytes(world: AccountWorld, report_type: str) -> None:
    digest = [hashlib.sha256(compress(write_document(world, question(report_type)))).hexdigest() for _ in range(2)]
    assert digest[0] == digest[1]


def test_accounts_of_one_seed_share_no_product(make_account: MakeAccount, world: AccountWorld) -> None:
    other = AccountWorld(make_account("demo_de"), 7, world.start_date)
    shifted = AccountWorld(make_account(seed_offset=1), 7, world.start_date)
    assert not set(other.catalogue.asins) & set(world.catalogue.asins)
    assert not set(shifted.catalogue.asins) & set(world.catalogue.asins)


def test_asins_look_like_amazons_and_are_distinct(world: AccountWorld) -> None:
    assert len(set(world.catalogue.asins)) == world.account.asins
    assert all(re.fullmatch(r"B0[A-Z0-9]{8}", asin) for asin in world.catalogue.asins)


def test_the_document_says_what_was_asked(world: AccountWorld) -> None:
    asked = question("GET_VENDOR_SALES_REPORT")
    assert read(world, asked)["reportSpecification"] == {
        "reportType": "GET_VENDOR_SALES_REPORT",
        "reportOptions": dict(DAILY),
        "lastUpdatedDate": "2026-11-23",
        "dataStartTime": "2026-11-05",
        "dataEndTime": "2026-11-19",
        "marketplaceIds": ["APJ6JRA9NG5V4"],
    }


def test_sales_name_only_products_that_moved_and_inventory_names_more(world: AccountWorld) -> None:
    sales = rows_of(world, question("GET_VENDOR_SALES_REPORT"))
    inventory = rows_of(world, question("GET_VENDOR_INVENTORY_REPORT"))
    assert all(row["orderedUnits"] + row["shippedUnits"] + row["customerReturns"] > 0 for row in sales)
    assert len({row["asin"] for row in inventory}) > len({row["asin"] for row in sales})
    assert len(inventory) > 1.5 * len(sales)


def test_rows_of_a_key_stand_once(world: AccountWorld) -> None:
    for report_type in SECTIONS:
        keys = [(row["startDate"], row["asin"]) for row in rows_of(world, question(report_type))]
        assert len(keys) == len(set(keys)), report_type


def test_sourcing_tells_no_orders(world: AccountWorld) -> None:
    document = read(world, question("GET_VENDOR_SALES_REPORT", distributorView="SOURCING"))
    assert "orderedUnits" not in document["salesByAsin"][0]
    assert "orderedRevenue" not in document["salesAggregate"][0]


def test_views_overlap_without_being_equal(world: AccountWorld) -> None:
    made = {row["asin"] for row in rows_of(world, question("GET_VENDOR_INVENTORY_REPORT"))}
    bought = {
        row["asin"] for row in rows_of(world, question("GET_VENDOR_INVENTORY_REPORT", distributorView="SOURCING"))
    }
    assert made & bought
    assert made - bought
    assert bought - made


def test_retail_contains_business(world: AccountWorld) -> None:
    retail = {
        (row["startDate"], row["asin"]): row["shippedUnits"]
        for row in rows_of(world, question("GET_VENDOR_SALES_REPORT"))
    }
    business = rows_of(world, question("GET_VENDOR_SALES_REPORT", sellingProgram="BUSINESS"))
    assert business
    assert all(row["shippedUnits"] <= retail[row["startDate"], row["asin"]] for row in business)


def test_fresh_and_days_before_the_beginning_hold_no_data(world: AccountWorld) -> None:
    assert has_data(world, question("GET_VENDOR_SALES_REPORT"))
    assert not has_data(world, question("GET_VENDOR_SALES_REPORT", sellingProgram="FRESH"))
    early = PeriodQuestion("GET_VENDOR_SALES_REPORT", DAILY, TODAY, date(2024, 10, 1), date(2024, 10, 15))
    assert not has_data(world, early)


def test_inventory_rows_have_the_nulls_of_live_ones(world: AccountWorld) -> None:
    rows = rows_of(world, question("GET_VENDOR_INVENTORY_REPORT"))
    assert all(row["unhealthyInventoryUnits"] is None and row["unhealthyInventoryCost"] is None for row in rows)
    assert all(row["uft"] is None and "sourceableProductOutOfStockRate" in row for row in rows)
    assert any(row["netReceivedInventoryUnits"] is None for row in rows)
    assert any(row["sellableOnHandInventoryCost"] is None for row in rows)
    assert any(row["procurableProductOutOfStockRate"] is None for row in rows)
    optional = ("vendorConfirmationRate", "sellThroughRate", "unsellableOnHandInventoryUnits", "receiveFillRate")
    assert any(all(row[name] is None for name in optional) for row in rows)


def test_weeks_sum_their_days(world: AccountWorld) -> None:
    weekly = PeriodQuestion(
        "GET_VENDOR_TRAFFIC_REPORT", (("reportPeriod", "WEEK"),), TODAY, date(2026, 9, 6), date(2026, 9, 19)
    )
    daily = PeriodQuestion(
        "GET_VENDOR_TRAFFIC_REPORT", (("reportPeriod", "DAY"),), TODAY, date(2026, 9, 6), date(2026, 9, 12)
    )
    by_week = {row["asin"]: row["glanceViews"] for row in rows_of(world, weekly) if row["startDate"] == "2026-09-06"}
    by_day: dict[str, int] = {}
    for row in rows_of(world, daily):
        by_day[row["asin"]] = by_day.get(row["asin"], 0) + row["glanceViews"]
    assert by_week == by_day
    assert {row["endDate"] for row in rows_of(world, weekly)} == {"2026-09-12", "2026-09-19"}


def test_unhealthy_stock_is_told_for_weeks(world: AccountWorld) -> None:
    options = (("reportPeriod", "WEEK"), ("distributorView", "MANUFACTURING"), ("sellingProgram", "RETAIL"))
    asked = PeriodQuestion("GET_VENDOR_INVENTORY_REPORT", options, TODAY, date(2026, 11, 8), date(2026, 11, 14))
    assert any((row["unhealthyInventoryUnits"] or 0) > 0 for row in rows_of(world, asked))


def test_restatement_shrinks_with_age_and_ends(world: AccountWorld) -> None:
    true = world.span(date(2026, 10, 1), date(2026, 10, 1))
    for name in ("ordered", "shipped", "returned", "views", "on_hand"):
        distances = np.stack(
            [
                np.abs(published(true, world.key, true.first_index + age)[name] - true[name])[0]
                for age in range(4, SETTLED_AGE_DAYS + 3)
            ]
        )
        assert distances[0].sum() > 0, name
        assert (np.diff(distances, axis=0) <= 0).all(), name
        assert distances[SETTLED_AGE_DAYS - 4 :].sum() == 0, name


def test_a_settled_day_is_published_the_same_for_ever(world: AccountWorld) -> None:
    def body(today: date) -> dict[str, Any]:
        asked = PeriodQuestion("GET_VENDOR_SALES_REPORT", DAILY, today, date(2026, 10, 20), date(2026, 11, 1))
        return {name: value for name, value in read(world, asked).items() if name != "reportSpecification"}

    assert body(date(2026, 11, 5)) != body(date(2026, 11, 16))
    assert body(date(2026, 11, 16)) == body(date(2027, 3, 1))


def test_strength_falls_from_one_to_zero() -> None:
    assert [strength(age) for age in (0, 4, 15, 40)] == [1.0, 1.0, 0.0, 0.0]
    assert strength(14) > 0


def test_money_of_a_currency_without_cents_is_whole(make_account: MakeAccount) -> None:
    japan = AccountWorld(make_account("jp", currency_code="JPY", asins=30), 7, date(2026, 9, 1))
    rows = rows_of(japan, question("GET_VENDOR_SALES_REPORT"))
    assert {row["shippedCogs"]["currencyCode"] for row in rows} == {"JPY"}
    assert all(row["shippedRevenue"]["amount"] == int(row["shippedRevenue"]["amount"]) for row in rows)


def test_a_fifteen_day_document_of_200_products_is_made_fast(make_account: MakeAccount) -> None:
    large = AccountWorld(make_account(asins=200), 7, date(2024, 11, 1))
    large.span(FIRST, LAST)
    took = []
    for _ in range(3):
        began = time.perf_counter()
        compress(write_document(large, question("GET_VENDOR_INVENTORY_REPORT")))
        took.append(time.perf_counter() - began)
    assert min(took) < 0.2
