"""The morning's lines once more, in plain Python, written from ``docs/controls.md`` ("What to do today")."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Row = Mapping[str, Any]
NOTHING_TO_SELL = 3
BACKLOG_DAYS = 14


@dataclass(frozen=True)
class Rule:
    """What is known of a cause in advance."""

    family: str
    place: int
    action: str
    lane: str
    recoverable: Decimal
    due_hours: int | None


def explains(one: Row, other: Row) -> bool:
    """Whether ``one`` is why ``other`` of the same product and day is there."""
    family, cause, theirs = one["family_code"], one["cause_code"], other["family_code"]
    if family == "page_gone":
        return theirs in {"buy_box", "price", "page_regression", "content", "attribution", "drop"}
    if family == "supply":
        return one["severity"] == NOTHING_TO_SELL and (
            theirs in {"attribution", "drop"} or other["cause_code"] in {"no_offer", "offer_missing"}
        )
    if family == "buy_box":
        return theirs == "drop" or (cause == "undercut" and other["cause_code"] == "trace_supply")
    if family == "price":
        dear = cause in {"fund_or_cut_cost", "unviable_at_market"}
        return dear and other["cause_code"] in {"drop_conversion", "early_drop"}
    if family == "page_regression":
        return cause == "page_regression" and theirs in {"content", "drop"}
    return family == "attribution" and theirs == "drop"


def lines_of(day: date, causes: Sequence[Row], rules: Mapping[str, Rule], zone: str, today_lines: int) -> list[Row]:
    """The lines of the morning after ``day``; ``causes`` are all rows of the account, of this and earlier days."""
    now = [cause for cause in causes if cause["business_date"] == day]
    before = {(c["asin"], c["family_code"]): c for c in causes if c["business_date"] == day - timedelta(days=1)}
    leads = [c for c in now if not any(explains(o, c) for o in now if o["asin"] == c["asin"])]
    shared: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for lead in leads:
        if lead["bundle_code"] is not None:
            shared[lead["cause_code"], lead["bundle_code"]].append(lead)
    groups = [members for members in shared.values() if len(members) > 1]
    bundled = {id(member) for members in groups for member in members}
    groups += [[lead] for lead in leads if id(lead) not in bundled]
    first_days = min(cause["business_date"] for cause in causes) + timedelta(days=BACKLOG_DAYS)
    lines = [_line(day, members, now, before, rules, zone, first_days) for members in groups]
    return _placed(lines, today_lines)


def _line(
    day: date,
    members: list[Row],
    now: Sequence[Row],
    before: Mapping[tuple[str, str], Row],
    rules: Mapping[str, Rule],
    zone: str,
    first_days: date,
) -> dict[str, Any]:
    oldest = min(members, key=lambda each: (each["opened_date"], each["asin"]))
    rule = rules[oldest["cause_code"]]
    end = _midnight(day + timedelta(days=2), zone)
    dues = [due for each in members if (due := _due(each, rule, zone)) is not None]
    due = min(dues, default=None)
    stakes = [each["stake_amount"] for each in members if each["stake_amount"] is not None]
    stake = sum(stakes, Decimal(0)) if stakes else None
    is_new = all(each["opened_date"] == day for each in members)
    is_worsened = not is_new and any(
        each["opened_date"] == day or _is_worse(each, before.get((each["asin"], each["family_code"])))
        for each in members
    )
    urgency = _urgency(due, end)
    explained = {
        other["cause_code"]
        for each in members
        for other in now
        if other["asin"] == each["asin"] and explains(each, other)
    }
    return {
        "control_id": ":".join(
            (oldest["account_id"], oldest["family_code"], oldest["asin"], oldest["opened_date"].isoformat())
        ),
        "asins": sorted(each["asin"] for each in members),
        "symptoms": sorted(explained),
        "is_new": is_new,
        "is_worsened": is_worsened,
        "due_at": due,
        "stake_amount": stake,
        "priority_score": None if stake is None else round(stake * rule.recoverable * urgency, 4),
        "lane_code": _lane(rule, oldest["opened_date"], first_days, due, end, is_new=is_new, is_worsened=is_worsened),
    }


def _lane(
    rule: Rule, opened: date, first_days: date, due: datetime | None, end: datetime, *, is_new: bool, is_worsened: bool
) -> str:
    if rule.lane != "today":
        return rule.lane
    if opened < first_days and not is_worsened:
        return "backlog"
    is_due = due is not None and due < end + timedelta(days=1)
    return "today" if is_new or is_worsened or is_due else "backlog"


def _placed(lines: list[dict[str, Any]], today_lines: int) -> list[Row]:
    def rank(line: Row) -> tuple[bool, Decimal, str]:
        score = line["priority_score"]
        return score is None, -(score or Decimal(0)), line["control_id"]

    ranked = sorted(lines, key=rank)
    for line in [line for line in ranked if line["lane_code"] == "today"][today_lines:]:
        line["lane_code"] = "backlog"
    places: dict[str, int] = defaultdict(int)
    for line in ranked:
        places[line["lane_code"]] += 1
        line["lane_place"] = places[line["lane_code"]]
    return list(ranked)


def _is_worse(now: Row, before: Row | None) -> bool:
    if before is None:
        return False
    stakes = now["stake_amount"], before["stake_amount"]
    costs_more = None not in stakes and stakes[0] > stakes[1] and stakes[0] >= Decimal("1.25") * stakes[1]
    return now["severity"] > before["severity"] or costs_more


def _due(cause: Row, rule: Rule, zone: str) -> datetime | None:
    if cause["due_at"] is not None:
        due: datetime = cause["due_at"]
        return due
    if rule.due_hours is None:
        return None
    return _midnight(cause["opened_date"] + timedelta(days=1), zone) + timedelta(hours=rule.due_hours)


def _urgency(due: datetime | None, end: datetime) -> Decimal:
    if due is None:
        return Decimal("0.3")
    steps = ((timedelta(0), "1"), (timedelta(days=2), "0.8"), (timedelta(days=7), "0.5"))
    return next((Decimal(ratio) for later, ratio in steps if due < end + later), Decimal("0.3"))


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
