"""The price control computed a second time, from the wording of ``docs/controls.md`` ("Price") and the decisions of its
table.

``price_rows`` gives what ``mart.price_gap_daily`` must hold. Numbers are exact fractions until they are compared
(rounded to 9 decimals) or written.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from tests.independent.account_book import AccountBook, Row, above_zero, days_to, median
from tests.independent.exact_numbers import exact, ninth
from tests.independent.stock_supply import first_that_holds
from tests.independent.usual_margins import usual_margins
from tests.independent.written_figures import Figure, figure

PEERS_NEEDED = 3
PEER_DAYS = 7


def price_rows(book: AccountBook, days: Iterable[date]) -> Iterator[dict[str, Any]]:
    """A row for each product of the catalogue that was looked at on one of ``days``."""
    wanted, market = frozenset(days), _Market(book)
    for stock in book.warehouse.rows("mart.stock_coverage_daily"):
        day, asin = stock["business_date"], stock["asin"]
        if day in wanted and (look := market.last_look(asin, day)) is not None:
            yield _PriceGap(market, asin, day, look).row()


class _Market:
    """What everybody asks, and who they are."""

    def __init__(self, book: AccountBook) -> None:
        self.book = book
        self.house = {*book.account["amazon_seller_ids"], *book.account["own_seller_ids"]}
        self._looks: dict[tuple[str, date], list[Row]] = {}
        for asin, rows in book.looks.items():
            for row in rows:
                self._looks.setdefault((asin, book.local_day(row["observed_at"])), []).append(row)

    def last_look(self, asin: str, day: date) -> Row | None:
        return self._looks[asin, day][-1] if (asin, day) in self._looks else None

    @cached_property
    def watched(self) -> Mapping[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for row in self.book.warehouse.rows("ops.watched_competitor"):
            found.setdefault(row["asin"], {})[row["competitor_asin"]] = row["pack_units"]
        return found

    @cached_property
    def _sellers(self) -> Mapping[tuple[str, Any], set[str]]:
        """By product and instant the sellers of new offers."""
        found: dict[tuple[str, Any], set[str]] = {}
        for row in self.book.warehouse.rows("core.offer"):
            if row["condition_code"] in (None, "new"):
                found.setdefault((row["asin"], row["observed_at"]), set()).add(row["seller_id"])
        return found

    def competitors(self, look: Row) -> int:
        return len(self._sellers.get((look["asin"], look["observed_at"]), set()) - self.house)

    def newest_winner_price(self, asin: str, day: date) -> Fraction | None:
        """Snapshots without a winner's price are passed over."""
        for each in days_to(day, PEER_DAYS):
            for look in reversed(self._looks.get((asin, each), [])):
                if (price := above_zero(look["winner_price_amount"])) is not None:
                    return price
        return None

    def peer_prices(self, asin: str, day: date) -> list[Fraction]:
        """By unit of the competitor's pack."""
        found = ((self.newest_winner_price(peer, day), pack) for peer, pack in self.watched.get(asin, {}).items())
        return [price / pack for price, pack in found if price is not None]


