"""What happens is drawn from the seed ahead of its days, at the rates asked for, and never twice at one product."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise

import pytest

from simulator.world.catalogue import build_catalogue
from simulator.world.incidents import EPOCH_DAYS, WHOLE_ACCOUNT, Incident, Kind, Script
from simulator.world.lifecycles import lifecycle_codes
from simulator.world.recipes import RECIPES, known_rates

FIRST_DATE = date(2024, 11, 1)
FIRST_DAY, LAST_DAY = 150, 850
CATALOGUE = build_catalogue(7, 1_000, "EUR")


def script(rates: Mapping[Kind, float] | None = None) -> Script:
    return Script(CATALOGUE, FIRST_DATE, rates or {})


@pytest.fixture(scope="module")
def incidents() -> list[Incident]:
    return script().between(FIRST_DAY, LAST_DAY)


def test_the_script_is_the_same_whichever_days_are_asked_for_first(incidents: list[Incident]) -> None:
    other = script()
    late = other.between(700, LAST_DAY)
    early = other.between(FIRST_DAY, 400)
    assert late == [one for one in incidents if one.last_day >= 700]
    assert early == [one for one in incidents if one.first_day <= 400]


def test_those_active_on_a_day_are_those_that_hold_on_it(incidents: list[Incident]) -> None:
    told = script()
    for day in range(FIRST_DAY, FIRST_DAY + 60, 7):
        for kind in Kind:
            held = [one for one in incidents if one.kind is kind and one.first_day <= day <= one.last_day]
            assert told.active(kind, day) == held


def test_other_seeds_draw_other_incidents(incidents: list[Incident]) -> None:
    other = Script(build_catalogue(8, 1_000, "EUR"), FIRST_DATE, {})
    assert other.between(FIRST_DAY, LAST_DAY) != incidents


def test_every_kind_is_there(incidents: list[Incident]) -> None:
    assert {one.kind for one in incidents} == set(Kind)


def test_what_looks_like_an_incident_is_marked_as_none(incidents: list[Incident]) -> None:
    looks = {one.kind for one in incidents if not one.is_incident}
    assert looks == {
        Kind.PROMOTION,
        Kind.SEASON_END,
        Kind.LAUNCH,
        Kind.PHASE_OUT,
        Kind.DELISTING,
        Kind.VARIATION_SPLIT,
        Kind.RESTATEMENT,
        Kind.DAY_WITHOUT_DATA,
        Kind.SECOND_AMAZON_SELLER,
        Kind.FLICKER,
        Kind.SHOPPING_EVENT,
    }
    assert len({one.kind for one in incidents if one.is_incident}) == 17


def test_a_product_is_in_one_drawn_incident_at_a_time_and_rests_after_it(incidents: list[Incident]) -> None:
    by_asin: dict[int, list[Incident]] = {}
    for one in incidents:
        if one.kind in RECIPES and one.index != WHOLE_ACCOUNT:
            by_asin.setdefault(one.index, []).append(one)
    for those in by_asin.values():
        those.sort(key=lambda one: one.first_day)
        for earlier, later in pairwise(those):
            assert later.first_day > earlier.last_day + RECIPES[earlier.kind].rest_days


def test_only_suitable_products_are_struck(incidents: list[Incident]) -> None:
    for one in incidents:
        if one.kind in RECIPES and one.index != WHOLE_ACCOUNT:
            assert RECIPES[one.kind].eligible(CATALOGUE)[one.index], one
            assert CATALOGUE.active(one.first_day)[one.index], one


def test_days_and_sizes_lie_in_the_ranges_of_their_kind(incidents: list[Incident]) -> None:
    small = Counter[Kind]()
    for one in incidents:
        if one.kind not in RECIPES:
            continue
        recipe = RECIPES[one.kind]
        days = one.last_day - one.first_day + 1
        assert any(low <= days <= high for low, high in (recipe.days, recipe.long_days)), one
        is_small = recipe.small_share > 0 and recipe.small_size[0] <= one.size <= recipe.small_size[1]
        assert is_small or recipe.size[0] - 1e-4 <= one.size <= recipe.size[1] + 1e-4, one
        small[one.kind] += is_small
    assert small[Kind.UNDERCUT] > 0
    assert small[Kind.TRAFFIC_LOSS] > 0


@pytest.mark.parametrize("kind", [Kind.UNDERCUT, Kind.PO_REJECTED, Kind.PAGE_REGRESSION, Kind.FLICKER])
def test_rates_follow_the_mix(kind: Kind) -> None:
    epochs = 20
    for rate in (0.0, 5.0, 20.0):
        drawn = script({kind: rate}).drawn(kind, 0, 1_000)
        begun = int((drawn.first_day < epochs * EPOCH_DAYS).sum())
        assert begun == pytest.approx(rate * epochs, rel=0.05)


def test_a_small_account_sees_each_important_kind_within_a_quarter() -> None:
    found = Counter[Kind]()
    for key in range(5):
        small = Script(build_catalogue(key, 120, "EUR"), FIRST_DATE, {})
        found.update({one.kind for one in small.between(400, 480)})
    for kind in Kind:
        if kind.is_incident:
            assert found[kind] >= 4, kind


def test_a_rate_for_what_is_not_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="LAUNCH"):
        known_rates({Kind.LAUNCH: 3.0})
    assert known_rates({Kind.UNDERCUT: 1.0})[Kind.UNDERCUT] == 1.0


def test_shopping_events_are_the_calendars(incidents: list[Incident]) -> None:
    events = [one for one in incidents if one.kind is Kind.SHOPPING_EVENT]
    days = {FIRST_DATE + timedelta(days=day) for one in events for day in range(one.first_day, one.last_day + 1)}
    assert date(2025, 7, 8) in days
    assert date(2025, 11, 28) in days
    assert date(2025, 9, 15) not in days
    assert all(one.index == WHOLE_ACCOUNT for one in events)


def test_endings_are_phase_outs_or_delistings_and_the_client_says_so(incidents: list[Incident]) -> None:
    phased = {one.index for one in incidents if one.kind is Kind.PHASE_OUT}
    delisted = {one.index for one in incidents if one.kind is Kind.DELISTING}
    assert phased
    assert delisted
    assert not phased & delisted
    for one in incidents:
        codes = lifecycle_codes(CATALOGUE, one.first_day)
        if one.kind is Kind.PHASE_OUT:
            assert codes[one.index] == "phase_out"
        elif one.kind is Kind.DELISTING:
            assert codes[one.index] == "discontinued"
        elif one.kind is Kind.LAUNCH:
            assert codes[one.index] == "launch"
