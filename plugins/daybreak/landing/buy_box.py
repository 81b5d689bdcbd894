"""Who holds the Buy Box of a product: Amazon's flag, corrected by its second answer where that was asked.

Amazon says itself that ``IsBuyBoxWinner`` may be wrong (amzn/selling-partner-api-models #2492, #4470) and points to the
competitive summary; that one also names offers which the list lacks (#4909).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from daybreak.landing.offer_answers import ItemOffers, Offer
from daybreak.landing.rejections import RowProblem, RowRefused
from daybreak.landing.specifications import ExpectedReport

Owner = Literal["amazon", "own", "other"]
OwnerCode = Literal["amazon", "own", "other", "suppressed", "none"]
_ORDER: tuple[Owner, ...] = ("amazon", "own", "other")
OURS = frozenset(_ORDER[:2])


@dataclass(frozen=True)
class Sellers:
    """Who is Amazon itself and who the brand; every other seller is another."""

    amazon_seller_ids: frozenset[str]
    own_seller_ids: frozenset[str]

    @classmethod
    def of(cls, expected: ExpectedReport) -> "Sellers":
        return cls(expected.amazon_seller_ids, expected.own_seller_ids)

    def owner(self, seller_id: str | None) -> Owner:
        if seller_id in self.amazon_seller_ids:
            return "amazon"
        return "own" if seller_id in self.own_seller_ids else "other"


@dataclass(frozen=True)
class Snapshot:
    """One product at one instant, as ``core.offer_snapshot`` has it."""

    owner_code: OwnerCode
    winner_seller_id: str | None
    winner_price_amount: Decimal | None
    our_price_amount: Decimal | None
    amazon_price_amount: Decimal | None
    lowest_other_price_amount: Decimal | None
    offer_count: int
    is_split: bool
    has_amazon_offer: bool


def mark_featured(item: ItemOffers, second_opinion: Sequence[Offer] | None) -> tuple[Offer, ...]:
    """The product's new offers, each marked with whether it is featured.

    ``second_opinion`` are the featured offers by the competitive summary; None where it was not asked or did not say.
    Without it Amazon's flags count, else the sellers of its Buy Box prices.

    Raises:
        RowRefused: Amazon names a Buy Box price, but not whose it is.
    """
    offers = [offer for offer in item.offers if offer.is_new]
    if second_opinion is not None:
        return _as_summarised(offers, [offer for offer in second_opinion if offer.is_new])
    if any(offer.is_featured for offer in offers):
        return tuple(offers)
    featured = {_holder(price.seller_id, price.landed_amount, offers).index for price in item.buy_box}
    return tuple(replace(offer, is_featured=offer.index in featured) for offer in offers)


def _holder(seller_id: str | None, landed_amount: Decimal, offers: Sequence[Offer]) -> Offer:
    """The one offer that a Buy Box price can be of."""
    candidates = [
        offer
        for offer in offers
        if (offer.seller_id == seller_id if seller_id else offer.landed_amount == landed_amount)
    ]
    exact = [offer for offer in candidates if offer.landed_amount == landed_amount] or candidates
    if not exact or len({offer.seller_id for offer in exact}) > 1:
        raise RowRefused(RowProblem("Summary.BuyBoxPrices", "a price is featured, and no offer says whose it is"))
    return exact[0]


def _as_summarised(offers: Sequence[Offer], summarised: Sequence[Offer]) -> tuple[Offer, ...]:
    """The list's offers, featured as the summary says; those that the list lacks come behind it."""
    featured: set[int] = set()
    missing: list[Offer] = []
    for each in summarised:
        same_seller = [offer for offer in offers if offer.seller_id == each.seller_id and each.seller_id]
        best = min(same_seller, key=lambda offer: _distance(offer, each), default=None)
        if best is None:
            missing.append(each)
        else:
            featured.add(best.index)
    return (*(replace(offer, is_featured=offer.index in featured) for offer in offers), *missing)


def _distance(offer: Offer, summarised: Offer) -> tuple[bool, bool, int]:
    return (
        offer.is_fulfilled_by_amazon != summarised.is_fulfilled_by_amazon,
        offer.landed_amount != summarised.landed_amount,
        offer.index,
    )


def judge_buy_box(offers: Sequence[Offer], sellers: Sellers) -> Snapshot:
    """The snapshot of a product's new ``offers``; with two featured, Amazon's before the brand's before others'.

    Raises:
        RowRefused: the featured offer names no seller.
    """
    featured = [offer for offer in offers if offer.is_featured]
    if any(offer.seller_id is None for offer in featured):
        raise RowRefused(RowProblem("Offers[].SellerId", "the featured offer names no seller"))
    winner = min(
        featured,
        key=lambda offer: (_ORDER.index(sellers.owner(offer.seller_id)), offer.seller_id or "", offer.index),
        default=None,
    )
    by_owner: dict[Owner, list[Offer]] = {owner: [] for owner in _ORDER}
    for offer in offers:
        if offer.seller_id is not None:
            by_owner[sellers.owner(offer.seller_id)].append(offer)
    nobody: OwnerCode = "suppressed" if offers else "none"
    return Snapshot(
        owner_code=sellers.owner(winner.seller_id) if winner else nobody,
        winner_seller_id=winner.seller_id if winner else None,
        winner_price_amount=winner.landed_amount if winner else None,
        our_price_amount=_lowest([*by_owner["amazon"], *by_owner["own"]]),
        amazon_price_amount=_lowest(by_owner["amazon"]),
        lowest_other_price_amount=_lowest(by_owner["other"]),
        offer_count=len(offers),
        is_split=len(featured) > 1,
        has_amazon_offer=bool(by_owner["amazon"]),
    )


def needs_second_opinion(item: ItemOffers, sellers: Sellers) -> bool:
    """Whether the list alone leaves in doubt that the Buy Box is ours, of a product that somebody offers."""
    if not item.offers and not item.total_count:
        return False
    try:
        snapshot = judge_buy_box(mark_featured(item, None), sellers)
    except RowRefused:
        return True
    return snapshot.is_split or snapshot.owner_code not in OURS


def _lowest(offers: Iterable[Offer]) -> Decimal | None:
    return min((offer.landed_amount for offer in offers if offer.landed_amount is not None), default=None)
