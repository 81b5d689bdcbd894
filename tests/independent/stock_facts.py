"""What the second computation of the stock control reads: the core tables of one account, as they stand."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal

import pandas as pd
import psycopg

DEFAULT_THRESHOLDS: dict[str, Decimal] = {
    "critical_cover_days": Decimal(7),
    "low_cover_margin_days": Decimal(7),
    "overstock_cover_days": Decimal(84),
    "default_lead_time_days": Decimal(14),
}


@dataclass(frozen=True)
class Facts:
    """The facts of one account, one DataFrame a table with the columns that the table has.

    ``slices`` has dataset_code, variant_code, business_date, status_code. Missing figures are None or NaN. Instants
    carry a zone.
    """

    sales_daily: pd.DataFrame
    inventory_daily: pd.DataFrame
    traffic_daily: pd.DataFrame
    forecast_weekly: pd.DataFrame
    inventory_hourly: pd.DataFrame
    offer_snapshot: pd.DataFrame
    purchase_order_line: pd.DataFrame
    promotion: pd.DataFrame
    product: pd.DataFrame
    event_calendar: pd.DataFrame
    slices: pd.DataFrame


@dataclass(frozen=True)
class AccountFacts:
    """The settings of the account that the control depends on. Absent thresholds have their default."""

    account_id: str
    marketplace_code: str
    currency_code: str
    time_zone: str
    primary_distributor_view: str
    thresholds: Mapping[str, int | float | Decimal]
    restatement_days: int = 15

    def threshold(self, name: str) -> Decimal:
        return Decimal(str(self.thresholds.get(name, DEFAULT_THRESHOLDS[name])))


FACT_SQL: dict[str, str] = {
    "sales_daily": """
        select business_date, asin, distributor_view_code, ordered_units, ordered_revenue_amount, shipped_units,
            shipped_revenue_amount
        from core.sales_daily where account_id = %(account_id)s""",
    "inventory_daily": """
        select business_date, asin, distributor_view_code, sellable_on_hand_units, sellable_on_hand_cost_amount,
            open_purchase_order_units, unfilled_customer_ordered_units, average_vendor_lead_time_days
        from core.inventory_daily where account_id = %(account_id)s""",
    "traffic_daily": """
        select business_date, asin, glance_views from core.traffic_daily where account_id = %(account_id)s""",
    "forecast_weekly": """
        select generation_date, week_start_date, asin, mean_units
        from core.forecast_weekly where account_id = %(account_id)s""",
    "inventory_hourly": """
        select hour_start_at, asin, highly_available_units
        from core.inventory_hourly where account_id = %(account_id)s""",
    "offer_snapshot": """
        select observed_at, asin, has_amazon_offer from core.offer_snapshot where account_id = %(account_id)s""",
    "purchase_order_line": """
        select po_number, asin, ordered_at, ordered_units, accepted_units, received_units, confirmation_code,
            window_end_date, status_code
        from core.purchase_order_line where account_id = %(account_id)s""",
    "promotion": """
        select promotion_id, asin, start_at, end_at from core.promotion where account_id = %(account_id)s""",
    "product": """
        select asin, valid_from_date, lifecycle_code, first_seen_date
        from core.product where account_id = %(account_id)s""",
    "event_calendar": """
        select marketplace_code, start_date, end_date, name
        from ops.event_calendar where marketplace_code = %(marketplace_code)s""",
    "slices": """
        select dataset_code, variant_code, business_date, status_code
        from ops.slice where account_id = %(account_id)s""",
}
ACCOUNT_SQL = """
    select marketplace_code, currency_code, time_zone, primary_distributor_view_code, thresholds
    from ops.account where account_id = %(account_id)s"""


def read_facts(
    connection: psycopg.Connection[tuple[object, ...]], account_id: str, restatement_days: int = 15
) -> tuple[Facts, AccountFacts]:
    """The facts and settings of ``account_id`` as ``connection`` sees them now; figures stay Decimal, int and None.

    Raises:
        LookupError: ``ops.account`` has no such account.
    """
    with connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        row = cursor.execute(ACCOUNT_SQL, {"account_id": account_id}).fetchone()
    if row is None:
        raise LookupError(f"account {account_id!r} is not in ops.account: plan a morning for it first")
    account = AccountFacts(
        account_id=account_id,
        marketplace_code=row["marketplace_code"],
        currency_code=row["currency_code"],
        time_zone=row["time_zone"],
        primary_distributor_view=row["primary_distributor_view_code"],
        thresholds=row["thresholds"],
        restatement_days=restatement_days,
    )
    frames = {field.name: _frame(connection, FACT_SQL[field.name], account) for field in fields(Facts)}
    return Facts(**frames), account


def _frame(connection: psycopg.Connection[tuple[object, ...]], query: str, account: AccountFacts) -> pd.DataFrame:
    keys = {"account_id": account.account_id, "marketplace_code": account.marketplace_code}
    with connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        cursor.execute(query.encode(), keys)
        columns = [column.name for column in cursor.description or ()]
        # dtype=object: a numeric stays Decimal and a null stays None, neither passes through a float.
        return pd.DataFrame(cursor.fetchall(), columns=columns, dtype=object)
