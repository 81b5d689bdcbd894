"""A week of purchase orders as columns: what was asked, and when which thing happened to it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.world.catalogue import Bools, Floats, Ints

NEVER = np.iinfo(np.int64).max
"""A time that does not come, in Unix seconds."""
Seconds = NDArray[np.int64]


@dataclass(frozen=True)
class OrderWeek:
    """The orders of seven days with their lines. Times are Unix seconds, ``NEVER`` where a thing does not happen.

    Lines stand order by order; those of order ``i`` are ``first_line[i]`` up to ``first_line[i + 1]``.
    """

    numbers: tuple[str, ...]
    warehouses: tuple[str, ...]
    first_line: Ints
    placed_at: Seconds
    window_start: Seconds
    window_end: Seconds
    closed_at: Seconds
    asin: Ints
    """Per line: index in the catalogue."""
    case_units: Ints
    asked: Ints
    accepted: Ints
    cost: Floats
    confirmed_at: Seconds
    received: Ints
    received_at: Seconds
    cancelled_at: Seconds

    def lines(self, order: int) -> slice:
        return slice(int(self.first_line[order]), int(self.first_line[order + 1]))

    def any_line(self, holds: Bools) -> Bools:
        """Per order: whether ``holds`` for one of its lines."""
        return np.asarray(np.logical_or.reduceat(holds, self.first_line[:-1]))

    def changed_at(self, now: int) -> Seconds:
        """Per order: when Amazon last cancelled a line of it, up to ``now``; ``NEVER`` for orders left alone."""
        happened = np.where(self.cancelled_at <= now, self.cancelled_at, -1)
        newest = np.maximum.reduceat(happened, self.first_line[:-1])
        return np.asarray(np.where(newest < 0, NEVER, newest))

    def updated_at(self, now: int) -> Seconds:
        """Per order: the newest of all that happened to it, up to ``now``."""
        newest = np.where(self.closed_at <= now, self.closed_at, self.placed_at)
        for events in (self.confirmed_at, self.received_at, self.cancelled_at):
            happened = np.where(events <= now, events, 0)
            newest = np.maximum(newest, np.maximum.reduceat(happened, self.first_line[:-1]))
        return np.asarray(newest)
