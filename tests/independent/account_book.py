"""The rows of one account as the second computations of price, orders and sales look them up: by product and by day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from tests.independent.account_tables import Warehouse
from tests.independent.exact_numbers import exact
from tests.independent.stock_history import midnight

Row = Mapping[str, Any]
ByDay = Mapping[date, Row]
RESTATED_DAYS = 15


def days_to(last: date, count: int) -> list[date]:
    """The ``count`` days that end with ``last``, newest first."""
    return [last - timedelta(days=back) for back in range(count)]


def median(values: Iterable[Fraction]) -> Fraction | None:
    """The middle one, or the mean of the middle two."""
    ordered = sorted(values)
    if not ordered:
        return None
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def ratio(upper: Fraction | None, lower: Fraction | None) -> Fraction | None:
    """A division by nothing, or of what is unknown, is unknown."""
    return None if upper is None or lower is None or lower == 0 else upper / lower


def above_zero(value: Any) -> Fraction | None:
    """A price or a cost: null, 0 and less are none."""
    known = exact(value)
    return known if known is not None and known > 0 else None


def weighted(pairs: Iterable[tuple[Fraction | None, Fraction | None]]) -> tuple[Fraction, Fraction]:
    """The sums of both, over the pairs of which both are known."""
    known = [(left, right) for left, right in pairs if left is not None and right is not None]
    return sum((left for left, _ in known), Fraction(0)), sum((right for _, right in known), Fraction(0))


class AccountBook:
    """What the warehouse knows of one account."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.account = warehouse.account
        self.account_id: str = self.account["account_id"]
        self.currency_code: str = self.account["currency_code"]
        self.time_zone: str = self.account["time_zone"]
        self.view: str = self.account["primary_distributor_view_code"]
        self.kind = "shipped" if self.view == "SOURCING" else "ordered"
        """Units and revenue mean the shipped ones in the SOURCING view, which has no ordered ones."""

    def threshold(self, name: str) -> Fraction:
        found = exact(self.account["thresholds"][name])
        if found is None:
            raise LookupError(f"{self.account_id} has no {name}")
        return found

    def local_day(self, instant: datetime) -> date:
        return instant.astimezone(ZoneInfo(self.time_zone)).date()

    def end_of(self, day: date) -> datetime:
        return midnight(day + timedelta(days=1), self.time_zone)

    def _table(self, name: str, view: str | None = None) -> Mapping[str, ByDay]:
        found: dict[str, dict[date, Row]] = defaultdict(dict)
        for row in self.warehouse.rows(name):
            if view is None or row["distributor_view_code"] == view:
                found[row["asin"]][row["business_date"]] = row
        return found

    @cached_property
    def sales(self) -> Mapping[str, ByDay]:
        """Sales of the primary view."""
        return self._table("core.sales_daily", self.view)

    @cached_property
    def costs(self) -> Mapping[str, ByDay]:
        """Sales of the view that has what Amazon pays: SOURCING as soon as there is one row of it."""
        rows = self.warehouse.rows("core.sales_daily")
        has_sourcing = any(row["distributor_view_code"] == "SOURCING" for row in rows)
        return self._table("core.sales_daily", "SOURCING" if has_sourcing else self.view)

    @cached_property
    def stock_reports(self) -> Mapping[str, ByDay]:
        return self._table("core.inventory_daily", self.view)

    @cached_property
    def views(self) -> Mapping[str, ByDay]:
        return self._table("core.traffic_daily")

    @cached_property
    def margins(self) -> Mapping[str, ByDay]:
        return self._table("core.margin_daily")

    @cached_property
    def lost_shares(self) -> Mapping[str, ByDay]:
        return self._table("core.featured_offer_loss_daily")

    @cached_property
    def looks(self) -> Mapping[str, Sequence[Row]]:
        """Offer snapshots by product, oldest first."""
        return self._by_asin("core.offer_snapshot", "observed_at")

    @cached_property
    def products(self) -> Mapping[str, Sequence[Row]]:
        return self._by_asin("core.product", "valid_from_date")

    @cached_property
    def promotions(self) -> Mapping[str, Sequence[Row]]:
        return self._by_asin("core.promotion", "start_at")

    @cached_property
    def pages(self) -> Mapping[str, Sequence[Row]]:
        return self._by_asin("core.content_snapshot", "observed_date")

    def _by_asin(self, table: str, order: str) -> Mapping[str, Sequence[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in sorted(self.warehouse.rows(table), key=lambda row: row[order]):
            found[row["asin"]].append(row)
        return found

    @cached_property
    def event_days(self) -> frozenset[date]:
        return frozenset(
            row["start_date"] + timedelta(days=offset)
            for row in self.warehouse.event_days()
            for offset in range((row["end_date"] - row["start_date"]).days + 1)
        )

    @cached_property
    def sales_days(self) -> Sequence[date]:
        """Published sales days of the primary view, oldest first."""
        return self.warehouse.published_days("sales_daily", self.view)

    @cached_property
    def published_sales(self) -> frozenset[date]:
        return frozenset(self.sales_days)

    @cached_property
    def _promoted(self) -> dict[tuple[str, date], list[Row]]:
        return {}

    def promotions_of(self, asin: str, day: date) -> list[Row]:
        """The promotions of a product that touch a day of the account's calendar; without an end they are open."""
        if (asin, day) not in self._promoted:
            start, end = midnight(day, self.time_zone), self.end_of(day)
            self._promoted[asin, day] = [
                row
                for row in self.promotions.get(asin, ())
                if row["start_at"] < end
                and (row["end_at"] is None or (row["end_at"] > start and row["end_at"] > row["start_at"]))
            ]
        return self._promoted[asin, day]

    def is_usual(self, asin: str, day: date) -> bool:
        """Neither an event nor a promotion of the product."""
        return day not in self.event_days and not self.promotions_of(asin, day)

    def product_on(self, asin: str, day: date) -> Row | None:
        held = [row for row in self.products.get(asin, ()) if row["valid_from_date"] <= day]
        return held[-1] if held else None

    @cached_property
    def _seen(self) -> Mapping[str, date]:
        seen: dict[str, date] = {}
        for table in ("core.sales_daily", "core.inventory_daily", "core.traffic_daily"):
            for row in self.warehouse.rows(table):
                asin, day = row["asin"], row["business_date"]
                seen[asin] = min(day, seen.get(asin, day))
        return seen

    @cached_property
    def first_appearances(self) -> Mapping[str, date]:
        """The earliest day that any product row keeps, else the earliest row of a report, in any view."""
        kept: dict[str, date] = {}
        for asin, rows in self.products.items():
            if known := [row["first_seen_date"] for row in rows if row["first_seen_date"] is not None]:
                kept[asin] = min(known)
        return {**self._seen, **kept}

    def status_of_sales(self, day: date) -> str:
        """``published`` while Amazon may still restate the newest sales days, else ``settled``."""
        newest = max(self.sales_days, default=None)
        is_open = newest is None or day > newest - timedelta(days=RESTATED_DAYS)
        return "published" if is_open else "settled"

    def status_of_month(self, day: date) -> str:
        """``missing`` when a sales day of the 28 to ``day`` that should be there is not, else as above."""
        if not self.sales_days:
            return "missing"
        owed = [
            each
            for each in days_to(min(day, self.sales_days[-1]), 28)
            if each >= max(day - timedelta(days=27), self.sales_days[0])
        ]
        return self.status_of_sales(day) if self.published_sales.issuperset(owed) else "missing"

    def day_of_utc(self, instant: datetime) -> date:
        return instant.astimezone(UTC).date()
