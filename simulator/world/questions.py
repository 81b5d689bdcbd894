"""What a report document answers: a sound request, and the world's time when it was made."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Question:
    """The part that every request has. ``today`` is the world's date in the account's calendar."""

    report_type: str
    options: tuple[tuple[str, str], ...]
    today: date

    def option(self, name: str, default: str) -> str:
        return dict(self.options).get(name, default)


@dataclass(frozen=True)
class PeriodQuestion(Question):
    """Figures of days, weeks or longer periods, from ``first`` to ``last``, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class ForecastQuestion(Question):
    """The newest forecast at ``now``."""

    now: datetime


@dataclass(frozen=True)
class HourQuestion(Question):
    """Figures of the full hours from ``start`` to ``end``, UTC; ``end`` is the end of the last one."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class CampaignQuestion(Question):
    """Promotions or coupons that begin from ``since`` to ``until``, both included, as they stand at ``now``, UTC."""

    since: datetime
    until: datetime
    now: datetime
