"""Product pages by day: of the catalogue, of the variation parents above it and of the competitors beside it.

A page follows from the seed, the ASIN and the day; it is written when it is asked for and not kept.
"""

import threading
from bisect import bisect_left
from collections import OrderedDict
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from simulator.world.aplus import Documents
from simulator.world.draws import Purpose, generator
from simulator.world.families import Families, brand_names, build_families
from simulator.world.page import Page
from simulator.world.page_days import PageDay, read_day
from simulator.world.page_drafts import Draft, draft_page
from simulator.world.page_identity import Competitor, Competitors, ean_of, index_of_ean, part_number_of
from simulator.world.page_regressions import regress, visible_part
from simulator.world.page_standing import LEADING_DAYS, ranks_of, replenishment_of
from simulator.world.shelves import SHELVES
from simulator.world.vocabulary import vocabulary_of

if TYPE_CHECKING:
    from simulator.world.history import AccountWorld

_DAYS_KEPT = 4
_COMPETITOR_BRANDS = 12
_LIST_OVER_PRICE = 1.2
_UNITS_PER_CASE = 6


class Pages:
    """The pages of one account. Safe to use from several threads."""

    def __init__(self, world: "AccountWorld") -> None:
        self._world = world
        self.vocabulary = vocabulary_of(world.account.marketplace_id)
        self.families: Families = build_families(world.catalogue)
        self.competitor_brands = brand_names(world.key, Purpose.COMPETITOR_BRAND, _COMPETITOR_BRANDS)
        self._days: OrderedDict[int, PageDay] = OrderedDict()
        self._lock = threading.Lock()

    @cached_property
    def competitors(self) -> Competitors:
        return Competitors(self._world.market.competitors)

    @cached_property
    def documents(self) -> Documents:
        """The vendor's A+ documents."""
        return Documents(self._world)

    def index_of(self, asin: str) -> int | None:
        """The catalogue's index of an own product; None for everything else."""
        asins = self._world.catalogue.asins
        position = bisect_left(asins, asin)
        return position if position < len(asins) and asins[position] == asin else None

    def page(self, asin: str, day: int) -> Page | None:
        """The page of ``asin`` on day index ``day``; None where the catalogue has none."""
        index = self.index_of(asin)
        if index is not None:
            return self.own_page(index, day)
        family = self.families.family_of_parent.get(asin)
        if family is not None:
            return self._parent_page(asin, family, day)
        competitor = self.competitors.find(asin)
        return self._competitor_page(competitor, day) if competitor is not None else None

    def is_live(self, index: int, day: int) -> bool:
        """Whether the own product ``index`` has a page: from two weeks before its launch, unless it is gone."""
        has_begun = int(self._world.catalogue.launch_day[index]) - LEADING_DAYS <= day
        return has_begun and index not in self.day(day).gone

    def has_a_plus(self, index: int, day: int) -> bool:
        """Whether A+ content is published on the own page ``index``."""
        if not (self.families.has_a_plus[index] and self.is_live(index, day)):
            return False
        return self._lost_part(index, day) != "a_plus"

    def own_page(self, index: int, day: int) -> Page | None:
        """The page of the own product ``index`` on ``day``."""
        if not self.is_live(index, day):
            return None
        world, today = self._world, self.day(day)
        draft = self._draft(index)
        department_rank, shelf_rank = ranks_of(float(today.units[index]), draft.shelf)
        case, single = self._package(index)
        page = Page(
            asin=world.catalogue.asins[index],
            draft=draft,
            manufacturer=self.families.brands[0],
            is_own=True,
            part_number=part_number_of(draft.brand, index),
            ean=ean_of(world.key, index),
            list_price=self._list_price(index, _LIST_OVER_PRICE),
            has_a_plus=bool(self.families.has_a_plus[index]),
            parent_asin=self.parent_of(index, day),
            case_asin=case,
            single_asin=single,
            units=1 if single is None else _UNITS_PER_CASE,
            department_rank=department_rank,
            shelf_rank=shelf_rank,
            replenishment=replenishment_of(world, index, day, today),
            release_day=int(world.catalogue.launch_day[index]),
        )
        part = self._lost_part(index, day)
        return page if part is None else replace(page, **regress(part, draft, self.competitor_brands[0]))

    def title_of(self, index: int) -> str:
        """The title that the client wrote for an own product, whatever its page has lost since."""
        return self._draft(index).title

    def parent_of(self, index: int, day: int) -> str | None:
        """The variation parent of an own product: the second one of its family while it is split off."""
        family = self.families.family_of(index)
        if len(self.families.members(family)) == 1:
            return None
        is_split = index in self.day(day).split
        return self.families.split_parent_asin(family) if is_split else self.families.parent_asin(family)

    def regression_part(self, index: int, part: str) -> str:
        """What a regression of ``part`` takes from this page: another part where the page has not got that one."""
        has_parent = len(self.families.members(self.families.family_of(index))) > 1
        has_a_plus = bool(self.families.has_a_plus[index])
        return visible_part(part, self._draft(index), has_parent=has_parent, has_a_plus=has_a_plus)

    def asin_of(self, identifier_type: str, identifier: str) -> str | None:
        """The ASIN with this identifier; None where nothing has it, or for a type that the world does not use."""
        if identifier_type == "ASIN":
            return identifier
        if identifier_type == "SKU":
            index = int(identifier[4:]) if identifier[4:].isascii() and identifier[4:].isdigit() else -1
            is_ours = 0 <= index < self._world.catalogue.size
            found = is_ours and part_number_of(self.families.brand_of(index), index) == identifier
            return self._world.catalogue.asins[index] if found else None
        digits = identifier[1:] if identifier_type == "GTIN" and len(identifier) == 14 else identifier
        if identifier_type not in {"EAN", "GTIN", "JAN"}:
            return None
        index = index_of_ean(self._world.key, digits)
        if 0 <= index < self._world.catalogue.size:
            return self._world.catalogue.asins[index]
        return self.competitors.asin_of_ean(self._world.key, digits)

    def day(self, day: int) -> PageDay:
        """What moves pages on ``day``: sales, supply and the script."""
        with self._lock:
            if day not in self._days:
                self._days[day] = read_day(self._world, day)
                while len(self._days) > _DAYS_KEPT:
                    self._days.popitem(last=False)
            return self._days[day]

    def _draft(self, index: int) -> Draft:
        families = self.families
        rng = generator(families.key, Purpose.PAGE, index)
        shelf = SHELVES[families.shelf[index]]
        return draft_page(rng, self.vocabulary, shelf, families.brand_of(index), float(families.quality[index]))

    def _lost_part(self, index: int, day: int) -> str | None:
        part = self.day(day).regressed.get(index)
        return None if part is None else self.regression_part(index, part)

    def _list_price(self, index: int, factor: float) -> float:
        """``factor`` times the usual price of an own product, with tax as pages show it."""
        world = self._world
        return round(float(world.catalogue.price[index]) * (1 + world.vat_ratio) * factor, world.catalogue.decimals)

    def _package(self, index: int) -> tuple[str | None, str | None]:
        """In some families the second member is the case of the first: (case of this one, single of this one)."""
        family = self.families.family_of(index)
        members = self.families.members(family)
        if len(members) < 2 or family % 11 or index not in members[:2]:
            return None, None
        asins = self._world.catalogue.asins
        return (asins[members[1]], None) if index == members[0] else (None, asins[members[0]])

    def _parent_page(self, asin: str, family: int, day: int) -> Page | None:
        """The page above a family; None on days on which nothing stands under it."""
        children = [
            index
            for index in self.families.members(family)
            if self.is_live(index, day)
            and self.parent_of(index, day) == asin
            and self._lost_part(index, day) != "left_parent"
        ]
        if not children:
            return None
        asins = self._world.catalogue.asins
        return Page(
            asin=asin,
            draft=self._draft(children[0]),
            manufacturer=self.families.brands[0],
            is_own=True,
            child_asins=tuple(asins[index] for index in children),
            is_parent=True,
        )

    def _competitor_page(self, competitor: Competitor, day: int) -> Page:
        """A competitor's page, on the shelf of the own product that it competes with."""
        world = self._world
        rng = generator(world.key, Purpose.COMPETITOR_PAGE, competitor.number)
        quality, demand = float(rng.beta(2.0, 1.2)), float(np.exp(rng.normal(0.0, 1.3)))
        brand = self.competitor_brands[int(rng.integers(len(self.competitor_brands)))]
        list_price = self._list_price(competitor.own_index, float(rng.uniform(0.9, 1.5)))
        draft = draft_page(rng, self.vocabulary, SHELVES[self.families.shelf[competitor.own_index]], brand, quality)
        wave = 1.0 + 0.4 * np.sin(2 * np.pi * (day + competitor.number % 97) / 97.0)
        department_rank, shelf_rank = ranks_of(demand * float(wave), draft.shelf)
        return Page(
            asin=competitor.asin,
            draft=draft,
            manufacturer=brand,
            is_own=False,
            part_number=part_number_of(brand, competitor.number % 1_000_000),
            ean=competitor.ean(world.key),
            list_price=list_price,
            units=world.market.competitor_pack(competitor.asin),
            department_rank=department_rank,
            shelf_rank=shelf_rank,
        )
