"""Orders that a vendor could offer computed a second time, from the wording of ``docs/controls.md`` ("Born to Run") and
the decisions of its table.

``order_rows`` gives what ``mart.born_to_run_daily`` must hold, from the second computation of the stock. Numbers are
exact fractions until they are compared (rounded to 9 decimals) or written, but for square roots, which have 50 digits.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from typing import Any

from tests.independent.account_book import AccountBook, Row, above_zero, days_to, weighted
from tests.independent.exact_numbers import exact, ninth
from tests.independent.normal_loss import DIGITS, NearFigure, expected_unsold_units
from tests.independent.stock_coverage import AT_RISK, Coverage, read_facts
from tests.independent.stock_demand import wanted_units
from tests.independent.stock_index import index_facts
from tests.independent.stock_supply import first_that_holds
from tests.independent.usual_margins import usual_margins
from tests.independent.written_figures import figure

COVERED_DAYS = 28
NINETIETH = Fraction("1.2816")
OBSOLETE = ("OBSOLETE", "NON_REPLENISHABLE", "MANUFACTURER_OUT_OF_STOCK")
CATEGORY_DAYS = 28
LOOK_DAYS = 7


def order_rows(book: AccountBook, days: Iterable[date]) -> Iterator[dict[str, Any]]:
    """A row for each product that is short on one of ``days`` and expected to sell."""
    facts, account = read_facts(book.warehouse.connection, book.account_id)
    history, orders = index_facts(facts, account), _Orders(book)
    for day in days:
        for asin, known in history.asins.items():
            if not known.is_in_catalogue(day):
                continue
            stock = Coverage(history, known, day)
            if stock.status_code in AT_RISK and stock.demand.expected is not None and stock.demand.expected > 0:
                yield _Order(orders, stock, asin).row()


class _Orders:
    """What all orders of the account are made with."""

    def __init__(self, book: AccountBook) -> None:
        self.book = book
        self.lead_days = int(book.threshold("born_to_run_lead_days"))
        self.window_days = int(book.threshold("born_to_run_window_days"))

    @cached_property
    def ninetieths(self) -> Mapping[tuple[str, date, date], Fraction | None]:
        """By product, generation and week."""
        return {
            (row["asin"], row["generation_date"], row["week_start_date"]): exact(row["p90_units"])
            for row in self.book.warehouse.rows("core.forecast_weekly")
        }

    @cached_property
    def budget(self) -> Fraction | None:
        return exact(self.book.account["thresholds"]["born_to_run_budget_amount"])

    @cached_property
    def _refusals(self) -> frozenset[str | None]:
        """The products for which a person said not_invited and nobody agreed later; None is the whole account."""
        actions = self.book.warehouse.rows("ops.control_action")
        return frozenset(
            said["asin"]
            for said in actions
            if said["action_code"] == "not_invited"
            and not any(
                later["action_code"] == "agreed"
                and later["control_id"] == said["control_id"]
                and later["acted_at"] > said["acted_at"]
                for later in actions
            )
        )

    def is_not_invited(self, asin: str) -> bool:
        return asin in self._refusals or None in self._refusals


class _Order:
    """What could be ordered of one product on one day. Each property is a line of the control."""

    def __init__(self, orders: _Orders, stock: Coverage, asin: str) -> None:
        self.orders, self.book, self.stock, self.asin, self.day = orders, orders.book, stock, asin, stock.day
        self.product = self.book.product_on(asin, stock.day)
        self.margins = usual_margins(self.book, asin, stock.day)
        self.before_days = orders.lead_days - 1
        self.covered_days = min(COVERED_DAYS, orders.window_days)

    def _of_product(self, column: str) -> Fraction | None:
        return None if self.product is None else exact(self.product[column])

    @cached_property
    def is_forecast(self) -> bool:
        """Whether the newest generation names every day to the end of the window."""
        return self.stock.demand.forecast.next_days(self.before_days + self.orders.window_days) is not None

    def _forecast(self, first: int, count: int) -> Fraction:
        daily = (self.stock.demand.forecast.daily(offset) for offset in range(first, first + count))
        return sum((mean for mean in daily if mean is not None), Fraction(0))

    @cached_property
    def before(self) -> Fraction:
        expected = self.stock.demand.expected or Fraction(0)
        return self._forecast(1, self.before_days) if self.is_forecast else expected * self.before_days

    def _from_lead_on(self, count: int) -> Fraction:
        """The demand of the window's first ``count`` days: a week's trend is not carried over ten."""
        if self.is_forecast:
            return self._forecast(self.orders.lead_days, count)
        return (self.stock.demand.basis_and_rate[1] or Fraction(0)) * count

    @cached_property
    def mean(self) -> Fraction:
        return self._from_lead_on(self.orders.window_days)

    @cached_property
    def _forecast_deviation(self) -> Fraction | None:
        """From the forecast's 90 % figures, where it has them all and they lie above its means."""
        generation = self.stock.account.newest_generation(self.day)
        if not self.is_forecast or generation is None:
            return None
        total = Fraction(0)
        for offset in range(self.orders.lead_days, self.orders.lead_days + self.orders.window_days):
            day = self.day + timedelta(days=offset)
            sunday = day - timedelta(days=day.isoweekday() % 7)
            units = self.orders.ninetieths.get((self.asin, generation, sunday))
            if units is None:
                return None
            total += units / 7
        return (total - self.mean) / NINETIETH if total > self.mean else None

    @cached_property
    def _variance(self) -> Fraction | None:
        units = [wanted_units(entry) for entry in self.stock.demand.looked_at]
        if len(units) < 2:
            return None
        middle = Fraction(sum(units), len(units))
        return sum(((each - middle) ** 2 for each in units), Fraction(0)) / (len(units) - 1)

    @cached_property
    def deviation(self) -> Decimal:
        with localcontext() as context:
            context.prec = DIGITS
            found = self._forecast_deviation
            if found is None:
                spread = max(self.mean, self.orders.window_days * (self._variance or Fraction(0)))
                known = _decimal(spread).sqrt()
            else:
                known = _decimal(found)
            return max(known, _decimal(self.mean * self.book.threshold("born_to_run_uncertainty_ratio")))

    @cached_property
    def _incoming(self) -> int | None:
        return self.stock.supply.incoming

    @cached_property
    def quantity(self) -> int | None:
        if self._incoming is None or self.stock.on_hand is None:
            return None
        left = max(Fraction(0), self.stock.on_hand + self._incoming - self.before)
        wanted = min(max(Fraction(0), self._from_lead_on(self.covered_days) - left), self.mean)
        pack = above_zero(self._of_product("case_pack_units")) or Fraction(1)
        packs = ceil(ninth(wanted / pack))
        if self.orders.budget is not None and self.unit_cogs is not None:
            packs = min(packs, floor(ninth(self.orders.budget / self.unit_cogs / pack)))
        return int(packs * pack)

    @cached_property
    def unsold(self) -> Fraction | None:
        return None if self.quantity is None else expected_unsold_units(self.quantity, self.mean, self.deviation)

    @cached_property
    def unit_cogs(self) -> Fraction | None:
        rows = self.book.costs.get(self.asin, {})
        days = [entry.day for entry in self.stock.demand.looked_at if entry.day in rows]
        amount, units = weighted(
            (exact(rows[day]["shipped_cogs_amount"]), exact(rows[day]["shipped_units"])) for day in days
        )
        return amount / units if units > 0 and amount > 0 else None

    def _at_cost(self, share: Fraction, units: Fraction | int | None) -> Fraction | None:
        return None if units is None or self.unit_cogs is None else share * self.unit_cogs * units

    @cached_property
    def retention(self) -> Fraction | None:
        return self._at_cost(self.book.threshold("born_to_run_retention_ratio"), self.unsold)

    @cached_property
    def cash_out(self) -> Fraction | None:
        return self._at_cost(1 + self.book.threshold("born_to_run_return_ratio"), self.unsold)

    @cached_property
    def return_liability(self) -> Fraction | None:
        cost = self.margins.unit_cost
        if cost is None or self.unsold is None or self.cash_out is None:
            return None
        return max(Fraction(0), self.cash_out - cost * self.book.threshold("salvage_ratio") * self.unsold)

    @cached_property
    def cheaper_option_code(self) -> str | None:
        if self.return_liability is None or self.retention is None:
            return None
        return "return" if ninth(self.return_liability) < ninth(self.retention) else "retention"

    @cached_property
    def is_obsolete(self) -> bool:
        oldest = self.day - timedelta(days=CATEGORY_DAYS - 1)
        named = [
            page["replenishment_category_code"]
            for page in self.book.pages.get(self.asin, ())
            if oldest <= page["observed_date"] <= self.day and page["replenishment_category_code"] is not None
        ]
        return self.stock.lifecycle_code == "phase_out" or (bool(named) and named[-1] in OBSOLETE)

    @cached_property
    def is_covered_by_incoming(self) -> bool:
        cover = self.stock.cover_with_incoming
        return cover is not None and ninth(cover) >= self.orders.lead_days + COVERED_DAYS

    @cached_property
    def is_event_inflated(self) -> bool:
        days = [entry.day for entry in self.stock.demand.looked_at]
        return 2 * sum(not self.book.is_usual(self.asin, day) for day in days) > len(days)

    @cached_property
    def has_negative_margin(self) -> bool:
        left = self.margins.amazon_margin_after_cost
        return self.margins.does_vendor_lose or (left is not None and ninth(left) < 0)

    @cached_property
    def is_undercut(self) -> bool:
        look = self._last_look
        if look is None or look["owner_code"] != "other":
            return False
        winner, ours = above_zero(look["winner_price_amount"]), above_zero(look["our_price_amount"])
        return winner is not None and ours is not None and winner < ours

    @cached_property
    def _last_look(self) -> Row | None:
        days = days_to(self.day, LOOK_DAYS)
        seen = [each for each in self.book.looks.get(self.asin, ()) if self.book.local_day(each["observed_at"]) in days]
        return seen[-1] if seen else None

    @cached_property
    def veto_code(self) -> str | None:
        client_stock = self._of_product("client_stock_units")
        code = first_that_holds(
            (
                ("not_invited", lambda: self.orders.is_not_invited(self.asin)),
                ("unknown", lambda: self.quantity is None),
                ("not_needed", lambda: self.quantity == 0),
                ("obsolete", lambda: self.is_obsolete),
                ("covered_by_incoming", lambda: self.is_covered_by_incoming),
                ("client_has_no_stock", lambda: client_stock is not None and client_stock <= 0),
                ("we_rejected_pos", lambda: self.stock.supply.is_rejected),
                ("event_inflated", lambda: self.is_event_inflated),
                ("negative_margin", lambda: self.has_negative_margin),
                ("buy_box_lost_on_price", lambda: self.is_undercut),
                ("no_cost", lambda: self.unit_cogs is None or self.margins.unit_cost is None),
                ("", lambda: True),
            )
        )
        return code or None

    def row(self) -> dict[str, Any]:
        worst = self._at_cost(self.book.threshold("born_to_run_retention_ratio"), self.quantity)
        return {
            "account_id": self.book.account_id,
            "business_date": self.day,
            "asin": self.asin,
            "currency_code": self.book.currency_code,
            "window_basis_code": "forecast" if self.is_forecast else "demand",
            "demand_before_window_units": figure(self.before, 6),
            "window_demand_units": figure(self.mean, 6),
            "window_demand_sigma_units": _near(Fraction(self.deviation), 6),
            "quantity_units": self.quantity,
            "expected_unsold_units": _near(self.unsold, 6),
            "unit_cogs_amount": figure(self.unit_cogs, 4),
            "retention_liability_amount": _near(self.retention, 4),
            "return_cash_out_amount": _near(self.cash_out, 4),
            "return_liability_amount": _near(self.return_liability, 4),
            "cheaper_option_code": self.cheaper_option_code,
            "worst_case_amount": figure(worst, 4),
            "veto_code": self.veto_code,
            "data_status_code": self.stock.data_status_code,
        }


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _near(value: Fraction | None, places: int) -> NearFigure | None:
    return None if value is None else NearFigure(value, places)
