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
WAITING_DAYS = 7
LINE_DAYS = 15


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


def cause_id(cause: Row) -> str:
    """The name of a cause, and of the control that is named after it."""
    named = (cause["account_id"], cause["family_code"], cause["asin"], cause["opened_date"].isoformat())
    return ":".join(named)


def answered_causes(action: Row, causes: Sequence[Row], zone: str) -> set[str]:
    """The causes that an action answers: the control's own, and those that stood on its line in that morning."""
    acted = _local_date(action["acted_at"], zone)
    named = [
        cause
        for cause in causes
        if cause_id(cause) == action["control_id"] and 1 <= (acted - cause["business_date"]).days <= LINE_DAYS
    ]
    if not named:
        return {action["control_id"]}
    head = max(named, key=lambda cause: cause["business_date"])
    shown = [cause for cause in causes if cause["business_date"] == head["business_date"]]
    on_line = [cause for lead in _groups(_leads(shown)) if head in lead for cause in lead]
    members = {cause_id(cause) for cause in on_line if action["asin"] in (None, cause["asin"])}
    return members | {action["control_id"]}


def _leads(shown: Sequence[Row]) -> list[Row]:
    """The causes of one day that nothing else of the same product explains."""
    return [c for c in shown if not any(explains(o, c) for o in shown if o["asin"] == c["asin"])]


def _groups(leads: Sequence[Row]) -> list[list[Row]]:
    """The causes of one day by line."""
    shared: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for lead in leads:
        if lead["bundle_code"] is not None:
            shared[lead["cause_code"], lead["bundle_code"]].append(lead)
    groups = [members for members in shared.values() if len(members) > 1]
    bundled = {id(member) for members in groups for member in members}
    return groups + [[lead] for lead in leads if id(lead) not in bundled]


def lines_of(
    day: date,
    causes: Sequence[Row],
    rules: Mapping[str, Rule],
    zone: str,
    today_lines: int,
    actions: Sequence[Row] = (),
) -> list[Row]:
    """The lines of the morning after ``day``; ``causes`` are all rows of the account, of this and earlier days.

    ``actions`` are what people did, as it was written down: of two of one instant the later one counts.
    """
    now = [cause for cause in causes if cause["business_date"] == day]
    answers = [(action, answered_causes(action, causes, zone)) for action in actions]
    before = {(c["asin"], c["family_code"]): c for c in causes if c["business_date"] == day - timedelta(days=1)}
    groups = _groups(_leads(now))
    first_days = min(cause["business_date"] for cause in causes) + timedelta(days=BACKLOG_DAYS)
    lines = [_line(day, members, now, before, rules, zone, first_days, answers) for members in groups]
    return _placed(lines, today_lines)


def _line(
    day: date,
    members: list[Row],
    now: Sequence[Row],
    before: Mapping[tuple[str, str], Row],
    rules: Mapping[str, Rule],
    zone: str,
    first_days: date,
    answers: Sequence[tuple[Row, set[str]]],
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
    ids = {cause_id(each) for each in members}
    human = _human_side([action for action, answered in answers if answered & ids], day, zone)
    explained = {
        other["cause_code"]
        for each in members
        for other in now
        if other["asin"] == each["asin"] and explains(each, other)
    }
    return {
        "control_id": cause_id(oldest),
        "asins": sorted(each["asin"] for each in members),
        "symptoms": sorted(explained),
        "is_new": is_new,
        "is_worsened": is_worsened,
        "due_at": due,
        "stake_amount": stake,
        "priority_score": None if stake is None else round(stake * rule.recoverable * urgency, 4),
        "human_status_code": human.status,
        "follow_up_date": human.follow_up,
        "lane_code": _lane(
            rule, human, oldest["opened_date"], first_days, due, end, is_new=is_new, is_worsened=is_worsened
        ),
    }


@dataclass(frozen=True)
class HumanSide:
    """What the newest action about a line says of it in its morning."""

    status: str
    follow_up: date | None
    is_waiting: bool


def _human_side(actions: Sequence[Row], day: date, zone: str) -> HumanSide:
    morning = day + timedelta(days=1)
    taken = [action for action in actions if action["acted_at"] < _midnight(day + timedelta(days=2), zone)]
    if not taken:
        return HumanSide("open", None, is_waiting=False)
    newest = max(enumerate(taken), key=lambda each: (each[1]["acted_at"], each[0]))[1]
    code, acted = newest["action_code"], _local_date(newest["acted_at"], zone)
    waits_until = newest["follow_up_date"] or acted + timedelta(days=WAITING_DAYS)
    is_waiting = code in {"snoozed", "sent_to_client", "agreed", "done"} and waits_until > morning
    if code == "done" and (morning - acted).days >= WAITING_DAYS:
        status = "not_effective"
    elif code == "snoozed" and waits_until <= morning:
        status = "open"
    else:
        status = code
    return HumanSide(status, newest["follow_up_date"], is_waiting)


def _lane(
    rule: Rule,
    human: HumanSide,
    opened: date,
    first_days: date,
    due: datetime | None,
    end: datetime,
    *,
    is_new: bool,
    is_worsened: bool,
) -> str:
    if human.is_waiting:
        return "waiting"
    if human.status in {"refused", "not_invited"}:
        return "backlog"
    if rule.lane != "today":
        return rule.lane
    if opened < first_days and not is_worsened:
        return "backlog"
    is_due = due is not None and due < end + timedelta(days=1)
    is_urgent = is_new or is_worsened or is_due or human.status == "not_effective"
    return "today" if is_urgent else "backlog"


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


def _local_date(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()
