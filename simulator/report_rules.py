"""What Amazon finds wrong with a report request after it has accepted it.

createReport answers 202 to almost anything; the report then goes FATAL with one of these texts. Where no real text is
known (options outside their list, windows off the grid, too long or too old) the general one stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from simulator.config import AccountConfig
from simulator.periods import LIMITS, Period, is_on_grid, newest_published, oldest_start, split

GENERAL_ERROR = (
    "A client error occurred. Please double check that your parameters are valid and fulfill the requirements of the "
    "report type."
)
NOT_YET_AVAILABLE = (
    "Error in report request: The report data for the requested date range is not yet available. Try submitting this "
    "createReport request at a later time, or modify dataEndTime to be an earlier date."
)
_PERIODS = frozenset(LIMITS)
_VIEWS = frozenset({"MANUFACTURING", "SOURCING"})

REPORT_OPTIONS: dict[str, dict[str, frozenset[str]]] = {
    "GET_VENDOR_SALES_REPORT": {
        "reportPeriod": _PERIODS,
        "distributorView": _VIEWS,
        "sellingProgram": frozenset({"RETAIL", "BUSINESS", "FRESH"}),
    },
    "GET_VENDOR_INVENTORY_REPORT": {
        "reportPeriod": _PERIODS,
        "distributorView": _VIEWS,
        "sellingProgram": frozenset({"RETAIL", "FRESH"}),
    },
    "GET_VENDOR_TRAFFIC_REPORT": {"reportPeriod": _PERIODS},
}
"""Every option is required, none other is known. The report types served are the keys."""


@dataclass(frozen=True)
class ReportRequest:
    """A createReport body, read. Dates are calendar days as written: the time part is ignored."""

    report_type: str
    options: tuple[tuple[str, str], ...]
    marketplace_ids: tuple[str, ...]
    data_start: datetime | None
    data_end: datetime | None

    @property
    def window(self) -> tuple[date, date] | None:
        if self.data_start is None or self.data_end is None:
            return None
        return self.data_start.date(), self.data_end.date()


def choose_account(accounts: Sequence[AccountConfig], marketplace_ids: Sequence[str]) -> AccountConfig:
    """The account that a request speaks of: the one of its marketplace, else the credential's first."""
    fitting = [account for account in accounts if account.marketplace_id in marketplace_ids]
    return fitting[0] if fitting else accounts[0]


def fatal_text(request: ReportRequest, account: AccountConfig, now: datetime) -> str | None:
    """Why ``request`` would go FATAL at ``now``; None if it is sound."""
    return _options_error(request) or _marketplace_error(request, account) or _window_error(request, account, now)


def _options_error(request: ReportRequest) -> str | None:
    allowed = REPORT_OPTIONS[request.report_type]
    given = dict(request.options)
    missing = [name for name in allowed if name not in given]
    if missing:
        return (
            f"Error in report request: This report type requires the {', '.join(missing)} reportOption to be "
            "specified. Please review the document for this report type on GitHub, provide a value for this "
            "reportOption in your request, and try again."
        )
    if any(name not in allowed or value not in allowed[name] for name, value in given.items()):
        return GENERAL_ERROR
    return None


def _marketplace_error(request: ReportRequest, account: AccountConfig) -> str | None:
    count = len(request.marketplace_ids)
    if count > 1:
        return f"There were {count} marketplaces in the request, but only 1 is supported."
    if request.marketplace_ids[0] != account.marketplace_id:
        return (
            "The requested marketplaceId does not match the marketplace associated with the selling partner account: "
            f"{account.marketplace_id}. You must specify the marketplaceId that corresponds to the selling partner "
            "account."
        )
    return None


def _window_error(request: ReportRequest, account: AccountConfig, now: datetime) -> str | None:
    if request.window is None:
        return GENERAL_ERROR
    first, last = request.window
    period = cast("Period", dict(request.options)["reportPeriod"])
    today = now.astimezone(ZoneInfo(account.time_zone)).date()
    if first > last or not is_on_grid(period, first, last) or first < oldest_start(period, today):
        return GENERAL_ERROR
    if len(split(period, first, last)) > LIMITS[period].longest:
        return GENERAL_ERROR
    if last > newest_published(now, account.time_zone):
        return NOT_YET_AVAILABLE
    return None
