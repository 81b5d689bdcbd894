"""Whose ASIN it is and what is offered on it: the view of the market that both pricing APIs write down."""

import re
from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from simulator.world.catalogue import Floats
from simulator.world.draws import Purpose, generator
from simulator.world.history import AccountWorld
from simulator.world.offers import MarketOffer

_ASIN = re.compile(r"[A-Z0-9]{10}")
_LIST_PRICE_FACTOR = 1.1
"""The recommended price over Amazon's usual one."""
_WORST_RANK = 40_000
_ELIGIBLE_RATING, _ELIGIBLE_COUNT = 85, 20
"""From here on a seller can be featured."""


@dataclass(frozen=True)
class Shelf:
    """One ASIN at one instant. ``offers`` begin with the lowest price including shipping."""

    asin: str
    offers: tuple[MarketOffer, ...]
    sales_rank: int | None
    usual_price: float | None
    """What Amazon usually asks; None for a competitor's product."""
    list_price: float | None
    similar: tuple[str, ...]
    opens_at: datetime | None = None
    """For a product that Amazon lists since today: when its offers can be asked for. Until then there are none."""

    @property
    def featured(self) -> tuple[MarketOffer, ...]:
        return tuple(offer for offer in self.offers if offer.is_featured)


class OfferBook:
    """What can be bought in one account's marketplace: its own products and those that compete with them."""

    def __init__(self, world: AccountWorld) -> None:
        self.world = world
        self._zone = ZoneInfo(world.account.time_zone)
        self._of_day: tuple[int, Floats, Floats] | None = None
        self._rivals_of: dict[str, list[int]] = {}
        for index, asins in world.market.competitors.items():
            for asin in asins:
                self._rivals_of.setdefault(asin, []).append(index)

    def shelf(self, asin: str, instant: datetime) -> Shelf | None:
        """What is offered on ``asin``; None for one that the marketplace does not know yet or at all."""
        if not is_asin(asin):
            return None
        catalogue, market = self.world.catalogue, self.world.market
        day = self.world.index_of(instant.astimezone(self._zone).date())
        index = bisect_left(catalogue.asins, asin)
        if index < catalogue.size and catalogue.asins[index] == asin:
            if catalogue.launch_day[index] > day:
                return None
            usual_prices, units = self._day(day)
            usual = float(usual_prices[index])
            is_new = bool(catalogue.launch_day[index] == day)
            return Shelf(
                asin=asin,
                offers=() if is_new else _by_price(market.offers_at(index, instant)),
                opens_at=datetime.combine(self.world.date_of(day + 1), time(), self._zone) if is_new else None,
                sales_rank=_rank(float(units[index])),
                usual_price=usual,
                list_price=round(usual * _LIST_PRICE_FACTOR, catalogue.decimals),
                similar=market.competitors.get(index, ()),
            )
        if asin not in self._rivals_of:
            return None
        popularity = generator(self.world.key, Purpose.RIVAL_RANK, int(asin[2:], 36)).lognormal(0.0, 1.5)
        return Shelf(
            asin=asin,
            offers=_by_price(market.competitor_offers_at(asin, instant)),
            sales_rank=_rank(float(popularity)),
            usual_price=None,
            list_price=None,
            similar=tuple(catalogue.asins[own] for own in self._rivals_of[asin]),
        )

    def _day(self, day: int) -> tuple[Floats, Floats]:
        """Usual prices and expected units of every product on ``day``; the last day asked for is kept."""
        if self._of_day is None or self._of_day[0] != day:
            self._of_day = (day, self.world.prices.usual(day), self.world.demand.expected_units(day))
        return self._of_day[1:]


def _rank(units_per_day: float) -> int | None:
    """The place in the category that so many sales take; none without sales."""
    return max(1, round(_WORST_RANK / (1 + 20 * units_per_day))) if units_per_day > 0 else None


def is_asin(text: str) -> bool:
    return _ASIN.fullmatch(text) is not None


def is_eligible(offer: MarketOffer) -> bool:
    """Whether Amazon would feature the seller at a good price."""
    trusted = offer.feedback_rating >= _ELIGIBLE_RATING and offer.feedback_count >= _ELIGIBLE_COUNT
    return offer.is_featured or offer.is_fulfilled_by_amazon or trusted


def _by_price(offers: tuple[MarketOffer, ...]) -> tuple[MarketOffer, ...]:
    return tuple(sorted(offers, key=lambda offer: (offer.landed_price, offer.seller_id)))