class _PriceGap:
    """One product on one day. Each property is a line of the control."""

    def __init__(self, market: _Market, asin: str, day: date, look: Row) -> None:
        self.market, self.book, self.asin, self.day, self.look = market, market.book, asin, day, look
        self.amazon = above_zero(look["amazon_price_amount"])
        self.ours = above_zero(look["our_price_amount"])
        self.lowest_other = above_zero(look["lowest_other_price_amount"])
        self.peers = market.peer_prices(asin, day)
        self.margins = usual_margins(self.book, asin, day)
        self.vat = exact(self.book.account["vat_ratio"])
        self.minimum = self.book.threshold("amazon_minimum_margin_ratio")

    @cached_property
    def pack_units(self) -> Fraction:
        product = self.book.product_on(self.asin, self.day)
        return (None if product is None else above_zero(product["pack_units"])) or Fraction(1)

    @cached_property
    def market_price(self) -> Fraction | None:
        middle = median(self.peers)
        if len(self.peers) >= PEERS_NEEDED and middle is not None:
            return middle * self.pack_units
        return self.lowest_other

    @cached_property
    def basis_code(self) -> str:
        if len(self.peers) >= PEERS_NEEDED:
            return "peers"
        return "none" if self.lowest_other is None else "same_asin"

    @cached_property
    def index(self) -> Fraction | None:
        return None if self.amazon is None or self.market_price is None else 100 * self.amazon / self.market_price

    @cached_property
    def position_code(self) -> str:
        if self.index is None:
            return "unknown"
        if ninth(self.index) < self.book.threshold("below_market_index"):
            return "below_market"
        return "above_market" if ninth(self.index) > self.book.threshold("above_market_index") else "in_line"

    def _with_vat(self, cost: Fraction | None) -> Fraction | None:
        """The price at which Amazon keeps its minimum after ``cost`` and its operating cost."""
        if cost is None or self.vat is None:
            return None
        return (cost + self.margins.operating_cost) / (1 - self.minimum) * (1 + self.vat)

    @cached_property
    def floor(self) -> Fraction | None:
        price, margin = self.margins.selling_price, self.margins.amazon_margin
        return self._with_vat(None if price is None or margin is None else price * (1 - margin))

    @cached_property
    def joint_price(self) -> Fraction | None:
        cost = self.margins.unit_cost
        if cost is None:
            return self.floor
        return self._with_vat(cost / (1 - self.book.threshold("vendor_minimum_margin_ratio")))

    @cached_property
    def vendor_margin(self) -> Fraction | None:
        net, cost = self.margins.net, self.margins.unit_cost
        return None if net is None or cost is None or net <= 0 else (net - cost) / net

    @cached_property
    def net_in_promotion(self) -> Fraction | None:
        funding = [exact(row["funding_per_unit_amount"]) for row in self.book.promotions_of(self.asin, self.day)]
        known = [each for each in funding if each is not None]
        if self.margins.net is None or len(known) < len(funding):
            return None
        return self.margins.net - sum(known, Fraction(0))

    @cached_property
    def target_cost(self) -> Fraction | None:
        if self.market_price is None or self.vat is None:
            return None
        return self.market_price / (1 + self.vat) * (1 - self.minimum) - self.margins.operating_cost

    @cached_property
    def verdict_code(self) -> str:
        left = self.margins.amazon_margin_after_cost
        is_above = self.position_code == "above_market"
        return first_that_holds(
            (
                ("vendor_loses", lambda: self.margins.does_vendor_lose),
                ("unknown", lambda: None in (self.amazon, self.market_price, self.margins.amazon_margin)),
                ("trace_supply", lambda: _is_below(self.lowest_other, self.joint_price)
                    and _is_below(self.lowest_other, self.ours)),
                ("unknown", lambda: is_above and self.joint_price is None),
                ("fund_or_cut_cost", lambda: is_above and not _is_below(self.market_price, self.joint_price)),
                ("unviable_at_market", lambda: is_above),
                ("unknown", lambda: left is None),
                ("margin_at_risk", lambda: _is_below(left, self.minimum)),
                ("keep", lambda: True),
            )
        )  # fmt: skip

    def row(self) -> dict[str, Any]:
        return {
            "account_id": self.book.account_id,
            "business_date": self.day,
            "asin": self.asin,
            "currency_code": self.book.currency_code,
            "observed_at": self.look["observed_at"],
            "competitor_count": self.market.competitors(self.look),
            "peer_count": len(self.peers),
            "market_basis_code": self.basis_code,
            "position_code": self.position_code,
            "verdict_code": self.verdict_code,
            "data_status_code": self.book.status_of_month(self.day),
            **self._amounts(),
            "price_index": figure(self.index, 6),
            "amazon_margin_ratio": figure(self.margins.amazon_margin, 6),
            "vendor_margin_ratio": figure(self.vendor_margin, 6),
        }

    def _amounts(self) -> dict[str, Figure | None]:
        amounts = {
            "amazon_price_amount": self.amazon,
            "our_price_amount": self.ours,
            "lowest_other_price_amount": self.lowest_other,
            "market_price_amount": self.market_price,
            "average_selling_price_amount": self.margins.selling_price,
            "cost_price_amount": self.margins.cost_price,
            "price_floor_amount": self.floor,
            "net_cost_amount": self.margins.net,
            "unit_cost_amount": self.margins.unit_cost,
            "net_in_promotion_amount": self.net_in_promotion,
            "joint_price_amount": self.joint_price,
            "target_net_cost_amount": self.target_cost,
        }
        return {name: figure(amount, 4) for name, amount in amounts.items()}


def _is_below(left: Fraction | None, right: Fraction | None) -> bool:
    return left is not None and right is not None and ninth(left) < ninth(right)
