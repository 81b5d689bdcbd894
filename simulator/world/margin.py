"""Amazon's net pure product margin: what is left of its revenue after the goods, with what the vendor pays back."""

import numpy as np

from simulator.world.catalogue import Floats
from simulator.world.draws import Purpose, generator
from simulator.world.history import AccountWorld
from simulator.world.promotions import vendor_funding
from simulator.world.publication import PeriodFigures

_LARGEST_ALLOWANCE = 0.02
"""Over the cost of goods. Allowances never hide that Amazon pays more than it takes."""


def allowance_ratio(world: AccountWorld) -> Floats:
    """What the vendor grants off each unit's cost all year round, over that cost."""
    return generator(world.key, Purpose.ALLOWANCE).uniform(0.0, _LARGEST_ALLOWANCE, world.catalogue.size)


def profit_and_revenue(world: AccountWorld, period: PeriodFigures) -> tuple[Floats, Floats]:
    """Per ASIN, money of the account: revenue less cost of goods plus allowances and promotion funding; and revenue.

    Their ratio is the margin. It is negative where Amazon pays more than it takes.
    """
    true = world.span(max(period.first, world.start_date), period.last, ("shipped", "price"))
    revenue, cost = period["shipped_revenue"], period["shipped_cogs"]
    granted = cost * allowance_ratio(world) + vendor_funding(world, true)
    return np.asarray(revenue - cost + granted), np.asarray(revenue)
