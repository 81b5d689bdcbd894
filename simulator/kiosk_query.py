"""What a Data Kiosk query asks of the vendor analytics, and what is wrong with it.

Amazon refuses a query that its schema does not know when it is submitted; one that the schema allows but the data
source cannot answer becomes a query that goes FATAL with an error document.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from simulator.graphql_text import Field, GraphqlError, read_query, shortened
from simulator.world.analytics import MEASURES, VIEWS, AnalyticsQuestion, Granularity, Selection
from simulator.world.currencies import UNITS_PER_EURO

DOMAIN = "analytics_vendorAnalytics_2024_09_30"
LONGEST_QUERY = 8000
_ARGUMENTS = frozenset({"startDate", "endDate", "aggregateBy", "currencyCode"})
_REQUIRED_ARGUMENTS = ("aggregateBy", "endDate", "startDate")
_GRANULARITIES = frozenset({"DAY", "WEEK", "MONTH"})
_DEFAULT_CURRENCY = "USD"
"""Amazon's, whatever the marketplace."""
_BUCKET_SCALARS = frozenset({"startDate", "endDate", "marketplaceId"})
_LONGEST_LOOKBACK_YEARS = 2


@dataclass
class QueryRefusedError(Exception):
    """The schema does not know the query; ``details`` says why."""

    details: str


@dataclass(frozen=True)
class QueryFailure:
    """Why an accepted query goes FATAL: one entry of the error document."""

    message: str
    path: tuple[str, ...]
    line: int
    column: int
    classification: str

    def entry(self) -> dict[str, Any]:
        return {
            "message": self.message,
            "locations": [{"line": self.line, "column": self.column}],
            "path": list(self.path),
            "extensions": {"classification": self.classification},
        }


def read_analytics(text: str, now: datetime, time_zone: str) -> AnalyticsQuestion | QueryFailure:
    """The question that the query ``text`` asks at ``now``, or why it will go FATAL.

    Raises:
        QueryRefusedError: it is too long, no GraphQL, or names what the schema does not hold.
    """
    if len(shortened(text)) > LONGEST_QUERY:
        raise QueryRefusedError(f"The query must be at most {LONGEST_QUERY} characters.")
    try:
        fields = read_query(text)
    except GraphqlError as error:
        raise QueryRefusedError(str(error)) from None
    domain = fields[0]
    if len(fields) > 1 or domain.name != DOMAIN:
        raise QueryRefusedError(f"Query '{fields[-1].name}' is not supported.")
    for view in domain.fields:
        _check_view(view)
    if not domain.fields:
        raise QueryRefusedError(f"Field '{DOMAIN}' must have a selection of subfields.")
    view = domain.fields[0]
    if len(domain.fields) > 1:
        return _failure("Versioned domain cannot select multiple query fields", domain, (DOMAIN,))
    return _question(view, now.astimezone(ZoneInfo(time_zone)).date(), now.astimezone(UTC))


def _check_view(view: Field) -> None:
    if view.name not in VIEWS:
        raise QueryRefusedError(f"Field '{view.name}' in type 'Analytics_vendorAnalytics_2024_09_30' is undefined.")
    unknown = sorted(set(view.arguments) - _ARGUMENTS)
    if unknown:
        raise QueryRefusedError(f"Unknown field argument '{unknown[0]}' of '{view.name}'.")
    missing = [name for name in _REQUIRED_ARGUMENTS if name not in view.arguments]
    if missing:
        raise QueryRefusedError(f"Missing field argument '{missing[0]}' of '{view.name}'.")
    if view.arguments["aggregateBy"] not in _GRANULARITIES:
        raise QueryRefusedError("Argument 'aggregateBy' is not a valid 'DateGranularity'.")
    for name in ("startDate", "endDate"):
        _date(view, name)
    if view.arguments.get("currencyCode", _DEFAULT_CURRENCY) not in UNITS_PER_EURO:
        raise QueryRefusedError("Argument 'currencyCode' is not a supported currency.")
    measures = MEASURES[view.name]
    group = {"groupByKey": {"asin": None}, "metrics": measures}
    bucket = dict.fromkeys(_BUCKET_SCALARS) | {"totals": measures, "metrics": group}
    _check_selection(view, bucket)
    rows = view.child("metrics")
    if rows is not None and rows.child("groupByKey") is None:
        raise QueryRefusedError("Field 'metrics' must select 'groupByKey'.")


def _check_selection(parent: Field, known: Mapping[str, Any]) -> None:
    """``parent`` selects something, each thing once, and nothing that ``known`` (null for a scalar) does not hold."""
    if not parent.fields:
        raise QueryRefusedError(f"Field '{parent.name}' must have a selection of subfields.")
    if len({item.name for item in parent.fields}) < len(parent.fields):
        raise QueryRefusedError(f"Field '{parent.name}' selects a field twice.")
    for item in parent.fields:
        if item.name not in known:
            raise QueryRefusedError(f"Field '{item.name}' below '{parent.name}' is undefined.")
        below = known[item.name]
        if below is not None:
            _check_selection(item, below)
        elif item.fields:
            raise QueryRefusedError(f"Field '{item.name}' has no subfields.")


def _date(view: Field, name: str) -> date:
    try:
        return date.fromisoformat(view.arguments[name])
    except ValueError:
        raise QueryRefusedError(f"Argument '{name}' is not a valid 'Date'.") from None


def _question(view: Field, today: date, now: datetime) -> AnalyticsQuestion | QueryFailure:
    first, last = _date(view, "startDate"), _date(view, "endDate")
    path = (DOMAIN, view.name)
    if last < first:
        return _failure("The end date must not be before the start date.", view, path)
    if first < _years_before(today, _LONGEST_LOOKBACK_YEARS):
        return _failure("The start date must be no more than two years ago.", view, path)
    return AnalyticsQuestion(
        view=view.name,
        first=first,
        last=last,
        granularity=cast("Granularity", view.arguments["aggregateBy"]),
        currency_code=view.arguments.get("currencyCode", _DEFAULT_CURRENCY),
        selection=_selection(view),
        now=now,
    )


def _selection(parent: Field) -> Selection:
    return {item.name: _selection(item) if item.fields else None for item in parent.fields}


def _years_before(day: date, years: int) -> date:
    return date(day.year - years, day.month, min(day.day, 28)) if day.month == 2 else day.replace(year=day.year - years)


def _failure(message: str, at: Field, path: tuple[str, ...]) -> QueryFailure:
    return QueryFailure(message, path, at.line, at.column, "ValidationError")
