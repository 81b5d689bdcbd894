"""What a product earns Amazon and its vendor on usual days, written from ``docs/controls.md`` ("Price")."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import islice
from typing import Any

from tests.independent.account_book import AccountBook, ByDay, above_zero, ratio, weighted
from tests.independent.exact_numbers import exact, ninth

USUAL_DAYS = 28
LOOKED_BACK_DAYS = 365
NEWEST_MARGIN_DAYS = 30


@dataclass(frozen=True)
class UsualMargins:
    """Over the 28 newest published days of a year without event or promotion. Unknown figures are None."""

    selling_price: Fraction | None
    cost_price: Fraction | None
    amazon_margin: Fraction | None
    net: Fraction | None
    """What is left of the cost price to the vendor after its back margin."""
    unit_cost: Fraction | None
    operating_cost: Fraction

    @property
    def does_vendor_lose(self) -> bool:
        return self.net is not None and self.unit_cost is not None and ninth(self.net) < ninth(self.unit_cost)

    @property
    def amazon_margin_after_cost(self) -> Fraction | None:
        """The margin less the operating cost per average selling price; the margin alone where that cost is 0."""
        if self.amazon_margin is None or self.operating_cost == 0:
            return self.amazon_margin
        share = ratio(self.operating_cost, self.selling_price)
        return None if share is None else self.amazon_margin - share


def usual_margins(book: AccountBook, asin: str, day: date) -> UsualMargins:
    oldest = day - timedelta(days=LOOKED_BACK_DAYS - 1)
    published = (each for each in reversed(book.sales_days) if oldest <= each <= day)
    days = list(islice((each for each in published if book.is_usual(asin, each)), USUAL_DAYS))
    product = book.product_on(asin, day)

    def figures(table: ByDay, column: str) -> Callable[[date], Fraction | None]:
        return lambda each: exact(table[each][column]) if each in table else None

    def per_unit(table: ByDay, column: str) -> Fraction | None:
        amount, units = figures(table, column), figures(table, "shipped_units")
        amounts, sold = weighted((amount(each), units(each)) for each in days)
        return ratio(amounts, sold) if sold > 0 else None

    sales, margins = book.sales.get(asin, {}), book.margins.get(asin, {})
    margin, revenue = figures(margins, "net_ppm_ratio"), figures(sales, "shipped_revenue_amount")
    cost_price = per_unit(book.costs.get(asin, {}), "shipped_cogs_amount")
    return UsualMargins(
        selling_price=per_unit(sales, "shipped_revenue_amount"),
        cost_price=cost_price,
        amazon_margin=_weighted_margin([(margin(each), revenue(each)) for each in days], margins, day),
        net=None if cost_price is None else cost_price * (1 - book.threshold("back_margin_ratio")),
        unit_cost=None if product is None else above_zero(product["unit_cost_amount"]),
        operating_cost=book.threshold("amazon_operating_cost_amount"),
    )


def _weighted_margin(pairs: list[tuple[Any, Any]], margins: ByDay, day: date) -> Fraction | None:
    """Weighted by revenue; without revenue the newest known margin of 30 days, of whatever kind of day."""
    known = [(margin * revenue, revenue) for margin, revenue in pairs if margin is not None and revenue is not None]
    earned, revenue = weighted(known)
    if revenue > 0:
        return earned / revenue
    days = [each for each in _newest_first(day, NEWEST_MARGIN_DAYS) if each in margins]
    newest = (exact(margins[each]["net_ppm_ratio"]) for each in days)
    return next((margin for margin in newest if margin is not None), None)


def _newest_first(day: date, count: int) -> list[date]:
    return [day - timedelta(days=back) for back in range(count)]
