"""The report's own account of itself, and whether it is the report that was asked for."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec

from daybreak.landing.failures import UnreadableDocument, WrongDocument
from daybreak.sources import VendorReport

_MEMBER = "reportSpecification"


@dataclass(frozen=True)
class ReportSpecification:
    """``reportSpecification`` as Amazon echoes it. ``last_updated_date`` is Amazon's version of the data."""

    report_type: str
    options: dict[str, str]
    last_updated_date: date | None
    data_start_date: date
    data_end_date: date
    marketplace_ids: tuple[str, ...]


@dataclass(frozen=True)
class ExpectedReport:
    """What was asked for. A document from disk has no window; then its specification's own window holds.

    ``report_period`` None accepts DAY and WEEK, whichever the document says.
    """

    account_id: str
    marketplace_id: str
    currency_code: str
    variant: str
    window_start: date | None = None
    window_end: date | None = None
    report_period: str | None = "DAY"
    amazon_seller_ids: frozenset[str] = frozenset()
    own_seller_ids: frozenset[str] = frozenset()
    """Who is Amazon itself, and who the brand, among the sellers of an offer."""
    time_zone: str = "UTC"
    """The account's, where instants become days of its calendar."""


class _EchoedSpecification(msgspec.Struct):
    reportType: str  # noqa: N815 - Amazon's own field names, so that errors name them
    reportOptions: dict[str, str | None]  # noqa: N815
    dataStartTime: str  # noqa: N815
    dataEndTime: str  # noqa: N815
    marketplaceIds: list[str]  # noqa: N815
    lastUpdatedDate: str | None = None  # noqa: N815


def decode_specification(raw: msgspec.Raw, file_name: str) -> ReportSpecification:
    """The ``reportSpecification`` member, typed.

    Raises:
        UnreadableDocument: a field is missing or has the wrong type; the message names it.
    """
    try:
        echoed = msgspec.json.decode(raw, type=_EchoedSpecification)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UnreadableDocument(
            file_name, f"{_MEMBER} cannot be read: {error}", "The bytes stay as landed; ask Amazon for the report again"
        ) from None
    return ReportSpecification(
        report_type=echoed.reportType,
        options={name: value for name, value in echoed.reportOptions.items() if value is not None},
        last_updated_date=_date(echoed.lastUpdatedDate, "lastUpdatedDate", file_name)
        if echoed.lastUpdatedDate
        else None,
        data_start_date=_date(echoed.dataStartTime, "dataStartTime", file_name),
        data_end_date=_date(echoed.dataEndTime, "dataEndTime", file_name),
        marketplace_ids=tuple(echoed.marketplaceIds),
    )


def unknown_specification_fields(raw: msgspec.Raw) -> set[str]:
    """Members of ``reportSpecification`` that no schema has."""
    known = set(_EchoedSpecification.__struct_fields__)
    return {f"{_MEMBER}.{name}" for name in msgspec.json.decode(raw, type=dict[str, msgspec.Raw]) if name not in known}


def check_specification(
    specification: ReportSpecification, dataset: VendorReport, expected: ExpectedReport, file_name: str
) -> None:
    """Returns only if the report is the one that was asked for.

    Raises:
        WrongDocument: names every difference as "asked …, got …".
    """
    asked = _asked(dataset, expected)
    got = {
        "report type": specification.report_type,
        "marketplace": ", ".join(specification.marketplace_ids),
        **specification.options,
        "first day": specification.data_start_date.isoformat(),
        "last day": specification.data_end_date.isoformat(),
    }
    differences = [
        f"{name}: asked {' or '.join(wanted) or 'none'}, got {got.get(name, 'none')}"
        for name, wanted in asked.items()
        if got.get(name, "none") not in (wanted or ("none",))
    ]
    if specification.data_end_date < specification.data_start_date:
        differences.append(f"its window ends on {got['last day']}, before it begins on {got['first day']}")
    if differences:
        raise WrongDocument(file_name, expected.account_id, dataset.key, differences)


def _asked(dataset: VendorReport, expected: ExpectedReport) -> dict[str, tuple[str, ...]]:
    """Name of each point and the values that are right for it; no value means that it must be absent."""
    options: dict[str, Any] = dict.fromkeys(("distributorView", "sellingProgram"), ())
    wanted = dataset.report_options(expected.variant, expected.currency_code)
    options |= {name: (value,) for name, value in wanted.items()}
    options["reportPeriod"] = ("DAY", "WEEK") if expected.report_period is None else (expected.report_period,)
    asked = {"report type": (dataset.report_type,), "marketplace": (expected.marketplace_id,), **options}
    if expected.window_start is not None:
        asked["first day"] = (expected.window_start.isoformat(),)
    if expected.window_end is not None:
        asked["last day"] = (expected.window_end.isoformat(),)
    return asked


def period_end(report_period: str, start: date) -> date | None:
    """The last day of the period that begins on ``start``; None where none begins (weeks run Sunday to Saturday)."""
    if report_period == "DAY":
        return start
    sunday = 6
    return start + timedelta(days=6) if report_period == "WEEK" and start.weekday() == sunday else None


def parse_date(text: str) -> date | None:
    """A date written ``YYYY-MM-DD`` and in no other of ISO 8601's forms, else None."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _date(text: str, field: str, file_name: str) -> date:
    # Amazon documents these two as dates and ignores a time of day in the request.
    day = parse_date(text[:10]) if len(text) == 10 or text[10:11] == "T" else None
    if day is None:
        raise UnreadableDocument(
            file_name,
            f"{_MEMBER}.{field} is not a date: {text[:40]!r}",
            "The bytes stay as landed; ask Amazon for the report again",
        )
    return day
