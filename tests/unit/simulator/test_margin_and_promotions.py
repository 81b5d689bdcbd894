"""What Amazon earns, and the promotions that move it: as the world's script has them."""

import gzip
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from simulator.world.documents import compress, has_data, write_document
from simulator.world.history import AccountWorld
from simulator.world.incidents import Incident
from simulator.world.kinds import Kind
from simulator.world.margin import allowance_ratio, profit_and_revenue
from simulator.world.promotions import script_promotions, vendor_funding
from simulator.world.publication import net_prices, publish_period
from simulator.world.purchase_orders import PurchaseOrders
from simulator.world.questions import CampaignQuestion, PeriodQuestion

from .conftest import NOW, START_DATE, MakeAccount

TODAY = date(2026, 11, 23)
ROME = ZoneInfo("Europe/Rome")
OPTIONS = {
    "GET_PROMOTION_PERFORMANCE_REPORT": ("promotionStartDateFrom", "promotionStartDateTo"),
    "GET_COUPON_PERFORMANCE_REPORT": ("campaignStartDateFrom", "campaignStartDateTo"),
}
PROMOTIONS, COUPONS = OPTIONS


@pytest.fixture(scope="module")
def busy(make_account: MakeAccount) -> AccountWorld:
    """A world with many promotions and margins lost."""
    rates = {Kind.PROMOTION: 200.0, Kind.AMAZON_MARGIN_NEGATIVE: 60.0}
    return AccountWorld(make_account(asins=300), 5, START_DATE, rates)


def campaigns(world: AccountWorld, report_type: str, since: datetime, until: datetime, now: datetime) -> dict[str, Any]:
    options = tuple((name, time.isoformat()) for name, time in zip(OPTIONS[report_type], (since, until), strict=True))
    question = CampaignQuestion(report_type, options, now.date(), since, until, now)
    document: dict[str, Any] = json.loads(gzip.decompress(compress(write_document(world, question))))
    return document


def summer(world: AccountWorld, report_type: str) -> list[dict[str, Any]]:
    window = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)
    document = campaigns(world, report_type, *window, NOW)
    found: list[dict[str, Any]] = document["promotions" if report_type == PROMOTIONS else "campaigns"]
    return found


def begun_in_summer(world: AccountWorld) -> list[Incident]:
    first, last = world.index_of(date(2026, 6, 2)), world.index_of(date(2026, 8, 31))
    return [product for product in script_promotions(world, first, last) if first <= product.first_day]


def funding_by_hand(world: AccountWorld, day: date) -> np.ndarray:
    """What the vendor owes for the promotions of a day, product after product."""
    span = world.span(day, day)
    owed = np.zeros(world.catalogue.size)
    for product in world.script.active(Kind.PROMOTION, span.first_index):
        units = int(span["shipped"][0, product.index])
        if product.detail["kind"] == "coupon":
            units = int(np.floor(units * 0.7 + 0.5))
        undiscounted = float(net_prices(world, span)[0, product.index]) / (1 - product.size)
        owed[product.index] = units * undiscounted * product.size * product.detail["funded_share"]
    return owed


def test_the_margin_is_revenue_less_cost_plus_what_the_vendor_pays_back(busy: AccountWorld) -> None:
    day = date(2026, 10, 14)
    question = PeriodQuestion("GET_VENDOR_NET_PURE_PRODUCT_MARGIN_REPORT", (("reportPeriod", "DAY"),), TODAY, day, day)
    document = json.loads(gzip.decompress(compress(write_document(busy, question))))
    span = busy.span(day, day)
    shipped = span["shipped"][0]
    revenue = shipped * net_prices(busy, span)[0]
    cost = shipped * span["cost"][0].astype(np.float64).round(2)
    funding = funding_by_hand(busy, day)
    assert funding.sum() > 0
    profit = revenue - cost + cost * allowance_ratio(busy) + funding
    rows = {row["asin"]: row["netPureProductMargin"] for row in document["netPureProductMarginByAsin"]}
    expected = {
        asin: round(float(profit[index] / revenue[index]), 4)
        for index, asin in enumerate(busy.catalogue.asins)
        if revenue[index] > 0 and busy.catalogue.is_manufactured[index]
    }
    assert rows == pytest.approx(expected, abs=1.1e-4)
    total = document["netPureProductMarginAggregate"][0]["netPureProductMargin"]
    assert total == pytest.approx(profit.sum() / revenue.sum(), abs=1e-4)


def test_funding_of_several_days_is_that_of_each(busy: AccountWorld) -> None:
    days = [date(2026, 10, 10) + timedelta(days=ahead) for ahead in range(12)]
    together = vendor_funding(busy, busy.span(days[0], days[-1]))
    assert together == pytest.approx(sum(funding_by_hand(busy, day) for day in days))


def test_a_negative_margin_of_the_script_is_negative_in_the_report(busy: AccountWorld) -> None:
    found = 0
    for incident in busy.script.between(busy.index_of(date(2026, 4, 1)), busy.index_of(date(2026, 9, 1))):
        if incident.kind is not Kind.AMAZON_MARGIN_NEGATIVE or incident.size < 0.04:
            continue
        first, last = busy.date_of(incident.first_day), busy.date_of(min(incident.last_day, incident.first_day + 13))
        profit, revenue = profit_and_revenue(busy, publish_period(busy, first, last, TODAY))
        if revenue[incident.index] > 0:
            found += 1
            assert profit[incident.index] < 0
    assert found > 5


