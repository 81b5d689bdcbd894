"""``mart.buy_box_incident`` and ``mart.buy_box_recovery`` once more: each loss, and what winning it back costs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from tests.independent.account_tables import Warehouse
from tests.independent.buy_box_looks import Look, looks_by_asin, most_frequent_cause
from tests.independent.exact_numbers import exact
from tests.independent.written_figures import figure

Row = dict[str, Any]
CENSORING_GAP = timedelta(hours=26)
REOPENING_SPAN = timedelta(days=14)
BASELINE_DAYS = 28
HOURS_OF_A_WEEK = 168


@dataclass(frozen=True)
class Incident:
    """A run of looks at one product that show the Buy Box lost, with the looks before and after it."""

    asin: str
    lost: Sequence[Look]
    before: Look | None
    closing: Look | None
    newest_at: datetime
    """The account's newest look, at whatever product."""
    confirming: timedelta = field(repr=False)

    @property
    def opened(self) -> Look:
        return self.lost[0]

    @property
    def confirmed_at(self) -> datetime | None:
        later = [look.at for look in self.lost[1:] if look.at >= self.opened.at + self.confirming]
        return min(later, default=None)

    @property
    def closed_at(self) -> datetime | None:
        return None if self.closing is None else self.closing.at

    @property
    def cause(self) -> str:
        return most_frequent_cause(self.lost) or ""

    @property
    def hours_open(self) -> Fraction:
        return _hours((self.closed_at or self.newest_at) - self.opened.at)

    @property
    def hours_open_at_least(self) -> Fraction:
        return _hours(self.lost[-1].at - self.opened.at)

    @property
    def is_censored(self) -> bool:
        instants = [look.at for look in (self.before, *self.lost) if look is not None]
        instants.append(self.closed_at or self.newest_at)
        return any(later - earlier > CENSORING_GAP for earlier, later in pairwise(instants))

    @property
    def status(self) -> str:
        if self.closing is not None:
            return "settled"
        return "provisional" if self.confirmed_at is None else "published"


class BuyBoxIncidents:
    """All incidents of one account. Stock, weeks and prices are the published rows of their marts.

    ``published`` are product and opening of the rows that the mart of the incidents holds: its readers know no other.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self.account = warehouse.account
        self.zone = ZoneInfo(self.account["time_zone"])
        self.limits = {
            name: exact(self.account["thresholds"][f"buy_box_{name}_hours"]) or Fraction(0)
            for name in ("confirming", "target", "waiting")
        }
        self.stock = warehouse.rows("mart.stock_coverage_daily")
        snapshots = warehouse.rows("core.offer_snapshot")
        self.looks = looks_by_asin(snapshots, self.stock, self.account["time_zone"])
        self.newest_at = max((row["observed_at"].astimezone(UTC) for row in snapshots), default=None)
        self.offers = warehouse.rows("core.offer")
        self.weeks = warehouse.rows("mart.buy_box_weekly")
        self.prices = warehouse.rows("mart.price_gap_daily")
        self.actions = warehouse.rows("ops.control_action")
        self.published = {(row["asin"], row["opened_at"]) for row in warehouse.rows("mart.buy_box_incident")}
        known = warehouse.rows("core.product") + warehouse.rows("core.forecast_weekly")
        self.incidents = {asin: self._incidents(asin) for asin in {row["asin"] for row in known} & self.looks.keys()}

    def _incidents(self, asin: str) -> list[Incident]:
        found: list[Incident] = []
        before: Look | None = None
        runs = [(is_ours, list(run)) for is_ours, run in groupby(self.looks[asin], key=lambda look: look.is_ours)]
        for place, (is_ours, run) in enumerate(runs):
            if not is_ours and self.newest_at is not None:
                closing = runs[place + 1][1][0] if place + 1 < len(runs) else None
                confirming = timedelta(hours=float(self.limits["confirming"]))
                found.append(Incident(asin, run, before, closing, self.newest_at, confirming))
            before = run[-1]
        return found

    def all_incidents(self) -> list[Incident]:
        return [incident for found in self.incidents.values() for incident in found]

    def first_date(self, first: date) -> date:
        """The day from which a build that begins on ``first`` tells the incidents."""
        still_open = [
            incident.opened.day
            for incident in self.all_incidents()
            if incident.closing is None or incident.closing.day >= first
        ]
        sunday = first - timedelta(days=first.isoweekday() % 7)
        return min([sunday, *still_open])

    def rows(self, first: date, last: date) -> list[Row]:
        """The rows of the incidents that opened on ``first`` … ``last``."""
        return [self._row(each) for each in self.all_incidents() if first <= each.opened.day <= last]

    def _row(self, incident: Incident) -> Row:
        opened = incident.opened
        target_at = opened.at + timedelta(hours=float(self.limits["target"]))
        baseline = self._baseline(incident)
        hours = incident.hours_open_at_least if incident.is_censored else incident.hours_open
        return {
            "account_id": self.account["account_id"],
            "asin": incident.asin,
            "opened_at": opened.at,
            "opened_date": opened.day,
            "currency_code": self.account["currency_code"],
            "confirmed_at": incident.confirmed_at,
            "cause_code": incident.cause,
            "winner_seller_id": opened.winner,
            "is_winner_fulfilled_by_amazon": self._fulfilment(incident),
            "winner_price_amount": figure(opened.winner_price, 4),
            "our_price_amount": figure(opened.our_price, 4),
            "lost_snapshots": len(incident.lost),
            "last_lost_at": incident.lost[-1].at,
            "closed_at": incident.closed_at,
            "hours_open": figure(incident.hours_open, 6),
            "hours_open_at_least": figure(incident.hours_open_at_least, 6),
            "target_at": target_at,
            "is_breached": incident.lost[-1].at > target_at,
            "is_censored": incident.is_censored,
            "baseline_revenue_amount": figure(baseline, 4),
            "lost_revenue_amount": figure(None if baseline is None else baseline * hours / HOURS_OF_A_WEEK, 4),
            "reopened_count": self._reopened(incident),
            "data_status_code": incident.status,
        }

    def _baseline(self, incident: Incident) -> Fraction | None:
        last = incident.opened.day
        weeks = [
            (row["week_start_date"], row["baseline_revenue_amount"])
            for row in self.weeks
            if row["asin"] == incident.asin
            and last - timedelta(days=BASELINE_DAYS - 1) <= row["week_start_date"] <= last
        ]
        return exact(max(weeks, key=lambda week: week[0])[1]) if weeks else None

    def _fulfilment(self, incident: Incident) -> bool | None:
        held = [
            (row["offer_index"], row["is_fulfilled_by_amazon"])
            for row in self.offers
            if row["asin"] == incident.asin
            and row["observed_at"] == incident.opened.at
            and row["seller_id"] == incident.opened.winner
            and row["is_featured"]
        ]
        return min(held, key=lambda offer: offer[0])[1] if held else None

    def _reopened(self, incident: Incident) -> int:
        opened_at = incident.opened.at
        return sum(
            other.confirmed_at is not None
            and other.closed_at is not None
            and opened_at - REOPENING_SPAN <= other.closed_at <= opened_at
            for other in self.incidents[incident.asin]
        )


def _hours(span: timedelta) -> Fraction:
    return Fraction(span // timedelta(microseconds=1), 3_600_000_000)
