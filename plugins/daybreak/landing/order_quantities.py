"""What Amazon says about quantities, costs and delivery windows of purchase orders, in Daybreak's measures."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import msgspec

from daybreak.business_dates import local_date
from daybreak.landing.echoes import parse_instant
from daybreak.landing.layouts import Units
from daybreak.landing.row_reading import money, refuse

_LARGEST_UNITS = 2**31 - 1
_COST_STEP = Decimal("0.000001")
# At most so many digits as any cost has; neither NaN nor an exponent.
_DECIMAL = re.compile(r"-?\d{1,12}(\.\d{1,12})?", re.ASCII)


class Quantity(msgspec.Struct):
    """An ``ItemQuantity``; ``unitSize`` is how many units one case holds."""

    amount: Units | None = None
    unitOfMeasure: str | None = None  # noqa: N815 - Amazon's own field names, so that errors name them
    unitSize: Units | None = None  # noqa: N815


class Money(msgspec.Struct):
    """What one unit costs; with a ``unitOfMeasure``, what that measure of weight costs."""

    amount: str | int | float | None = None
    """A decimal number that Amazon writes as text."""
    currencyCode: str | None = None  # noqa: N815
    unitOfMeasure: str | None = None  # noqa: N815


def units(quantity: Quantity | None, field: str) -> int | None:
    """``quantity`` in units; None where Amazon tells no amount.

    Raises:
        RowRefused: an unknown unit of measure, or cases without their size.
    """
    if quantity is None or quantity.amount is None:
        return None
    # Amazon's model says "Cases" and its own examples "CASES".
    measure = (quantity.unitOfMeasure or "").lower()
    if measure == "eaches":
        return quantity.amount
    if measure != "cases":
        refuse(f"{field}.unitOfMeasure", f"neither Eaches nor Cases, got {quantity.unitOfMeasure!r}")
    if quantity.unitSize is None or quantity.unitSize < 1:
        refuse(f"{field}.unitSize", f"cases of an unknown size, got {quantity.unitSize!r}")
    counted = quantity.amount * quantity.unitSize
    if abs(counted) > _LARGEST_UNITS:
        refuse(f"{field}.amount", f"{quantity.amount} cases of {quantity.unitSize} are no number of units")
    return counted


def unit_cost(cost: Money | None, currency_code: str, field: str) -> Decimal | None:
    """What one unit costs; None where it is sold by weight, or no cost is told.

    Raises:
        RowRefused: another currency than the account's.
    """
    if cost is None or cost.unitOfMeasure is not None:
        return None
    return money(_decimal(cost.amount, f"{field}.amount"), cost.currencyCode, currency_code, f"{field}.currencyCode")


def _decimal(written: str | float | None, field: str) -> Decimal | None:
    if written is None:
        return None
    if not _DECIMAL.fullmatch(str(written)):
        refuse(field, f"not a decimal number: {str(written)[:40]!r}")
    return Decimal(str(written))


def total(parts: Sequence[int | None]) -> int | None:
    """The sum of all ``parts``; None where one is unknown, or where there is none."""
    known = [part for part in parts if part is not None]
    return sum(known) if known and len(known) == len(parts) else None


def mean_cost(costs: Sequence[Decimal | None], ordered: Sequence[int | None]) -> Decimal | None:
    """The cost of one unit of several lines: the one they share, else weighted by the units ordered.

    None where a cost is unknown, or where costs differ and units do not tell their weights.
    """
    known = [cost for cost in costs if cost is not None]
    if not known or len(known) < len(costs):
        return None
    if len(set(known)) == 1:
        return known[0]
    weights = [count for count in ordered if count is not None and count >= 0]
    if len(weights) < len(known) or not sum(weights):
        return None
    return (sum(c * w for c, w in zip(known, weights, strict=True)) / Decimal(sum(weights))).quantize(_COST_STEP)


def window_dates(text: str | None, field: str, time_zone: str) -> tuple[date | None, date | None]:
    """The first and the last day of ``<instant>--<instant>``, in ``time_zone``; None twice where it is not told.

    Raises:
        RowRefused: it is no such span, or it ends before it begins.
    """
    if not text:
        return None, None
    begin, _, end = text.partition("--")
    first, last = parse_instant(begin), parse_instant(end)
    if first is None or last is None or last < first:
        refuse(field, f"no span of two instants of ISO 8601, got {text[:80]!r}")
    return local_date(first, time_zone), local_date(last, time_zone)
