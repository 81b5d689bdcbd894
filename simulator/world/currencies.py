"""Amounts of one currency in another, at rates that never move."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

UNITS_PER_EURO: Mapping[str, float] = {
    "EUR": 1.0,
    "JPY": 160.0,
    "PLN": 4.3,
    "SEK": 11.3,
    "GBP": 0.86,
    "USD": 1.1,
    "CAD": 1.5,
    "INR": 92.0,
    "MXN": 20.0,
}
"""The currencies that amounts can be asked for in."""
_WHOLE_UNIT_CURRENCIES = frozenset({"JPY", "KRW"})


def decimals_of(currency_code: str) -> int:
    """How many decimals amounts of the currency have."""
    return 0 if currency_code in _WHOLE_UNIT_CURRENCIES else 2


def converted(values: np.ndarray, currency_code: str, wanted_code: str) -> NDArray[np.float64]:
    """Amounts in ``currency_code`` as amounts in ``wanted_code``; unrounded."""
    rate = UNITS_PER_EURO.get(wanted_code, 1.0) / UNITS_PER_EURO.get(currency_code, 1.0)
    return np.asarray(values, dtype=np.float64) * (1.0 if wanted_code == currency_code else rate)
