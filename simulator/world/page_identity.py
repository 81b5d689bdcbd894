"""Numbers that name a product: EAN and part number, and which competitor an id belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

_OWN_NUMBERS = 5_000_000
"""EAN numbers below belong to the catalogue, those from here on to competitors."""


def ean_of(key: int, number: int) -> str:
    """A 13-digit EAN of the range for restricted circulation (prefix 2), which no real product has."""
    digits = f"2{key % 10_000:04d}{number:07d}"
    weighted = sum(int(digit) * (3 if position % 2 else 1) for position, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


def index_of_ean(key: int, ean: str) -> int:
    """The number that ``ean`` was made from; -1 where it is not one of ``key``."""
    if len(ean) != 13 or not (ean.isascii() and ean.isdigit()):
        return -1
    number = int(ean[5:12])
    return number if ean_of(key, number) == ean else -1


def part_number_of(brand: str, number: int) -> str:
    """Three letters of the brand, a dash and six digits."""
    return f"{brand[:3].upper()}-{number:06d}"


@dataclass(frozen=True)
class Competitor:
    """A competitor's product, and the own product that it competes with."""

    asin: str
    own_index: int

    @property
    def number(self) -> int:
        """40 bits that name the competitor's random numbers."""
        return int.from_bytes(blake2b(self.asin.encode(), digest_size=5).digest(), "big")

    def ean(self, key: int) -> str:
        return ean_of(key, _OWN_NUMBERS + self.number % _OWN_NUMBERS)


class Competitors:
    """Every competitor on the watch list; one that competes with several products stands on the first one's shelf."""

    def __init__(self, competitors: Mapping[int, tuple[str, ...]]) -> None:
        self._competitors = competitors

    @cached_property
    def by_asin(self) -> dict[str, int]:
        """The first own index of each competitor."""
        found: dict[str, int] = {}
        for index in sorted(self._competitors):
            for asin in self._competitors[index]:
                found.setdefault(asin, index)
        return found

    @cached_property
    def _by_number(self) -> dict[int, str]:
        return {Competitor(asin, index).number % _OWN_NUMBERS: asin for asin, index in self.by_asin.items()}

    def find(self, asin: str) -> Competitor | None:
        own_index = self.by_asin.get(asin)
        return None if own_index is None else Competitor(asin, own_index)

    def asin_of_ean(self, key: int, ean: str) -> str | None:
        return self._by_number.get(index_of_ean(key, ean) - _OWN_NUMBERS)
