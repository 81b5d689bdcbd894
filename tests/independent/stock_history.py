"""The facts of one account laid out per ASIN and day, with exact numbers: integers and fractions, never floats."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache, cached_property
from zoneinfo import ZoneInfo

from tests.independent.stock_facts import AccountFacts

PREFILLED_VALID_FROM = date(1970, 1, 1)


@dataclass(frozen=True)
class Sale:
    units: int | None
    revenue: Fraction | None


@dataclass(frozen=True)
class Report:
    """One ASIN's row of the vendor inventory report, primary view."""

    on_hand: int | None
    open_purchase_order_units: int | None
    unfilled_units: int | None
    lead_time_days: Fraction | None


@dataclass(frozen=True)
class OrderLine:
    ordered_on: date
    ordered: int | None
    accepted: int | None
    received: int | None
    confirmation_code: str | None
    window_end: date | None
    is_open: bool

    @property
    def is_unconfirmed(self) -> bool:
        return self.confirmation_code == "unconfirmed" or self.accepted is None


@dataclass(frozen=True)
class Product:
    valid_from: date
    lifecycle_code: str
    first_seen: date | None


@dataclass(frozen=True)
class PublishedDay:
    """A published sales day as one ASIN lived it. ``units`` is None when the row is there without the figure."""

    day: date
    units: int | None
    revenue: Fraction | None
    is_in_stock: bool
    is_base: bool


@dataclass
class AsinHistory:
    """Everything known of one ASIN. ``days`` holds every published sales day of the account, oldest first."""

    sales: dict[date, Sale] = field(default_factory=dict)
    reports: dict[date, Report] = field(default_factory=dict)
    costs: dict[date, tuple[Fraction, int]] = field(default_factory=dict)
    traffic: set[date] = field(default_factory=set)
    seen: set[date] = field(default_factory=set)
    """Days with a row in sales, inventory or traffic, whatever the distributor view."""
    means: dict[date, dict[date, Fraction | None]] = field(default_factory=lambda: defaultdict(dict))
    readings: list[tuple[datetime, int]] = field(default_factory=list)
    offers: list[tuple[datetime, bool]] = field(default_factory=list)
    lines: list[OrderLine] = field(default_factory=list)
    promotions: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    days: list[PublishedDay] = field(default_factory=list)

    def product_on(self, day: date) -> Product | None:
        held = [product for product in self.products if product.valid_from <= day]
        return max(held, key=lambda product: product.valid_from, default=None)

    @cached_property
    def first_appearance(self) -> date | None:
        kept = [product.first_seen for product in self.products if product.first_seen is not None]
        return min(kept or self.seen, default=None)

    def is_in_catalogue(self, day: date) -> bool:
        oldest = day - timedelta(days=364)
        rows = (self.sales, self.reports, self.traffic, self.means)
        if any(oldest <= row <= day for dates in rows for row in dates):
            return True
        product = self.product_on(day)
        if product is None:
            return False
        is_prefilled = product.valid_from == PREFILLED_VALID_FROM
        return not is_prefilled or product.first_seen is None or product.first_seen <= day


@dataclass
class AccountHistory:
    account: AccountFacts
    asins: dict[str, AsinHistory]
    published_days: list[date]
    """Published sales days of the primary view, oldest first."""
    generation_dates: set[date]
    has_order_line: bool

    def end_of_day(self, day: date) -> datetime:
        """The local midnight that ends ``day``, in UTC."""
        return midnight(day + timedelta(days=1), self.account.time_zone)

    def newest_generation(self, day: date) -> date | None:
        """The newest forecast generation of the account that is at most 28 days old on ``day``."""
        return max((g for g in self.generation_dates if g <= day and (day - g).days <= 28), default=None)


@cache
def midnight(day: date, time_zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(time_zone)).astimezone(UTC)
