"""Looks at the Buy Box and what each of them shows, written from ``docs/controls.md`` ("The Buy Box")."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.independent.exact_numbers import exact

Row = Mapping[str, Any]
CAUSES = ("undercut", "out_of_stock", "suppressed", "offer_missing", "no_offer", "not_price")
"""In the order in which the first counts of two that are as frequent."""
OURS = ("amazon", "own")


@dataclass(frozen=True)
class Look:
    """One snapshot of a product's offers."""

    at: datetime
    day: date
    owner: str
    winner: str | None
    winner_price: Fraction | None
    our_price: Fraction | None
    has_amazon_offer: bool
    on_hand: int | None
    """Stock of the look's day, or of the day before while that day has no row."""

    @property
    def is_ours(self) -> bool:
        return self.owner in OURS

    @property
    def cause(self) -> str | None:
        """Why the Buy Box is lost; None when it is ours."""
        has_offer = self.has_amazon_offer or self.our_price is not None
        if self.is_ours:
            return None
        if self.owner == "suppressed":
            return "suppressed"
        if not has_offer and self.on_hand is not None and self.on_hand <= 0:
            return "out_of_stock"
        if self.owner == "none":
            return "no_offer"
        if not has_offer:
            return "offer_missing"
        is_below = None not in (self.winner_price, self.our_price) and self.winner_price < self.our_price
        return "undercut" if is_below else "not_price"


def looks_by_asin(snapshots: Iterable[Row], stock: Iterable[Row], time_zone: str) -> dict[str, list[Look]]:
    """The looks at each product, oldest first; ``stock`` are rows of ``mart.stock_coverage_daily``."""
    zone = ZoneInfo(time_zone)
    on_hand = {(row["asin"], row["business_date"]): row["sellable_on_hand_units"] for row in stock}
    looks: dict[str, list[Look]] = defaultdict(list)
    for row in snapshots:
        asin, day = row["asin"], row["observed_at"].astimezone(zone).date()
        place = (asin, day) if (asin, day) in on_hand else (asin, day - timedelta(days=1))
        looks[asin].append(
            Look(
                at=row["observed_at"].astimezone(UTC),
                day=day,
                owner=row["owner_code"],
                winner=row["winner_seller_id"],
                winner_price=exact(row["winner_price_amount"]),
                our_price=exact(row["our_price_amount"]),
                has_amazon_offer=row["has_amazon_offer"],
                on_hand=on_hand.get(place),
            )
        )
    for of_asin in looks.values():
        of_asin.sort(key=lambda look: look.at)
    return looks


def most_frequent_cause(looks: Iterable[Look]) -> str | None:
    counted = Counter(look.cause for look in looks if look.cause is not None)
    return max(CAUSES, key=lambda cause: counted[cause]) if counted else None


def mean_daily_share(looks: Sequence[Look], owners: Sequence[str], winner: str | None = None) -> Fraction | None:
    """The mean of the shares that ``owners`` (or one winner of them) had of each day's looks; None without a look."""
    of_day: dict[date, list[bool]] = defaultdict(list)
    for look in looks:
        of_day[look.day].append(look.owner in owners and (winner is None or look.winner == winner))
    shares = [Fraction(sum(held), len(held)) for held in of_day.values()]
    return sum(shares, Fraction(0)) / len(shares) if shares else None