def test_most_margins_are_positive(busy: AccountWorld) -> None:
    week = publish_period(busy, date(2026, 10, 4), date(2026, 10, 10), TODAY)
    profit, revenue = profit_and_revenue(busy, week)
    assert ((profit > 0) & (revenue > 0)).sum() > 0.8 * (revenue > 0).sum()


def test_every_promotion_of_the_script_is_in_one_report_with_its_days(busy: AccountWorld) -> None:
    told = {
        (product["asin"], promotion["startDateTime"], promotion["endDateTime"])
        for promotion in summer(busy, PROMOTIONS)
        for product in promotion["includedProducts"]
    }
    couponed = {
        (coupon["asins"][0]["asin"], coupon["startDateTime"], coupon["endDateTime"])
        for campaign in summer(busy, COUPONS)
        for coupon in campaign["coupons"]
    }
    expected = {
        (
            busy.catalogue.asins[product.index],
            datetime.combine(busy.date_of(product.first_day), datetime.min.time(), ROME).astimezone(UTC),
            datetime.combine(busy.date_of(product.last_day), datetime.min.time(), ROME).astimezone(UTC)
            + timedelta(days=1, seconds=-1),
        )
        for product in begun_in_summer(busy)
    }
    assert not told & couponed
    assert told
    assert couponed
    assert {(asin, *map(datetime.fromisoformat, times)) for asin, *times in told | couponed} == expected


def test_a_promotion_tells_what_was_sold_and_what_the_vendor_spent(busy: AccountWorld) -> None:
    place = {asin: index for index, asin in enumerate(busy.catalogue.asins)}
    spent = 0.0
    for promotion in summer(busy, PROMOTIONS):
        begin, end = (
            datetime.fromisoformat(promotion[name]).astimezone(ROME).date() for name in ("startDateTime", "endDateTime")
        )
        span = busy.span(begin, end)
        for product in promotion["includedProducts"]:
            index = place[product["asin"]]
            ordered = span["ordered"][:, index]
            revenue = float((ordered * net_prices(busy, span)[:, index]).sum())
            assert product["productUnitsSold"] == ordered.sum()
            assert product["productGlanceViews"] == span["views"][:, index].sum()
            assert product["productRevenue"] == pytest.approx(revenue, abs=0.006)
            assert 0 <= product["productAmountSpent"] <= 0.45 * revenue + 0.01
        for name, part in (("unitsSold", "productUnitsSold"), ("amountSpent", "productAmountSpent")):
            assert promotion[name] == pytest.approx(
                sum(product[part] for product in promotion["includedProducts"]), abs=0.05
            )
        spent += promotion["amountSpent"]
    assert spent > 0


def test_promotions_and_coupons_add_up(busy: AccountWorld) -> None:
    for campaign in summer(busy, COUPONS):
        assert campaign["totalClips"] == sum(coupon["clips"] for coupon in campaign["coupons"])
        assert campaign["totalRedemptions"] == sum(coupon["redemptions"] for coupon in campaign["coupons"])
        for coupon in campaign["coupons"]:
            assert coupon["clips"] >= coupon["redemptions"]
            assert coupon["budgetRemaining"] == pytest.approx(coupon["budget"] - coupon["budgetSpent"], abs=0.006)
            assert coupon["budgetPercentageUsed"] == pytest.approx(
                100 * coupon["budgetSpent"] / coupon["budget"], abs=0.06
            )
            assert coupon["budgetSpent"] <= coupon["totalDiscount"] + 0.6 * coupon["redemptions"] + 0.01


def test_a_planned_promotion_is_told_once_created_and_has_sold_nothing(busy: AccountWorld) -> None:
    window = NOW, NOW + timedelta(days=60)
    planned = campaigns(busy, PROMOTIONS, *window, NOW)["promotions"]
    assert planned
    assert all(promotion["createdDateTime"] <= "2026-11-23T04:15:00Z" for promotion in planned)
    assert {promotion["unitsSold"] for promotion in planned} == {0}
    assert {promotion["status"] for promotion in planned} == {"APPROVED", "PENDING_APPROVAL"}
    later = campaigns(busy, PROMOTIONS, *window, NOW + timedelta(days=20))["promotions"]
    ids = [{promotion["promotionId"] for promotion in found} for found in (planned, later)]
    assert ids[0] < ids[1]


def test_a_promotion_keeps_its_number_whatever_is_asked_around_it(busy: AccountWorld) -> None:
    whole = {promotion["promotionId"]: promotion for promotion in summer(busy, PROMOTIONS)}
    july = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 7, 31, tzinfo=UTC)
    part = campaigns(busy, PROMOTIONS, *july, NOW)["promotions"]
    assert part
    assert all(whole[promotion["promotionId"]] == promotion for promotion in part)
    assert len(whole) == len(summer(busy, PROMOTIONS))


def test_a_window_without_promotions_holds_no_data(busy: AccountWorld) -> None:
    def data(since: datetime, until: datetime) -> bool:
        return has_data(busy, CampaignQuestion(PROMOTIONS, (), TODAY, since, until, NOW))

    assert data(datetime(2026, 6, 1, tzinfo=UTC), NOW)
    assert not data(datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 9, 1, tzinfo=UTC))


def test_promotions_and_purchase_orders_name_the_same_vendor(busy: AccountWorld) -> None:
    named = {entry["vendorCode"] for report_type in OPTIONS for entry in summer(busy, report_type)}
    assert named == {PurchaseOrders(busy).vendor_code}
