"""Every offer on the account's products and on its competitors', at any instant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from simulator.world.rivals import seller_ids

if TYPE_CHECKING:
    from simulator.world.history import AccountWorld

_RETAIL_SELLERS = {
    "A1PA6795UKMFR9": "A3JWKAKR8XB7XF",
    "A13V1IB3VIYZZH": "A1X6FK5RDHNB96",
    "APJ6JRA9NG5V4": "A11IL2PNWYJU7H",
    "A1RKKUPIHCS9HS": "A1AT7YVPFBWXBL",
    "A1F83G8C2ARO7P": "A3P5ROKL5A1OLE",
    "ATVPDKIKX0DER": "ATVPDKIKX0DER",
    "A2EUQ1WTGCTBG2": "A3DWYIK6Y9EEQB",
    "A1AM78C64UM0Y8": "AVDBXBAVVSXLQ",
    "A2Q3Y263D00KWC": "A1ZZFT5FULY4LN",
    "A1VC38T7YXB528": "AN1VRQENFRJN5",
}
"""Amazon's own seller id by marketplace id."""


@dataclass(frozen=True)
class MarketOffer:
    """One offer in new condition; prices with tax."""

    seller_id: str
    listing_price: float
    shipping: float
    is_prime: bool
    is_fulfilled_by_amazon: bool
    is_featured: bool
    feedback_count: int
    feedback_rating: int
    hours: tuple[int, int]
    """Least and most hours until the goods leave."""


class Market:
    """Who offers what. Everything follows from the world's day figures and the seed."""

    def __init__(self, world: "AccountWorld") -> None:
        self._world = world

    @cached_property
    def sellers(self) -> tuple[str, ...]:
        """The ids of the other sellers, by their number."""
        return seller_ids(self._world.key, self._world.rivals.count + 2)[:-2]

    @cached_property
    def own_seller_id(self) -> str | None:
        """The brand's own seller account."""
        return seller_ids(self._world.key, self._world.rivals.count + 2)[-1]

    @cached_property
    def retail_seller_ids(self) -> tuple[str, str]:
        """Amazon's own seller id in the marketplace, and the second one under which it sells now and then."""
        drawn = seller_ids(self._world.key, self._world.rivals.count + 2)[-2]
        return _RETAIL_SELLERS.get(self._world.account.marketplace_id, "A" + drawn[::-1][:13]), drawn

    @cached_property
    def competitors(self) -> Mapping[int, tuple[str, ...]]:
        return {}

    def competitor_pack(self, asin: str) -> int:
        return 1

    def offers_at(self, index: int, instant: datetime) -> tuple[MarketOffer, ...]:
        """The offers on ASIN number ``index``, the featured one marked."""
        return ()

    def competitor_offers_at(self, competitor_asin: str, instant: datetime) -> tuple[MarketOffer, ...]:
        return ()
