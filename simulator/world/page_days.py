"""What moves an account's pages on one day."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from simulator.world.catalogue import Floats
from simulator.world.kinds import Kind

if TYPE_CHECKING:
    from simulator.world.history import AccountWorld

_RANK_DAYS = 56
_RANK_STEP_DAYS = 14
_OUT_OF_SUPPLY_AFTER_DAYS = 21


@dataclass(frozen=True)
class PageDay:
    """Arrays have one entry per own ASIN, sets hold ASIN indexes.

    ``units`` are sales per day, the recent ones weighing most; ``regressed`` the part that a page has lost.
    """

    units: Floats
    out_of_supply: frozenset[int]
    """Products of which the vendor has refused every order for three weeks."""
    wrongly_obsolete: frozenset[int]
    """Products that Amazon calls obsolete although nothing is wrong with them."""
    gone: frozenset[int]
    regressed: dict[int, str]
    split: frozenset[int]
    """Products that stand under the second parent of their family."""


def read_day(world: "AccountWorld", day: int) -> PageDay:
    """The state behind the pages of day index ``day``; sales count up to the day before."""
    script = world.script
    regressed = {incident.index: str(incident.detail["part"]) for incident in script.active(Kind.PAGE_REGRESSION, day)}
    refused = script.active(Kind.PO_REJECTED, day)
    return PageDay(
        units=_recent_units(world, day),
        out_of_supply=frozenset(
            incident.index for incident in refused if incident.first_day <= day - _OUT_OF_SUPPLY_AFTER_DAYS
        ),
        wrongly_obsolete=frozenset(incident.index for incident in script.active(Kind.WRONGLY_OBSOLETE, day)),
        gone=frozenset(incident.index for incident in script.active(Kind.PAGE_GONE, day)),
        regressed=regressed,
        split=frozenset(incident.index for incident in script.active(Kind.VARIATION_SPLIT, day)),
    )


def _recent_units(world: "AccountWorld", day: int) -> Floats:
    """Ordered units per day, weighted by age; read in short spans to need few blocks at once."""
    total, weight = np.zeros(world.catalogue.size), 0.0
    newest = world.date_of(day) - timedelta(days=1)
    for back in range(0, min(_RANK_DAYS, day), _RANK_STEP_DAYS):
        last = newest - timedelta(days=back)
        first = max(last - timedelta(days=_RANK_STEP_DAYS - 1), world.date_of(0))
        ordered = world.span(first, last, names=("ordered",))["ordered"]
        weights = np.exp(-(back + np.arange(len(ordered) - 1, -1, -1)) / float(_RANK_STEP_DAYS))
        total += weights @ ordered
        weight += float(weights.sum())
    return total / weight if weight else total
