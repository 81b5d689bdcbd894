"""The calendar grid of report periods: how windows split, how long and how old they may be.

Grid from Amazon's vendor report schemas: WEEK runs Sunday to Saturday; MONTH, QUARTER and YEAR from their first to
their last day; one request may span several. Limits as connector maintainers found them.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Period = Literal["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"]
PUBLICATION_LAG = timedelta(hours=72)
"""After the end of a period, in the account's time zone."""


@dataclass(frozen=True)
class PeriodLimits:
    """How many periods one request may span, and how many back it may begin."""

    longest: int
    lookback: int


LIMITS: dict[Period, PeriodLimits] = {
    "DAY": PeriodLimits(15, 1460),
    "WEEK": PeriodLimits(7, 8),
    "MONTH": PeriodLimits(15, 36),
    "QUARTER": PeriodLimits(4, 8),
    "YEAR": PeriodLimits(2, 3),
}
_MONTHS: dict[Period, int] = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}


def period_start(period: Period, day: date) -> date:
    """The first day of the period that holds ``day``."""
    if period == "DAY":
        return day
    if period == "WEEK":
        return day - timedelta(days=(day.weekday() + 1) % 7)
    months = _MONTHS[period]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def shift(period: Period, start: date, count: int) -> date:
    """The first day of the period ``count`` after the one that begins on ``start``."""
    if period == "DAY":
        return start + timedelta(days=count)
    if period == "WEEK":
        return start + timedelta(weeks=count)
    months = start.year * 12 + start.month - 1 + count * _MONTHS[period]
    return date(months // 12, months % 12 + 1, 1)


def is_on_grid(period: Period, first: date, last: date) -> bool:
    """Whether ``first`` begins a period and ``last`` ends one."""
    return period_start(period, first) == first and period_start(period, last + timedelta(days=1)) > last


def split(period: Period, first: date, last: date) -> list[tuple[date, date]]:
    """The periods of a window on the grid, each as (first day, last day), oldest first."""
    spans: list[tuple[date, date]] = []
    while first <= last:
        following = shift(period, first, 1)
        spans.append((first, following - timedelta(days=1)))
        first = following
    return spans


def oldest_start(period: Period, today: date) -> date:
    """The earliest day that a request may begin with on ``today``."""
    return shift(period, period_start(period, today), -LIMITS[period].lookback)


def newest_published(now: datetime, time_zone: str, lag: timedelta = PUBLICATION_LAG) -> date:
    """The newest day whose figures are out: ``lag`` has passed since its end in ``time_zone``."""
    return (now - lag).astimezone(ZoneInfo(time_zone)).date() - timedelta(days=1)
