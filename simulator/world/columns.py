"""Columns of figures turned into the rows of a JSON document."""

from typing import Any

import numpy as np

from simulator.world.catalogue import Bools, Floats

Column = list[Any]


def numbers(values: np.ndarray, known: Bools | None = None) -> Column:
    """Plain numbers, null where not ``known``."""
    if known is None:
        return list(values.tolist())
    column = values.astype(object)
    column[~known] = None
    return list(column.tolist())


def ratios(part: np.ndarray, whole: np.ndarray, known: Bools | None = None) -> Column:
    """``part / whole`` to four decimals, null where ``whole`` is not positive or the figure is not ``known``."""
    has_whole = whole > 0
    divided: Floats = np.divide(part, whole, out=np.zeros(len(part)), where=has_whole)
    return numbers(np.round(divided, 4), has_whole if known is None else has_whole & known)


def amounts(values: np.ndarray, currency_code: str, decimals: int, known: Bools | None = None) -> Column:
    """Amazon's ``{"amount", "currencyCode"}`` objects, null where not ``known``."""
    rounded = (np.round(values, decimals) + 0.0).tolist()
    column: Column = [{"amount": amount, "currencyCode": currency_code} for amount in rounded]
    if known is not None:
        for index in np.flatnonzero(~known):
            column[index] = None
    return column


def rows(columns: dict[str, Column]) -> list[dict[str, Any]]:
    """One dictionary per row, keys in the order of ``columns``."""
    names = tuple(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def pick(names: tuple[str, ...], mask: Bools) -> list[str]:
    """The names where ``mask`` holds."""
    return [names[index] for index in np.flatnonzero(mask)]
