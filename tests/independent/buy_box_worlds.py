"""Small worlds of the Buy Box drawn from a seed: looks that miss, tie and stop, sellers unknown, official days lost.

A world is one account of a few products and three weeks to build, after up to a year and more of weeks that may tell a
baseline. Stock, drivers and prices are given as if their marts had been built, with rows and figures missing.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from tests.independent.random_worlds import ACCOUNTS, TURNING_DAYS
from tests.independent.stock_history import midnight
from tests.sql.worlds import Row, World, read_world

T = TypeVar("T")
BUILT_DAYS = 21
LOOKED_DAYS = 40
STEPS = (*(timedelta(hours=hours) for hours in (1, 2, 4, 4, 4, 12, 24, 26, 48, 90)), timedelta(hours=2, seconds=-1))
"""From one look to the next: the spans that confirm, breach and censor, and a second beside them."""
BESIDE = (timedelta(0), timedelta(0), timedelta(0), timedelta(seconds=1), timedelta(minutes=17))
OWNERS = ("amazon", "amazon", "own", "other", "other", "other", "suppressed", "none")
SELLERS = ("S1", "S1", "S2", "S3", None)
PRICES = (None, "9.99", "10.00", "10.00", "10.01", "12.5", "30")
RATIOS = (None, 0, 0, "0.1", "0.2", "0.333333", "0.95", 1)
STATUSES = ("missing", "provisional", "published", "settled")
PRICE_STATUSES = ("missing", "published", "settled")
ACTIONS = ("acknowledged", "snoozed", "sent_to_client", "agreed", "refused", "done", "not_invited")
SURELY_COUNTED = {"has_buy_box_factor": True, "is_total_views_estimated": False} | dict.fromkeys(
    (f"{name}{period}_days" for name in ("in_stock", "promotion", "event") for period in ("", "_before")), 0
)
RIVAL = "B0RIVAL001"


@dataclass(frozen=True)
class BuyBoxWorld:
    """What ``seed`` drew, and the days to build; the incidents, and they alone, from ``first_incident`` on."""

    seed: int
    world: World
    first_incident: date
    first: date
    last: date


def draw_world(seed: int) -> BuyBoxWorld:
    """The world of ``seed``: always the same."""
    return Drawing(seed).drawn()


class Drawing:
    """One world as it is drawn. Rates and habits are drawn once a world or a product, so that worlds differ in kind."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.last = self.one_of(TURNING_DAYS) + timedelta(days=self.chance.randint(0, BUILT_DAYS))
        self.newest = self.last + timedelta(days=self.one_of((-9, -1, 0, 0, 3, 14, 15, 30)))
        self.oldest = self.last - timedelta(days=self.one_of((30, 90, 200, 430)))
        self.account = dict(self.one_of(ACCOUNTS))
        self.null_rate = self.one_of((0, 0, 0.01, 0.1))
        self.asins = [f"B0BUYBOX{number:02}" for number in range(self.chance.randint(4, 6))]

    def one_of(self, choices: Sequence[T]) -> T:
        return self.chance.choice(choices)

    def unless_null(self, figure: T) -> T | None:
        return None if self.chance.random() < self.null_rate else figure

    def drawn(self) -> BuyBoxWorld:
        account = {
            **self.account,
            "primary_distributor_view_code": self.one_of(("MANUFACTURING", "MANUFACTURING", "SOURCING")),
            "vat_ratio": self.one_of((0.22, 0.19, 0, None)),
            "thresholds": {
                "buy_box_good_ratio": self.one_of((0.8, 0.8, 0.5, 1)),
                "buy_box_confirming_hours": self.one_of((2, 2, 0, 6.5)),
                "buy_box_target_hours": self.one_of((48, 48, 24)),
                "buy_box_waiting_hours": self.one_of((24, 24, 0, 72.5)),
            },
        }
        published = {"sales_daily": self._spans(), "featured_offer_loss_daily": self._spans()}
        world = read_world({"account": account, "published": published, **self._tables()})
        first = self.last - timedelta(days=BUILT_DAYS - 1)
        return BuyBoxWorld(self.seed, world, first - timedelta(days=self.one_of((0, 0, 25))), first, self.last)

    def _spans(self) -> list[list[date]]:
        """Published days with gaps, ended early or not there at all."""
        newest = self.newest - timedelta(days=self.one_of((0, 0, 0, 2, 12, 60)))
        gaps = {newest - timedelta(days=self.chance.randint(0, 60)) for _ in range(self.one_of((0, 0, 1, 4)))}
        count = 0 if self.chance.random() < 0.07 else max(0, (newest - self.oldest).days + 1)
        days = (self.oldest + timedelta(days=offset) for offset in range(count))
        return [[day, day] for day in days if day not in gaps]

    def _tables(self) -> dict[str, list[Row]]:
        each = [self._product, self._forecast, self._reports, self._official, self._looks]
        each += [self._stock, self._drivers, self._prices, self._actions]
        names = ("product", "forecast_weekly", "sales_daily", "featured_offer_loss_daily", "offer_snapshot")
        names += ("stock_coverage_daily", "sales_driver_daily", "price_gap_daily", "control_action")
        rows = {
            name: [row for asin in self.asins for row in make(asin)] for name, make in zip(names, each, strict=True)
        }
        rows["inventory_daily"] = [row for row in rows["sales_daily"] if "sellable_on_hand_units" in row]
        rows["sales_daily"] = [row for row in rows["sales_daily"] if "ordered_units" in row]
        rows["offer_snapshot"] += self._looks(RIVAL)
        rows["offer"] = [offer for look in rows["offer_snapshot"] for offer in self._offers(look)]
        rows["event_calendar"] = list(self._events())
        return rows

    def _product(self, asin: str) -> Iterator[Row]:
        seen = self.one_of((self.oldest, self.oldest, None, self.last - timedelta(days=self.chance.randint(0, 200))))
        if self.chance.random() < 0.9:
            yield {"asin": asin, "first_seen_date": seen}
        if self.chance.random() < 0.2:
            yield {"asin": asin, "first_seen_date": None, "valid_from_date": self.last - timedelta(days=5)}

    def _forecast(self, asin: str) -> Iterator[Row]:
        if self.chance.random() < 0.1:
            yield {"asin": asin, "generation_date": self.oldest, "week_start_date": self.oldest, "mean_units": 1}

    def _reports(self, asin: str) -> Iterator[Row]:
        """Sales and inventory rows; for weeks at a time nothing is sold, or nothing is there."""
        pace, price, shortage = self.one_of((0, 1, 5, 40)), self.chance.randint(100, 9900), self.one_of((0, 0.1, 0.6))
        absence, is_short = self.one_of((0, 0.02, 0.3)), False
        for offset in range((self.newest - self.oldest).days + 1):
            day = self.oldest + timedelta(days=offset)
            if offset % 7 == 0:
                is_short = self.chance.random() < shortage
            units = 0 if is_short and self.chance.random() < 0.8 else self.chance.randint(0, 2 * pace)
            units = -1 if self.chance.random() < 0.005 else units
            if units or self.chance.random() > absence:
                revenue = self.unless_null(f"{units * price / 100:.2f}")
                yield {"asin": asin, "business_date": day} | {
                    f"{kind}_{name}": value
                    for kind in ("ordered", "shipped")
                    for name, value in (("units", self.unless_null(units)), ("revenue_amount", revenue))
                }
            if self.chance.random() > absence:
                held = self.one_of((0, 0, -2)) if is_short else self.chance.randint(1, 90)
                yield {"asin": asin, "business_date": day, "sellable_on_hand_units": self.unless_null(held)}

    def _official(self, asin: str) -> Iterator[Row]:
        absence, habit = (
            self.one_of((0.02, 0.3, 0.97, 1)),
            self.one_of((RATIOS, RATIOS, (0,), (1,), (0, "0.05", "0.3"))),
        )
        for offset in range((self.newest - self.oldest).days + 1):
            if self.chance.random() >= absence:
                views = self.one_of((0, 3, 10, 77, 1000))
                yield {
                    "asin": asin, "business_date": self.oldest + timedelta(days=offset),
                    "glance_views": self.unless_null(views), "lost_featured_offer_ratio": self.one_of(habit),
                }  # fmt: skip

    def _looks(self, asin: str) -> Iterator[Row]:
        """Looks hours or days apart, in runs; at times on a local midnight, at times none for weeks."""
        kept, steps = self.one_of((0.3, 0.6, 0.9)), self.one_of((STEPS, STEPS, STEPS[:5]))
        at = midnight(self.last - timedelta(days=self.chance.randint(3, LOOKED_DAYS)), self.account["time_zone"])
        end = midnight(self.last + timedelta(days=self.one_of((-8, 1, 1, 4))), self.account["time_zone"])
        if self.chance.random() < 0.1:
            return
        owner = self.one_of(OWNERS)
        while at < end:
            owner = owner if self.chance.random() < kept else self.one_of(OWNERS)
            yield self._look(asin, at, owner)
            at += self.one_of(steps) + self.one_of(BESIDE)
            if self.chance.random() < 0.02:
                at = midnight(at.date() + timedelta(days=self.one_of((1, 1, 9))), self.account["time_zone"])

    def _look(self, asin: str, at: datetime, owner: str) -> Row:
        winner = self.one_of(SELLERS) if owner == "other" else {"amazon": "AMAZON", "own": "BRAND"}.get(owner)
        return {
            "asin": asin, "observed_at": at, "owner_code": owner, "winner_seller_id": winner,
            "winner_price_amount": self.one_of(PRICES) if owner not in ("suppressed", "none") else None,
            "our_price_amount": self.one_of(PRICES), "has_amazon_offer": self.chance.random() < 0.3,
        }  # fmt: skip

    def _offers(self, look: Row) -> Iterator[Row]:
        """Offers of the look: of the winner none, one or two, featured or not, in any order; and one of another."""
        for index in range(1, 1 + self.one_of((0, 1, 2, 3))):
            seller = self.one_of((look["winner_seller_id"], look["winner_seller_id"], "S9")) or "S8"
            yield {
                "asin": look["asin"], "observed_at": look["observed_at"], "seller_id": seller, "offer_index": index,
                "is_featured": self.chance.random() < 0.7, "is_fulfilled_by_amazon": self.one_of((True, False, None)),
            }  # fmt: skip

    def _every_day(self, absence: float) -> Iterator[date]:
        for offset in range(LOOKED_DAYS + 10):
            if self.chance.random() >= absence:
                yield self.last - timedelta(days=offset - 4)

    def _stock(self, asin: str) -> Iterator[Row]:
        for day in self._every_day(self.one_of((0, 0.05, 0.5))):
            yield {
                "asin": asin, "business_date": day, "data_status_code": self.one_of(STATUSES),
                "sellable_on_hand_units": self.one_of((0, 0, -1, 5, 90, None)),
                "expected_units_per_day": self.one_of((None, 0, "0.5", "3.333333", 12)),
            }  # fmt: skip

    def _drivers(self, asin: str) -> Iterator[Row]:
        for day in self._every_day(0.2):
            parts = {f"{name}_amount": self.one_of((None, -5, -5, "-7.25", -9, -9, 0)) for name in
                     ("traffic", "buy_box", "conversion", "price", "new", "gone")}  # fmt: skip
            yield {
                **SURELY_COUNTED, **parts, "asin": asin, "business_date": day, "data_status_code": "settled",
                "comparison_code": self.one_of(("wow", "wow", "wow", "vs_8w")),
                "revenue_change_amount": self.one_of((None, 0, "-0.01", -20, 8)),
            }  # fmt: skip

    def _prices(self, asin: str) -> Iterator[Row]:
        for day in self._every_day(self.one_of((0.1, 0.5, 0.95))):
            yield {
                "asin": asin, "business_date": day, "data_status_code": self.one_of(PRICE_STATUSES),
                "joint_price_amount": self.one_of((None, "9.99", "10.0001", 5, 40)),
                "net_in_promotion_amount": self.one_of((None, -1, 0, "0.008197", "0.01", 6, "7.5")),
                "unit_cost_amount": self.one_of((None, 0, 2, 6)),
            }  # fmt: skip

    def _actions(self, asin: str) -> Iterator[Row]:
        for _ in range(self.one_of((0, 3, 6, 9))):
            at = midnight(self.last - timedelta(days=self.chance.randint(-2, LOOKED_DAYS)), self.account["time_zone"])
            family = self.one_of(("buy_box", "buy_box", "buy_box", "price"))
            yield {
                "account_id": "brand", "control_id": f"brand:{family}:{asin}:2026-01-01",
                "acted_at": at + timedelta(hours=self.one_of((0, 9, 9, 15))), "action_code": self.one_of(ACTIONS),
                "actor_name": self.one_of(("manager", "planner")),
                "spend_amount": self.one_of((None, None, "12.5", 100)),
                "asin": self.one_of((None, None, asin, self.asins[0], RIVAL)),
            }  # fmt: skip

    def _events(self) -> Iterator[Row]:
        """Events of this marketplace and of another."""
        for number in range(self.one_of((0, 1, 3))):
            start = self.last - timedelta(days=self.chance.randint(0, 200))
            code = self.one_of((self.account["marketplace_code"], self.account["marketplace_code"], "FR"))
            end = start + timedelta(days=self.one_of((0, 1, 4, 40)))
            yield {"marketplace_code": code, "start_date": start, "end_date": end, "name": f"Event {number}"}
