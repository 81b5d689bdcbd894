"""Extraction against the simulator with the real client: what the ledger holds and what a person reads."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from daybreak.business_dates import local_date, start_of_day
from daybreak.landing.files import read_document
from daybreak.steps import arrivals, desks
from daybreak.steps import extraction as extraction_step
from daybreak.warehouse import report_requests
from tests.morning import Morning

DATASETS = ("sales_daily", "inventory_daily", "traffic_daily")


def published_days(morning: Morning) -> dict[str, int]:
    rows = morning.rows("select dataset_code, count(*) from ops.slice where status_code = 'published' group by 1")
    return dict(rows)  # type: ignore[arg-type]


def test_a_morning_publishes_15_days_of_every_dataset_with_one_request_each(morning: Morning) -> None:
    progress = morning.run()
    assert progress.failures == []
    assert published_days(morning) == dict.fromkeys(DATASETS, 15)
    assert len(morning.reports()) == 3
    assert morning.rows("select distinct status_code from ops.load") == [("published",)]


AMAZON_NAMES = {
    "sales_daily": {
        "ordered_units": "orderedUnits",
        "ordered_revenue_amount": "orderedRevenue",
        "shipped_units": "shippedUnits",
        "shipped_revenue_amount": "shippedRevenue",
        "shipped_cogs_amount": "shippedCogs",
        "customer_return_units": "customerReturns",
    },
    "inventory_daily": {
        "sellable_on_hand_units": "sellableOnHandInventoryUnits",
        "sellable_on_hand_cost_amount": "sellableOnHandInventoryCost",
        "unsellable_on_hand_units": "unsellableOnHandInventoryUnits",
        "unsellable_on_hand_cost_amount": "unsellableOnHandInventoryCost",
        "aged_90_plus_units": "aged90PlusDaysSellableInventoryUnits",
        "aged_90_plus_cost_amount": "aged90PlusDaysSellableInventoryCost",
        "unhealthy_units": "unhealthyInventoryUnits",
        "unhealthy_cost_amount": "unhealthyInventoryCost",
        "open_purchase_order_units": "openPurchaseOrderUnits",
        "net_received_units": "netReceivedInventoryUnits",
        "net_received_cost_amount": "netReceivedInventoryCost",
        "unfilled_customer_ordered_units": "unfilledCustomerOrderedUnits",
        "vendor_confirmation_ratio": "vendorConfirmationRate",
        "receive_fill_ratio": "receiveFillRate",
        "sell_through_ratio": "sellThroughRate",
        "procurable_out_of_stock_ratio": "procurableProductOutOfStockRate",
        "average_vendor_lead_time_days": "averageVendorLeadTimeDays",
    },
    "traffic_daily": {"glance_views": "glanceViews"},
}


def landed_rows(morning: Morning, dataset: str) -> Iterator[dict[str, Any]]:
    """The rows of the dataset's landed documents, read by the plain json module."""
    query = "select path, sha256 from ops.document where dataset_code = %(dataset)s"
    for path, sha256 in morning.rows(query, dataset=dataset):
        content = read_document(morning.settings.landing, path, sha256, limit_bytes=1 << 30)
        document = json.loads(bytes(content))
        yield from next(value for name, value in document.items() if name.endswith("ByAsin"))


def plain(value: Any) -> Any:
    return value["amount"] if isinstance(value, dict) else value


@pytest.mark.parametrize("dataset", DATASETS)
def test_core_reconciles_row_by_row_and_value_for_value_with_the_landed_documents(
    morning: Morning, dataset: str
) -> None:
    morning.run()
    names = AMAZON_NAMES[dataset]
    landed = {
        (row["startDate"], row["asin"]): tuple(plain(row.get(name)) for name in names.values())
        for row in landed_rows(morning, dataset)
    }
    columns = ", ".join(f"{column}::float8" for column in names)
    stored = {
        (str(row[0]), row[1]): row[2:]
        for row in morning.rows(f"select business_date, asin, {columns} from core.{dataset}")
    }
    assert len(landed) > 100
    assert stored == landed


