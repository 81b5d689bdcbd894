"""A morning as ``ops.morning`` keeps it, read back into types; and what a later version of it changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_WORSE_FROM = Decimal("1.1")
"""A stake that grew by less is the noise of restated figures, not a change of what to do."""


@dataclass(frozen=True)
class Line:
    """One control as it was shown."""

    control_id: str
    lane_code: str
    cause_code: str
    action_code: str
    asins: tuple[str, ...]
    client_sku: str | None
    name: str | None
    symptoms: tuple[str, ...]
    opened_date: date
    due_at: datetime | None
    stake_amount: Decimal | None
    is_new: bool
    is_worsened: bool


@dataclass(frozen=True)
class Freshness:
    """The newest published day of a dataset; None when nothing is."""

    dataset_code: str
    variant_code: str
    newest_date: date | None
    is_late: bool


@dataclass(frozen=True)
class MorningFacts:
    """One account's morning. ``revenue`` has None for a day that is missing."""

    account_id: str
    name: str
    control_date: date
    business_date: date
    currency_code: str
    time_zone: str
    lines: tuple[Line, ...]
    freshness: tuple[Freshness, ...]
    revenue: tuple[tuple[date, Decimal | None], ...]
    missing_inputs: tuple[str, ...]

    def lane(self, lane_code: str) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.lane_code == lane_code)


@dataclass(frozen=True)
class Changes:
    """What today's lines are now, beside what was sent before: new ones, gone ones, and worse ones."""

    new: tuple[Line, ...]
    gone: tuple[Line, ...]
    worse: tuple[Line, ...]

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.worse)


def read_morning(digest: Mapping[str, Any]) -> MorningFacts:
    """The facts of a digest as ``ops.morning`` holds it. One kept before names, days and freshness were has none."""
    return MorningFacts(
        account_id=digest["account_id"],
        name=digest.get("name") or digest["account_id"],
        control_date=date.fromisoformat(digest["control_date"]),
        business_date=date.fromisoformat(digest["business_date"]),
        currency_code=digest.get("currency_code") or "",
        time_zone=digest.get("time_zone") or "UTC",
        lines=tuple(_line(each) for each in digest["controls"]),
        freshness=tuple(
            Freshness(each["dataset_code"], each["variant_code"], _date(each["newest_date"]), each["is_late"])
            for each in digest.get("freshness", ())
        ),
        revenue=tuple((date.fromisoformat(day), _amount(amount)) for day, amount in digest.get("revenue", ())),
        missing_inputs=tuple(digest.get("missing_inputs", ())),
    )


def compare(before: MorningFacts, now: MorningFacts) -> Changes:
    """How today's lines changed. A line that left the lane is gone, one that came to it from another is new."""
    was = {line.control_id: line for line in before.lane("today")}
    held = {line.control_id: line for line in now.lane("today")}
    return Changes(
        new=tuple(line for key, line in held.items() if key not in was),
        gone=tuple(line for key, line in was.items() if key not in held),
        worse=tuple(line for key, line in held.items() if key in was and _is_worse(was[key], line)),
    )


def _is_worse(was: Line, line: Line) -> bool:
    if was.stake_amount is not None and line.stake_amount is not None:
        return line.stake_amount > was.stake_amount * _WORSE_FROM
    return line.is_worsened and not was.is_worsened


def _line(kept: Mapping[str, Any]) -> Line:
    return Line(
        control_id=kept["control_id"],
        lane_code=kept["lane_code"],
        cause_code=kept["cause_code"],
        action_code=kept["action_code"],
        asins=tuple(kept["asins"]),
        client_sku=kept["client_sku"],
        name=kept["name"],
        symptoms=tuple(kept["symptoms"]),
        opened_date=date.fromisoformat(kept["opened_date"]),
        due_at=datetime.fromisoformat(kept["due_at"]) if kept["due_at"] else None,
        stake_amount=_amount(kept["stake_amount"]),
        is_new=kept["is_new"],
        is_worsened=kept["is_worsened"],
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
