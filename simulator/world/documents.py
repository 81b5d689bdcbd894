"""Whole report documents: the JSON that a vendor downloads, as bytes.

The same world, question and day give the same bytes, in any process.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from simulator.periods import Period, split
from simulator.world.campaign_reports import campaign_rows, campaign_specification, has_campaigns
from simulator.world.forecasts import forecast_rows, forecast_specification, has_forecast
from simulator.world.history import AccountWorld
from simulator.world.hour_reports import has_hours, hour_rows, hour_specification
from simulator.world.publication import Program, View, publish_period
from simulator.world.questions import CampaignQuestion, ForecastQuestion, HourQuestion, PeriodQuestion, Question
from simulator.world.sections import SECTIONS, Row, Scope


@dataclass(frozen=True)
class Layout:
    """Where a report type has its rows, and a number that each of them must have."""

    rows_member: str
    figure: str


LAYOUTS: dict[str, Layout] = {
    "GET_VENDOR_SALES_REPORT": Layout("salesByAsin", "shippedUnits"),
    "GET_VENDOR_INVENTORY_REPORT": Layout("inventoryByAsin", "sellableOnHandInventoryUnits"),
    "GET_VENDOR_TRAFFIC_REPORT": Layout("trafficByAsin", "glanceViews"),
    "GET_VENDOR_NET_PURE_PRODUCT_MARGIN_REPORT": Layout("netPureProductMarginByAsin", "netPureProductMargin"),
    "GET_VENDOR_FORECASTING_REPORT": Layout("forecastByAsin", "meanForecastUnits"),
    "GET_VENDOR_REAL_TIME_SALES_REPORT": Layout("reportData", "orderedUnits"),
    "GET_VENDOR_REAL_TIME_TRAFFIC_REPORT": Layout("reportData", "glanceViews"),
    "GET_VENDOR_REAL_TIME_INVENTORY_REPORT": Layout("reportData", "highlyAvailableInventory"),
    "GET_PROMOTION_PERFORMANCE_REPORT": Layout("promotions", "unitsSold"),
    "GET_COUPON_PERFORMANCE_REPORT": Layout("campaigns", "totalRedemptions"),
}
"""The report types that there are documents of."""


def has_data(world: AccountWorld, question: Question) -> bool:
    """Whether there is anything to return: days of this world, and a selling programme that the vendor is in."""
    match question:
        case PeriodQuestion():
            return question.last >= world.start_date and question.option("sellingProgram", "RETAIL") != "FRESH"
        case ForecastQuestion():
            return has_forecast(world, question)
        case HourQuestion():
            return has_hours(world, question)
        case CampaignQuestion():
            return has_campaigns(world, question)
        case _:
            raise TypeError(f"no document answers a {type(question).__name__}")


def write_document(world: AccountWorld, question: Question) -> Iterator[bytes]:
    """The document's JSON in pieces, so that a large one is never whole in memory."""
    match question:
        case PeriodQuestion():
            return _write_periods(world, question)
        case ForecastQuestion():
            return _write(question, forecast_specification(world, question), forecast_rows(world, question))
        case HourQuestion():
            return _write(question, hour_specification(world, question), hour_rows(world, question))
        case CampaignQuestion():
            return _write(question, campaign_specification(world, question), campaign_rows(world, question))
        case _:
            raise TypeError(f"no document answers a {type(question).__name__}")


def compress(pieces: Iterable[bytes]) -> bytes:
    """``pieces`` as one gzip member without a timestamp."""
    packer = zlib.compressobj(4, zlib.DEFLATED, 31)
    packed = [packer.compress(piece) for piece in pieces]
    return b"".join([*packed, packer.flush()])


def _write_periods(world: AccountWorld, question: PeriodQuestion) -> Iterator[bytes]:
    sections = SECTIONS[question.report_type]
    period_code = cast("Period", question.option("reportPeriod", "DAY"))
    program = cast("Program", question.option("sellingProgram", "RETAIL"))
    view = cast("View", question.option("distributorView", "MANUFACTURING"))
    scope = Scope(world, view, program, is_daily=period_code == "DAY")
    spans = split(period_code, question.first, question.last)
    periods = [
        publish_period(world, first, last, question.today, program) for first, last in spans if last >= world.start_date
    ]
    aggregates = {sections.aggregate_member: [sections.aggregate(scope, period) for period in periods]}
    specification = _specification(world, question)
    return _write(question, specification, (sections.rows(scope, period) for period in periods), aggregates)


def _write(
    question: Question,
    specification: dict[str, Any],
    rows: Iterable[list[Row]],
    members: dict[str, Any] | None = None,
) -> Iterator[bytes]:
    yield msgspec.json.encode({"reportSpecification": specification} | (members or {}))[:-1]
    yield f',"{LAYOUTS[question.report_type].rows_member}":['.encode()
    is_first = True
    for chunk in rows:
        if chunk:
            yield (b"" if is_first else b",") + msgspec.json.encode(chunk)[1:-1]
            is_first = False
    yield b"]}"


def _specification(world: AccountWorld, question: PeriodQuestion) -> dict[str, Any]:
    return {
        "reportType": question.report_type,
        "reportOptions": dict(question.options),
        "lastUpdatedDate": question.today.isoformat(),
        "dataStartTime": question.first.isoformat(),
        "dataEndTime": question.last.isoformat(),
        "marketplaceIds": [world.account.marketplace_id],
    }
