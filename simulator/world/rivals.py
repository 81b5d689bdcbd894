"""Other sellers of the account's own products: who they are, who is there, what they ask."""

from dataclasses import dataclass

import numpy as np

from simulator.world.catalogue import Bools, Catalogue, Floats, Ints
from simulator.world.draws import Purpose, generator
from simulator.world.incidents import Drawn

_SLOTS = 3
"""The most standing sellers of one product."""
_PRESENCE_DAYS = 14
_PRESENT_SHARE = 0.85
_LETTERS = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", dtype=np.uint8)
_ID_LETTERS = 13


@dataclass(frozen=True)
class Standing:
    """Per place (row) and ASIN: the number of the seller, his markup on Amazon's usual price, who sends."""

    seller: Ints
    markup: Floats
    is_fulfilled_by_amazon: Bools


def seller_ids(key: int, count: int) -> tuple[str, ...]:
    """``count`` distinct seller ids: an A and thirteen of ``[A-Z0-9]``."""
    rng = generator(key, Purpose.SELLERS)
    found: dict[str, None] = {}
    while len(found) < count:
        found["A" + _LETTERS[rng.integers(0, len(_LETTERS), _ID_LETTERS)].tobytes().decode("ascii")] = None
    return tuple(found)


class Rivals:
    """The other sellers of one account's catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.count = 24 + catalogue.size // 50
        """How many sellers there are in all; few of them are on many products."""
        rng = generator(catalogue.key, Purpose.STANDING, 1)
        shape = (_SLOTS, catalogue.size)
        self.standing = Standing(
            seller=np.minimum(rng.zipf(1.4, shape) - 1, self.count - 1).astype(np.int32),
            markup=rng.uniform(0.03, 0.25, shape).astype(np.float32),
            is_fulfilled_by_amazon=rng.random(shape) < 0.45,
        )
        self._fortnight: tuple[int, Bools] | None = None

    def present(self, day: int) -> Bools:
        """Per place and ASIN: whether that standing seller is there on ``day``; they come and go by the fortnight."""
        number = day // _PRESENCE_DAYS
        if self._fortnight is None or self._fortnight[0] != number:
            rng = generator(self._catalogue.key, Purpose.PRESENCE, number)
            places = np.arange(_SLOTS)[:, None] < self._catalogue.rivals
            self._fortnight = (number, places & (rng.random((_SLOTS, self._catalogue.size)) < _PRESENT_SHARE))
        return self._fortnight[1]

    def lowest(self, day: int, usual: Floats, undercut: Drawn) -> tuple[Floats, Bools]:
        """The lowest price with shipping per ASIN (NaN: nobody), and whether that seller sends it himself."""
        there = self.present(day)
        markup = np.where(there, self.standing.markup, np.inf)
        best = markup.argmin(axis=0)
        least = np.take_along_axis(markup, best[None], axis=0)[0].astype(np.float64)
        price = np.where(np.isinf(least), np.nan, np.round(usual * (1 + least), self._catalogue.decimals))
        slow = ~np.take_along_axis(self.standing.is_fulfilled_by_amazon, best[None], axis=0)[0]
        price[undercut.index] = np.round(
            usual[undercut.index] * (1 - undercut.size), self._catalogue.decimals
        )
        slow[undercut.index] = undercut.fate[1] >= 0.6
        return price, slow
