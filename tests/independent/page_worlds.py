"""Small worlds of pages drawn from a seed: parts that come and go or that nobody sent, looks that miss, texts at edges.

A world is one account of a few products and watched competitors, looked at over weeks, of which the last are built.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from tests.independent.page_rules import KEY_ATTRIBUTES
from tests.independent.random_worlds import ACCOUNTS, TURNING_DAYS
from tests.sql.worlds import Row, World, read_world

T = TypeVar("T")
BUILT_DAYS = 12
LETTERS = (
    "moka",
    "Moka",
    "MOKA",
    "caffè",
    "CAFFE\u0300",
    "tazze",
    "per",
    "6",
    "Größe",
    "GRÖSSE",
    "кофе",
    "咖啡",
    "x\u0302yz",
)
JOINTS = (" ", " ", " ", ", ", "-", "\u00a0", " \n\t", "1", "!", "_", " ¬ ", "<b>", "")
BRANDS = ("", " ", "Casa Sole", "CASA\u00a0SOLE", "caffe\u0300", "Moka", "Straße", "İpek", "a")
MARKUP = ("<p>", "</p>", "<br/>", "<!-- a > b -->", "&amp;", "&nbsp;", "&#8364;", "&#x20AC;", " < 3 ", "<li class='x'>")
LENGTHS = (0, 1, 49, 50, 79, 80, 199, 200, 201, 250, 251, 499, 500, 900)
"""Characters at which a rule changes its mind, or one beside them."""
SIDES = (None, 75, 499, 500, 999, 1000, 1500)
VARIANTS = ("MAIN", "main", "PT01", "PT02", "pt02", "PT03", "PT04", "PT05", "SWCH", "swch01")
VALUES: tuple[Any, ...] = (None, "", "IT", {}, [], {"value": 1, "unit": "kg"}, 0, False)
NODES = (None, "", "1", "1", "2")
RIVALS = ("B0RIVAL001", "B0RIVAL002", "B0RIVAL003")
PARTS = (
    *("title", "brand_name", "bullets", "description", "images", "attributes"),
    *("classification_id", "parent_asin", "has_a_plus"),
)


@dataclass(frozen=True)
class PageWorld:
    """What ``seed`` drew, and the days to build; the rules from ``first_judged`` on."""

    seed: int
    world: World
    first_judged: date
    first: date
    last: date


def draw_world(seed: int) -> PageWorld:
    """The world of ``seed``: always the same."""
    return Drawing(seed).drawn()


class Drawing:
    """One world as it is drawn. Rates and habits are drawn once a world or a page, so that worlds differ in kind."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.last = self.one_of(TURNING_DAYS) + timedelta(days=self.chance.randint(0, BUILT_DAYS))
        self.first = self.last - timedelta(days=BUILT_DAYS - 1)
        self.null_rate = self.one_of((0, 0.05, 0.3, 0.9))
        self.asins = [f"B0PAGES{number:03}" for number in range(self.chance.randint(3, 6))]

    def one_of(self, choices: Sequence[T]) -> T:
        return self.chance.choice(choices)

    def drawn(self) -> PageWorld:
        tables = {
            "content_snapshot": [look for asin in (*self.asins, *RIVALS) for look in self._looks(asin)],
            "product": [row for asin in self.asins for row in self._products(asin)],
            "forecast_weekly": [row for asin in self.asins for row in self._forecasts(asin)],
        }
        world = read_world({"account": dict(self.one_of(ACCOUNTS)), **tables})
        first_judged = self.first - timedelta(days=self.one_of((0, 5, 95, 95)))
        return PageWorld(self.seed, world, first_judged, self.first, self.last)

    def _products(self, asin: str) -> Iterator[Row]:
        seen = self.one_of((None, self.first - timedelta(days=90), self.last - timedelta(days=4)))
        if self.chance.random() < 0.7:
            yield {"asin": asin, "first_seen_date": seen}
        if self.chance.random() < 0.3:
            yield {"asin": asin, "valid_from_date": self.last - timedelta(days=self.one_of((3, 400)))}

    def _forecasts(self, asin: str) -> Iterator[Row]:
        if self.chance.random() < 0.3:
            generation = self.last - timedelta(days=self.one_of((-1, 0, 5, 361, 364, 365)))
            yield {"asin": asin, "generation_date": generation, "week_start_date": generation, "mean_units": None}

    def _looks(self, asin: str) -> Iterator[Row]:
        """Looks days apart; from one to the next the page stays, changes in parts, goes or comes back."""
        page, changing = self._page(), self.one_of((0.05, 0.3, 0.8))
        steps = self.one_of(((1,), (1, 1, 2, 7, 8), (20, 89, 90, 91)))
        day = self.last - timedelta(days=self.chance.randint(0, self.one_of((BUILT_DAYS, 120))))
        while day <= self.last + timedelta(days=1):
            fresh = self._page()
            page = {part: fresh[part] if self.chance.random() < changing else page[part] for part in PARTS}
            is_gone = self.chance.random() < 0.07
            delivered = {part: None if self.chance.random() < self.null_rate else page[part] for part in PARTS}
            shown = {"page_status_code": "not_found"} if is_gone else delivered
            yield {"asin": asin, "observed_date": day, "sales_rank": self.chance.randint(1, 9), **shown}
            day += timedelta(days=self.one_of(steps))

    def _page(self) -> Row:
        return {
            "title": self._text(JOINTS),
            "brand_name": self.one_of(BRANDS),
            "bullets": [self._text(JOINTS) for _ in range(self.one_of((0, 1, 3, 5, 6)))],
            "description": self._text((*JOINTS, *MARKUP, *MARKUP)),
            "images": [self._image() for _ in range(self.one_of((0, 1, 2, 6, 9)))],
            "attributes": {name: self.one_of(VALUES) for name in KEY_ATTRIBUTES if self.chance.random() < 0.7},
            "classification_id": self.one_of(NODES),
            "parent_asin": self.one_of(("", "P1", "P1", "P2")),
            "has_a_plus": self.one_of((True, False, False)),
        }

    def _text(self, joints: Sequence[str]) -> str:
        """Words and what stands between them; or one letter as often as an edge says."""
        if self.chance.random() < 0.4:
            return self.one_of(("a", "é", "e\u0301", "x\u0302", "咖")) * self.one_of(LENGTHS)
        words = range(self.one_of((0, 1, 4, 12, 60)))
        return "".join(self.one_of(LETTERS) + self.one_of(joints) for _ in words) + self.one_of(("", "", "Casa Sole"))

    def _image(self) -> Row:
        return {"variant": self.one_of(VARIANTS), "width": self.one_of(SIDES), "height": self.one_of(SIDES)}
