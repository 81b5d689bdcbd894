"""What the calendar does to demand: seasons, weekdays, shopping events and holidays."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_DAY_OF_YEAR = np.arange(367)


def _wave(amplitude: float, peak: int) -> Floats:
    return np.asarray(1 + amplitude * np.cos(2 * np.pi * (_DAY_OF_YEAR - peak) / 365.25), dtype=np.float64)


def _bump(height: float, peak: int, width: float) -> Floats:
    return np.asarray(height * np.exp(-0.5 * ((_DAY_OF_YEAR - peak) / width) ** 2), dtype=np.float64)


CATEGORY_SEASONS: Floats = np.stack(
    [
        _wave(0.06, 340) + _bump(0.35, 345, 13),
        _wave(0.55, 172) + _bump(0.1, 345, 12),
        _wave(0.5, 15) + _bump(0.35, 342, 13),
        _wave(0.1, 340) + _bump(2.2, 346, 12),
        _wave(0.08, 250) + _bump(0.9, 248, 13),
    ]
)
"""Factor by category (see ``catalogue``) and day of the year 0 to 366; around 1 over a year."""

WEEKDAY_VIEWS = (1.07, 1.03, 1.0, 0.97, 0.92, 0.93, 1.08)
"""Monday to Sunday: vendor shops draw most on Sunday evening and Monday."""


@dataclass(frozen=True)
class DayEvents:
    """What is special about a day: factors on views and conversion, and the share taken off prices."""

    views: float = 1.0
    conversion: float = 1.0
    discount: float = 0.0
    is_event: bool = False


ORDINARY_DAY = DayEvents()


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _span(first: date, days: int, events: DayEvents) -> dict[date, DayEvents]:
    return {first + timedelta(days=offset): events for offset in range(days)}


_PRIME_DAYS = {2024: (date(2024, 7, 16), 2), 2025: (date(2025, 7, 8), 4), 2026: (date(2026, 6, 23), 4)}
"""As Amazon announced them in Europe and America, first day and length."""
_BIG_DEAL_DAYS = {2024: (date(2024, 10, 8), 2)}


def prime_day(year: int) -> tuple[date, int]:
    """Its first day and length: as announced; before that two days in July, after it four days late in June."""
    usual = (_nth_weekday(year, 7, 1, 2), 2) if year < min(_PRIME_DAYS) else (_nth_weekday(year, 6, 1, 4), 4)
    return _PRIME_DAYS.get(year, usual)


def prime_big_deal_days(year: int) -> tuple[date, int]:
    """First day and length of Prime's days in October."""
    return _BIG_DEAL_DAYS.get(year, (_nth_weekday(year, 10, 1, 1), 2))


@lru_cache(maxsize=64)
def _year_events(year: int) -> dict[date, DayEvents]:
    """Black Friday week, two Prime events, August and the turn of the year; later entries win."""
    black_friday = _nth_weekday(year, 11, 3, 4) + timedelta(days=1)
    return (
        _span(date(year, 1, 1), 1, DayEvents(0.7, 0.85))
        | _span(*prime_day(year), DayEvents(2.4, 1.4, 0.2, is_event=True))
        | _span(date(year, 8, 8), 13, DayEvents(0.8, 0.95))
        | _span(*prime_big_deal_days(year), DayEvents(1.7, 1.25, 0.15, is_event=True))
        | _span(black_friday - timedelta(days=4), 4, DayEvents(1.6, 1.15, 0.12, is_event=True))
        | _span(black_friday, 4, DayEvents(2.6, 1.35, 0.2, is_event=True))
        | _span(date(year, 12, 24), 8, DayEvents(0.7, 0.85))
    )


def day_events(day: date) -> DayEvents:
    """What is special about ``day``; an ordinary day has factors of 1."""
    return _year_events(day.year).get(day, ORDINARY_DAY)


def category_season(day: date) -> Floats:
    """The factor of each category on ``day``."""
    return np.asarray(CATEGORY_SEASONS[:, day.timetuple().tm_yday - 1])
