"""What reports and queries have in common: they wait, are worked on, come to an end, and are kept for a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from simulator.config import AccountConfig

Outcome = Literal["DONE", "FATAL", "CANCELLED"]
_SLOW_SHARE = 0.015
_SLOWNESS = 12.0
_FAR_EAST = frozenset({"A39IBJ37TRP1C6", "A1VC38T7YXB528", "A19VAU5U5O7RUS"})
_NORTH_AMERICA = frozenset({"ATVPDKIKX0DER", "A2Q3Y263D00KWC", "A2EUQ1WTGCTBG2", "A1AM78C64UM0Y8"})


@dataclass(kw_only=True)
class Job:
    """One piece of work that Amazon does later. ``*_pace`` are pace seconds; the status follows from them."""

    credential_key: str
    account: AccountConfig
    created_at: datetime
    created_pace: float
    start_pace: float
    end_pace: float
    speed: float
    outcome: Outcome
    cancelled_at: datetime | None = None

    def status(self, pace: float) -> str:
        """IN_QUEUE, IN_PROGRESS, then the outcome; CANCELLED at once when it was withdrawn."""
        if self.cancelled_at is not None:
            return "CANCELLED"
        if pace < self.start_pace:
            return "IN_QUEUE"
        return "IN_PROGRESS" if pace < self.end_pace else self.outcome

    def started_at(self, pace: float) -> datetime | None:
        """When processing began, world time; None while it has not, or if it was withdrawn before."""
        if pace < self.start_pace or (self.cancelled_at is not None and self.cancelled_at < self._at(self.start_pace)):
            return None
        return self._at(self.start_pace)

    def ended_at(self, pace: float) -> datetime | None:
        """When it came to its end or was withdrawn, world time; None before."""
        if self.cancelled_at is not None:
            return self.cancelled_at
        return self._at(self.end_pace) if pace >= self.end_pace else None

    def _at(self, pace: float) -> datetime:
        return self.created_at + timedelta(seconds=(pace - self.created_pace) / self.speed)


def draw_course(
    rng: np.random.Generator, pace: float, waiting_seconds: float, working_seconds: float, is_stuck: bool
) -> tuple[float, float]:
    """Pace seconds of start and end of a job made at ``pace``; the seconds are medians, few jobs take far longer.

    A stuck one waits for ever.
    """
    slowness = _SLOWNESS if rng.random() < _SLOW_SHARE else 1.0
    medians = np.log([waiting_seconds, working_seconds])
    waiting, working = np.exp(rng.normal(medians, [0.5, 0.45])) * slowness
    start = float("inf") if is_stuck else pace + float(waiting)
    return start, start + float(working)


def region_of(marketplace_id: str) -> str:
    """The region that a document's id names: ``eu``, ``na`` or ``fe``."""
    return "fe" if marketplace_id in _FAR_EAST else "na" if marketplace_id in _NORTH_AMERICA else "eu"
