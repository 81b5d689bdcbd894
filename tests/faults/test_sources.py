"""One morning with every dataset of the dawn against the simulator: what is published is what landed, row by row."""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from daybreak.datasets import DATASETS, DAWN_DATASETS
from daybreak.steps.verdict import read_refusals
from tests.morning import Morning, open_morning
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.long

Row = tuple[Any, ...]
FORECAST = "GET_VENDOR_FORECASTING_REPORT"
HOURLY_SALES = "GET_VENDOR_REAL_TIME_SALES_REPORT"
HOURLY_VIEWS = "GET_VENDOR_REAL_TIME_TRAFFIC_REPORT"
MARGIN = "GET_VENDOR_NET_PURE_PRODUCT_MARGIN_REPORT"
DEALS = "GET_PROMOTION_PERFORMANCE_REPORT"
KIOSK = "analytics_vendorAnalytics_2024_09_30"


@pytest.fixture(scope="module")
def dawn(
    simulator_process: SimulatorProcess, module_warehouse: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Morning]:
    """The morning after it has run once."""
    home = tmp_path_factory.mktemp("home")
    with open_morning(simulator_process, module_warehouse, home, dataset_codes=DAWN_DATASETS) as morning:
        assert morning.run().failures == []
        yield morning


def landed(morning: Morning, dataset: str) -> list[tuple[str, str]]:
    """Variant and text of each landed document, unpacked by the plain gzip module."""
    query = """
        select l.variant_code, d.path from ops.load as l inner join ops.document as d using (document_id)
        where l.dataset_code = %(dataset)s order by l.load_id
    """
    texts = []
    for variant, path in morning.rows(query, dataset=dataset):
        content = (morning.settings.landing / path).read_bytes()
        texts.append((variant, (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode()))
    return texts


def generations_had(morning: Morning, due: list[date]) -> list[date]:
    """The due generation, or the one after it: Amazon gives the newest only, which on a Monday or Tuesday may be out
    before it is due.
    """
    rows = [row for _, text in landed(morning, "forecast_weekly") for row in plain(text)["forecastByAsin"]]
    given = {date.fromisoformat(row["forecastGenerationDate"]) for row in rows}
    assert given <= {day + timedelta(weeks=weeks) for day in due for weeks in (0, 1)}
    return sorted(given)


def plain(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def report_rows(member: str, *names: str) -> Callable[[str, str], list[Row]]:
    return lambda _, text: [tuple(row[name] for name in names) for row in plain(text)[member]]


def hour_rows(*names: str) -> Callable[[str, str], list[Row]]:
    return lambda _, text: [
        (instant(row["startTime"]), row["asin"], *(row[name] for name in names)) for row in plain(text)["reportData"]
    ]


def analytics_rows(_: str, text: str) -> list[Row]:
    lines = [plain(line) for line in text.splitlines()]
    return [
        (line["startDate"], row["groupByKey"]["asin"], traffic["glanceViews"], traffic["lostFeaturedOffer"])
        for line in lines
        for row in line["metrics"]
        for traffic in [row["metrics"]["traffic"] or {"glanceViews": None, "lostFeaturedOffer": None}]
    ]


def campaign_rows(variant: str, text: str) -> list[Row]:
    if variant == "DEAL":
        return [
            (deal["promotionId"], product["asin"], variant, instant(deal["startDateTime"]),
             product["productUnitsSold"], product["productAmountSpent"])
            for deal in plain(text)["promotions"] for product in deal["includedProducts"]
        ]  # fmt: skip
    return [
        (coupon["couponId"], product["asin"], variant, instant(coupon["startDateTime"]),
         coupon["redemptions"] if len(coupon["asins"]) == 1 else None,
         coupon["budgetSpent"] if len(coupon["asins"]) == 1 else None)
        for campaign in plain(text)["campaigns"] for coupon in campaign["coupons"] for product in coupon["asins"]
    ]  # fmt: skip


WAYS: dict[str, tuple[str, Callable[[str, str], list[Row]]]] = {
    "margin_daily": (
        "business_date::text, asin, net_ppm_ratio",
        report_rows("netPureProductMarginByAsin", "startDate", "asin", "netPureProductMargin"),
    ),
    "featured_offer_loss_daily": (
        "business_date::text, asin, glance_views, lost_featured_offer_ratio", analytics_rows,
    ),
    "forecast_weekly": (
        "generation_date::text, week_start_date::text, asin, mean_units, p70_units, p80_units, p90_units",
        report_rows(
            "forecastByAsin", "forecastGenerationDate", "startDate", "asin", "meanForecastUnits", "p70ForecastUnits",
            "p80ForecastUnits", "p90ForecastUnits",
        ),
    ),
    "sales_hourly": ("hour_start_at, asin, ordered_units, ordered_revenue_amount",
                     hour_rows("orderedUnits", "orderedRevenue")),
    "traffic_hourly": ("hour_start_at, asin, glance_views", hour_rows("glanceViews")),
    "inventory_hourly": ("hour_start_at, asin, highly_available_units", hour_rows("highlyAvailableInventory")),
    "promotion": ("promotion_id, asin, source_code, start_at, units, spend_amount", campaign_rows),
}  # fmt: skip


@pytest.mark.parametrize("dataset", WAYS)
def test_published_rows_are_those_of_the_landed_documents_value_for_value(dawn: Morning, dataset: str) -> None:
    columns, read = WAYS[dataset]
    sent = [row for variant, text in landed(dawn, dataset) for row in read(variant, text)]
    stored = dawn.rows(f"select {columns} from core.{dataset}")
    assert len(sent) > (4 if dataset == "promotion" else 100)
    assert sorted(map(repr, (_comparable(row) for row in stored))) == sorted(map(repr, map(_comparable, sent)))


def _comparable(row: Row) -> Row:
    """Numbers by their value, whatever digits they are written with; instants in UTC."""
    return tuple(
        Decimal(value).normalize() if isinstance(value, int | Decimal)
        else value.astimezone(UTC) if isinstance(value, datetime) else value
        for value in row
    )  # fmt: skip


def test_every_due_date_of_every_dataset_is_published_or_told_to_hold_no_data(dawn: Morning) -> None:
    known = dawn.rows("select dataset_code, variant_code, business_date from ops.slice")
    owed = []
    for key in DAWN_DATASETS:
        calendar = DATASETS[key].calendar
        newest = calendar.newest_due(dawn.instant, "Europe/Rome")
        due = calendar.dates(DATASETS[key].oldest_due(newest, dawn.settings.gap_days), newest)
        if key == "forecast_weekly":
            due = generations_had(dawn, due)
        owed += [(key, variant, day) for variant in DATASETS[key].variants(dawn.account) for day in due]
    assert sorted(known) == sorted(owed)
    assert dawn.rows("select distinct status_code from ops.load") == [("published",)]
    assert dawn.rows("select count(*) from ops.quarantine") == [(0,)]


def test_the_same_morning_again_asks_for_nothing_and_asked_anew_changes_no_row(dawn: Morning) -> None:
    before = {key: dawn.rows(f"select *, xmin from core.{key} order by 1, 2, 3, 4") for key in sorted(DAWN_DATASETS)}
    assert dawn.plan() == 0
    assert dawn.run(refetch=True).failures == []
    for key, rows in before.items():
        assert dawn.rows(f"select *, xmin from core.{key} order by 1, 2, 3, 4") == rows, key


@pytest.fixture
def spoilt(
    simulator_process: SimulatorProcess, warehouse: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Morning]:
    """A morning that has not run: the datasets whose documents are spoilt, in a warehouse that knows nothing."""
    spoilt_datasets = {"forecast_weekly", "sales_hourly", "traffic_hourly", "margin_daily", "promotion"}
    codes = frozenset({*spoilt_datasets, "featured_offer_loss_daily"})
    home = tmp_path_factory.mktemp("home")
    with open_morning(simulator_process, warehouse, home, dataset_codes=codes) as morning:
        yield morning


def test_what_is_wrong_with_a_document_is_told_with_account_dataset_and_day_and_is_not_published(
    spoilt: Morning,
) -> None:
    spoilt.fault("document_low_p90", report_type=FORECAST)
    spoilt.fault("document_hour_twice", report_type=HOURLY_SALES)
    spoilt.fault("document_hour_off_grid", report_type=HOURLY_VIEWS)
    spoilt.fault("document_string_for_number", report_type=MARGIN)
    spoilt.fault("document_wrong_currency", report_type=DEALS)
    spoilt.fault("document_line_cut", report_type=KIOSK)
    spoilt.plan()
    progress = spoilt.extract()
    blocked, _ = spoilt.gate_and_publish()

    (cut,) = progress.failures
    assert re.search(r"^demo_it featured_offer_loss_daily load \d+: .* line 15 cannot be read", cut)
    week = str(spoilt.rows("select max(window_start_date) from ops.load where dataset_code = 'forecast_weekly'")[0][0])
    told = sorted(re.sub(r"^(demo_it) load \d+ \(", r"\1 ", words) for words in blocked)
    assert [words.split(" is blocked: ")[0] for words in told] == [
        f"demo_it forecast_weekly {week} to {week})",
        next(words for words in told if "promotion DEAL" in words).split(" is blocked: ")[0],
        next(words for words in told if "sales_hourly" in words).split(" is blocked: ")[0],
    ]
    assert "quantiles that do not rise: 1 row" in told[0]
    assert "rows are quarantined (100.00%)" in told[1]
    assert "hour_start_at, asin together stand more than once" in told[2]

    refused = spoilt.rows(
        "select dataset_code, q.business_date is not null, q.asin is not null, q.reason "
        "from ops.quarantine as q inner join ops.load using (load_id) where dataset_code <> 'promotion' order by 1"
    )
    assert [row[:3] for row in refused] == [("margin_daily", True, True), ("traffic_hourly", True, True)]
    assert "netPureProductMargin" in refused[0][3]
    assert "is no hour of the clock" in refused[1][3]
    currencies = spoilt.rows(
        "select distinct q.reason from ops.quarantine as q inner join ops.load using (load_id) "
        "where dataset_code = 'promotion'"
    )
    assert currencies == [("$.productAmountSpent: the account's currency is EUR, got 'USD'",)]

    for table in ("featured_offer_loss_daily", "forecast_weekly", "sales_hourly"):
        first_window = "true" if table != "sales_hourly" else (
            "hour_start_at >= (select window_start_date from ops.load where dataset_code = 'sales_hourly' "
            "and status_code = 'blocked') and hour_start_at < (select window_end_date + 1 from ops.load "
            "where dataset_code = 'sales_hourly' and status_code = 'blocked')"
        )  # fmt: skip
        assert spoilt.rows(f"select count(*) from core.{table} where {first_window}") == [(0,)], table
    with psycopg.connect(spoilt.dsn) as connection:
        refusals = "\n".join(read_refusals(connection, [spoilt.account], "test"))
    for name in ("featured_offer_loss_daily", "forecast_weekly", "sales_hourly", "promotion"):
        assert f"({name} " in refusals

    # What was refused is owed: the next plan asks for it again, and a query may come back without a document.
    spoilt.fault("query_without_document", report_type=KIOSK)
    spoilt.plan()
    assert spoilt.extract().failures == []
    spoilt.gate_and_publish()
    assert spoilt.rows(
        "select distinct status_code, row_count from ops.slice where dataset_code = 'featured_offer_loss_daily'"
    ) == [("no_data", 0)]
    assert spoilt.rows("select count(*) > 0 from core.forecast_weekly") == [(True,)]
