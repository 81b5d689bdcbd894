"""How often each kind is drawn, on which products, for how long and how large."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.world.catalogue import Bools, Catalogue
from simulator.world.kinds import Kind

_AGGRESSIVE_SELLERS = 6
"""Few sellers undercut, each on many products."""

Range = tuple[float, float]
Days = tuple[int, int]

_DEMAND_TO_BE_SEEN = 1.0
"""Units a day below which a loss of visitors or buyers drowns in chance."""


def _any(catalogue: Catalogue) -> Bools:
    return ~catalogue.is_dead


def _bought(catalogue: Catalogue) -> Bools:
    """Products that Amazon reorders often enough for a failed order to matter."""
    return np.asarray(~catalogue.is_dead & (catalogue.units_per_day >= 0.1))


def _selling(catalogue: Catalogue) -> Bools:
    return np.asarray(~catalogue.is_dead & (catalogue.units_per_day >= _DEMAND_TO_BE_SEEN))


def _compared(catalogue: Catalogue) -> Bools:
    """Watched against other products and sold by nobody else, so that its own price alone decides."""
    return np.asarray(catalogue.is_watched & (catalogue.rivals == 0))


def _not_self_sold(catalogue: Catalogue) -> Bools:
    """The brand's own offer would win in Amazon's place, and nothing would be lost."""
    return ~catalogue.is_self_sold


def _evergreen(catalogue: Catalogue) -> Bools:
    """What the client calls active all year round."""
    return np.asarray(~catalogue.is_dead & (catalogue.category == 0))


def _varied(catalogue: Catalogue) -> Bools:
    return np.asarray(catalogue.family >= 0)


def _nothing(_: float, __: float) -> dict[str, Any]:
    return {}


def _undercut(first: float, second: float) -> dict[str, Any]:
    """Amazon matches the price after one to three days in three cases of five, else never."""
    follows = first < 0.6
    return {
        "follow_days": 1 + int(first / 0.6 * 3) if follows else None,
        "is_fulfilled_by_amazon": second < 0.6,
        "seller_number": int(second * 1_000 % 1 * _AGGRESSIVE_SELLERS),
    }


def _page_part(first: float, _: float) -> dict[str, Any]:
    parts = ("images", "title", "bullets", "a_plus", "left_parent", "classification", "brand")
    return {"part": parts[int(first * len(parts))]}


def _margin_cause(first: float, _: float) -> dict[str, Any]:
    return {"cause": "cost_rise" if first < 0.5 else "price_collapse"}


def _promotion(first: float, second: float) -> dict[str, Any]:
    return {"kind": "coupon" if first < 0.35 else "price_discount", "funded_share": round(0.5 + 0.5 * second, 2)}


def _moment(first: float, second: float) -> dict[str, Any]:
    return {"first_minute": int(first * 1_320), "minutes": 5 + int(second * 105)}


def _absence(first: float, _: float) -> dict[str, Any]:
    return {"filled_after_days": 6 + int(first * 10)}


@dataclass(frozen=True)
class Recipe:
    """``rate`` is per 1,000 ASINs (of the account for ``is_account_wide``: per 1 account) and 30 days.

    ``size`` and ``days`` are drawn evenly; a ``small_share`` has ``small_size``, which is meant not to be found. Of
    ``long_share`` the days are ``long_days``. The ASIN is left alone for ``rest_days`` afterwards.
    """

    rate: float
    days: Days
    size: Range
    measure: str
    small_share: float = 0.0
    small_size: Range = (0.0, 0.0)
    long_share: float = 0.0
    long_days: Days = (0, 0)
    rest_days: int = 10
    is_account_wide: bool = False
    eligible: Callable[[Catalogue], Bools] = _any
    detail: Callable[[float, float], dict[str, Any]] = _nothing

    def is_small(self, size: float) -> bool:
        """Whether an incident of this ``size`` is one of the small share."""
        return self.small_share > 0 and size <= self.small_size[1]


RECIPES: Mapping[Kind, Recipe] = {
    Kind.STOCK_OUT: Recipe(10, (18, 35), (2.0, 4.0), "demand over the usual", rest_days=40, eligible=_bought),
    Kind.OVERSTOCK: Recipe(10, (10, 20), (3.0, 6.0), "purchases over need", rest_days=90, eligible=_bought),
    Kind.DEAD_STOCK: Recipe(8, (90, 150), (1.0, 1.0), "share of the demand lost", rest_days=20, eligible=_bought),
    Kind.PO_UNCONFIRMED: Recipe(
        8, (7, 14), (1.0, 1.0), "share of the orders hit",
        long_share=0.2, long_days=(21, 30), rest_days=40, eligible=_bought,
    ),
    Kind.PO_REJECTED: Recipe(
        8, (7, 14), (1.0, 1.0), "share of the orders hit",
        long_share=0.25, long_days=(24, 40), rest_days=40, eligible=_bought,
    ),
    Kind.PO_OVERDUE: Recipe(
        12, (7, 14), (20.0, 36.0), "days late",
        small_share=0.15, small_size=(3.0, 6.0), long_share=0.4, long_days=(15, 30), rest_days=45, eligible=_bought,
    ),
    Kind.UNDERCUT: Recipe(
        24, (4, 21), (0.035, 0.12), "price gap to Amazon's usual price",
        small_share=0.15, small_size=(0.004, 0.009), detail=_undercut,
    ),
    Kind.SUPPRESSED: Recipe(
        12, (3, 20), (1.0, 1.0), "share of the day", small_share=0.15, small_size=(0.1, 0.3),
    ),
    Kind.OFFER_MISSING: Recipe(12, (3, 14), (1.0, 1.0), "share of the day", eligible=_not_self_sold),
    Kind.PAGE_REGRESSION: Recipe(
        16, (14, 60), (0.15, 0.4), "share of the conversion lost",
        small_share=0.15, small_size=(0.02, 0.06), detail=_page_part,
    ),
    Kind.PAGE_GONE: Recipe(10, (3, 25), (1.0, 1.0), "share of the visitors lost"),
    Kind.OVERPRICED: Recipe(
        14, (20, 60), (0.09, 0.35), "Amazon's price over the market's, less 1",
        small_share=0.15, small_size=(0.01, 0.03), eligible=_compared,
    ),
    Kind.AMAZON_MARGIN_NEGATIVE: Recipe(
        12, (40, 90), (0.04, 0.2), "loss over the price without tax",
        small_share=0.1, small_size=(0.002, 0.006), eligible=_bought, detail=_margin_cause,
    ),
    Kind.VENDOR_MARGIN_LOST: Recipe(
        12, (40, 90), (0.04, 0.15), "unit cost over the net cost, less 1",
        small_share=0.1, small_size=(0.002, 0.006), eligible=_bought,
    ),
    Kind.TRAFFIC_LOSS: Recipe(
        14, (14, 45), (0.5, 0.85), "share of the visitors lost",
        small_share=0.15, small_size=(0.05, 0.12), rest_days=20, eligible=_selling,
    ),
    Kind.CONVERSION_LOSS: Recipe(
        14, (14, 45), (0.5, 0.85), "share of the buyers lost",
        small_share=0.15, small_size=(0.05, 0.12), rest_days=20, eligible=_selling,
    ),
    Kind.PROMOTION: Recipe(
        40, (3, 14), (0.08, 0.3), "share taken off the price", rest_days=12, eligible=_bought, detail=_promotion,
    ),
    Kind.VARIATION_SPLIT: Recipe(
        10, (21, 40), (0.08, 0.25), "share of the visitors who go to siblings", rest_days=20, eligible=_varied,
    ),
    Kind.RESTATEMENT: Recipe(
        0.5, (1, 1), (4.0, 8.0), "first distance over the usual", is_account_wide=True,
    ),
    Kind.DAY_WITHOUT_DATA: Recipe(
        0.35, (1, 1), (1.0, 1.0), "share of the rows missing", is_account_wide=True, detail=_absence,
    ),
    Kind.SECOND_AMAZON_SELLER: Recipe(12, (2, 20), (1.0, 1.0), "share of the day"),
    Kind.FLICKER: Recipe(30, (1, 1), (1.0, 1.0), "offers that win for a moment", rest_days=3, detail=_moment),
    Kind.WRONGLY_OBSOLETE: Recipe(
        8, (30, 75), (1.0, 1.0), "products that Amazon means to buy no more", rest_days=10, eligible=_evergreen,
    ),
}  # fmt: skip
"""Every kind that is drawn. Launches, endings, seasons and shopping events follow catalogue and calendar."""


def known_rates(rates: Mapping[Kind, float]) -> dict[Kind, float]:
    """The rate of every drawn kind, those of ``rates`` before the usual ones.

    Raises:
        ValueError: a rate is named for a kind that is not drawn.
    """
    strange = sorted(set(rates) - set(RECIPES))
    if strange:
        raise ValueError(f"{', '.join(strange)}: follows the catalogue or the calendar and has no rate")
    return {kind: rates.get(kind, recipe.rate) for kind, recipe in RECIPES.items()}
