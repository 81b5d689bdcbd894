"""Product pages: they follow from the seed and the day, differ in quality, and lose what the script says."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.config import AccountConfig
from simulator.world.history import AccountWorld
from simulator.world.incidents import Incident
from simulator.world.kinds import Kind
from simulator.world.lifecycles import lifecycle_codes
from simulator.world.page import Page
from simulator.world.page_identity import Competitors, ean_of, index_of_ean
from simulator.world.page_regressions import PARTS, visible_part
from simulator.world.truth import tell_truth
from tests.unit.simulator.content_score import content_score

MakeAccount = Callable[..., AccountConfig]
START = date(2026, 3, 1)
TODAY = date(2026, 6, 15)
UNLUCKY = {Kind.PAGE_REGRESSION: 300.0, Kind.PAGE_GONE: 120.0, Kind.VARIATION_SPLIT: 120.0, Kind.PO_REJECTED: 120.0}


@pytest.fixture(scope="module")
def unlucky(make_account: MakeAccount) -> AccountWorld:
    """A world in which pages break far more often than anywhere else."""
    return AccountWorld(make_account(asins=400), 7, START, UNLUCKY)


@pytest.fixture(scope="module")
def today(unlucky: AccountWorld) -> int:
    return unlucky.index_of(TODAY)


def page_of(world: AccountWorld, index: int, day: int) -> Page:
    page = world.pages.own_page(index, day)
    assert page is not None
    return page


def incidents(world: AccountWorld, kind: Kind) -> list[Incident]:
    found = [one for one in world.script.between(0, world.index_of(TODAY)) if one.kind is kind and one.first_day > 0]
    assert found
    return found


def test_a_page_is_the_same_in_any_process_and_after_any_other_question(
    unlucky: AccountWorld, today: int, make_account: MakeAccount
) -> None:
    again = AccountWorld(make_account(asins=400), 7, START, UNLUCKY)
    backwards = {index: again.pages.own_page(index, today) for index in reversed(range(0, 400, 7))}
    again.pages.own_page(3, today - 40)
    assert {index: unlucky.pages.own_page(index, today) for index in range(0, 400, 7)} == backwards


def test_another_seed_writes_other_pages(make_account: MakeAccount, unlucky: AccountWorld, today: int) -> None:
    other = AccountWorld(make_account(asins=400), 8, START)

    def titles(world: AccountWorld) -> set[str]:
        pages = [world.pages.own_page(index, today) for index in range(40)]
        return {page.draft.title for page in pages if page is not None}

    assert len(titles(unlucky)) > 20
    assert not titles(unlucky) & titles(other)


def test_content_quality_spreads_from_poor_to_perfect(make_account: MakeAccount) -> None:
    world = AccountWorld(make_account(asins=800), 3, START)
    day = world.index_of(TODAY)
    pages = [page for index in range(800) if (page := world.pages.own_page(index, day)) is not None]
    low, quarter, median, high = np.percentile([content_score(page) for page in pages], (5, 25, 50, 95))
    assert 30 <= low <= 55
    assert 55 <= quarter <= 78
    assert 70 <= median <= 88
    assert high >= 97
    lengths = np.array([len(page.draft.title) for page in pages])
    assert lengths.max() <= 200
    assert 0.75 <= ((lengths >= 80) & (lengths <= 200)).mean() <= 0.95
    assert {len(page.draft.bullets) for page in pages} == {0, 1, 2, 3, 4, 5, 6}
    assert 0.02 <= np.mean([not page.draft.title.startswith(page.draft.brand) for page in pages]) <= 0.15


@pytest.mark.parametrize(
    ("marketplace_id", "letters"),
    [("APJ6JRA9NG5V4", "à"), ("A1PA6795UKMFR9", "ß"), ("A1VC38T7YXB528", "です"), ("A1F83G8C2ARO7P", "the ")],
)
def test_pages_speak_the_language_of_the_marketplace(
    make_account: MakeAccount, marketplace_id: str, letters: str
) -> None:
    world = AccountWorld(make_account(asins=60, marketplace_id=marketplace_id), 7, START)
    day = world.index_of(START)
    drafts = [page.draft for index in range(60) if (page := world.pages.own_page(index, day)) is not None]
    assert any(letters in "".join([draft.title, draft.description, *draft.bullets]) for draft in drafts)


def differing(before: Page, after: Page) -> set[str]:
    """The parts of a page in which two states of it differ."""
    parts = {
        "images": before.draft.images != after.draft.images,
        "bullets": before.draft.bullets != after.draft.bullets,
        "title": before.draft.title != after.draft.title,
        "brand": before.draft.brand != after.draft.brand,
        "classification": before.draft.shelf != after.draft.shelf,
        "left_parent": before.parent_asin != after.parent_asin,
        "a_plus": before.has_a_plus != after.has_a_plus,
    }
    return {part for part, differs in parts.items() if differs}


def test_a_regression_takes_exactly_its_part_and_gives_it_back(unlucky: AccountWorld) -> None:
    seen = set()
    for incident in incidents(unlucky, Kind.PAGE_REGRESSION):
        part = unlucky.pages.regression_part(incident.index, incident.detail["part"])
        before, first, last, after = (
            page_of(unlucky, incident.index, day)
            for day in (incident.first_day - 1, incident.first_day, incident.last_day, incident.last_day + 1)
        )
        assert differing(before, first) == differing(before, last) == {part}
        assert differing(before, after) == set()
        seen.add(part)
    assert seen == set(PARTS)


def test_the_truth_names_the_part_that_the_page_has_lost(unlucky: AccountWorld) -> None:
    told = [fact for fact in tell_truth(unlucky, START, TODAY) if fact.kind is Kind.PAGE_REGRESSION]
    assert len(told) > 20
    for fact in told:
        index = unlucky.pages.index_of(fact.asin or "")
        assert index is not None
        first = unlucky.index_of(fact.first_day)
        assert differing(page_of(unlucky, index, first - 1), page_of(unlucky, index, first)) == {fact.detail["part"]}


def test_most_regressions_lower_the_content_score(unlucky: AccountWorld) -> None:
    scored = {"images", "bullets", "title", "a_plus"}
    falls = [
        content_score(page_of(unlucky, one.index, one.first_day - 1))
        - content_score(page_of(unlucky, one.index, one.first_day))
        for one in incidents(unlucky, Kind.PAGE_REGRESSION)
        if unlucky.pages.regression_part(one.index, one.detail["part"]) in scored
    ]
    assert np.mean(np.array(falls) >= 5) > 0.6


def test_an_unknown_part_is_refused(unlucky: AccountWorld, today: int) -> None:
    with pytest.raises(ValueError, match="cannot lose 'price'"):
        visible_part("price", page_of(unlucky, 0, today).draft, has_parent=True, has_a_plus=True)


def test_a_page_that_is_gone_is_gone_on_those_days_only(unlucky: AccountWorld) -> None:
    for incident in incidents(unlucky, Kind.PAGE_GONE):
        days = (incident.first_day - 1, incident.first_day, incident.last_day, incident.last_day + 1)
        live = [unlucky.pages.own_page(incident.index, day) is not None for day in days]
        assert live == [True, False, False, True]


def test_a_product_that_is_split_off_has_another_parent_meanwhile(unlucky: AccountWorld) -> None:
    for incident in incidents(unlucky, Kind.VARIATION_SPLIT):
        before = page_of(unlucky, incident.index, incident.first_day - 1)
        during = page_of(unlucky, incident.index, incident.first_day)
        assert before.parent_asin is not None
        assert during.parent_asin is not None
        assert before.parent_asin != during.parent_asin
        assert page_of(unlucky, incident.index, incident.last_day + 1).parent_asin == before.parent_asin
        second = unlucky.pages.page(during.parent_asin, incident.first_day)
        assert second is not None
        assert during.asin in second.child_asins


def test_parents_and_children_name_each_other(unlucky: AccountWorld, today: int) -> None:
    children = [page for index in range(400) if (page := unlucky.pages.own_page(index, today)) is not None]
    by_parent: dict[str, list[str]] = {}
    for child in children:
        if child.parent_asin is not None:
            by_parent.setdefault(child.parent_asin, []).append(child.asin)
    assert len(by_parent) > 20
    for parent_asin, asins in by_parent.items():
        parent = unlucky.pages.page(parent_asin, today)
        assert parent is not None
        assert parent.is_parent
        assert list(parent.child_asins) == asins
    cases = {child.asin: child.case_asin for child in children if child.case_asin is not None}
    singles = {child.single_asin: child.asin for child in children if child.single_asin is not None}
    assert cases
    assert {single: case for single, case in singles.items() if single in cases} == {
        single: case for single, case in cases.items() if case in singles.values()
    }


def test_the_better_a_product_sells_the_higher_it_ranks(unlucky: AccountWorld, today: int) -> None:
    sold = unlucky.span(TODAY - timedelta(days=56), TODAY - timedelta(days=1))["ordered"].sum(axis=0)
    ranks = {
        index: page.department_rank
        for index in range(400)
        if (page := unlucky.pages.own_page(index, today)) is not None
    }
    assert all((rank is None) == (sold[index] == 0) for index, rank in ranks.items())
    ranked = [index for index, rank in ranks.items() if rank is not None]
    by_sales = sorted(ranked, key=lambda index: -sold[index])
    tenth = len(ranked) // 10
    best, worst = (np.median([ranks[index] for index in part]) for part in (by_sales[:tenth], by_sales[-tenth:]))
    assert best * 10 < worst


def test_replenishment_follows_the_life_cycle(unlucky: AccountWorld, today: int) -> None:
    catalogue = unlucky.catalogue
    wrong = {incident.index for incident in unlucky.script.active(Kind.WRONGLY_OBSOLETE, today)}
    known = {
        index: page.replenishment for index in range(400) if (page := unlucky.pages.own_page(index, today)) is not None
    }
    for index, category in known.items():
        assert (category == "OBSOLETE") == bool(catalogue.end_day[index] <= today or index in wrong)
        if category == "NEW_PRODUCT":
            assert today - catalogue.launch_day[index] < 60
    found = set(known.values())
    assert found >= {"BASIC_REPLENISHMENT", "IN_SEASON", "PLANNED_REPLENISHMENT", "MANUFACTURER_OUT_OF_STOCK"}


def test_a_product_is_wrongly_called_obsolete_on_the_days_of_its_incident_and_no_others(
    make_account: MakeAccount,
) -> None:
    world = AccountWorld(make_account(asins=300), 7, START)
    found = [fact for fact in tell_truth(world, START, TODAY) if fact.kind is Kind.WRONGLY_OBSOLETE]
    assert len(found) > 3
    for fact in found:
        index = world.catalogue.asins.index(fact.asin or "")
        first, last = world.index_of(fact.first_day), world.index_of(fact.last_day)

        def category(day: int, index: int = index) -> str | None:
            page = world.pages.own_page(index, day)
            return page.replenishment if page else None

        assert {category(day) for day in range(first, last + 1)} == {"OBSOLETE"}
        assert category(first - 1) != "OBSOLETE"
        assert {lifecycle_codes(world.catalogue, day)[index] for day in (first, last)} == {"active"}


def test_a_page_is_there_two_weeks_before_the_launch(unlucky: AccountWorld) -> None:
    launched = np.flatnonzero(unlucky.catalogue.launch_day > 0)
    assert len(launched) > 10
    for index in launched.tolist():
        first = int(unlucky.catalogue.launch_day[index]) - 14
        assert not unlucky.pages.is_live(index, first - 1)
        assert unlucky.pages.is_live(index, first)


def test_every_competitor_of_the_market_has_a_page_that_says_its_pack(make_account: MakeAccount) -> None:
    world = AccountWorld(make_account(asins=40), 7, START)
    day = world.index_of(TODAY)
    watched = [asin for asins in world.market.competitors.values() for asin in asins]
    assert len(watched) > 20
    for asin in watched:
        page = world.pages.page(asin, day)
        assert page is not None
        assert (page.asin, page.units) == (asin, world.market.competitor_pack(asin))


def test_competitors_have_pages_on_the_shelf_of_the_product_they_compete_with(
    make_account: MakeAccount,
) -> None:
    world = AccountWorld(make_account(asins=20), 7, START)
    world.pages.competitors = Competitors({4: ("B0COMPETE1", "B0COMPETE2"), 9: ("B0COMPETE2",)})
    day = world.index_of(TODAY)
    pages = [world.pages.page(asin, day) for asin in ("B0COMPETE1", "B0COMPETE2")]
    for page in pages:
        assert page is not None
        assert page.draft.shelf.number == world.pages.families.shelf[4]
        assert page.draft.brand not in world.pages.families.brands
        assert (page.is_own, page.replenishment, page.has_a_plus) == (False, None, False)
        assert world.pages.asin_of("EAN", page.ean) == page.asin
    assert pages[0] != pages[1]
    assert world.pages.page("B0COMPETE3", day) is None


def test_products_are_found_by_every_number_that_they_have(unlucky: AccountWorld, today: int) -> None:
    for index in range(0, 400, 37):
        page = page_of(unlucky, index, unlucky.index_of(START) + 700)
        assert unlucky.pages.asin_of("EAN", page.ean) == page.asin
        assert unlucky.pages.asin_of("JAN", page.ean) == page.asin
        assert unlucky.pages.asin_of("GTIN", f"0{page.ean}") == page.asin
        assert unlucky.pages.asin_of("SKU", page.part_number) == page.asin
        assert unlucky.pages.asin_of("UPC", page.ean) is None
    for kind, unknown in (("EAN", "1234"), ("EAN", ean_of(unlucky.key, 400)), ("SKU", "QQQ-000001"), ("SKU", "x")):
        assert unlucky.pages.asin_of(kind, unknown) is None


@given(key=st.integers(0, 2**64 - 1), number=st.integers(0, 9_999_999))
def test_an_ean_has_its_check_digit_and_leads_back(key: int, number: int) -> None:
    ean = ean_of(key, number)
    assert len(ean) == 13
    assert sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(ean)) % 10 == 0
    assert index_of_ean(key, ean) == number
    assert index_of_ean(key, ean[:-1] + str((int(ean[-1]) + 1) % 10)) == -1
