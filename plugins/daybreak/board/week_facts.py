"""What the client's Monday report of one week says: figures, what was found, done and brought; in no language yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class Coverage:
    """What the week's figures rest on: days that nobody looked at, days that Amazon owes, and until when it has time.

    ``is_looked_at``: the account's offers are looked at at all; ``is_readable``: Amazon gives it the official figures.
    """

    unseen_dates: tuple[date, ...]
    lacking_dates: tuple[date, ...]
    undue_dates: tuple[date, ...]
    complete_at: datetime | None
    is_looked_at: bool
    is_readable: bool
    is_final: bool

    @property
    def is_whole(self) -> bool:
        """Every day was looked at, and Amazon has published every day."""
        lacks = self.unseen_dates or self.lacking_dates or self.undue_dates
        return self.is_looked_at and self.is_readable and not lacks


@dataclass(frozen=True)
class Totals:
    """The whole account in a week. Shares are weighted by the products' usual weekly revenue; None is unknown."""

    products: int
    observed_products: int
    lost_products: int
    weighted_products: int
    observed_snapshots: int
    ownership_ratio: Decimal | None
    amazon_ratio: Decimal | None
    other_ratio: Decimal | None
    suppressed_ratio: Decimal | None
    none_ratio: Decimal | None
    official_lost_ratio: Decimal | None
    headline_ratio: Decimal | None
    baseline_revenue_amount: Decimal | None
    lost_revenue_amount: Decimal | None


@dataclass(frozen=True)
class Product:
    """One product's week with the week before beside it, as ``mart.buy_box_weekly`` has them."""

    asin: str
    client_sku: str | None
    name: str | None
    observed_snapshots: int
    observation_code: str
    ownership_ratio: Decimal | None
    amazon_ratio: Decimal | None
    other_ratio: Decimal | None
    suppressed_ratio: Decimal | None
    none_ratio: Decimal | None
    top_other_seller_id: str | None
    median_winner_price_amount: Decimal | None
    median_own_price_amount: Decimal | None
    loss_cause_code: str | None
    official_lost_ratio: Decimal | None
    headline_ratio: Decimal | None
    branch_code: str
    baseline_revenue_amount: Decimal | None
    lost_revenue_amount: Decimal | None
    ownership_ratio_before: Decimal | None
    official_lost_ratio_before: Decimal | None
    headline_ratio_before: Decimal | None
    lost_revenue_amount_before: Decimal | None
    data_status_code: str


@dataclass(frozen=True)
class Incident:
    """A confirmed loss that was open at some time of the week."""

    asin: str
    client_sku: str | None
    name: str | None
    opened_at: datetime
    closed_at: datetime | None
    cause_code: str
    winner_seller_id: str | None
    winner_price_amount: Decimal | None
    our_price_amount: Decimal | None
    hours_open: Decimal
    is_breached: bool
    is_censored: bool
    lost_revenue_amount: Decimal | None


@dataclass(frozen=True)
class Control:
    """A line whose cause began in the week."""

    control_id: str
    control_date: date
    opened_date: date
    cause_code: str
    action_code: str
    asins: tuple[str, ...]
    client_sku: str | None
    name: str | None
    stake_amount: Decimal | None
    human_status_code: str


@dataclass(frozen=True)
class Action:
    """What somebody did in the week about a control; ``cause_code`` None: no morning shows the control any more."""

    acted_at: datetime
    control_id: str
    action_code: str
    actor_name: str
    note: str | None
    spend_amount: Decimal | None
    follow_up_date: date | None
    cause_code: str | None
    asins: tuple[str, ...]


@dataclass(frozen=True)
class Recovery:
    """The winning back of one loss: what was advised, agreed and spent, and what it regained by the end of the week."""

    asin: str
    client_sku: str | None
    name: str | None
    opened_at: datetime
    advice_code: str
    our_price_amount: Decimal
    target_price_amount: Decimal
    funding_per_unit_amount: Decimal | None
    budget_14d_amount: Decimal | None
    approval_code: str | None
    approval_actor_name: str | None
    approval_at: datetime | None
    spend_amount: Decimal | None
    closed_at: datetime | None
    retaken_at: datetime | None
    lost_revenue_amount: Decimal | None
    regained_revenue_amount: Decimal | None


@dataclass(frozen=True)
class WeekReport:
    """Everything that the report of one account and week says, in no language yet."""

    account_id: str
    account_name: str
    currency_code: str
    time_zone: str
    week_start_date: date
    week_end_date: date
    coverage: Coverage
    totals: Totals
    totals_before: Totals | None
    products: tuple[Product, ...]
    incidents: tuple[Incident, ...]
    controls: tuple[Control, ...]
    actions: tuple[Action, ...]
    recoveries: tuple[Recovery, ...]

    @property
    def spend_amount(self) -> Decimal | None:
        """What winning back cost; None when nobody named a sum."""
        return _sum(each.spend_amount for each in self.recoveries)

    @property
    def regained_revenue_amount(self) -> Decimal | None:
        """What it regained by the end of the week; None when nothing was taken back, or its worth is unknown."""
        return _sum(each.regained_revenue_amount for each in self.recoveries)


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [each for each in amounts if each is not None]
    return sum(known, Decimal()) if known else None
