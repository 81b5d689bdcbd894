"""What Amazon finds wrong with a report request after it has accepted it.

createReport answers 202 to almost anything; the report then goes FATAL with a text that says why.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulator.config import AccountConfig
from simulator.periods import LIMITS
from simulator.report_windows import (
    GENERAL_ERROR,
    CampaignWindow,
    HourWindow,
    NewestForecast,
    PeriodWindow,
    ReportRequest,
    Window,
)
from simulator.world.currencies import UNITS_PER_EURO

_PERIODS = "|".join(LIMITS)
_VIEWS = "MANUFACTURING|SOURCING"
_RETAIL_AND_FRESH = "RETAIL|FRESH"
_ANYTHING = ".+"


@dataclass(frozen=True)
class Rule:
    """What a report type is asked with: options and the pattern of their values, and its window.

    Every option of ``required`` must be there, those of ``optional`` may, none other is known.
    """

    window: Window
    required: Mapping[str, str] = field(default_factory=dict)
    optional: Mapping[str, str] = field(default_factory=dict)


def _periods(**more: str) -> Rule:
    return Rule(PeriodWindow(), {"reportPeriod": _PERIODS} | more)


def _campaigns(since_option: str, until_option: str) -> Rule:
    return Rule(CampaignWindow(since_option, until_option), dict.fromkeys((since_option, until_option), _ANYTHING))


_DAYS_BACK = timedelta(days=30)
_LONGEST = timedelta(days=14)
RULES: dict[str, Rule] = {
    "GET_VENDOR_SALES_REPORT": _periods(distributorView=_VIEWS, sellingProgram="RETAIL|BUSINESS|FRESH"),
    "GET_VENDOR_INVENTORY_REPORT": _periods(distributorView=_VIEWS, sellingProgram=_RETAIL_AND_FRESH),
    "GET_VENDOR_TRAFFIC_REPORT": _periods(),
    "GET_VENDOR_NET_PURE_PRODUCT_MARGIN_REPORT": _periods(),
    "GET_VENDOR_FORECASTING_REPORT": Rule(NewestForecast(), {"sellingProgram": _RETAIL_AND_FRESH}),
    "GET_VENDOR_REAL_TIME_SALES_REPORT": Rule(
        HourWindow(_LONGEST, _DAYS_BACK), optional={"currencyCode": "|".join(sorted(UNITS_PER_EURO))}
    ),
    # No limit of the traffic report is known but its lag; those of the sales report stand.
    "GET_VENDOR_REAL_TIME_TRAFFIC_REPORT": Rule(HourWindow(_LONGEST, _DAYS_BACK, lag=timedelta(minutes=60))),
    "GET_VENDOR_REAL_TIME_INVENTORY_REPORT": Rule(HourWindow(timedelta(hours=24), timedelta(hours=168))),
    "GET_PROMOTION_PERFORMANCE_REPORT": _campaigns("promotionStartDateFrom", "promotionStartDateTo"),
    "GET_COUPON_PERFORMANCE_REPORT": _campaigns("campaignStartDateFrom", "campaignStartDateTo"),
}
"""The report types served are the keys."""


def choose_account(accounts: Sequence[AccountConfig], marketplace_ids: Sequence[str]) -> AccountConfig:
    """The account that a request speaks of: the one of its marketplace, else the credential's first."""
    fitting = [account for account in accounts if account.marketplace_id in marketplace_ids]
    return fitting[0] if fitting else accounts[0]


def fatal_text(request: ReportRequest, account: AccountConfig, now: datetime) -> str | None:
    """Why ``request`` would go FATAL at ``now``; None if it is sound."""
    return (
        _options_error(request)
        or _marketplace_error(request, account)
        or RULES[request.report_type].window.error(request, account, now)
    )


def _options_error(request: ReportRequest) -> str | None:
    rule = RULES[request.report_type]
    given = dict(request.options)
    missing = [name for name in rule.required if name not in given]
    if missing:
        return (
            f"Error in report request: This report type requires the {', '.join(missing)} reportOption to be "
            "specified. Please review the document for this report type on GitHub, provide a value for this "
            "reportOption in your request, and try again."
        )
    allowed = {**rule.required, **rule.optional}
    if any(name not in allowed or not re.fullmatch(allowed[name], value) for name, value in given.items()):
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
