"""What Amazon publishes of the true figures: recent days are a little off and settle as they age.

The published figure is a function of the seed, the day and its age in days. Its distance from the truth shrinks with
each day of age and is zero from ``SETTLED_AGE_DAYS`` on.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from simulator.world.catalogue import Floats
from simulator.world.draws import Purpose, generator
from simulator.world.history import Span

SETTLED_AGE_DAYS = 15
_FRESH_AGE_DAYS = 4
"""The age at which a day is usually first seen; the distance is full at and before it."""
_DRIFTS = {"ordered": 0.04, "shipped": 0.035, "returned": 0.2, "views": 0.02, "on_hand": 0.012}
"""Largest relative distance from the truth; a small figure may be off by one."""


def strength(age_days: int) -> float:
    """1 for a day just published, 0 for a settled one."""
    return min(1.0, max(0.0, (SETTLED_AGE_DAYS - age_days) / (SETTLED_AGE_DAYS - _FRESH_AGE_DAYS)))


def _restated(name: str, truth: np.ndarray, weight: float, rounding: Floats, sign: Floats) -> np.ndarray:
    distance = np.floor(np.abs(truth) * _DRIFTS[name] * weight + rounding).astype(truth.dtype)
    if name == "views":
        return np.asarray(truth + distance)
    if name == "on_hand":
        return np.asarray(np.where(sign < 0.5, truth - distance, truth + distance))
    late = np.where(sign < 0.75, truth - distance, truth + distance)
    return np.asarray(np.maximum(0, late))


def published(span: Span, key: int, today_index: int, unusual: Mapping[int, float] = MappingProxyType({})) -> Span:
    """``span`` as Amazon shows it on the day with index ``today_index``.

    Orders, shipments and returns mostly come in late, some are cancelled; views lose robots; stock is recounted.
    ``unusual`` names the days that are restated by a multiple of the usual.
    """
    figures = dict(span.figures)
    ages = [today_index - (span.first_index + offset) for offset in range(span.days)]
    if all(strength(age) == 0 for age in ages):
        return span
    for name in _DRIFTS:
        figures[name] = span[name].copy()
    for offset, age in enumerate(ages):
        weight = strength(age) * unusual.get(span.first_index + offset, 1.0)
        if weight == 0:
            continue
        rng = generator(key, Purpose.RESTATEMENT, span.first_index + offset)
        for name in _DRIFTS:
            rounding, sign = rng.random((2, span[name].shape[1]))
            figures[name][offset] = _restated(name, span[name][offset], weight, rounding * min(1.0, weight), sign)
    return Span(span.first_index, figures)
