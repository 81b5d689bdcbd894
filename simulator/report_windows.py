"""The span of time that a report request names: what is wrong with it, and what is asked by it.

Where no real text of Amazon's is known (windows off the grid, too long or too old) the general one stands.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol, cast
from zoneinfo import ZoneInfo

from simulator.config import AccountConfig
from simulator.periods import LIMITS, Period, is_on_grid, newest_published, oldest_start, split
from simulator.world.questions import CampaignQuestion, ForecastQuestion, HourQuestion, PeriodQuestion, Question

GENERAL_ERROR = (
    "A client error occurred. Please double check that your parameters are valid and fulfill the requirements of the "
    "report type."
)
NOT_YET_AVAILABLE = (
    "Error in report request: The report data for the requested date range is not yet available. Try submitting this "
    "createReport request at a later time, or modify dataEndTime to be an earlier date."
)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class ReportRequest:
    """A createReport body, read; times are UTC."""

    report_type: str
    options: tuple[tuple[str, str], ...]
    marketplace_ids: tuple[str, ...]
    data_start: datetime | None
    data_end: datetime | None

    @property
    def window(self) -> tuple[date, date] | None:
        """The calendar days as written: the time part is ignored."""
        if self.data_start is None or self.data_end is None:
            return None
        return self.data_start.date(), self.data_end.date()

    def option(self, name: str) -> str:
        return dict(self.options)[name]


class Window(Protocol):
    """How a report type reads the span of a request whose options are sound."""

    def error(self, request: ReportRequest, account: AccountConfig, now: datetime) -> str | None:
        """Why the request would go FATAL at ``now``; None if its span is sound."""

    def question(self, request: ReportRequest, account: AccountConfig, now: datetime) -> Question:
        """What a sound request asks."""


class PeriodWindow:
    """Whole days, weeks or longer periods of the account's calendar, each of them published."""

    def error(self, request: ReportRequest, account: AccountConfig, now: datetime) -> str | None:
        if request.window is None:
            return GENERAL_ERROR
        first, last = request.window
        period = cast("Period", request.option("reportPeriod"))
        if first > last or not is_on_grid(period, first, last) or first < oldest_start(period, _today(account, now)):
            return GENERAL_ERROR
        if len(split(period, first, last)) > LIMITS[period].longest:
            return GENERAL_ERROR
        if last > newest_published(now, account.time_zone):
            return NOT_YET_AVAILABLE
        return None

    def question(self, request: ReportRequest, account: AccountConfig, now: datetime) -> Question:
        if request.window is None:
            raise ValueError("a request without dates asks for no period")
        return PeriodQuestion(request.report_type, request.options, _today(account, now), *request.window)


class NewestForecast:
    """No span at all: whatever dates are given, the newest generation is the answer."""

    def error(self, request: ReportRequest, account: AccountConfig, now: datetime) -> str | None:
        return None

    def question(self, request: ReportRequest, account: AccountConfig, now: datetime) -> Question:
        return ForecastQuestion(request.report_type, request.options, _today(account, now), now.astimezone(UTC))


@dataclass(frozen=True)
class HourWindow:
    """Full hours, UTC: at most ``longest`` of them, none older than ``lookback``, the last one over since ``lag``."""

    longest: timedelta
    lookback: timedelta
    lag: timedelta = timedelta(0)

    def error(self, request: ReportRequest, account: AccountConfig, now: datetime) -> str | None:
        start, end = request.data_start, request.data_end
        if start is None or end is None or start >= end:
            return GENERAL_ERROR
        if end - start > self.longest or start < now - self.lookback:
            return GENERAL_ERROR
        return NOT_YET_AVAILABLE if end > now - self.lag else None

    def question(self, request: ReportRequest, account: AccountConfig, now: datetime) -> Question:
        """Hours that the span holds only in part are not asked for."""
        if request.data_start is None or request.data_end is None:
            raise ValueError("a request without times asks for no hour")
        end = request.data_end.replace(minute=0, second=0, microsecond=0)
        start = request.data_start.replace(minute=0, second=0, microsecond=0)
        start = start if start == request.data_start else start + _HOUR
        return HourQuestion(request.report_type, request.options, _today(account, now), start, end)


@dataclass(frozen=True)
class CampaignWindow:
    """Two options, date-times, between which a promotion begins; not older than two years."""

    since_option: str
    until_option: str

    def error(self, request: ReportRequest, account: AccountConfig, now: datetime) -> str | None:
        try:
            since, until = self._span(request)
        except ValueError:
            return GENERAL_ERROR
        return GENERAL_ERROR if since > until or since < now - timedelta(days=731) else None

    def question(self, request: ReportRequest, account: AccountConfig, now: datetime) -> Question:
        since, until = self._span(request)
        today = _today(account, now)
        return CampaignQuestion(request.report_type, request.options, today, since, until, now.astimezone(UTC))

    def _span(self, request: ReportRequest) -> tuple[datetime, datetime]:
        since, until = (datetime.fromisoformat(request.option(name)) for name in (self.since_option, self.until_option))
        return (
            since.replace(tzinfo=since.tzinfo or UTC).astimezone(UTC),
            until.replace(tzinfo=until.tzinfo or UTC).astimezone(UTC),
        )


def _today(account: AccountConfig, now: datetime) -> date:
    return now.astimezone(ZoneInfo(account.time_zone)).date()
