"""Which dates a dataset comes in, when each is due, and when what was fetched of it is complete."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Protocol

from daybreak.business_dates import days, local_date, newest_due_date, start_of_day

CalendarCode = Literal["day", "generation", "hour", "utc_day", "month", "observation", "file"]

_SUNDAY = 6
_PACIFIC = "America/Los_Angeles"


class Calendar(Protocol):
    """The dates under which a dataset's slices stand in the ledger. ``time_zone`` is the account's."""

    @property
    def code(self) -> CalendarCode: ...

    @property
    def lag(self) -> timedelta: ...

    def newest_due(self, instant: datetime, time_zone: str) -> date:
        """The newest date whose figures can be had at ``instant``."""

    def dates(self, oldest: date, newest: date) -> list[date]:
        """The calendar's dates from ``oldest`` to ``newest``, both included, in order."""

    def is_complete(self, day: date, requested_at: datetime, instant: datetime, time_zone: str) -> bool:
        """Whether what was asked for at ``requested_at`` holds all of ``day`` that a run of ``instant`` needs."""


@dataclass(frozen=True)
class PublishedDays:
    """Days of the account's calendar, published once they have ended and ``lag`` has passed."""

    lag: timedelta
    code: CalendarCode = "day"

    def newest_due(self, instant: datetime, time_zone: str) -> date:
        return newest_due_date(instant, self.lag, time_zone)

    def dates(self, oldest: date, newest: date) -> list[date]:
        return days(oldest, newest)

    def is_complete(self, day: date, requested_at: datetime, instant: datetime, time_zone: str) -> bool:
        return True


@dataclass(frozen=True)
class Generations:
    """Sundays on which Amazon makes a forecast; Amazon gives the newest one only.

    It is out ``lag`` after the week's end in Pacific time, whatever the account's marketplace. While Amazon still gives
    the one before, that is published under its own Sunday, and the due one stays owed: every run asks again until it
    comes or the next one is due.
    """

    lag: timedelta
    code: CalendarCode = "generation"

    def newest_due(self, instant: datetime, time_zone: str) -> date:
        newest = newest_due_date(instant, self.lag, _PACIFIC) + timedelta(days=1)
        return newest - timedelta(days=(newest.weekday() - _SUNDAY) % 7)

    def dates(self, oldest: date, newest: date) -> list[date]:
        return [day for day in days(oldest, newest) if day.weekday() == _SUNDAY]

    def is_complete(self, day: date, requested_at: datetime, instant: datetime, time_zone: str) -> bool:
        return True


@dataclass(frozen=True)
class RealTimeHours:
    """UTC days of real-time hours, up to the end of the account's yesterday: what the controls of a morning read.

    UTC days, because a request is bounded in hours and a local day may have 25. ``lag`` is how long after its end
    Amazon has an hour.
    """

    lag: timedelta
    code: CalendarCode = "hour"

    def newest_due(self, instant: datetime, time_zone: str) -> date:
        return (self._needed_until(instant, time_zone) - timedelta(seconds=1)).date()

    def dates(self, oldest: date, newest: date) -> list[date]:
        return days(oldest, newest)

    def is_complete(self, day: date, requested_at: datetime, instant: datetime, time_zone: str) -> bool:
        return requested_at >= min(end_of_utc_day(day), self._needed_until(instant, time_zone)) + self.lag

    def _needed_until(self, instant: datetime, time_zone: str) -> datetime:
        return start_of_day(local_date(instant - self.lag, time_zone), time_zone)


@dataclass(frozen=True)
class UtcDays:
    """UTC days of which Amazon tells what it knows at any time, today included as far as it has come.

    A morning reads today once: the next one reads its newest days anew, and with them the rest of this one.
    """

    lag: timedelta = timedelta(0)
    code: CalendarCode = "utc_day"

    def newest_due(self, instant: datetime, time_zone: str) -> date:
        return instant.astimezone(UTC).date()

    def dates(self, oldest: date, newest: date) -> list[date]:
        return days(oldest, newest)

    def is_complete(self, day: date, requested_at: datetime, instant: datetime, time_zone: str) -> bool:
        return True


@dataclass(frozen=True)
class Months:
    """First days of UTC months, the next one included: what begins in a month is known ahead of it."""

    lag: timedelta = timedelta(0)
    code: CalendarCode = "month"

    def newest_due(self, instant: datetime, time_zone: str) -> date:
        return (instant.astimezone(UTC).date().replace(day=1) + timedelta(days=31)).replace(day=1)

    def dates(self, oldest: date, newest: date) -> list[date]:
        return [day for day in days(oldest, newest) if day.day == 1]

    def is_complete(self, day: date, requested_at: datetime, instant: datetime, time_zone: str) -> bool:
        return True


@dataclass(frozen=True)
class Observations:
    """Today in the account's calendar, seen once: what is not looked at today can never be looked at again."""

    lag: timedelta = timedelta(0)
    code: CalendarCode = "observation"

    def newest_due(self, instant: datetime, time_zone: str) -> date:
        return local_date(instant, time_zone)

    def dates(self, oldest: date, newest: date) -> list[date]:
        return days(oldest, newest)

    def is_complete(self, day: date, requested_at: datetime, instant: datetime, time_zone: str) -> bool:
        return True


@dataclass(frozen=True)
class OwnFiles:
    """Days that the client's own files speak of; none is ever due."""

    lag: timedelta = timedelta(0)
    code: CalendarCode = "file"

    def newest_due(self, instant: datetime, time_zone: str) -> date:
        return local_date(instant, time_zone)

    def dates(self, oldest: date, newest: date) -> list[date]:
        return []

    def is_complete(self, day: date, requested_at: datetime, instant: datetime, time_zone: str) -> bool:
        return True


def end_of_utc_day(day: date) -> datetime:
    """The midnight in UTC that ends ``day``."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)