def test_running_the_same_morning_twice_changes_no_row(morning: Morning) -> None:
    morning.run()
    before = {d: morning.rows(f"select *, xmin from core.{d} order by 2, 3") for d in DATASETS}
    assert morning.plan() == 0
    morning.run(refetch=True)
    assert {d: morning.rows(f"select *, xmin from core.{d} order by 2, 3") for d in DATASETS} == before
    assert len(morning.reports()) == 6


class Killed(BaseException):
    """Stands for a kill -9: nothing in the code may catch it."""


def test_a_kill_between_asking_and_writing_down_the_report_never_asks_twice(
    morning: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    morning.plan()

    def die(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(report_requests, "mark_waiting", die)
    with pytest.raises(Killed):
        morning.extraction.advance()
    assert len(morning.reports()) == 1
    monkeypatch.undo()
    morning.extract()
    assert len(morning.reports()) == 3
    amazon_ids = {row[0] for row in morning.rows("select amazon_report_id from ops.report_request")}
    assert amazon_ids == {report["report_id"] for report in morning.reports()}


def test_a_retry_goes_on_with_the_reports_that_were_asked_for(
    morning: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    morning.plan()

    def die(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(desks, "fetch_document", die)
    with pytest.raises(Killed):
        morning.extract()
    monkeypatch.undo()
    morning.extract()
    assert len(morning.reports()) == 3


def test_a_kill_after_landing_stages_the_landed_file_without_asking_amazon_again(
    morning: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    morning.plan()

    def die(*_: object, **__: object) -> None:
        raise Killed

    monkeypatch.setattr(arrivals, "stage_load", die)
    with pytest.raises(Killed):
        morning.extract()
    monkeypatch.undo()
    calls = morning.simulator.control("GET", "/state")["calls"]["demo_it"]["downloadDocument"]["calls"]
    assert morning.extraction.arrivals.stage_landed() == []
    assert morning.rows("select status_code from ops.load") == [("staged",)]
    assert morning.simulator.control("GET", "/state")["calls"]["demo_it"]["downloadDocument"]["calls"] == calls


def test_one_unpublished_day_steps_the_window_back_and_the_rest_arrives(morning: Morning) -> None:
    midnight = start_of_day(local_date(morning.instant, "Europe/Rome"), "Europe/Rome")
    too_early = midnight - timedelta(minutes=1)
    morning.simulator.control("PUT", "/clock", {"now": too_early.isoformat(), "speed": 2000.0})
    progress = morning.run()
    assert progress.failures == []
    assert published_days(morning) == dict.fromkeys(DATASETS, 14)
    reasons = morning.rows("select reason from ops.report_request where status_code = 'failed'")
    assert len(reasons) == 3
    assert all("not yet available" in reason for (reason,) in reasons)


def test_a_cancelled_report_is_recorded_as_no_data_and_overwrites_nothing(morning: Morning) -> None:
    morning.fault("report_cancelled", report_type="GET_VENDOR_TRAFFIC_REPORT")
    morning.run()
    states = dict(morning.rows("select dataset_code, max(status_code) from ops.slice group by 1"))  # type: ignore[arg-type]
    assert states == {"sales_daily": "published", "inventory_daily": "published", "traffic_daily": "no_data"}
    morning.run(refetch=True)
    morning.fault("report_cancelled", report_type="GET_VENDOR_TRAFFIC_REPORT")
    morning.run(refetch=True)
    assert published_days(morning) == dict.fromkeys(DATASETS, 15)


def test_a_fatal_report_is_read_out_with_amazons_words_and_leaves_the_others_whole(morning: Morning) -> None:
    morning.fault("report_fatal", report_type="GET_VENDOR_SALES_REPORT", text="The moon is in the wrong house.")
    progress = morning.run()
    assert len(progress.failures) == 1
    last = morning.newest_due_date
    assert f"demo_it sales_daily MANUFACTURING {last - timedelta(days=14)} to {last}" in progress.failures[0]
    assert "The moon is in the wrong house." in progress.failures[0]
    assert published_days(morning) == {"inventory_daily": 15, "traffic_daily": 15}


PASSING = ("http_503_html", "http_500", "http_429", "http_429_empty_body", "expired_token", "connection_reset")


@pytest.mark.parametrize("kind", PASSING)
@pytest.mark.parametrize("operation", ["createReport", "getReport", "getReportDocument"])
def test_a_passing_fault_of_any_operation_heals_without_a_second_report_per_window(
    morning: Morning, kind: str, operation: str
) -> None:
    morning.fault(kind, operation=operation, times=2)
    progress = morning.run()
    assert progress.failures == []
    assert published_days(morning) == dict.fromkeys(DATASETS, 15)
    assert len({r["report_type"] for r in morning.reports()}) == 3


DAMAGED = {
    "document_html": "HTML",
    "document_xml": "XML",
    "document_truncated": "gzip",
    "document_json_cut": "JSON",
    "document_wrong_marketplace": "marketplace",
}


@pytest.mark.parametrize(("kind", "word"), DAMAGED.items())
def test_a_document_that_cannot_be_used_is_kept_and_named_and_publishes_nothing_of_it(
    morning: Morning, kind: str, word: str
) -> None:
    morning.fault(kind, report_type="GET_VENDOR_INVENTORY_REPORT", times=5)
    progress = morning.run()
    (failure,) = progress.failures
    path = morning.rows("select path from ops.document where dataset_code = 'inventory_daily'")[-1][0]
    assert word in failure
    assert path in failure
    assert (morning.settings.landing / path).exists()
    assert published_days(morning) == {"sales_daily": 15, "traffic_daily": 15}
    assert morning.rows("select * from core.inventory_daily") == []


@pytest.mark.parametrize("kind", ["document_missing_field", "document_string_for_number"])
def test_one_bad_row_costs_only_itself_and_is_kept_with_row_and_field(morning: Morning, kind: str) -> None:
    morning.fault(kind, report_type="GET_VENDOR_INVENTORY_REPORT")
    assert morning.run().failures == []
    ((field, reason, raw_row),) = morning.rows("select field_name, reason, raw_row from ops.quarantine")
    assert field
    assert field in reason
    assert "startDate" in raw_row
    (counts,) = morning.rows(
        "select row_count - staged_row_count, quarantined_row_count, verdict_code from ops.load "
        "where dataset_code = 'inventory_daily'"
    )
    assert counts == (1, 1, "flag")
    assert published_days(morning) == dict.fromkeys(DATASETS, 15)


def test_a_doubled_key_blocks_the_load_and_names_the_key(morning: Morning) -> None:
    morning.fault("document_duplicate_row", report_type="GET_VENDOR_INVENTORY_REPORT")
    morning.plan()
    assert morning.extract().failures == []
    blocked, _ = morning.gate_and_publish()
    assert len(blocked) == 1
    assert "daybreak gate release" in blocked[0]
    examples = morning.rows("select examples from ops.gate_result where not is_success and severity_code = 'critical'")
    assert any("asin" in str(example) for (example,) in examples)
    assert morning.rows("select * from core.inventory_daily") == []


def test_an_odd_asin_is_stored_letter_for_letter(morning: Morning) -> None:
    morning.fault("document_odd_asin", report_type="GET_VENDOR_TRAFFIC_REPORT")
    assert morning.run().failures == []
    landed = {row["asin"] for row in landed_rows(morning, "traffic_daily")}
    assert {row[0] for row in morning.rows("select distinct asin from core.traffic_daily")} == landed
    assert any(set(asin) & set("\"'\t\\%") for asin in landed)


def test_an_unknown_field_is_reported_and_costs_nothing(morning: Morning) -> None:
    morning.fault("document_unknown_field", report_type="GET_VENDOR_SALES_REPORT")
    assert morning.run().failures == []
    ((fields,),) = morning.rows("select unknown_fields from ops.load where dataset_code = 'sales_daily'")
    assert len(fields) >= 1
    assert published_days(morning) == dict.fromkeys(DATASETS, 15)


def test_a_report_that_amazon_lost_is_given_up_after_its_grace_and_asked_anew_by_the_next_plan(
    morning: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    morning.plan()
    morning.fault("report_not_found", report_type="GET_VENDOR_SALES_REPORT", times=1000)
    monkeypatch.setattr(extraction_step, "NOT_FOUND_GRACE", timedelta(0))
    (failure,) = morning.extract().failures
    assert "sales_daily" in failure
    morning.gate_and_publish()
    morning.simulator.control("DELETE", "/faults")
    assert morning.plan() == 1
    morning.extract()
    morning.gate_and_publish()
    assert published_days(morning) == dict.fromkeys(DATASETS, 15)
