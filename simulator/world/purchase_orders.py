"""Amazon's purchase orders, line by line, out of the world's supply figures.

What is ordered on a day with the same lead time is one purchase order, or several of at most ``LINES_PER_ORDER`` lines:
an order has one delivery window, so whatever comes after it is late. Near lead times share a warehouse.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, time
from hashlib import blake2b
from zoneinfo import ZoneInfo

import numpy as np

from simulator.world.catalogue import Bools, Ints
from simulator.world.history import AccountWorld
from simulator.world.order_numbers import OrderPlace, order_number
from simulator.world.order_weeks import NEVER, OrderWeek, Seconds
from simulator.world.supply import RING_DAYS, USUAL_DELAY_DAYS

LINES_PER_ORDER = 50
_SHORT_WAIT_DAYS = 5
LONGEST_LIFE_DAYS = RING_DAYS + _SHORT_WAIT_DAYS + 1
"""An order is closed at the latest this long after it was placed: the longest way, and the wait for what is short."""
WEEK_DAYS = 7
_WEEKS_KEPT = 20
_PIECE_DAYS = 8
"""Arrivals are read in pieces of this many days: a span holds every figure of every product."""
_DAY, _HOUR = 86_400, 3_600
_CANCEL_WAIT_DAYS = 2
_MOST_LEADS = 32
_LEADS_PER_WAREHOUSE = 3


@dataclass(frozen=True)
class _Draft:
    """Lines of a week sorted by day, lead time and product: day and product index, and order position of each."""

    day: Ints
    asin: Ints
    order: Ints
    places: list[OrderPlace]
    first_line: Ints


@dataclass(frozen=True)
class _Times:
    """Per line. ``answered_at`` is when the vendor answered or Amazon gave up waiting; ``is_left`` says which."""

    placed_at: Seconds
    window_start: Seconds
    window_end: Seconds
    confirmed_at: Seconds
    answered_at: Seconds
    received_at: Seconds
    is_left: Bools


class PurchaseOrders:
    """The purchase orders of one account. Weeks are made when asked for; the newest used stay in memory."""

    def __init__(self, world: AccountWorld) -> None:
        self.world = world
        self.vendor_code = _letters(world.key, "vendor", 4) + "1"
        self._zone = ZoneInfo(world.account.time_zone)
        self._weeks: OrderedDict[tuple[int, int], OrderWeek | None] = OrderedDict()

    def day_of(self, instant: int) -> int:
        """Day index of a Unix time in the account's calendar."""
        return self.world.index_of(datetime.fromtimestamp(instant, self._zone).date())

    def weeks(self, first_day: int, last_day: int, now: int) -> list[OrderWeek]:
        """The weeks that hold the order days from ``first_day`` to ``last_day``, as they stand ``now``, oldest first.

        No order is placed before the world's first day or after the day of ``now``.
        """
        today = self.day_of(now)
        numbers = range(max(0, first_day) // WEEK_DAYS, min(last_day, today) // WEEK_DAYS + 1)
        found = [self._week(number, today) for number in numbers]
        return [week for week in found if week is not None]

    def _week(self, number: int, today: int) -> OrderWeek | None:
        """Week ``number`` with every arrival up to ``today``; None when nothing was ordered in it."""
        known = min(today, number * WEEK_DAYS + WEEK_DAYS + RING_DAYS)
        key = (number, known)
        if key not in self._weeks:
            self._weeks[key] = self._build(number * WEEK_DAYS, known)
            while len(self._weeks) > _WEEKS_KEPT:
                self._weeks.popitem(last=False)
        self._weeks.move_to_end(key)
        return self._weeks[key]

    def _build(self, first_day: int, known: int) -> OrderWeek | None:
        last_day = min(first_day + WEEK_DAYS - 1, known)
        span = self.world.span(self.world.date_of(first_day), self.world.date_of(last_day))
        draft = self._draft(span["asked"], first_day)
        if draft is None:
            return None
        at = (draft.day - first_day, draft.asin)
        heads = draft.first_line[:-1]
        accepted = span["confirmed"][at].astype(np.int64)
        arrival_day = draft.day + span["way_days"][at]
        received = self._received(draft.asin, accepted, arrival_day, known)
        times = self._times(draft, first_day, arrival_day, span["confirm_day_offset"][at].astype(np.int64))
        late_or_short = np.where(received < accepted, _SHORT_WAIT_DAYS * _DAY, 0)
        settled = np.where(accepted > 0, times.received_at + late_or_short, times.answered_at)
        return OrderWeek(
            numbers=tuple(order_number(self.world.key, place) for place in draft.places),
            warehouses=tuple(self.warehouse_code(place.lead) for place in draft.places),
            first_line=draft.first_line,
            placed_at=times.placed_at[heads],
            window_start=times.window_start[heads],
            window_end=times.window_end[heads],
            closed_at=np.maximum.reduceat(settled, heads),
            asin=draft.asin,
            case_units=self.world.catalogue.case_pack[draft.asin],
            asked=span["asked"][at].astype(np.int64),
            accepted=accepted,
            cost=span["cost"][at].astype(np.float64),
            confirmed_at=times.confirmed_at,
            received=received,
            received_at=np.where(accepted > 0, times.received_at, NEVER),
            cancelled_at=np.where(times.is_left & (accepted == 0), times.answered_at, NEVER),
        )

    def _times(self, draft: _Draft, first_day: int, arrival_day: Ints, offset: Ints) -> _Times:
        """When each line is placed, answered and delivered. Orders come at night, answers and lorries by day."""
        midnights = self._midnights(first_day, first_day + WEEK_DAYS + LONGEST_LIFE_DAYS)
        day, lead = draft.day - first_day, self.world.catalogue.lead_days[draft.asin]
        window_end_day = day + lead + USUAL_DELAY_DAYS
        spread = _spread(self.world.key, draft)
        minute = spread[draft.first_line[:-1]][draft.order] % 120 * 60
        answer_day = np.minimum(day + np.maximum(offset, 0), len(midnights) - 1)
        is_left = offset < 0
        confirmed_at = np.where(is_left, NEVER, midnights[answer_day] + 10 * _HOUR + minute)
        given_up_at = midnights[window_end_day + _CANCEL_WAIT_DAYS] + 3 * _HOUR
        return _Times(
            placed_at=midnights[day] + 4 * _HOUR + minute,
            window_start=midnights[day + lead],
            window_end=midnights[window_end_day + 1] - 1,
            confirmed_at=confirmed_at,
            answered_at=np.where(is_left, given_up_at, confirmed_at),
            received_at=midnights[arrival_day - first_day] + 8 * _HOUR + spread % 480 * 60,
            is_left=is_left,
        )

    def warehouse_code(self, lead: int) -> str:
        """Where goods of this lead time go: three letters and a digit."""
        warehouse = lead // _LEADS_PER_WAREHOUSE
        return f"{_letters(self.world.key, f'warehouse {warehouse}', 3)}{warehouse % 10}"

    def _draft(self, asked: np.ndarray, first_day: int) -> _Draft | None:
        """What was asked for, put into orders."""
        offsets, asins = np.nonzero(asked > 0)
        if not len(asins):
            return None
        leads = self.world.catalogue.lead_days[asins]
        sorting = np.lexsort((asins, leads, offsets))
        days, asins, leads = offsets[sorting] + first_day, asins[sorting], leads[sorting]
        group = days * _MOST_LEADS + leads
        starts = np.flatnonzero(np.diff(group, prepend=-1))
        within = np.arange(len(group)) - np.repeat(starts, np.diff(starts, append=len(group)))
        first_line = np.flatnonzero(within % LINES_PER_ORDER == 0)
        places = [
            OrderPlace(int(days[line]), int(leads[line]), int(within[line]) // LINES_PER_ORDER) for line in first_line
        ]
        sizes = np.diff(first_line, append=len(group))
        order = np.repeat(np.arange(len(first_line)), sizes)
        return _Draft(days, asins, order, places, np.append(first_line, len(group)))

    def _received(self, asin: Ints, accepted: Ints, arrival_day: Ints, known: int) -> Ints:
        """Units of each line that were there by the end of day ``known``.

        What arrives of a product on one day is spread over the lines that were due, by what they were due.
        """
        received = np.zeros(len(asin), dtype=np.int64)
        due = (accepted > 0) & (arrival_day <= known)
        if not due.any():
            return received
        for first in range(int(arrival_day[due].min()), int(arrival_day[due].max()) + 1, _PIECE_DAYS):
            last = min(first + _PIECE_DAYS - 1, known)
            inside = np.flatnonzero(due & (arrival_day >= first) & (arrival_day <= last))
            if not len(inside):
                continue
            span = self.world.span(self.world.date_of(first), self.world.date_of(last))
            at = (arrival_day[inside] - first, asin[inside])
            expected = np.maximum(span["expected"][at].astype(np.float64), accepted[inside])
            share = span["received"][at].astype(np.float64).clip(0) / expected
            received[inside] = np.floor(accepted[inside] * np.minimum(share, 1.0) + 1e-9)
        return received

    def _midnights(self, first_day: int, last_day: int) -> Seconds:
        """When each day of the account's calendar begins."""
        return np.array(
            [
                int(datetime.combine(self.world.date_of(day), time(), self._zone).timestamp())
                for day in range(first_day, last_day + 1)
            ],
            dtype=np.int64,
        )


def _letters(key: int, purpose: str, length: int) -> str:
    digest = blake2b(f"{key}:{purpose}".encode(), digest_size=length).digest()
    return "".join(chr(ord("A") + byte % 26) for byte in digest)


def _spread(key: int, draft: _Draft) -> Ints:
    """A number per line that looks like chance, so that not everything happens at the same minute."""
    mixed = (draft.day.astype(np.uint64) << np.uint64(32) | draft.asin.astype(np.uint64)) ^ np.uint64(key)
    mixed = (mixed ^ (mixed >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
    return np.asarray((mixed >> np.uint64(40)).astype(np.int64))
