"""The products of one account and what never changes about them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.world.draws import Purpose, generator

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NEVER = 1_000_000
"""The end day of a product that does not end."""
WARM_UP_DAYS = 128
"""Days simulated before the first one that can be asked for, so that stock has found its rhythm."""

_ALPHABET = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", dtype=np.uint8)
_CATEGORY_SHARES = (0.46, 0.16, 0.14, 0.14, 0.10)
"""evergreen, summer, winter, gifts, back to school; the order of ``seasons.CATEGORY_SEASONS``."""
_UNITS_PER_EURO = {"JPY": 160.0, "PLN": 4.3, "SEK": 11.3, "GBP": 0.86, "USD": 1.1, "CAD": 1.5, "INR": 92.0, "MXN": 20.0}
_RIVAL_SHARES = (0.48, 0.28, 0.15, 0.09)
"""Of 0, 1, 2 and 3 other sellers of a product."""
_LARGEST_FAMILY = 5
BRANDS = 3
_WHOLE_UNIT_CURRENCIES = frozenset({"JPY", "KRW"})


@dataclass(frozen=True)
class Catalogue:
    """One entry per ASIN in every array. Days are indexes counted from the world's first simulated day."""

    key: int
    asins: tuple[str, ...]
    decimals: int
    """Of money in the account's currency."""
    category: Ints
    units_per_day: Floats
    """Mean demand of an ordinary day."""
    conversion: Floats
    """Orders per glance view on an ordinary day."""
    dispersion: Floats
    """Shape of the gamma that multiplies each day's views: small is wild."""
    event_sensitivity: Floats
    yearly_growth: Floats
    launch_day: Ints
    end_day: Ints
    """From here on Amazon orders no more and demand fades."""
    price: Floats
    """Usual price without tax."""
    cost_share: Floats
    """Net cost over price."""
    return_share: Floats
    lead_days: Ints
    safety_days: Ints
    order_weekday: Ints
    case_pack: Ints
    stock_factor: Floats
    """How much Amazon buys over what it needs; 1 is sound, 3 and more leaves overstock."""
    backorder_days: Floats
    """Days of demand that customers may order ahead of stock; 0 where they may not."""
    gone_day: Ints
    """From here on Amazon has no page of it."""
    is_delisted: Bools
    """Of those that end: taken down at once, while stock is left; the others sell out."""
    is_dead: Bools
    is_manufactured: Bools
    is_sourced: Bools
    business_share: Floats
    unit_cost: Floats
    """What a unit costs the vendor himself."""
    rivals: Ints
    """Other sellers who usually offer the product."""
    is_self_sold: Bools
    """Offered by the brand's own seller account too, a little dearer than Amazon."""
    is_watched: Bools
    """Compared with named products of competitors."""
    market_level: Floats
    """What comparable products of competitors cost over this one's usual price."""
    family: Ints
    """Number of the variation parent; -1 for a product without siblings."""
    brand: Ints
    """Number of the brand, 0 the largest."""

    @property
    def size(self) -> int:
        return len(self.asins)

    def listed(self, day: int) -> Bools:
        """Which products exist for Amazon on ``day``: launched, and their pages not gone."""
        return (self.launch_day <= day) & (day < self.gone_day)

    def active(self, day: int) -> Bools:
        """Which products are meant to be sold on ``day``: launched, not discontinued."""
        return (self.launch_day <= day) & (day < self.end_day)


def draw_asins(size: int, rng: np.random.Generator) -> tuple[str, ...]:
    """``size`` distinct ids, ``B0`` and eight of ``[A-Z0-9]``, in ascending order."""
    found: set[str] = set()
    while len(found) < size:
        letters = _ALPHABET[rng.integers(0, len(_ALPHABET), (size - len(found), 8))]
        found.update("B0" + row.tobytes().decode("ascii") for row in letters)
    return tuple(sorted(found))


