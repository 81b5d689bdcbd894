"""Random numbers that depend on the seed, the account, the day and the purpose, and on nothing else.

Each (purpose, day) has a generator of its own, so any span of days can be made again alone, in any order and in any
process, and a new purpose changes no number of an old one.
"""

from enum import IntEnum
from hashlib import blake2b

import numpy as np
from numpy.random import Generator, Philox


class Purpose(IntEnum):
    """What a stream of random numbers is for. Numbers are part of the world: never renumber."""

    CATALOGUE = 1
    SUPPLY = 2
    DEMAND = 3
    STOCK = 4
    RESTATEMENT = 5
    OMISSION = 6
    PROCESSING = 7
    OPENING = 8
    FORECAST = 9
    SCRIPT = 20
    STANDING = 21
    SELLERS = 22
    PRESENCE = 23
    COMPETITORS = 24
    CONFIRMATION = 25
    FEATURED = 26
    WINDOWS = 27
    ALLOWANCE = 40
    FORECAST_RELEASE = 41
    FORECAST_GENERATION = 42
    KIOSK_PROCESSING = 43
    KIOSK_COUNT = 44
    HOURLY_SALES = 45
    HOURLY_TRAFFIC = 46
    HOURLY_STOCK = 47
    FAMILY = 50
    BRAND = 51
    PAGE = 52
    COMPETITOR_BRAND = 53
    COMPETITOR_PAGE = 54
    A_PLUS = 56
    A_PLUS_TEXT = 57
    RIVAL_RANK = 60
    CLIENT = 70


def account_key(seed: int, seed_offset: int, account_id: str) -> int:
    """64 bits that name one account's world."""
    digest = blake2b(f"{seed}:{seed_offset}:{account_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def generator(key: int, purpose: Purpose, index: int = 0) -> Generator:
    """The generator of ``purpose`` for day, epoch or sequence number ``index`` (at least 0)."""
    return Generator(Philox(key=np.array([key, (int(purpose) << 40) | index], dtype=np.uint64)))
