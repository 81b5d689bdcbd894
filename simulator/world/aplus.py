"""The vendor's A+ documents: which there are, what state they are in and which products they belong to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from simulator.world.draws import Purpose, generator
from simulator.world.shelves import SHELVES

if TYPE_CHECKING:
    from simulator.world.history import AccountWorld

_UNPUBLISHED_SHARE = 0.18
"""Of the groups of families that have a second document, which is still on its way or was refused."""
_UNPUBLISHED_STATES = ("DRAFT", "SUBMITTED", "REJECTED")
_PREMIUM_SHARE = 0.12
_BULK_SHARE = 0.1
_OLDEST_DAYS = 900


@dataclass(frozen=True)
class Document:
    """One A+ document. Even numbers are approved, the odd one behind each is not."""

    number: int
    content_key: str
    name: str
    status: str
    badges: tuple[str, ...]
    updated_at: datetime
    members: tuple[int, ...]
    """The ASIN indexes that it is meant for, ascending."""

    @property
    def is_approved(self) -> bool:
        return self.status == "APPROVED"

    @property
    def is_premium(self) -> bool:
        return "PREMIUM" in self.badges


class Documents:
    """The A+ documents of one account; they do not change, whether they are published follows the pages."""

    def __init__(self, world: "AccountWorld") -> None:
        self._world = world

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """Every document that exists, ascending."""
        return tuple(self._existing())

    def _existing(self) -> Iterator[int]:
        families = self._world.pages.families
        groups = len(families.families_of_document)
        unpublished = generator(families.key, Purpose.A_PLUS).random(groups) < _UNPUBLISHED_SHARE
        for group in range(groups):
            with_a_plus = [bool(families.has_a_plus[index]) for index in self._group(group)]
            if any(with_a_plus):
                yield 2 * group
            if unpublished[group] and not all(with_a_plus):
                yield 2 * group + 1

    def of_product(self, index: int) -> "Document":
        """The approved document of an own product with A+ content."""
        families = self._world.pages.families
        return self.document(2 * int(families.document[families.family_of(index)]))

    def find(self, content_key: str) -> Document | None:
        """The document that a content reference key names."""
        try:
            number = UUID(content_key).int & 0xFFFFFFFF ^ self._mask
        except ValueError:
            return None
        is_ours = number in self._known and self._content_key(number) == content_key
        return self.document(number) if is_ours else None

    def document(self, number: int) -> Document:
        """Document ``number``, one of ``numbers``."""
        world, families = self._world, self._world.pages.families
        rng = generator(families.key, Purpose.A_PLUS, 1 + number)
        is_premium, is_bulk = rng.random(2) < np.array([_PREMIUM_SHARE, _BULK_SHARE])
        status = _UNPUBLISHED_STATES[int(rng.integers(len(_UNPUBLISHED_STATES)))] if number % 2 else "APPROVED"
        begin = datetime.combine(world.date_of(0), datetime.min.time(), UTC)
        group = self._group(number // 2)
        members = tuple(index for index in group if bool(families.has_a_plus[index]) != bool(number % 2))
        shelf = SHELVES[families.shelf[group[0]]].name(world.pages.vocabulary)
        return Document(
            number=number,
            content_key=self._content_key(number),
            name=f"{families.brand_of(group[0])} {shelf} {number:05d}",
            status=status,
            badges=("PREMIUM" if is_premium else "STANDARD", *(("BULK",) if is_bulk else ())),
            updated_at=begin - timedelta(seconds=int(rng.integers(_OLDEST_DAYS * 86_400))),
            members=members,
        )

    @cached_property
    def _known(self) -> frozenset[int]:
        return frozenset(self.numbers)

    @property
    def _mask(self) -> int:
        return self._world.key & 0xFFFFFFFF

    def _group(self, group: int) -> list[int]:
        families = self._world.pages.families
        return [index for family in families.families_of_document[group] for index in families.members(family)]

    def _content_key(self, number: int) -> str:
        """A UUID whose end hides the number, and whose beginning proves it."""
        head = blake2b(f"{self._world.key}:{number}".encode(), digest_size=12).digest()
        return str(UUID(bytes=head + (number ^ self._mask).to_bytes(4, "big")))
