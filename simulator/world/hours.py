"""A day of an account hour by hour, as Amazon's real-time feeds see it: early, and not quite as it is published later.

Hours are UTC; an hour belongs to the day on which it begins in the account's time zone, so a day has 23 to 25.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from simulator.world.catalogue import Bools, Ints
from simulator.world.draws import Purpose, generator
from simulator.world.history import AccountWorld

_HOUR = timedelta(hours=1)
_SHAPE = np.array(
    [9, 5, 3, 2, 2, 3, 8, 18, 30, 42, 50, 54, 55, 56, 56, 55, 54, 55, 60, 68, 78, 82, 62, 28], dtype=np.float64
)
"""Visits by local hour of the day."""
_ORDERS_SEEN = 0.985
_VIEWS_SEEN = 0.97
_CANCELLED = 0.03
_HOURS_TO_CANCEL = 4
_CARTS_PER_ORDER = 0.3


def hours_of(day: date, time_zone: str) -> list[datetime]:
    """The beginnings of the full UTC hours that begin on ``day`` in ``time_zone``, in their order."""
    zone = ZoneInfo(time_zone)
    begin, end = (datetime.combine(day + timedelta(days=ahead), time(), zone).astimezone(UTC) for ahead in (0, 1))
    first = begin.replace(minute=0, second=0, microsecond=0)
    first = first if first == begin else first + _HOUR
    return [first + _HOUR * count for count in range(-((first - end) // _HOUR))]


@dataclass(frozen=True)
class HourlyOrders:
    """Units per hour and ASIN: shape (hours, ASINs)."""

    placed: Ints
    net: Ints
    """Less what was cancelled in the hour, ordered some hours before; may be negative."""
    told: Bools
    """Whether anything was ordered or cancelled."""


def _weights(hours: list[datetime], time_zone: str) -> np.ndarray:
    zone = ZoneInfo(time_zone)
    weights = np.array([_SHAPE[hour.astimezone(zone).hour] for hour in hours])
    return np.asarray(weights / weights.sum())


def hourly_orders(world: AccountWorld, day: date) -> HourlyOrders:
    """The orders of ``day`` as they came in. A few are never seen, and cancellations of the evening come too late."""
    true = world.span(day, day, ("ordered",))
    rng = generator(world.key, Purpose.HOURLY_SALES, true.first_index)
    hours = hours_of(day, world.account.time_zone)
    seen = rng.binomial(true["ordered"][0], _ORDERS_SEEN)
    placed = rng.multinomial(seen, _weights(hours, world.account.time_zone)).T
    cancelled = np.zeros_like(placed)
    cancelled[_HOURS_TO_CANCEL:] = rng.binomial(placed[:-_HOURS_TO_CANCEL], _CANCELLED)
    return HourlyOrders(placed=placed, net=placed - cancelled, told=(placed > 0) | (cancelled > 0))


def hourly_views(world: AccountWorld, day: date) -> Ints:
    """Views of each page per hour, whoever was the featured offer: shape (hours, ASINs)."""
    true = world.span(day, day, ("all_views",))
    rng = generator(world.key, Purpose.HOURLY_TRAFFIC, true.first_index)
    hours = hours_of(day, world.account.time_zone)
    seen = rng.binomial(true["all_views"][0].astype(np.int64), _VIEWS_SEEN)
    split = rng.multinomial(seen, _weights(hours, world.account.time_zone)).T
    return np.maximum(split, hourly_orders(world, day).placed)


@dataclass(frozen=True)
class HourlyStock:
    """Units that can be bought per hour and ASIN, net of carts: shape (hours, ASINs)."""

    available: Ints
    told: Bools
    """Whether the feed names the ASIN in that hour: when the figure moved, and once a day besides."""


def hourly_stock(world: AccountWorld, day: date) -> HourlyStock:
    """From the evening before to the evening of ``day``: deliveries come in once, orders go out as they are placed."""
    true = world.span(day - timedelta(days=1), day, ("on_hand", "received", "resellable"))
    rng = generator(world.key, Purpose.HOURLY_STOCK, true.first_index + 1)
    before = true["on_hand"][0].astype(np.int64)
    placed = hourly_orders(world, day).placed
    count, size = placed.shape
    incoming = true["received"][1].astype(np.int64) + true["resellable"][1]
    arrived = np.arange(count)[:, None] >= rng.integers(6, 18, size)
    stock = before + arrived * incoming - np.cumsum(placed, axis=0)
    stock[-1] = true["on_hand"][1]
    carts = rng.poisson(placed * _CARTS_PER_ORDER)
    # The day ends without carts, so that the next one knows what was told last.
    carts[-1] = 0
    available = np.maximum(0, stock - carts)
    previous = np.vstack([np.maximum(0, before), available[:-1]])
    refreshed = np.arange(count)[:, None] == rng.integers(0, count, size)
    return HourlyStock(available=available, told=(available != previous) | refreshed)
