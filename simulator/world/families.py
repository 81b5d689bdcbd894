"""Which products belong together: brands, shelves, variation families and the A+ documents over them."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np

from simulator.world.catalogue import Bools, Catalogue, Floats, Ints
from simulator.world.draws import Purpose, generator
from simulator.world.shelves import SHELVES

FAMILIES_PER_DOCUMENT = 4
"""Neighbouring families share a brand and an A+ document."""
_SIZES = (1, 2, 3, 4, 6, 8)
_SIZE_SHARES = (0.56, 0.14, 0.12, 0.08, 0.06, 0.04)
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
    """One entry per ASIN in every array. Families are numbered from 0; those of one ASIN have no parent."""

    key: int
    family: Ints
    shelf: Ints
    quality: Floats
    """How good the content of a page is, 0 to 1."""
    has_a_plus: Bools
    brands: tuple[str, ...]
    brand: Ints

    def members(self, family: int) -> list[int]:
        """The ASIN indexes of ``family``, ascending."""
        return [int(index) for index in np.flatnonzero(self.family == family)]

    def document_members(self, document: int) -> list[int]:
        """The ASIN indexes whose families share A+ document ``document``, ascending."""
        return [int(index) for index in np.flatnonzero(self.family // FAMILIES_PER_DOCUMENT == document)]

    @property
    def documents(self) -> int:
        return int(self.family.max()) // FAMILIES_PER_DOCUMENT + 1

    def document_of(self, index: int) -> int:
        return int(self.family[index]) // FAMILIES_PER_DOCUMENT

    def parent_asin(self, family: int) -> str:
        return related_asin(self.key, "parent", family)

    def split_parent_asin(self, family: int) -> str:
        """The second parent that a family has while it is split."""
        return related_asin(self.key, "split", family)

    @cached_property
    def family_of_parent(self) -> dict[str, tuple[int, bool]]:
        """By id of a parent's page: its family, and whether it is the one that exists only while split."""
        sizes = np.bincount(self.family)
        regular = {self.parent_asin(int(family)): (int(family), False) for family in np.flatnonzero(sizes > 1)}
        return regular | {self.split_parent_asin(family): (family, True) for family in range(len(sizes))}


def build_families(catalogue: Catalogue) -> Families:
    """The families of a catalogue: more than half of them of a single product, none across two seasons."""
    rng = generator(catalogue.key, Purpose.FAMILY)
    size = catalogue.size
    order = np.lexsort((rng.random(size), catalogue.category))
    ends = np.cumsum(rng.choice(np.array(_SIZES), size, p=_SIZE_SHARES))
    run = np.searchsorted(ends, np.arange(size), side="right")
    pairs = run * len(SHELVES) + catalogue.category[order]
    family = np.empty(size, dtype=np.int64)
    family[order] = np.unique(pairs, return_inverse=True)[1]
    families = int(family.max()) + 1
    shelf_of_category = [[shelf.number for shelf in SHELVES if shelf.category == category] for category in range(5)]
    luck = rng.random(families)
    category_of_family = np.zeros(families, dtype=np.int64)
    category_of_family[family] = catalogue.category
    shelf = np.array(
        [shelf_of_category[c][int(x * len(shelf_of_category[c]))] for c, x in zip(category_of_family, luck, strict=True)]
    )
    brands = brand_names(catalogue.key, Purpose.BRAND, 3 + int(rng.integers(3)))
    shares = np.arange(len(brands), 0, -1.0)
    brand = rng.choice(len(brands), families // FAMILIES_PER_DOCUMENT + 1, p=shares / shares.sum())
    quality = (rng.beta(2.6, 1.3, families)[family] + rng.normal(0.0, 0.1, size)).clip(0.0, 1.0)
    return Families(
        key=catalogue.key,
        family=family,
        shelf=shelf[family],
        quality=quality,
        has_a_plus=rng.random(size) < quality * _A_PLUS_SHARE,
        brands=brands,
        brand=brand[family // FAMILIES_PER_DOCUMENT],
    )
