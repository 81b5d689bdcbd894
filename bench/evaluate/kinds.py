"""Which cause of ``mart.daily_control`` says which kind of incident, and from when on it can be known.

The one place where the simulator's kinds (``docs/cookbooks/add_an_incident.md``) and the controls' causes
(``docs/controls.md`` §6) meet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

_ORDERS = {"PO_UNCONFIRMED": "po_unconfirmed", "PO_REJECTED": "po_rejected", "PO_OVERDUE": "po_overdue"}
_SUPPLY_CAUSES = frozenset(
    {*_ORDERS.values(), "demand_surge", "no_po", "incoming_covers", "supply_unexplained", "supply_unknown"}
)


@dataclass(frozen=True)
class Sign:
    """How a kind shows.

    ``causes`` all say that it is there; ``right_causes`` name what brought it about, by the world's own name of that
    (``*`` where the world names nothing). On the morning ``known_after_days`` after its first day the first figure of
    it is published. A line may come ``early_days`` before it, as a warning, and stay ``lasts_days`` after its last
    day, until the figures of better days are in.
    """

    causes: frozenset[str]
    known_after_days: int
    lasts_days: int
    early_days: int = 0
    right_causes: Mapping[str, frozenset[str]] | None = None


def _sign(*causes: str, known: int, lasts: int, early: int = 0) -> Sign:
    return Sign(frozenset(causes), known, lasts, early)


_TOMORROW = 1
"""Offers, pages, orders and real-time stock are looked at on the next morning."""
_REPORTED = 4
"""A vendor report tells of a day 72 hours after its end."""

SIGNS: Mapping[str, Sign] = {
    "STOCK_OUT": Sign(
        _SUPPLY_CAUSES, _TOMORROW, 5, early_days=21,
        right_causes={
            **{kind: frozenset({cause}) for kind, cause in _ORDERS.items()},
            "DEMAND_SURGE": frozenset({"demand_surge"}),
            "*": _SUPPLY_CAUSES,
        },
    ),
    "OVERSTOCK": _sign("overstock", known=_REPORTED, lasts=10),
    "DEAD_STOCK": _sign("dead_stock", known=_REPORTED, lasts=10),
    "PO_UNCONFIRMED": _sign("po_unconfirmed", known=_TOMORROW, lasts=4),
    "PO_REJECTED": _sign("po_rejected", known=_TOMORROW, lasts=32),
    "PO_OVERDUE": _sign("po_overdue", known=_TOMORROW, lasts=32),
    "UNDERCUT": _sign("undercut", "trace_supply", known=_TOMORROW, lasts=3),
    "SUPPRESSED": _sign("suppressed", known=_TOMORROW, lasts=3),
    "OFFER_MISSING": _sign("offer_missing", known=_TOMORROW, lasts=3),
    "PAGE_REGRESSION": _sign("page_regression", "page_changed", known=_TOMORROW, lasts=3),
    "PAGE_GONE": _sign("page_not_found", known=_TOMORROW, lasts=3),
    "OVERPRICED": _sign("fund_or_cut_cost", "unviable_at_market", known=_TOMORROW, lasts=3),
    "AMAZON_MARGIN_NEGATIVE": _sign("margin_at_risk", known=_REPORTED, lasts=45),
    "VENDOR_MARGIN_LOST": _sign("vendor_loses", known=_REPORTED, lasts=45),
    "TRAFFIC_LOSS": _sign("drop_traffic", known=_REPORTED, lasts=12),
    "CONVERSION_LOSS": _sign("drop_conversion", known=_REPORTED, lasts=12),
    "WRONGLY_OBSOLETE": _sign("wrongly_obsolete", known=_TOMORROW, lasts=3),
}  # fmt: skip

LONGEST_WARNING = timedelta(days=max(sign.early_days for sign in SIGNS.values()))
LONGEST_TAIL = timedelta(days=max(sign.known_after_days + sign.lasts_days for sign in SIGNS.values()))
"""So far before and behind a line something may lie that it speaks of."""

DROPS = frozenset({"drop_traffic", "drop_conversion", "drop_buy_box", "drop_price", "drop_gone", "drop_unknown"})
"""A sales drop is one thing whose largest driver is its cause: a drop found with the wrong driver is found."""
FOUND_AS_DROP = frozenset({"TRAFFIC_LOSS", "CONVERSION_LOSS"})


def finding_causes(kind: str) -> frozenset[str]:
    """The causes that count as having found an incident of ``kind``, whether they name the right reason or not.

    Raises:
        KeyError: no incident is of this kind.
    """
    return DROPS if kind in FOUND_AS_DROP else SIGNS[kind].causes


def right_causes(kind: str, brought_about_by: frozenset[str]) -> frozenset[str]:
    """The causes that name the reason of an incident of ``kind`` that the world says was brought about so."""
    sign = SIGNS[kind]
    if sign.right_causes is None:
        return sign.causes
    named = [sign.right_causes[cause] for cause in brought_about_by if cause in sign.right_causes]
    return frozenset().union(*named) if named else sign.right_causes["*"]


JUDGED_CAUSES = frozenset().union(*(finding_causes(kind) for kind in SIGNS))
"""A line with another cause (a poor page, many returns) speaks of nothing that the world draws; it is only counted."""
