"""Products of competitors that the account compares its own with: their packs, prices and stock."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from simulator.world.catalogue import Catalogue, draw_asins
from simulator.world.draws import Purpose, generator
from simulator.world.offers import MarketOffer, retail_offer, seller_offer, with_featured
from simulator.world.prices import Prices

_FEWEST, _MOST = 3, 5
_SPREAD = 0.03
"""How far one competitor's price lies from the market's level at most."""
_PACKS = (1, 1, 1, 2, 3)
_SOLD_OUT_SHARE = 0.05
_RETAIL_SHARE = 0.7
"""Of the competing products, those that Amazon itself sells."""
_FORTNIGHT = 14


class Competitors:
    """The watch list of one account; competing product ``n`` belongs to the own ASIN ``_owner[n]``."""

    def __init__(self, catalogue: Catalogue, prices: Prices) -> None:
        self._catalogue = catalogue
        self._prices = prices
        rng = generator(catalogue.key, Purpose.COMPETITORS)
        watched = np.flatnonzero(catalogue.is_watched)
        self._owner = np.repeat(watched, rng.integers(_FEWEST, _MOST + 1, len(watched)))
        count = len(self._owner)
        self._level = catalogue.market_level[self._owner] * rng.uniform(1 - _SPREAD, 1 + _SPREAD, count)
        self._packs = rng.choice(np.array(_PACKS), count)
        self._is_retail = rng.random(count) < _RETAIL_SHARE
        self._seller = rng.integers(0, 1_000, count)
        self._stock: tuple[int, np.ndarray] = (-1, np.zeros(0))
        own = set(catalogue.asins)
        drawn = draw_asins(count + len(own), rng)
        self._asins = [asin for asin in rng.permutation(drawn).tolist() if asin not in own][:count]

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {asin: number for number, asin in enumerate(self._asins)}

    @cached_property
    def watched(self) -> Mapping[int, tuple[str, ...]]:
        """Competing ASINs by own ASIN number."""
        found: dict[int, list[str]] = {}
        for asin, owner in zip(self._asins, self._owner.tolist(), strict=True):
            found.setdefault(owner, []).append(asin)
        return {owner: tuple(asins) for owner, asins in found.items()}

    def pack(self, asin: str) -> int:
        """Units in one pack, 1 for a product that is not on the watch list."""
        return int(self._packs[self._numbers[asin]]) if asin in self._numbers else 1

    def offers(self, asin: str, day: int, retail_seller_id: str, sellers: tuple[str, ...]) -> tuple[MarketOffer, ...]:
        """The offers of ``day``, the cheapest featured; none while the product is sold out."""
        number = self._numbers[asin]
        if self._is_sold_out(number, day):
            return ()
        owner, decimals = self._owner[number], self._catalogue.decimals
        event = float(self._prices.event_factor(day)[owner])
        price = float(self._prices.usual(day)[owner] * event * self._level[number] * self._packs[number])
        price = round(price, decimals)
        seller = int(self._seller[number])
        seller_id = sellers[seller % len(sellers)]
        if not self._is_retail[number]:
            only = seller_offer(seller_id, price, True, seller, decimals)
            return with_featured([only], only)
        retail = retail_offer(retail_seller_id, price, is_in_stock=True)
        dearer = seller_offer(seller_id, round(price * 1.07, decimals), seller % 2 == 0, seller, decimals)
        return with_featured([retail, dearer] if seller % 3 else [retail], retail)

    def _is_sold_out(self, number: int, day: int) -> bool:
        fortnight = day // _FORTNIGHT
        drawn, sold_out = self._stock
        if drawn != fortnight:
            rng = generator(self._catalogue.key, Purpose.COMPETITORS, fortnight + 1)
            sold_out = rng.random(len(self._owner)) < _SOLD_OUT_SHARE
            self._stock = (fortnight, sold_out)
        return bool(sold_out[number])
