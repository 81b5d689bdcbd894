"""Other sellers of the account's own products: who they are, who is there, what they ask."""

from dataclasses import dataclass

import numpy as np

from simulator.world.catalogue import Bools, Catalogue, Floats, Ints
from simulator.world.draws import Purpose, generator
from simulator.world.incidents import Drawn

_SLOTS = 3
"""The most standing sellers of one product."""
_FORTNIGHT_DAYS = 14
_PRESENT_SHARE = 0.85
_LETTERS = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", dtype=np.uint8)
_ID_LETTERS = 13


@dataclass(frozen=True)
class Standing:
    """Per place (row) and ASIN: the number of the seller, his markup on Amazon's usual price, who sends."""

    seller: Ints
    markup: Floats
    is_fulfilled_by_amazon: Bools


@dataclass(frozen=True)
class Fortnight:
    """The standing sellers of fourteen days: ``present`` per place and ASIN, and the lowest of them per ASIN."""

    number: int
    present: Bools
    least_markup: Floats
    """On Amazon's usual price; NaN when nobody is there."""
    is_slow: Bools
    """Whether that seller sends the product himself."""


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
        self._newest: Fortnight | None = None

    def of(self, day: int) -> Fortnight:
        """Who is there on ``day``; standing sellers come and go by the fortnight. Threads may ask for any days."""
        number = day // _FORTNIGHT_DAYS
        newest = self._newest
        if newest is None or newest.number != number:
            newest = self._draw(number)
            self._newest = newest
        return newest

    def _draw(self, number: int) -> Fortnight:
        rng = generator(self._catalogue.key, Purpose.PRESENCE, number)
        places = np.arange(_SLOTS)[:, None] < self._catalogue.rivals
        present = places & (rng.random((_SLOTS, self._catalogue.size)) < _PRESENT_SHARE)
        markup = np.where(present, self.standing.markup, np.inf)
        best = markup.argmin(axis=0)[None]
        least = np.take_along_axis(markup, best, axis=0)[0].astype(np.float64)
        return Fortnight(
            number=number,
            present=present,
            least_markup=np.where(np.isinf(least), np.nan, least),
            is_slow=~np.take_along_axis(self.standing.is_fulfilled_by_amazon, best, axis=0)[0],
        )

    def lowest(self, day: int, usual: Floats, undercut: Drawn) -> tuple[Floats, Bools]:
        """The lowest price with shipping per ASIN (NaN: nobody), and whether that seller sends it himself."""
        fortnight, decimals = self.of(day), self._catalogue.decimals
        price = np.round(usual * (1 + fortnight.least_markup), decimals)
        slow = fortnight.is_slow.copy()
        price[undercut.index] = np.round(usual[undercut.index] * (1 - undercut.size), decimals)
        slow[undercut.index] = undercut.fate[1] >= 0.6
        return price, slow
