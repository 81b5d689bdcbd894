"""What is seen of the offers at any instant is what the day's figures say over the day."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from simulator.config import SellerConfig
from simulator.world.history import AccountWorld
from simulator.world.incidents import Incident, Kind
from simulator.world.offers import DayPlan, MarketOffer

from .conftest import MakeAccount

FIRST, LAST = date(2026, 8, 1), date(2026, 11, 20)
ROME = ZoneInfo("Europe/Rome")


@pytest.fixture(scope="module")
def world(make_account: MakeAccount) -> AccountWorld:
    return AccountWorld(make_account(asins=150), 7, date(2025, 11, 1))


def moments(day: date, steps: int = 48) -> Iterator[datetime]:
    midnight = datetime(day.year, day.month, day.day, tzinfo=ROME)
    return (midnight + timedelta(minutes=7 + 1_440 // steps * step) for step in range(steps))


def struck(world: AccountWorld, kind: Kind) -> list[tuple[Incident, date]]:
    """Every incident of ``kind`` within the days, with a day in its middle."""
    low, high = world.index_of(FIRST), world.index_of(LAST)
    return [
        (one, world.date_of((one.first_day + one.last_day) // 2))
        for one in world.script.between(low, high)
        if one.kind is kind and low <= one.first_day and one.last_day <= high
    ]


def featured(offers: tuple[MarketOffer, ...]) -> MarketOffer | None:
    return next((offer for offer in offers if offer.is_featured), None)


def is_retail(world: AccountWorld, offer: MarketOffer | None) -> bool:
    return offer is not None and offer.seller_id in world.market.retail_seller_ids


def test_amazon_is_featured_for_its_share_of_the_day(world: AccountWorld) -> None:
    rng = np.random.default_rng(1)
    for index in rng.integers(0, 150, 25).tolist():
        day = FIRST + timedelta(days=int(rng.integers(0, 100)))
        figures = world.span(day, day)
        if not world.catalogue.listed(figures.first_index)[index]:
            continue
        seen = [featured(world.market.offers_at(index, moment)) for moment in moments(day)]
        won = sum(is_retail(world, offer) for offer in seen) / len(seen)
        assert won == pytest.approx(float(figures["featured_share"][0, index]), abs=0.045)


def test_days_of_a_contested_buy_box_are_shared_in_time_as_in_figures(world: AccountWorld) -> None:
    span = world.span(FIRST, LAST)
    shares = span["featured_share"].astype(float)
    contested = np.argwhere((shares > 0.1) & (shares < 0.9) & (span["suppressed_share"] == 0))
    assert len(contested) > 10
    for row, index in contested[:: max(1, len(contested) // 12)].tolist():
        day = FIRST + timedelta(days=row)
        seen = [world.market.offers_at(index, moment) for moment in moments(day)]
        won = sum(is_retail(world, featured(offers)) for offers in seen) / len(seen)
        assert won == pytest.approx(shares[row, index], abs=0.045)


def test_offers_are_few_distinct_and_sorted_with_at_most_one_featured(world: AccountWorld) -> None:
    day = date(2026, 10, 14)
    lowest = world.span(day, day)["other_price"][0]
    own = {*world.market.retail_seller_ids, world.market.own_seller_id}
    flickers = {one.index for one in world.script.active(Kind.FLICKER, world.index_of(day))}
    compared = 0
    for index in range(150):
        offers = world.market.offers_at(index, next(moments(day)))
        assert sum(offer.is_featured for offer in offers) <= 1
        assert len({offer.seller_id for offer in offers}) == len(offers)
        assert [offer.landed_price for offer in offers] == sorted(offer.landed_price for offer in offers)
        others = [offer for offer in offers if offer.seller_id not in own]
        if others and index not in flickers:
            compared += 1
            assert min(offer.landed_price for offer in others) == pytest.approx(float(lowest[index]), abs=0.006)
    assert compared > 40


def test_sellers_look_like_amazons(world: AccountWorld) -> None:
    market = world.market
    assert market.retail_seller_ids[0] == "A11IL2PNWYJU7H"
    assert len({*market.sellers, *market.retail_seller_ids}) == len(market.sellers) + 2
    assert all(re.fullmatch(r"A[A-Z0-9]{13}", seller) for seller in market.sellers)


def test_an_undercutting_seller_wins_below_amazons_price(world: AccountWorld) -> None:
    won = 0
    for one, _ in struck(world, Kind.UNDERCUT):
        day = world.date_of(one.first_day)
        seller = world.market.sellers[one.detail["seller_number"]]
        offers = world.market.offers_at(one.index, list(moments(day))[-1])
        mine = [offer for offer in offers if offer.seller_id == seller]
        assert mine, one
        usual = world.prices.usual(one.first_day)[one.index]
        assert mine[0].landed_price == pytest.approx(usual * (1 - one.size), abs=0.01)
        assert mine[0].is_fulfilled_by_amazon is one.detail["is_fulfilled_by_amazon"]
        won += mine[0].is_featured
    assert won >= 3


def test_a_suppressed_buy_box_has_offers_and_no_winner(world: AccountWorld) -> None:
    cases = [(one, day) for one, day in struck(world, Kind.SUPPRESSED) if one.size == 1]
    assert cases
    for one, day in cases:
        for moment in moments(day, 4):
            offers = world.market.offers_at(one.index, moment)
            assert offers
            assert featured(offers) is None


def test_a_missing_offer_is_amazons(world: AccountWorld) -> None:
    cases = struck(world, Kind.OFFER_MISSING)
    assert cases
    for one, day in cases:
        for moment in moments(day, 4):
            assert not any(is_retail(world, offer) for offer in world.market.offers_at(one.index, moment))


def test_a_page_that_is_gone_has_no_offers(world: AccountWorld) -> None:
    cases = struck(world, Kind.PAGE_GONE)
    assert cases
    for one, day in cases:
        assert world.market.offers_at(one.index, next(moments(day))) == ()


def test_amazons_second_seller_wins_in_place_of_the_first(world: AccountWorld) -> None:
    first, second = world.market.retail_seller_ids
    seen = set()
    for one, day in struck(world, Kind.SECOND_AMAZON_SELLER):
        sellers = {offer.seller_id for offer in world.market.offers_at(one.index, next(moments(day)))}
        assert first not in sellers
        seen |= sellers
    assert second in seen


def test_a_flicker_lasts_minutes_and_is_gone_in_the_next_snapshot(world: AccountWorld) -> None:
    flickers = 0
    for one, day in struck(world, Kind.FLICKER):
        begins = one.detail["first_minute"]
        assert one.detail["minutes"] < 120
        midnight = datetime(day.year, day.month, day.day, tzinfo=ROME)
        offsets = (begins - 1, begins, begins + one.detail["minutes"])
        before, within, after = (
            featured(world.market.offers_at(one.index, midnight + timedelta(minutes=minute))) for minute in offsets
        )
        if is_retail(world, before) and is_retail(world, after):
            assert not is_retail(world, within)
            flickers += 1
    assert flickers > 3


def test_the_brands_own_seller_is_there_only_where_the_account_has_one(make_account: MakeAccount) -> None:
    seller = SellerConfig(client_id="c", client_secret="s", refresh_token="r", seller_id="A2ABCDEFGHIJKL")
    with_one = AccountWorld(make_account(seller=seller), 7, date(2026, 1, 1))
    without = AccountWorld(make_account(), 7, date(2026, 1, 1))
    instant = next(moments(date(2026, 3, 3)))
    sold = np.flatnonzero(with_one.catalogue.is_self_sold & with_one.catalogue.listed(200)).tolist()
    assert without.market.own_seller_id is None
    assert with_one.market.own_seller_id == "A2ABCDEFGHIJKL"
    for index in sold:
        extra = set(with_one.market.offers_at(index, instant)) ^ set(without.market.offers_at(index, instant))
        assert "A2ABCDEFGHIJKL" in {offer.seller_id for offer in extra} or not without.market.offers_at(index, instant)


def test_offers_do_not_depend_on_what_was_asked_before(world: AccountWorld, make_account: MakeAccount) -> None:
    again = AccountWorld(make_account(asins=150), 7, date(2025, 11, 1))
    asked = [(index, moment) for index in range(0, 150, 9) for moment in moments(date(2026, 9, 9), 3)]
    forward = [world.market.offers_at(*one) for one in asked]
    assert [again.market.offers_at(*one) for one in reversed(asked)] == forward[::-1]


def test_competitors_are_other_products_with_packs_prices_and_sometimes_no_stock(world: AccountWorld) -> None:
    market = world.market
    asins = [asin for named in market.competitors.values() for asin in named]
    assert set(market.competitors) == set(np.flatnonzero(world.catalogue.is_watched).tolist())
    assert all(3 <= len(named) <= 5 for named in market.competitors.values())
    assert len(set(asins)) == len(asins)
    assert not set(asins) & set(world.catalogue.asins)
    assert {market.competitor_pack(asin) for asin in asins} == {1, 2, 3}
    instant = next(moments(date(2026, 10, 1)))
    empty = [asin for asin in asins if not market.competitor_offers_at(asin, instant)]
    assert 0 < len(empty) < 0.15 * len(asins)
    with pytest.raises(KeyError):
        market.competitor_offers_at(world.catalogue.asins[0], instant)


def index_to_market(world: AccountWorld, index: int, day: date) -> float | None:
    """100 times Amazon's price over the median of the competitors' winners per unit; null with fewer than three."""
    market, instant = world.market, next(moments(day))
    winners = [
        winner.landed_price / market.competitor_pack(asin)
        for asin in market.competitors[index]
        if (winner := featured(market.competitor_offers_at(asin, instant)))
    ]
    price = float(world.span(day, day)["price"][0, index])
    return 100 * price / median(winners) if len(winners) >= 3 else None


def test_amazon_is_above_the_market_only_where_the_script_says_so(world: AccountWorld) -> None:
    day = date(2026, 9, 16)
    over = {one.index: one.size for one in world.script.active(Kind.OVERPRICED, world.index_of(day))}
    assert over
    for index in world.market.competitors:
        position = index_to_market(world, index, day)
        if position is None:
            continue
        if over.get(index, 0.0) > 0.08:
            assert position > 105, index
        elif index not in over:
            assert position <= 105, index


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(("before", "today"), [(1.0, 0.2), (0.1, 0.6), (1.0, 0.97), (0.0, 0.0), (1.0, 1.0)])
def test_a_plan_gives_each_state_its_share_of_the_minutes(before: float, today: float, chance: float) -> None:
    plan = DayPlan(today, suppressed=0.0, featured_before=before, open_share=1.0, chance=chance)
    states = [plan.state(minute) for minute in range(1_440)]
    assert states.count("retail") == pytest.approx(today * 1_440, abs=1)
    assert set(states) <= {"retail", "other"}
    lost = [minute for minute, state in enumerate(states) if state == "other"]
    assert lost == list(range(lost[0], lost[-1] + 1)) if lost else True
    if before <= 0.5 and 0 < today < 1:
        assert states[0] == "other", "a lost day goes on where it ended"


def test_after_the_last_unit_amazons_offer_is_closed() -> None:
    plan = DayPlan(featured=0.5, suppressed=0.0, featured_before=1.0, open_share=0.5, chance=0.3)
    assert [plan.state(minute) for minute in (0, 719, 720, 1_439)] == ["retail", "retail", "closed", "closed"]
