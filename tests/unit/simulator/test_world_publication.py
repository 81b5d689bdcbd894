"""What Amazon publishes of a true day: usual drift, unusual restatements, and days that come in late."""

from datetime import date, timedelta

import numpy as np
import pytest

from simulator.world.history import AccountWorld
from simulator.world.incidents import Incident, Kind
from simulator.world.publication import publish_period, published_span
from simulator.world.recipes import RECIPES
from simulator.world.restatement import SETTLED_AGE_DAYS

from .conftest import MakeAccount

FIRST, LAST = date(2026, 6, 1), date(2026, 11, 1)


def made(make_account: MakeAccount, kind: Kind) -> AccountWorld:
    rates = dict.fromkeys(RECIPES, 0.0) | {kind: 2.0}
    return AccountWorld(make_account(), 7, date(2026, 3, 1), rates)


def drawn(world: AccountWorld, kind: Kind) -> list[Incident]:
    return [one for one in world.script.between(world.index_of(FIRST), world.index_of(LAST)) if one.kind is kind]


@pytest.fixture(scope="module")
def gaps(make_account: MakeAccount) -> AccountWorld:
    return made(make_account, Kind.DAY_WITHOUT_DATA)


@pytest.fixture(scope="module")
def restated(make_account: MakeAccount) -> AccountWorld:
    return made(make_account, Kind.RESTATEMENT)


def test_a_day_without_data_is_empty_until_amazon_fills_it(gaps: AccountWorld) -> None:
    found = drawn(gaps, Kind.DAY_WITHOUT_DATA)
    assert found
    for one in found:
        day, filled_after = gaps.date_of(one.first_day), one.detail["filled_after_days"]
        assert filled_after > 4
        before = publish_period(gaps, day, day, day + timedelta(days=filled_after - 1))
        after = publish_period(gaps, day, day, day + timedelta(days=filled_after))
        assert not before.listed.any()
        assert before["views"].sum() == before["shipped_revenue"].sum() == 0
        assert after.listed.any()
        assert after["views"].sum() > 0


def test_a_week_with_a_missing_day_holds_the_others(gaps: AccountWorld) -> None:
    found = drawn(gaps, Kind.DAY_WITHOUT_DATA)
    empty = {one.first_day for one in found}
    one = next(one for one in found if not empty & {one.first_day - 2, one.first_day - 1})
    day = gaps.date_of(one.first_day)
    today = day + timedelta(days=5)
    others = [day + timedelta(days=offset) for offset in (-2, -1)]
    whole = publish_period(gaps, others[0], day, today)
    parts = [publish_period(gaps, other, other, today) for other in others]
    assert np.array_equal(whole["views"], sum(part["views"] for part in parts))
    assert whole.listed.any()


def test_an_unusual_restatement_is_far_off_at_first_and_settles(restated: AccountWorld) -> None:
    days = {one.first_day for one in drawn(restated, Kind.RESTATEMENT)}
    assert days

    def distance(day: date, age: int) -> float:
        true = restated.span(day, day)
        shown = published_span(restated, true, day + timedelta(days=age))
        return float(np.abs(shown["ordered"] - true["ordered"]).sum() / true["ordered"].sum())

    far = [distance(restated.date_of(day), 4) for day in days]
    usual = [distance(restated.date_of(day + 3), 4) for day in days if day + 3 not in days]
    assert np.mean(far) > 2 * np.mean(usual)
    assert all(distance(restated.date_of(day), SETTLED_AGE_DAYS) == 0 for day in days)


def test_money_is_without_tax_and_pages_show_it_with_tax(gaps: AccountWorld) -> None:
    day = date(2026, 5, 5)
    true = gaps.span(day, day)
    shown = publish_period(gaps, day, day, day + timedelta(days=40))
    price = np.round(true["price"][0].astype(float), 2)
    assert gaps.vat_ratio == 0.22
    assert shown["shipped_revenue"] == pytest.approx(true["shipped"][0] * price / 1.22)
