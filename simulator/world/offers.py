"""One offer, and which of several is featured at a moment of the day."""

from dataclasses import dataclass, replace

DAY_MINUTES = 24 * 60
_FREE_SHIPPING_FROM = 30.0
_SHIPPING = 3.99
_CONTINUES_FROM = 0.5
"""A day begins as the one before it ended when that one lost at least this share."""


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

    @property
    def landed_price(self) -> float:
        return round(self.listing_price + self.shipping, 2)


def retail_offer(seller_id: str, price: float, is_in_stock: bool) -> MarketOffer:
    """Amazon's own offer, not yet featured; without stock it promises goods that have yet to arrive."""
    return MarketOffer(seller_id, price, 0.0, True, True, False, 500_000, 91, (0, 24) if is_in_stock else (120, 336))


def seller_offer(
    seller_id: str, landed_price: float, is_fulfilled_by_amazon: bool, weight: int, decimals: int
) -> MarketOffer:
    """An offer of another seller, not yet featured; ``weight`` is any number that belongs to the seller."""
    is_free = is_fulfilled_by_amazon or landed_price < _FREE_SHIPPING_FROM or decimals == 0
    shipping = 0.0 if is_free else _SHIPPING
    return MarketOffer(
        seller_id=seller_id,
        listing_price=round(landed_price - shipping, decimals),
        shipping=shipping,
        is_prime=is_fulfilled_by_amazon,
        is_fulfilled_by_amazon=is_fulfilled_by_amazon,
        is_featured=False,
        feedback_count=11 + weight * 7_919 % 24_000,
        feedback_rating=82 + weight % 19,
        hours=(0, 24) if is_fulfilled_by_amazon else (24, 72),
    )


def with_featured(offers: list[MarketOffer], winner: MarketOffer | None) -> tuple[MarketOffer, ...]:
    """``offers`` by landed price, ``winner`` marked."""
    marked = [replace(offer, is_featured=True) if offer is winner else offer for offer in offers]
    return tuple(sorted(marked, key=lambda offer: (offer.landed_price, offer.seller_id)))


@dataclass(frozen=True)
class DayPlan:
    """How the shares of one product's day lie in it; ``chance`` is uniform from 0 to 1."""

    featured: float
    suppressed: float
    featured_before: float
    open_share: float
    """Of the day from midnight, while Amazon has an offer."""
    chance: float

    def state(self, minute: int) -> str:
        """``retail`` (Amazon is featured), ``other``, ``suppressed`` or, after the last unit, ``closed``."""
        open_minutes = self.open_share * DAY_MINUTES
        featured = min(self.featured * DAY_MINUTES, open_minutes)
        lost = open_minutes - featured
        if minute >= open_minutes:
            return "suppressed" if self.suppressed >= 1 else "closed"
        begins = self._begins(featured)
        if not begins <= minute < begins + lost:
            return "retail"
        return "suppressed" if minute < begins + min(lost, self.suppressed * DAY_MINUTES) else "other"

    def _begins(self, featured: float) -> float:
        """The minute at which the lost part begins: as yesterday ended, or at the day's end, or for a while within."""
        if self.featured_before <= 1 - _CONTINUES_FROM:
            return 0.0
        if self.featured <= 1 - _CONTINUES_FROM:
            return featured
        return self.chance * featured
