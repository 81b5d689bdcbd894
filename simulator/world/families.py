"""Which products belong together: brands, shelves, variation families and the A+ documents over them."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np

from simulator.world.catalogue import Bools, Catalogue, Floats, Ints
from simulator.world.draws import Purpose, generator
from simulator.world.shelves import SHELVES

FAMILIES_PER_DOCUMENT = 5
"""So many families of one brand share an A+ document."""
_A_PLUS_SHARE = 0.9
"""Of the best content; the share falls with the quality of the content."""
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BEGINNINGS = ("Bal", "Cor", "Dru", "Fen", "Gil", "Hux", "Jor", "Kel", "Lum", "Mir", "Nav", "Orv", "Pel", "Quen", "Rov")
_MIDDLES = ("va", "ne", "ri", "to", "lu", "mi", "za", "qui")
_ENDINGS = ("dex", "lora", "mond", "nyx", "quil", "rova", "sett", "tarn", "vell", "zor")


def brand_names(key: int, purpose: Purpose, count: int) -> tuple[str, ...]:
    """``count`` distinct invented names."""
    rng = generator(key, purpose)
    names: dict[str, None] = {}
    while len(names) < count:
        parts = [rng.integers(len(syllables)) for syllables in (_BEGINNINGS, _MIDDLES, _ENDINGS)]
        names[_BEGINNINGS[parts[0]] + _MIDDLES[parts[1]] + _ENDINGS[parts[2]]] = None
    return tuple(names)


def related_asin(key: int, relation: str, number: int) -> str:
    """The id of a page that is no product of the catalogue, such as a variation parent."""
    value = int.from_bytes(blake2b(f"{key}:{relation}:{number}".encode(), digest_size=8).digest(), "big")
    letters = []
    for _ in range(8):
        value, digit = divmod(value, len(_DIGITS))
        letters.append(_DIGITS[digit])
    return "B0" + "".join(letters)


@dataclass(frozen=True)
class Families:
    """The catalogue in families, numbered from 0: stretches of neighbouring ASINs, those of one have no parent.

    ``starts`` has the first ASIN index of each family and one entry more, the catalogue's size; ``document`` the A+
    document of each; all other arrays have one entry per ASIN.
    """

    key: int
    starts: Ints
    document: Ints
    shelf: Ints
    brand: Ints
    brands: tuple[str, ...]
    quality: Floats
    """How good the content of a page is, 0 to 1."""
    has_a_plus: Bools

    def family_of(self, index: int) -> int:
        return int(np.searchsorted(self.starts, index, side="right")) - 1

    def members(self, family: int) -> range:
        """The ASIN indexes of ``family``."""
        return range(int(self.starts[family]), int(self.starts[family + 1]))

    def brand_of(self, index: int) -> str:
        return self.brands[int(self.brand[index])]

    @cached_property
    def families_of_document(self) -> tuple[tuple[int, ...], ...]:
        """By A+ document: its families, ascending."""
        found: list[list[int]] = [[] for _ in range(int(self.document.max()) + 1)]
        for family, document in enumerate(self.document.tolist()):
            found[document].append(family)
        return tuple(tuple(families) for families in found)

    def parent_asin(self, family: int) -> str:
        return related_asin(self.key, "parent", family)

    def split_parent_asin(self, family: int) -> str:
        """The second parent that a family has while products are split off."""
        return related_asin(self.key, "split", family)

    @cached_property
    def family_of_parent(self) -> dict[str, int]:
        """By id of a parent's page, the second parents of splits among them: its family."""
        varied = np.flatnonzero(np.diff(self.starts) > 1).tolist()
        return {name(family): family for name in (self.parent_asin, self.split_parent_asin) for family in varied}


def build_families(catalogue: Catalogue) -> Families:
    """The families of a catalogue: siblings share the brand and the shelf of the first and much of its quality."""
    rng = generator(catalogue.key, Purpose.FAMILY)
    size = catalogue.size
    begins = (catalogue.family < 0) | (np.diff(catalogue.family, prepend=-2) != 0)
    first = np.flatnonzero(begins)
    family = np.cumsum(begins) - 1
    luck = rng.random(len(first))
    choices = [[shelf.number for shelf in SHELVES if shelf.category == category] for category in range(5)]
    shelves = np.array(
        [choices[c][int(x * len(choices[c]))] for c, x in zip(catalogue.category[first].tolist(), luck, strict=True)]
    )
    brand = catalogue.brand[first]
    quality = (rng.beta(2.0, 1.2, len(first))[family] + rng.normal(0.0, 0.1, size)).clip(0.0, 1.0)
    return Families(
        key=catalogue.key,
        starts=np.append(first, size),
        document=_documents(brand),
        shelf=shelves[family],
        brand=brand[family],
        brands=brand_names(catalogue.key, Purpose.BRAND, int(catalogue.brand.max()) + 1),
        quality=quality,
        has_a_plus=rng.random(size) < quality * _A_PLUS_SHARE,
    )


def _documents(brand: Ints) -> Ints:
    """The document of each family, from each family's brand: families of one brand are taken in their order."""
    place = np.empty(len(brand), dtype=np.int64)
    for number in np.unique(brand):
        chosen = np.flatnonzero(brand == number)
        place[chosen] = np.arange(len(chosen)) // FAMILIES_PER_DOCUMENT
    return np.asarray(np.unique(brand * len(brand) + place, return_inverse=True)[1])
