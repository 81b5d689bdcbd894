"""Documents of every report type can be spoilt, and then differ from sound ones as the fault is named."""

import gzip
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from simulator.faults.armoury import Fault
from simulator.faults.spoilers import spoil
from simulator.world.documents import LAYOUTS, compress, write_document
from simulator.world.history import AccountWorld
from simulator.world.questions import CampaignQuestion, ForecastQuestion, HourQuestion, PeriodQuestion, Question

from .conftest import NOW

TODAY = NOW.date()
FIRST, LAST = date(2026, 11, 5), date(2026, 11, 8)
START, END = datetime(2026, 11, 21, 4, tzinfo=UTC), datetime(2026, 11, 22, 4, tzinfo=UTC)
AUTUMN = datetime(2026, 8, 1, tzinfo=UTC)
SALES, MARGIN = "GET_VENDOR_SALES_REPORT", "GET_VENDOR_NET_PURE_PRODUCT_MARGIN_REPORT"
FORECAST, HOURLY = "GET_VENDOR_FORECASTING_REPORT", "GET_VENDOR_REAL_TIME_SALES_REPORT"
PROMOTIONS, COUPONS = "GET_PROMOTION_PERFORMANCE_REPORT", "GET_COUPON_PERFORMANCE_REPORT"
PERIODS = (("reportPeriod", "DAY"), ("distributorView", "MANUFACTURING"), ("sellingProgram", "RETAIL"))


def question(report_type: str) -> Question:
    if report_type == FORECAST:
        return ForecastQuestion(report_type, (("sellingProgram", "RETAIL"),), TODAY, NOW)
    if "REAL_TIME" in report_type:
        return HourQuestion(report_type, (), TODAY, START, END)
    if "PERFORMANCE" in report_type:
        return CampaignQuestion(report_type, (), TODAY, AUTUMN, NOW, NOW)
    return PeriodQuestion(report_type, PERIODS, TODAY, FIRST, LAST)


def pair(world: AccountWorld, report_type: str, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The sound document and the spoilt one."""
    packed = compress(write_document(world, question(report_type)))
    spoilt = spoil(packed, Fault.model_validate({"kind": kind}), report_type)
    return json.loads(gzip.decompress(packed)), json.loads(gzip.decompress(spoilt))


def rows_pair(world: AccountWorld, report_type: str, kind: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    member = LAYOUTS[report_type].rows_member
    sound, spoilt = pair(world, report_type, kind)
    return sound[member], spoilt[member]


@pytest.mark.parametrize("report_type", sorted(LAYOUTS))
def test_every_report_type_can_lose_and_bend_its_rows(world: AccountWorld, report_type: str) -> None:
    figure = LAYOUTS[report_type].figure
    sound, missing = rows_pair(world, report_type, "document_missing_field")
    assert len(sound) > 1
    assert sum(figure not in row for row in missing) == 1
    assert [row[figure] for row in rows_pair(world, report_type, "document_string_for_number")[1]].count("n/a") == 1
    assert rows_pair(world, report_type, "document_duplicate_row")[1] == [*sound, sound[0]]
    assert rows_pair(world, report_type, "document_half_rows")[1] == sound[::2]
    assert all("newMetric" in row for row in rows_pair(world, report_type, "document_unknown_field")[1])
    assert len(rows_pair(world, report_type, "document_empty_day")[1]) < len(sound)
    assert '"asin":"B0\\"QUOTE\\"1"' in json.dumps(
        rows_pair(world, report_type, "document_odd_asin")[1][0], separators=(",", ":")
    )


@pytest.mark.parametrize("report_type", [SALES, HOURLY, PROMOTIONS, COUPONS])
def test_another_currency_stands_everywhere_and_the_amounts_stay(world: AccountWorld, report_type: str) -> None:
    sound, spoilt = pair(world, report_type, "document_wrong_currency")
    assert "EUR" in json.dumps(sound)
    assert json.loads(json.dumps(sound).replace('"EUR"', '"USD"')) == spoilt


@pytest.mark.parametrize("report_type", [SALES, MARGIN])
def test_aggregates_can_be_missing(world: AccountWorld, report_type: str) -> None:
    sound, spoilt = pair(world, report_type, "document_without_aggregates")
    gone = set(sound) - set(spoilt)
    assert len(gone) == 1
    assert gone.pop().endswith("Aggregate")
    assert {name: sound[name] for name in spoilt} == spoilt


def test_a_p90_can_fall_below_the_mean(world: AccountWorld) -> None:
    sound, spoilt = rows_pair(world, FORECAST, "document_low_p90")
    changed = [row for row, before in zip(spoilt, sound, strict=True) if row != before]
    assert len(changed) == 1
    assert changed[0]["p90ForecastUnits"] < changed[0]["meanForecastUnits"]


def test_an_hour_can_be_off_the_grid(world: AccountWorld) -> None:
    sound, spoilt = rows_pair(world, HOURLY, "document_hour_off_grid")
    changed = [row for row, before in zip(spoilt, sound, strict=True) if row != before]
    assert [row["startTime"][13:] for row in changed] == [":30:00Z"]


def test_an_hour_can_come_twice_with_other_figures(world: AccountWorld) -> None:
    sound, spoilt = rows_pair(world, HOURLY, "document_hour_twice")
    again = spoilt[len(sound) :]
    first = [row for row in sound if row["startTime"] == sound[0]["startTime"]]
    assert [(row["startTime"], row["asin"]) for row in again] == [(row["startTime"], row["asin"]) for row in first]
    assert all(row["orderedUnits"] == before["orderedUnits"] + 1 for row, before in zip(again, first, strict=True))


@pytest.mark.parametrize(
    ("report_type", "kind"),
    [
        (SALES, "document_low_p90"),
        (SALES, "document_hour_off_grid"),
        (SALES, "document_hour_twice"),
        (SALES, "document_line_cut"),
        (FORECAST, "document_without_aggregates"),
        (MARGIN, "document_wrong_currency"),
    ],
)
def test_a_document_without_what_a_fault_bends_stays_sound(world: AccountWorld, report_type: str, kind: str) -> None:
    sound, spoilt = pair(world, report_type, kind)
    assert spoilt == sound
