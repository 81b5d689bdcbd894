"""What is published about real accounts, for each figure of a portrait."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class RealRange:
    """Least and greatest value that a source gives (null: open), and the source with what it says."""

    least: float | None
    greatest: float | None
    source: str


NO_RANGE = RealRange(None, None, "no published range")

REAL_RANGES: Mapping[str, RealRange] = {
    "featured_offer_share": RealRange(
        0.85, 1.0, "Vortex IQ, KPI cards (docs.vortexiq.ai): a win rate below 85 % on the best products is an alarm"
    ),
    "lost_featured_offer_ratio": RealRange(
        0.0, 0.15, "the same, as Data Kiosk's lostFeaturedOffer: 1 less the win rate"
    ),
    "confirmation_rate": RealRange(
        0.95, None, "Weld, sql-templates/amazon-vendor-central: below 95 % is flagged; above 1 is legal"
    ),
    "median_cover_days": RealRange(
        28.0, 84.0, "Wunderman Thompson: Amazon likes 4 to 6 weeks; eMax Digital: above 84 days is overstock"
    ),
    "average_lead_time_days": RealRange(
        None, None, "one live German row shows 15.4 days (airbytehq/airbyte issue 39319); no range is published"
    ),
    "days_until_settled": RealRange(
        4.0, 30.0, "re-pull windows: Openbridge 4, 5, 14 or 30 days, Daton 7 (docs.openbridge.com, Daton's docs)"
    ),
    "lowest_on_hand_units": RealRange(
        None, 0.0, "Amazon's schema of the vendor inventory report: backorders count negative"
    ),
}
"""A figure that is not named has no published range: ``NO_RANGE``."""


def beside(name: str, value: object) -> dict[str, object]:
    """``value`` with what is published about it; ``is_within`` is null where there is nothing to compare."""
    real = REAL_RANGES.get(name, NO_RANGE)
    known = (real.least, real.greatest) != (None, None)
    is_within = None
    if known and isinstance(value, int | float):
        is_within = (real.least is None or value >= real.least) and (real.greatest is None or value <= real.greatest)
    return {
        "value": value,
        "published_range": [real.least, real.greatest] if known else None,
        "is_within": is_within,
        "source": real.source,
    }
