"""The specification of reports whose dates are no days: read, and compared with what was asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import msgspec

from daybreak.landing.failures import UnreadableDocument, WrongDocument
from daybreak.landing.specifications import ExpectedReport, parse_date
from daybreak.sources import VendorReport

_MEMBER = "reportSpecification"


class _Echo(msgspec.Struct, rename="camel"):
    report_type: str
    marketplace_ids: tuple[str, ...]
    report_options: dict[str, str | None] | None = None
    data_start_time: str | None = None
    data_end_time: str | None = None
    last_updated_date: str | None = None


@dataclass(frozen=True)
class Echo:
    """What the report says that it answers. ``start`` and ``end`` are instants in UTC where it names any."""

    options: dict[str, str]
    start: datetime | None
    end: datetime | None
    last_updated_date: date | None


def read_echo(
    raw: msgspec.Raw, dataset: VendorReport, expected: ExpectedReport, options: Mapping[str, str], file_name: str
) -> Echo:
    """The specification ``raw``, if it is that of the report that was asked for with ``options``.

    An option that the report does not tell is not held against it: real-time reports leave them out.

    Raises:
        UnreadableDocument: a field is missing or has the wrong type.
        WrongDocument: names every difference as "asked …, got …".
    """
    try:
        echoed = msgspec.json.decode(raw, type=_Echo)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _unreadable(file_name, f"{_MEMBER} cannot be read: {error}") from None
    told = {name: value for name, value in (echoed.report_options or {}).items() if value is not None}
    points = {
        "report type": (dataset.form(expected.variant).report_type, echoed.report_type),
        "marketplace": (expected.marketplace_id, ", ".join(echoed.marketplace_ids)),
        **{name: (value, told[name]) for name, value in options.items() if name in told},
    }
    differences = [f"{name}: asked {asked}, got {got}" for name, (asked, got) in points.items() if asked != got]
    if differences:
        raise WrongDocument(file_name, expected.account_id, dataset.key, differences)
    return Echo(
        told,
        _instant(echoed.data_start_time, file_name),
        _instant(echoed.data_end_time, file_name),
        parse_date(echoed.last_updated_date[:10]) if echoed.last_updated_date else None,
    )


def parse_instant(text: str) -> datetime | None:
    """An instant of ISO 8601 with its zone, in UTC; None for anything else."""
    try:
        instant = datetime.fromisoformat(text)
        return None if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):  # the first and the last day of the calendar may have no UTC
        return None


def _instant(text: str | None, file_name: str) -> datetime | None:
    if text is None:
        return None
    instant = parse_instant(text)
    if instant is None:
        raise _unreadable(file_name, f"{_MEMBER} names an instant that is none: {text[:40]!r}")
    return instant


def _unreadable(file_name: str, problem: str) -> UnreadableDocument:
    return UnreadableDocument(file_name, problem, "The bytes stay as landed; ask Amazon for the report again")
