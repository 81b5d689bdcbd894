"""Purchase order numbers: eight letters and digits that name an order day, a lead time and a part, and nothing legible.

A number is a permutation of those three by the account's key, so an order is found again from its number alone,
without a list of all orders.
"""

from dataclasses import dataclass
from hashlib import blake2b

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LENGTH = 8
_HALF_BITS = 20
_HALF_MASK = (1 << _HALF_BITS) - 1
_ROUNDS = 4
_DAY_BITS, _LEAD_BITS, _PART_BITS = 14, 5, 9
_LARGEST = 1 << (_DAY_BITS + _LEAD_BITS + _PART_BITS)


@dataclass(frozen=True, order=True)
class OrderPlace:
    """Day index, lead time in days (below 32) and part (below 512) of what was ordered with it that day."""

    day: int
    lead: int
    part: int


def order_number(key: int, place: OrderPlace) -> str:
    """The number of the purchase order at ``place`` in the account ``key``; places differ, numbers differ."""
    value = (place.day << _LEAD_BITS | place.lead) << _PART_BITS | place.part
    left, right = value >> _HALF_BITS, value & _HALF_MASK
    for turn in range(_ROUNDS):
        left, right = right, left ^ _mix(key, turn, right)
    number = left << _HALF_BITS | right
    return "".join(_ALPHABET[number // 36**digit % 36] for digit in reversed(range(_LENGTH)))


def order_place(key: int, number: str) -> OrderPlace | None:
    """The place that ``number`` names in the account ``key``; None for what is no number of it."""
    if len(number) != _LENGTH or any(letter not in _ALPHABET for letter in number):
        return None
    value = int(number, 36)
    left, right = value >> _HALF_BITS, value & _HALF_MASK
    if left > _HALF_MASK:
        return None
    for turn in reversed(range(_ROUNDS)):
        left, right = right ^ _mix(key, turn, left), left
    value = left << _HALF_BITS | right
    if value >= _LARGEST:
        return None
    day_and_lead, part = value >> _PART_BITS, value & ((1 << _PART_BITS) - 1)
    return OrderPlace(day_and_lead >> _LEAD_BITS, day_and_lead & ((1 << _LEAD_BITS) - 1), part)


def _mix(key: int, turn: int, half: int) -> int:
    digest = blake2b(f"{key}:{turn}:{half}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") & _HALF_MASK
