"""The world's time and the pace at which rates and lags run.

Two times, kept apart: *world time* is what dates and timestamps show and runs with real time from where it is set;
*pace seconds* run ``speed`` times as fast and drive token buckets and report processing only. Business dates never
depend on the speed.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


class Clock:
    """World time and pace seconds. ``monotonic`` can be replaced in tests; both advance with it."""

    def __init__(
        self,
        now: datetime | None = None,
        speed: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._world_anchor = now or datetime.now(UTC)
        self._world_mark = monotonic()
        self._pace_anchor = 0.0
        self._pace_mark = self._world_mark
        self._speed = speed

    @property
    def speed(self) -> float:
        return self._speed

    def now(self) -> datetime:
        """World time, UTC."""
        with self._lock:
            return self._world_anchor + timedelta(seconds=self._monotonic() - self._world_mark)

    def today(self, time_zone: str) -> date:
        """The world's calendar day in ``time_zone``."""
        return self.now().astimezone(ZoneInfo(time_zone)).date()

    def pace(self) -> float:
        """Pace seconds since the clock was made; never runs back, whatever is set."""
        with self._lock:
            return self._pace()

    def set(self, now: datetime | None = None, speed: float | None = None) -> None:
        """From here on world time continues from ``now`` and pace runs at ``speed``; None leaves either as it is."""
        with self._lock:
            mark = self._monotonic()
            if now is not None:
                self._world_anchor = now.replace(tzinfo=UTC) if now.tzinfo is None else now.astimezone(UTC)
                self._world_mark = mark
            if speed is not None:
                self._pace_anchor, self._pace_mark = self._pace(), mark
                self._speed = speed

    def _pace(self) -> float:
        return self._pace_anchor + (self._monotonic() - self._pace_mark) * self._speed