def _families(size: int, rng: np.random.Generator) -> Ints:
    """Neighbouring products are siblings: stretches of 1 to 5, those of 1 are no family."""
    starts = np.cumsum(rng.integers(1, _LARGEST_FAMILY + 1, size))
    number = np.searchsorted(starts, np.arange(size), side="right")
    counts = np.bincount(number)
    return np.where(counts[number] > 1, number, -1)


def build_catalogue(key: int, size: int, currency_code: str) -> Catalogue:
    """``size`` products for the account ``key``: a long tail of slow sellers, some dead, some new, some ending."""
    rng = generator(key, Purpose.CATALOGUE)
    asins = draw_asins(size, rng)
    dead = rng.random(size) < 0.04
    demand = np.exp(rng.normal(-0.65, 1.6, size)).clip(0.01, 400.0)
    demand[dead] = 0.001
    launches = rng.random(size) < 0.12
    launch_day = np.where(launches & ~dead, rng.integers(WARM_UP_DAYS + 20, WARM_UP_DAYS + 740, size), -2000)
    ends = (rng.random(size) < 0.06) & ~launches & ~dead
    over = (rng.random(size) < 0.05) & ~dead
    whole = currency_code in _WHOLE_UNIT_CURRENCIES
    price = np.exp(rng.normal(3.1, 0.7, size)).clip(5, 900) * _UNITS_PER_EURO.get(currency_code, 1.0)
    sourced = rng.random(size) < 0.88
    cost_share = rng.uniform(0.52, 0.76, size)
    price = np.floor(price) + (0.0 if whole else 0.99)
    end_day = np.where(ends, rng.integers(WARM_UP_DAYS + 150, WARM_UP_DAYS + 1000, size), NEVER)
    standing = generator(key, Purpose.STANDING)
    delisted = ends & (standing.random(size) < 0.5)
    return Catalogue(
        key=key,
        asins=asins,
        decimals=0 if whole else 2,
        category=rng.choice(len(_CATEGORY_SHARES), size, p=_CATEGORY_SHARES),
        units_per_day=demand,
        conversion=rng.beta(3.0, 34.0, size).clip(0.008, 0.35),
        dispersion=rng.uniform(2.5, 12.0, size),
        event_sensitivity=rng.uniform(0.3, 1.6, size),
        yearly_growth=rng.normal(0.04, 0.16, size).clip(-0.4, 0.5),
        launch_day=launch_day,
        end_day=end_day,
        gone_day=end_day + np.where(delisted, 5, 180),
        is_delisted=delisted,
        price=price,
        cost_share=cost_share,
        return_share=rng.beta(2.0, 38.0, size),
        lead_days=rng.integers(5, 22, size),
        safety_days=rng.integers(12, 27, size),
        order_weekday=rng.choice(np.array([0, 2, 3]), size),
        case_pack=rng.choice(np.array([1, 2, 4, 6, 12, 24]), size, p=[0.25, 0.2, 0.2, 0.2, 0.1, 0.05]),
        stock_factor=np.where(over, rng.uniform(3.0, 6.0, size), 1.0),
        backorder_days=np.where(rng.random(size) < 0.18, rng.uniform(1.0, 5.0, size), 0.0),
        is_dead=dead,
        is_manufactured=(rng.random(size) < 0.96) | ~sourced,
        is_sourced=sourced,
        business_share=rng.uniform(0.02, 0.25, size),
        unit_cost=np.round(price * cost_share * standing.uniform(0.55, 0.85, size), 0 if whole else 2),
        rivals=standing.choice(len(_RIVAL_SHARES), size, p=_RIVAL_SHARES),
        is_self_sold=standing.random(size) < 0.1,
        is_watched=standing.random(size) < 0.5,
        market_level=standing.uniform(1.02, 1.14, size),
        family=_families(size, standing),
        brand=np.minimum(standing.geometric(0.6, size) - 1, BRANDS - 1),
    )
