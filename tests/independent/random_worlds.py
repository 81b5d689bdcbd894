"""Small worlds drawn from a seed, with every fact table filled and with what real feeds do to it: gaps, nulls, edges.

A world is one account of a few ASINs, a year of reports more or less, and twenty days to build. Instants fall on the
account's local midnights and hours around them, in spans that hold clock changes more often than not.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from tests.independent.stock_history import midnight
from tests.sql.worlds import Row, World, read_world

T = TypeVar("T")
BUILT_DAYS = 20
ACCOUNTS = (
    {"time_zone": "Europe/Rome", "marketplace_code": "IT", "currency_code": "EUR"},
    {"time_zone": "America/Los_Angeles", "marketplace_code": "US", "currency_code": "USD"},
    {"time_zone": "Asia/Tokyo", "marketplace_code": "JP", "currency_code": "JPY"},
)
TURNING_DAYS = (
    *(date(2026, 3, 29), date(2025, 10, 26)),  # the clock changes in Rome
    *(date(2026, 3, 8), date(2025, 11, 2)),  # and in Los Angeles
    *(date(2024, 2, 29), date(2026, 1, 1), date(2026, 6, 20)),
)
LIFECYCLES = ("active", "active", "launch", "seasonal", "seasonal", "phase_out", "discontinued")
CONFIRMATIONS = ("accepted", "accepted", "accepted", "partially_accepted", "rejected", "unconfirmed", None)
PACES = (0, 0.1, 0.5, 2, 3, 8, 40)
COVERS = (0, 0, -1, 2, 5, 9, 15, 25, 60, 100, 200, 600)
EDGES = (0, 0, 3, 6, 7, 7, 8, 10, 14, 20, 21, 21, 27, 28, 84, 84, 85, 120)
"""Days of cover on which thresholds lie, or a day beside them."""
ORDERS = ((10, 10), (10, 8), (10, 7), (40, 40), (40, 0), (1000, 799), (1000, 800), (10, 400), (0, 0))
"""Ordered and accepted units."""


@dataclass(frozen=True)
class RandomWorld:
    """What ``seed`` drew, and the days to build."""

    seed: int
    world: World
    days: list[date]


def draw_world(seed: int) -> RandomWorld:
    """The world of ``seed``: always the same."""
    return Drawing(seed).drawn()


class Drawing:
    """One world as it is drawn. Rates and habits are drawn once a world or an ASIN, so that worlds differ in kind."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.last = self.one_of(TURNING_DAYS) + timedelta(days=self.chance.randint(-1, BUILT_DAYS))
        self.oldest = self.last - timedelta(days=self.chance.choice((100, 200, 420, 420)))
        self.newest = self.last + timedelta(days=self.chance.choice((-5, -1, 0, 0, 0, 0, 10, 30)))
        self.account = dict(self.one_of(ACCOUNTS))
        self.view, self.other_view = self.chance.sample(("MANUFACTURING", "SOURCING"), 2)
        self.has_other_view = self.chance.random() < 0.5
        self.null_rate = self.one_of((0, 0, 0.002, 0.02, 0.1))
        self.asins = [f"B0RANDOM{number:02}" for number in range(self.chance.randint(8, 12))]
        self.forgotten = self.asins[0]

    def one_of(self, choices: Sequence[T]) -> T:
        return self.chance.choice(choices)

    def drawn(self) -> RandomWorld:
        thresholds = {
            "critical_cover_days": self.one_of((7, 7, 3, 10.5)),
            "low_cover_margin_days": self.one_of((7, 7, 0, 2.25)),
            "overstock_cover_days": self.one_of((84, 84, 28, 10, 120)),
            "default_lead_time_days": self.one_of((14, 14, 21, 7.5)),
        }
        account = {**self.account, "primary_distributor_view_code": self.view, "thresholds": thresholds}
        published, no_data = self._published_spans()
        world = read_world({"account": account, "published": published, "no_data": no_data, **self._tables()})
        if self.has_other_view:
            world.slices.extend(self._slices_of_the_other_view(world))
        return RandomWorld(self.seed, world, [self.last - timedelta(days=back) for back in reversed(range(BUILT_DAYS))])

    def _tables(self) -> dict[str, list[Row]]:
        tables: dict[str, list[Row]] = defaultdict(list)
        tables["forecast_weekly"] += self._forecasts()
        tables["event_calendar"] += self._events()
        has_orders = self.chance.random() < 0.85
        for asin in self.asins:
            reports = list(self._reports(asin))
            tables["sales_daily"] += [row for row in reports if "ordered_units" in row]
            tables["inventory_daily"] += [row for row in reports if "sellable_on_hand_units" in row]
            tables["traffic_daily"] += self._traffic(asin)
            tables["inventory_hourly"] += self._readings(asin)
            tables["offer_snapshot"] += self._offers(asin)
            tables["purchase_order_line"] += self._order_lines(asin) if has_orders else []
            tables["promotion"] += self._promotions(asin)
            tables["product"] += self._products(asin, reports)
        return tables

    def _published_spans(self) -> tuple[Row, Row]:
        """Sales days with gaps, some of them days that Amazon said have no data."""
        gaps: set[date] = set()
        for _ in range(self.one_of((0, 0, 0, 1, 3))):
            start = self.newest - timedelta(days=self.chance.randint(0, self.one_of((40, 400))))
            gaps.update(start - timedelta(days=offset) for offset in range(self.one_of((1, 1, 2, 12, 30, 40))))
        lasting = [self.oldest + timedelta(days=offset) for offset in range((self.newest - self.oldest).days + 1)]
        if self.chance.random() < 0.05:
            gaps.update(lasting)
        return (
            {"sales_daily": [[day, day] for day in lasting if day not in gaps]},
            {"sales_daily": [[day, day] for day in lasting if day in gaps and self.chance.random() < 0.5]},
        )

    def _slices_of_the_other_view(self, world: World) -> list[Row]:
        """Days that only the view which is not primary published."""
        known = {"status_code": "published", "variant_code": self.other_view}
        return [{**row, **known} for row in world.slices if row["status_code"] == "no_data"]

    def unless_null(self, figure: T) -> T | None:
        return None if self.chance.random() < self.null_rate else figure

    def day(self, earliest: int, latest: int) -> date:
        """A day so many days before the last one built (negative: after it)."""
        return self.last - timedelta(days=self.chance.randint(latest, earliest))

    def instant(self, earliest: int, latest: int) -> datetime:
        """An instant on such a day: mostly its first moment, or whole hours around it."""
        at = midnight(self.day(earliest, latest), self.account["time_zone"])
        return at + self.one_of((0, 0, 1, -1)) * timedelta(seconds=1) + timedelta(hours=self.one_of((0, 0, 9, 23)))

    def _reports(self, asin: str) -> Iterator[Row]:
        """Sales and inventory rows of both views. Stock stands on a level for some weeks, then on another.

        A steady ASIN sells the same every day and has whole days of cover. Sales and reports may end for good. The
        forgotten ASIN is reported until about a year before the days built, and no other table names it for certain.
        """
        chance, is_steady = self.chance, self.chance.random() < 0.3
        pace, price, cost = self.one_of(PACES), chance.randint(100, 9900), chance.randint(50, 5000)
        growth, absence = self.one_of((0, 0.5, 1, 1, 1, 2, 3)), self.one_of((0, 0.02, 0.02, 0.02, 0.4, 1))
        lead_time_rate = self.one_of((0, 0.01, 0.3))
        born = max(self.oldest, self.day(self.one_of((5, 40, 500, 500, 500)), 0))
        gone = self.day(385, 355) if asin == self.forgotten else self._end_of_something()
        sold_out, silent = self._end_of_something(), self.day(self.one_of((-30, -30, -30, 0, 16)), -30)
        level, level_until = 0, born
        for offset in range(max(0, (min(self.newest, gone) - born).days + 1)):
            day = born + timedelta(days=offset)
            if day >= level_until:
                level = round(self.one_of(EDGES if is_steady else COVERS) * max(pace, 0.5))
                level_until = day + timedelta(days=self.one_of((1, 3, 10, 40, 200)))
            if day >= sold_out:
                level = min(level, 0)
            if is_steady:
                units = round(pace) if day < sold_out else 0
            else:
                rate = pace * (growth if day > self.last - timedelta(days=7) else 1) * (level > 0 or day < sold_out)
                units = self._sold(rate * (level > 0 or chance.random() < 0.1))
            if units or chance.random() < 0.3:
                yield from self._sales(asin, day, units, price)
            if chance.random() >= absence and (day < silent or chance.random() < 0.05):
                held = level - (units if level > 3 * units and not is_steady else 0)
                yield from self._stock(asin, day, held, cost, chance.random() < lead_time_rate)

    def _end_of_something(self) -> date:
        """A day after all that is built, in the weeks before it, or about a year before it."""
        return self.day(*self.one_of((*[(-30, -30)] * 6, (50, 20), (385, 355))))

    def _sold(self, rate: float) -> int:
        if self.chance.random() < 0.01:
            return -1
        if rate < 1:
            return int(self.chance.random() < rate)
        return round(max(0, self.chance.gauss(rate, rate**0.5)))

    def _sales(self, asin: str, day: date, units: int, price: int) -> Iterator[Row]:
        for view in self._views():
            shipped = units + self.one_of((0, 0, 1))
            yield {
                "asin": asin, "business_date": day, "distributor_view_code": view,
                "ordered_units": self.unless_null(units), "shipped_units": self.unless_null(shipped),
                "ordered_revenue_amount": self.unless_null(f"{units * price / 100:.2f}"),
                "shipped_revenue_amount": self.unless_null(f"{shipped * (price - 7) / 100:.2f}"),
            }  # fmt: skip

    def _stock(self, asin: str, day: date, units: int, cost: int, has_lead_time: bool) -> Iterator[Row]:
        for view in self._views():
            held = units if view == self.view else units // 2
            has_unfilled = self.chance.random() < 0.05
            yield {
                "asin": asin, "business_date": day, "distributor_view_code": view,
                "sellable_on_hand_units": self.unless_null(held),
                "sellable_on_hand_cost_amount": self.unless_null(f"{held * (cost + len(view)) / 100:.2f}"),
                "open_purchase_order_units": self.unless_null(self.one_of((0, 12, 300, -3))),
                "unfilled_customer_ordered_units": self.one_of((-1, 0, 2)) if has_unfilled else None,
                "average_vendor_lead_time_days": self.one_of((0, 3, 9.5, 20, "33.333333")) if has_lead_time else None,
            }  # fmt: skip

    def _views(self) -> Iterator[str]:
        yield self.view
        if self.has_other_view and self.chance.random() < 0.8:
            yield self.other_view

    def _traffic(self, asin: str) -> Iterator[Row]:
        for _ in range(self.one_of((0, 0, 1, 5))):
            yield {"asin": asin, "business_date": self.day(450, -5), "glance_views": self.unless_null(3)}

    def _forecasts(self) -> Iterator[Row]:
        """Generations a week apart, more or less; the newest of them may be old, end early or miss ASINs."""
        newest = self.day(self.one_of((10, 35, 60)), -10)
        for number in range(self.one_of((0, 1, 3, 6))):
            generation = newest - timedelta(days=7 * number + self.one_of((0, 0, 3)))
            sunday = generation - timedelta(days=generation.isoweekday() % 7 + 7 * self.one_of((0, 0, 1)))
            for asin in self.asins:
                if asin == self.forgotten or self.chance.random() < 0.2:
                    continue
                pace, gap_rate = self.one_of((0, 1, 10, 40, 300)), self.one_of((0, 0, 0, 0.1))
                for week in range(self.one_of((1, 4, 13, 26, 30))):
                    if self.chance.random() < gap_rate:
                        continue
                    mean = self.one_of((f"{pace * self.chance.random():.2f}", pace, pace, 0))
                    start = sunday + timedelta(weeks=week)
                    yield {
                        "asin": asin, "generation_date": generation, "week_start_date": start,
                        "mean_units": self.unless_null(mean),
                    }  # fmt: skip

    def _readings(self, asin: str) -> Iterator[Row]:
        """Runs of hourly readings that begin or end around local midnights."""
        for _ in range(self.one_of((0, 2, 6))):
            start, level = self.instant(BUILT_DAYS + 2, -2), self.one_of((0, 0, 0, -1, 4, 60))
            start = start.replace(second=0) if start.second == 1 else start.replace(minute=0, second=0)
            for hour in range(self.one_of((1, 2, 5, 6, 7, 24, 49))):
                units = self.one_of((level, level, level, level, None, 0, 3)) if self.chance.random() < 0.2 else level
                at = start + timedelta(hours=hour)
                yield {"asin": asin, "hour_start_at": at, "highly_available_units": self.unless_null(units)}

    def _offers(self, asin: str) -> Iterator[Row]:
        for _ in range(self.one_of((0, 4, 30))):
            has_amazon_offer = self.chance.random() < 0.4
            yield {"asin": asin, "observed_at": self.instant(BUILT_DAYS + 2, -2), "has_amazon_offer": has_amazon_offer}

    def _order_lines(self, asin: str) -> Iterator[Row]:
        for number in range(self.one_of((0, 1, 1, 2, 5))):
            ordered, accepted = self.one_of(ORDERS)
            yield {
                "asin": asin, "po_number": f"PO{number}", "ordered_at": self.instant(70, -3),
                "ordered_units": self.one_of((ordered, ordered, ordered, ordered, None)),
                "accepted_units": self.one_of((accepted, accepted, accepted, accepted, None)),
                "received_units": self.one_of((0, 8, accepted, accepted + 1, None)),
                "confirmation_code": self.one_of(CONFIRMATIONS),
                "window_end_date": self.one_of((self.day(50, 30), self.day(50, -40), self.day(BUILT_DAYS, 0), None)),
                "status_code": self.one_of(("open", "open", "open", "closed", "cancelled")),
            }  # fmt: skip

    def _promotions(self, asin: str) -> Iterator[Row]:
        for number in range(self.one_of((0, 0, 1, 3))):
            start = self.instant(self.one_of((30, 400)), -5)
            length = timedelta(days=self.one_of((0, 1, 3, 30, 35, -2)), hours=self.one_of((0, 0, 0, 5)))
            end = None if self.chance.random() < 0.15 else start + length
            yield {"asin": asin, "promotion_id": f"PROMOTION{number}", "start_at": start, "end_at": end}

    def _events(self) -> Iterator[Row]:
        """Events of this marketplace and of another; now and then one that leaves hardly a base day."""
        for number in range(self.one_of((0, 1, 3))):
            start, length = self.day(400, -5), self.one_of((0, 1, 4, 4, 350))
            code = self.one_of((self.account["marketplace_code"], self.account["marketplace_code"], "FR"))
            end = start + timedelta(days=length)
            yield {"marketplace_code": code, "start_date": start, "end_date": end, "name": f"Event {number}"}

    def _products(self, asin: str, reports: Sequence[Row]) -> Iterator[Row]:
        """A prefilled row, rows of the client, both or none; what they say of the first day may be absent or early."""
        first = min((row["business_date"] for row in reports), default=self.day(20, -3))
        known = self.one_of((first, first, first, None, first - timedelta(days=30), first + timedelta(days=9)))
        days = [date(1970, 1, 1)] if self.chance.random() < 0.8 else []
        days += [self.day(60, -10) for _ in range(self.one_of((0, 0, 1, 2)))]
        for valid_from in days if asin != self.forgotten else ():
            seen = self.one_of((known, known, known, None, first))
            code = self.one_of(LIFECYCLES)
            yield {"asin": asin, "valid_from_date": valid_from, "lifecycle_code": code, "first_seen_date": seen}
