"""Which day a figure belongs to and which day is due: the one place that turns instants into dates."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_SATURDAY = 5


def local_date(instant: datetime, time_zone: str) -> date:
    """The calendar day of ``time_zone`` that holds ``instant`` (which must carry a zone)."""
    if instant.tzinfo is None:
        raise ValueError(f"an instant without a time zone has no business date: {instant.isoformat()}")
    return instant.astimezone(ZoneInfo(time_zone)).date()


def start_of_day(day: date, time_zone: str) -> datetime:
    """Local midnight that begins ``day``, in UTC. Days have 23 or 25 hours at clock changes."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def newest_due_date(instant: datetime, lag: timedelta, time_zone: str) -> date:
    """The newest day whose figures Amazon must have published by ``instant``.

    A day is published ``lag`` after its end; its end is the next local midnight. With the usual 72 hours, at dawn
    of T the newest due day is T - 4.
    """
    # In UTC: subtracting from a local instant moves the wall clock, which is an hour off across a clock change.
    return local_date(instant.astimezone(UTC) - lag, time_zone) - timedelta(days=1)


def newest_control_date(instant: datetime, time_zone: str) -> date:
    """The day that the controls of a morning speak of: yesterday, in the account's calendar."""
    return local_date(instant, time_zone) - timedelta(days=1)


def week_end_of(day: date) -> date:
    """The Saturday that ends the week of ``day``: weeks run from Sunday to Saturday, as Amazon's do."""
    return day + timedelta(days=(_SATURDAY - day.weekday()) % 7)


def finished_weeks(instant: datetime, time_zone: str, count: int) -> list[date]:
    """The Saturdays of the newest ``count`` weeks that are over in ``time_zone`` at ``instant``, the newest first."""
    newest = week_end_of(local_date(instant, time_zone)) - timedelta(weeks=1)
    return [newest - timedelta(weeks=offset) for offset in range(count)]


def week_days(week_end_date: date) -> list[date]:
    """The seven days of the week that ends on that Saturday, Sunday first."""
    return days(week_end_date - timedelta(days=6), week_end_date)


def days(first: date, last: date) -> list[date]:
    """Every day from ``first`` to ``last``, both included; empty when ``last`` is earlier."""
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def windows(wanted: list[date], longest: int) -> list[tuple[date, date]]:
    """As few spans of at most ``longest`` days as cover all ``wanted`` days, newest first.

    Newest first, because the morning needs the newest day and a quota may end before the oldest gap.
    """
    spans: list[tuple[date, date]] = []
    remaining = sorted(set(wanted), reverse=True)
    while remaining:
        last = remaining[0]
        covered = [day for day in remaining if day > last - timedelta(days=longest)]
        spans.append((covered[-1], last))
        remaining = remaining[len(covered) :]
    return spans


def spans(dates: Iterable[date]) -> list[tuple[date, date]]:
    """The dates as spans of days in a row, both ends included, in order."""
    found: list[tuple[date, date]] = []
    for day in sorted(set(dates)):
        if found and found[-1][1] == day - timedelta(days=1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def describe_spans(dates: Iterable[date]) -> str:
    """The dates in words, such as ``2026-03-01 to 2026-03-04, 2026-03-08``; empty when there are none."""
    return ", ".join(f"{first}" if first == last else f"{first} to {last}" for first, last in spans(dates))
