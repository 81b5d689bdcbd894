"""Documents of the datasets that are no report of days: as Amazon writes them, with rows to be changed by hand."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from daybreak.datasets import DATASETS
from daybreak.landing.decoded import Decoded
from daybreak.landing.decoding import decode_document
from daybreak.landing.specifications import ExpectedReport
from daybreak.sources import VendorReport
from tests.unit.landing.report_documents import read_csv

MARKETPLACE_ID = "APJ6JRA9NG5V4"
SUNDAY = date(2026, 11, 15)
Json = dict[str, Any]


def forecast_row(asin: str = "B000000001", **changes: Any) -> Json:
    return {
        "forecastGenerationDate": "2026-11-15",
        "asin": asin,
        "startDate": "2026-11-22",
        "endDate": "2026-11-28",
        "meanForecastUnits": 12.34,
        "p70ForecastUnits": 14.0,
        "p80ForecastUnits": 15.5,
        "p90ForecastUnits": 19.01,
    } | changes


def hour_row(hour: str = "2026-11-20T05", **changes: Any) -> Json:
    begins = int(hour[-2:])
    return {
        "startTime": f"{hour}:00:00Z",
        "endTime": f"{hour[:-2]}{begins + 1:02d}:00:00Z",
        "asin": "B000000001",
        "orderedUnits": 3,
        "orderedRevenue": 59.97,
    } | changes


def specification(report_type: str, **members: Any) -> Json:
    return {"reportType": report_type, "marketplaceIds": [MARKETPLACE_ID]} | members


def forecast(rows: Iterable[Json], **changes: Any) -> Json:
    options = {"reportOptions": {"sellingProgram": "RETAIL"}}
    spec = specification("GET_VENDOR_FORECASTING_REPORT", **options) | changes
    return {"reportSpecification": spec, "forecastByAsin": list(rows)}


def hours(rows: Iterable[Json], **changes: Any) -> Json:
    """Real-time sales of 20 and 21 November, as far as 10 o'clock of the second day."""
    window = {"dataStartTime": "2026-11-20T00:00:00Z", "dataEndTime": "2026-11-21T10:00:00Z"}
    options = {"reportOptions": {"currencyCode": "EUR"}}
    spec = specification("GET_VENDOR_REAL_TIME_SALES_REPORT", **window, **options) | changes
    return {"reportSpecification": spec, "reportData": list(rows)}


def product(asin: str = "B000000001", **changes: Any) -> Json:
    return {
        "asin": asin,
        "productUnitsSold": 4,
        "productAmountSpent": 10.0,
        "productAmountSpentCurrencyCode": "EUR",
    } | changes


def deal(products: Sequence[Json], **changes: Any) -> Json:
    return {
        "promotionId": "P1",
        "type": "BEST_DEAL",
        "status": "APPROVED",
        "startDateTime": "2026-10-05T22:00:00Z",
        "endDateTime": "2026-10-12T21:59:59Z",
        "includedProducts": list(products),
    } | changes


def discount(asin: str = "B000000001", kind: str = "AMOUNT_OFF_LIST_PRICE", amount: float = 2.5) -> Json:
    return {"asin": asin, "discountType": kind, "discountAmount": amount}


def coupon(asins: Sequence[Json], **changes: Any) -> Json:
    return {
        "couponId": "C1",
        "startDateTime": "2026-11-01T00:00:00Z",
        "endDateTime": "2026-11-30T00:00:00Z",
        "redemptions": 8,
        "budgetSpent": 20.0,
        "asins": list(asins),
    } | changes


def deals(rows: Iterable[Json], **changes: Any) -> Json:
    options = {"promotionStartDateFrom": "2026-10-01T00:00:00Z", "promotionStartDateTo": "2026-11-30T23:59:59Z"}
    spec = specification("GET_PROMOTION_PERFORMANCE_REPORT", reportOptions=options) | changes
    return {"reportSpecification": spec, "promotions": list(rows)}


def campaigns(coupons: Iterable[Json], **changes: Any) -> Json:
    options = {"campaignStartDateFrom": "2026-10-01T00:00:00Z", "campaignStartDateTo": "2026-11-30T23:59:59Z"}
    campaign = {"campaignId": "K1", "currencyCode": "EUR", "coupons": list(coupons)} | changes
    return {
        "reportSpecification": specification("GET_COUPON_PERFORMANCE_REPORT", reportOptions=options),
        "campaigns": [campaign],
    }


def entry(asin: str = "B000000001", **traffic: Any) -> Json:
    figures = {"glanceViews": 40, "lostFeaturedOffer": 0.25} | traffic
    return {"groupByKey": {"asin": asin}, "metrics": {"traffic": figures}}


def day_line(day: str, entries: Iterable[Json], **changes: Any) -> Json:
    return {"startDate": day, "endDate": day, "marketplaceId": MARKETPLACE_ID, "metrics": list(entries)} | changes


def analytics(*lines: Json) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


WINDOWS = {
    "forecast_weekly": (SUNDAY, SUNDAY),
    "sales_hourly": (date(2026, 11, 20), date(2026, 11, 21)),
    "traffic_hourly": (date(2026, 11, 20), date(2026, 11, 21)),
    "inventory_hourly": (date(2026, 11, 20), date(2026, 11, 21)),
    "featured_offer_loss_daily": (date(2026, 11, 1), date(2026, 11, 3)),
    "promotion": (date(2026, 10, 1), date(2026, 11, 1)),
}


def decode(data: Json | bytes, dataset_key: str, variant: str = "", **changes: Any) -> Decoded:
    content = data if isinstance(data, bytes) else json.dumps(data).encode()
    first, last = WINDOWS[dataset_key]
    usual: Json = {
        "account_id": "acme",
        "marketplace_id": MARKETPLACE_ID,
        "currency_code": "EUR",
        "variant": variant,
        "window_start": first,
        "window_end": last,
    }
    return decode_document(content, DATASETS[dataset_key], ExpectedReport(**(usual | changes)), "acme/document.bin")


def staged(decoded: Decoded, only_days: Iterable[date] | None = None) -> list[dict[str, str | None]]:
    """The rows that COPY would stage, by column, as text."""
    text = b"".join(decoded.csv_chunks(None if only_days is None else set(only_days))).decode()
    return [dict(zip(decoded.columns, line, strict=True)) for line in read_csv(text)]


def report_type(dataset_key: str) -> str:
    dataset = DATASETS[dataset_key]
    assert isinstance(dataset, VendorReport)
    return dataset.report_type
