"""``mart.buy_box_recovery`` once more: what winning a Buy Box back costs, what the client said and what came of it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from tests.independent.buy_box_incidents import BuyBoxIncidents, Incident
from tests.independent.buy_box_looks import Look
from tests.independent.exact_numbers import exact, ninth
from tests.independent.written_figures import figure

Row = dict[str, Any]
FUNDED_DAYS = 14
REACH_DAYS = 7
APPROVALS = {"sent_to_client": "proposed", "agreed": "agreed", "refused": "refused"}
WORST_FIRST = ("missing", "provisional", "published", "settled")


def recovery_rows(incidents: BuyBoxIncidents, first: date, last: date) -> list[Row]:
    """The rows of the confirmed incidents opened on ``first`` … ``last`` that were lost to a lower price."""
    return [
        _row(incidents, incident)
        for incident in incidents.all_incidents()
        if first <= incident.opened.day <= last and incident.cause == "undercut" and incident.confirmed_at is not None
    ]


def first_recovery_date(incidents: BuyBoxIncidents, first: date) -> date:
    """The day from which a build that begins on ``first`` tells the recoveries."""
    open_or_acted = [
        incident.opened.day
        for incident in _published(incidents)
        if incident.closing is None
        or incident.closing.day >= first
        or any(_day(incidents, action["acted_at"]) >= first for action in _actions(incidents, incident))
    ]
    return min([first, *open_or_acted])


def _published(incidents: BuyBoxIncidents) -> list[Incident]:
    return [each for each in incidents.all_incidents() if (each.asin, each.opened.at) in incidents.published]


def _row(incidents: BuyBoxIncidents, incident: Incident) -> Row:
    priced = [look for look in incident.lost if look.cause == "undercut"][-1]
    stock = _newest(incidents.stock, incident.asin, incident.opened.day)
    price = _newest(incidents.prices, incident.asin, priced.day)
    vat = exact(incidents.account["vat_ratio"])
    ours, target = priced.our_price or Fraction(0), priced.winner_price or Fraction(0)
    funding = None if vat is None else (ours - target) / (1 + vat)
    expected = None if stock is None else exact(stock["expected_units_per_day"])
    units = None if expected is None else FUNDED_DAYS * expected
    joint = None if price is None else exact(price["joint_price_amount"])
    left, unit_cost = _left_after(price, funding)
    margin = None if left is None or unit_cost is None or left <= 0 else (left - unit_cost) / left
    statuses = [incident.status, *("missing" if row is None else row["data_status_code"] for row in (stock, price))]
    return {
        "account_id": incidents.account["account_id"],
        "asin": incident.asin,
        "opened_at": incident.opened.at,
        "opened_date": incident.opened.day,
        "currency_code": incidents.account["currency_code"],
        "priced_at": priced.at,
        "our_price_amount": figure(ours, 4),
        "target_price_amount": figure(target, 4),
        "funding_per_unit_amount": figure(funding, 4),
        "units_14d": figure(units, 6),
        "budget_14d_amount": figure(None if funding is None or units is None else funding * units, 4),
        "joint_price_amount": figure(joint, 4),
        "vendor_margin_after_ratio": figure(margin, 6),
        "advice_code": _advice(incidents, incident, priced, joint, left, unit_cost),
        **_answers(incidents, incident),
        "data_status_code": min(statuses, key=WORST_FIRST.index),
    }


def _left_after(price: Row | None, funding: Fraction | None) -> tuple[Fraction | None, Fraction | None]:
    """What is left of the net price after the funding, and what the unit costs."""
    if price is None:
        return None, None
    net = exact(price["net_in_promotion_amount"])
    return None if net is None or funding is None else net - funding, exact(price["unit_cost_amount"])


def _advice(
    incidents: BuyBoxIncidents,
    incident: Incident,
    priced: Look,
    joint: Fraction | None,
    left: Fraction | None,
    unit_cost: Fraction | None,
) -> str:
    if ninth(incident.hours_open) < incidents.limits["waiting"]:
        return "wait"
    if joint is not None and priced.winner_price is not None and priced.winner_price < joint:
        return "trace_supply"
    if left is not None and unit_cost is not None and ninth(left) < ninth(unit_cost):
        return "accept"
    return "fund_price_discount"


def _newest(rows: Iterable[Row], asin: str, day: date) -> Row | None:
    """The row of ``day``, else of the newest day of the 7 to it."""
    oldest = day - timedelta(days=REACH_DAYS - 1)
    held = [row for row in rows if row["asin"] == asin and oldest <= row["business_date"] <= day]
    return max(held, key=lambda row: row["business_date"], default=None)


def _answers(incidents: BuyBoxIncidents, incident: Incident) -> Row:
    actions = _actions(incidents, incident)
    answers = [action for action in actions if action["action_code"] in APPROVALS]
    newest = answers[-1] if answers else None
    spent = [
        action["spend_amount"]
        for action in actions
        if action["spend_amount"] is not None and incident.asin in (action["asin"], action["control_id"].split(":")[2])
    ]
    helped = any(
        action["action_code"] in ("agreed", "done")
        and incident.closed_at is not None
        and action["acted_at"] <= incident.closed_at
        for action in actions
    )
    return {
        "approval_code": None if newest is None else APPROVALS[newest["action_code"]],
        "approval_actor_name": None if newest is None else newest["actor_name"],
        "approval_at": None if newest is None else newest["acted_at"],
        "spend_amount": figure(sum(map(Fraction, spent), Fraction(0)) if spent else None, 4),
        "retaken_at": incident.closed_at if helped else None,
    }


def _actions(incidents: BuyBoxIncidents, incident: Incident) -> Sequence[Row]:
    """What people did about the incident, oldest first: since it opened, until the product's next confirmed one."""
    opened_at = incident.opened.at
    following = [
        other.opened.at
        for other in _published(incidents)
        if other.asin == incident.asin and other.confirmed_at is not None and other.opened.at > opened_at
    ]
    taken = [
        action
        for action in incidents.actions
        if action["asin"] in (None, incident.asin)
        and opened_at <= action["acted_at"]
        and (not following or action["acted_at"] < min(following))
        and _is_about(incidents, incident, action)
    ]
    return sorted(taken, key=lambda action: (action["acted_at"], action["action_id"]))


def _is_about(incidents: BuyBoxIncidents, incident: Incident, action: Row) -> bool:
    """Whether the control is the product's own, or that of a product on the same seller's line when it was answered."""
    account_id, family, asin, _ = action["control_id"].split(":")
    if (account_id, family) != (incidents.account["account_id"], "buy_box"):
        return False
    if asin == incident.asin:
        return True
    at, seller = action["acted_at"], incident.opened.winner
    return (
        seller is not None
        and _is_undercut(incident, at)
        and any(
            other.asin == asin and other.opened.winner == seller and _is_undercut(other, at)
            for other in _published(incidents)
        )
    )


def _is_undercut(incident: Incident, at: datetime) -> bool:
    """Whether the incident is one of a lower price that was confirmed and open then."""
    if incident.cause != "undercut" or incident.confirmed_at is None or incident.confirmed_at > at:
        return False
    return incident.closed_at is None or incident.closed_at > at


def _day(incidents: BuyBoxIncidents, at: Any) -> date:
    day: date = at.astimezone(incidents.zone).date()
    return day
