"""What is pulled from Amazon: one key per dataset, the same in ledger, table, folder, fixture and document.

Limits and lags: Amazon's vendor report schemas and connector maintainers' findings, see docs/architecture.md.
"""

from datetime import timedelta
from typing import Any

from daybreak.calendars import Generations, Months, Observations, RealTimeHours, UtcDays
from daybreak.sources import CampaignReport, ClientFile, Collection, Dataset, KioskQuery, PeriodReport, VendorReport

_DAY = {"reportPeriod": "DAY"}
_RETAIL_DAY = {**_DAY, "sellingProgram": "RETAIL"}

PERIOD_REPORTS: dict[str, PeriodReport] = {
    report.key: report
    for report in (
        PeriodReport(
            key="sales_daily",
            report_type="GET_VENDOR_SALES_REPORT",
            rows_member="salesByAsin",
            aggregate_member="salesAggregate",
            options=_RETAIL_DAY,
            has_distributor_view=True,
            shows_appearance=True,
        ),
        PeriodReport(
            key="inventory_daily",
            report_type="GET_VENDOR_INVENTORY_REPORT",
            rows_member="inventoryByAsin",
            aggregate_member="inventoryAggregate",
            options=_RETAIL_DAY,
            has_distributor_view=True,
            shows_appearance=True,
        ),
        PeriodReport(
            key="traffic_daily",
            report_type="GET_VENDOR_TRAFFIC_REPORT",
            rows_member="trafficByAsin",
            aggregate_member="trafficAggregate",
            options=_DAY,  # the other two options make this report FATAL
            shows_appearance=True,
        ),
        PeriodReport(
            key="margin_daily",
            report_type="GET_VENDOR_NET_PURE_PRODUCT_MARGIN_REPORT",
            rows_member="netPureProductMarginByAsin",
            aggregate_member="netPureProductMarginAggregate",
            options=_DAY,
        ),
    )
}


def _hours(key: str, report_type: str, longest_window_days: int, lookback_days: int, **more: Any) -> VendorReport:
    return VendorReport(
        key=key,
        report_type=report_type,
        rows_member="reportData",
        # An hour is asked for once it has been over for four: Amazon refuses the newest ones, and the whole report.
        calendar=RealTimeHours(timedelta(hours=4)),
        longest_window_days=longest_window_days,
        # Amazon counts back from the moment of asking, 30 days or 7, and refuses a report that begins too early.
        # In the first hours of a UTC day the newest due day is that before yesterday, and a run may start a day late.
        lookback_days=lookback_days,
        restated_dates=0,
        has_history=False,
        window_unit="hour",
        **more,
    )


_SWEPT: dict[str, Any] = {
    "role": "Pricing",
    "credential_code": "seller",  # no vendor's authorisation opens Amazon's pricing operations
    "calendar": Observations(),
    "longest_window_days": 1,
    "lookback_days": 1,
    "restated_dates": 0,
    "has_history": False,
    "is_pulled_at_dawn": False,
    "row_counts": "free",  # a sweep looks at what is due then
}
SWEEPS: dict[str, Collection] = {
    sweep.key: sweep
    for sweep in (
        Collection(key="offer_snapshot", **_SWEPT),
        Collection(key="offer", document_of="offer_snapshot", **_SWEPT),
    )
}

DATASETS: dict[str, Dataset] = {
    **PERIOD_REPORTS,
    **SWEEPS,
    **{
        dataset.key: dataset
        for dataset in (
            KioskQuery(key="featured_offer_loss_daily", lookback_days=729),
            VendorReport(
                key="forecast_weekly",
                report_type="GET_VENDOR_FORECASTING_REPORT",
                rows_member="forecastByAsin",
                options={"sellingProgram": "RETAIL"},
                calendar=Generations(timedelta(hours=72)),
                longest_window_days=1,
                lookback_days=7,
                restated_dates=0,
                has_history=False,
                window_unit="none",
            ),
            _hours("sales_hourly", "GET_VENDOR_REAL_TIME_SALES_REPORT", 14, 28, has_currency_option=True),
            _hours("traffic_hourly", "GET_VENDOR_REAL_TIME_TRAFFIC_REPORT", 14, 28),
            _hours("inventory_hourly", "GET_VENDOR_REAL_TIME_INVENTORY_REPORT", 1, 5),
            CampaignReport(
                key="promotion",
                supplied_variants=("PLANNED",),
                row_counts="kept",
                report_type="GET_PROMOTION_PERFORMANCE_REPORT",
                rows_member="promotions",
                calendar=Months(),
                longest_window_days=366,
                lookback_days=730,
                restated_dates=4,
                shortest_gap_days=93,  # four first days of months lie in it, whichever months they are
                has_history=False,
                window_unit="none",
                forms={
                    form.key: form
                    for form in (
                        VendorReport(
                            key="DEAL", report_type="GET_PROMOTION_PERFORMANCE_REPORT", rows_member="promotions"
                        ),
                        VendorReport(
                            key="COUPON", report_type="GET_COUPON_PERFORMANCE_REPORT", rows_member="campaigns"
                        ),
                    )
                },
                option_prefixes={"DEAL": "promotionStartDate", "COUPON": "campaignStartDate"},
            ),
            Collection(
                key="content_snapshot",
                role="Product Listing",
                describes_products=True,
                calendar=Observations(),
                longest_window_days=1,
                lookback_days=1,
                restated_dates=0,
                has_history=False,
            ),
            Collection(
                key="purchase_order_line",
                role="Inventory and Order Tracking",
                calendar=UtcDays(),
                longest_window_days=6,  # asked for with a day around them; Amazon takes seven
                lookback_days=730,
                restated_dates=90,  # so long an order may be answered, delivered and closed
                has_history=False,
                row_counts="kept",
            ),
            ClientFile(key="product", holds_until_replaced=True),
        )
    },
}

DAWN_DATASETS = frozenset(key for key, dataset in DATASETS.items() if dataset.is_pulled_at_dawn)
"""What a morning pulls; the others have a time of their own or are supplied."""


def datasets_of_document(key: str) -> tuple[str, ...]:
    """The datasets whose rows a document of dataset ``key`` holds, ``key`` itself first."""
    return (key, *(each.key for each in DATASETS.values() if each.document_of == key))
