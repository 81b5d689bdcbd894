"""What the program reads: each table once, only the columns and days that it needs, figures as floats."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Connection, text

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
DAYS = 120
_QUERIES = {
    "product": "select asin, min(lifecycle_code) as lifecycle_code, min(unit_cost_amount) as unit_cost,"
    " min(first_seen_date) as first_seen_date from core.product where account_id = :account"
    " group by asin order by asin",
    "sales": "select asin, business_date, ordered_units, ordered_revenue_amount as revenue, shipped_units,"
    " shipped_revenue_amount as shipped_revenue, shipped_cogs_amount as cogs, customer_return_units"
    " from core.sales_daily where account_id = :account and business_date between :first and :day"
    " and distributor_view_code = 'MANUFACTURING'",
    "inventory": "select asin, business_date, sellable_on_hand_units as on_hand,"
    " sellable_on_hand_cost_amount as cost, average_vendor_lead_time_days as lead_days"
    " from core.inventory_daily where account_id = :account and business_date between :first and :day"
    " and distributor_view_code = 'MANUFACTURING'",
    "traffic": "select asin, business_date, glance_views from core.traffic_daily"
    " where account_id = :account and business_date between :first and :day",
    "loss": "select asin, business_date, glance_views, lost_featured_offer_ratio as lost"
    " from core.featured_offer_loss_daily where account_id = :account and business_date between :first and :day",
    "margin": "select asin, business_date, net_ppm_ratio as margin from core.margin_daily"
    " where account_id = :account and business_date between :first and :day",
    "forecast": "select asin, week_start_date, mean_units as mean_units from core.forecast_weekly"
    " where account_id = :account and generation_date = (select max(generation_date) from core.forecast_weekly"
    " where account_id = :account and generation_date <= :day)",
    "orders": "select asin, ordered_at, ordered_units, accepted_units, received_units, confirmation_code,"
    " window_end_date, status_code from core.purchase_order_line where account_id = :account",
    "promotion": "select asin, start_at::date as start_date, end_at::date as end_date,"
    " funding_per_unit_amount as funding from core.promotion where account_id = :account",
    "event": "select start_date, end_date from ops.event_calendar where marketplace_code = 'IT'",
    "look": "select asin, observed_at, amazon_price_amount as amazon_price,"
    " our_price_amount as our_price, lowest_other_price_amount as other_price"
    " from core.offer_snapshot where account_id = :account and observed_at >= :day and observed_at < :next",
    "offer": "select asin, observed_at, seller_id from core.offer"
    " where account_id = :account and observed_at >= :day and observed_at < :next",
    "page": "select asin, observed_date, page_status_code, title, brand_name, bullets, description, images,"
    " attributes, has_a_plus, classification_id, parent_asin from core.content_snapshot"
    " where account_id = :account and observed_date between :pages and :day",
}


@dataclass(frozen=True)
class Facts:
    """The tables of one account as of ``day``; the last column of a grid is ``day``, its rows are ``asins``."""

    account_id: str
    day: date
    asins: pd.Index
    tables: dict[str, pd.DataFrame]

    def grid(self, table: str, column: str, missing: float = 0.0) -> Floats:
        """One figure by product and day; ``missing`` where there is no row."""
        frame = self.tables[table]
        values = np.full((len(self.asins), DAYS), missing)
        ages = (pd.Timestamp(self.day) - pd.to_datetime(frame["business_date"])).dt.days.to_numpy()
        values[self.places(frame), DAYS - 1 - ages] = frame[column].to_numpy(dtype=float)
        return values

    def places(self, frame: pd.DataFrame) -> npt.NDArray[np.intp]:
        return np.asarray(self.asins.get_indexer(pd.Index(frame["asin"])))

    def special_days(self) -> tuple[Flags, Flags]:
        """The days of an event; by product the days of its promotions."""
        days = np.array([self.day - timedelta(days=DAYS - 1 - place) for place in range(DAYS)])
        events = np.zeros(DAYS, dtype=bool)
        for row in self.tables["event"].itertuples():
            events |= (days >= row.start_date) & (days <= row.end_date)
        promotions = np.zeros((len(self.asins), DAYS), dtype=bool)
        promoted = self.tables["promotion"]
        for place, row in zip(self.places(promoted), promoted.itertuples(), strict=True):
            promotions[place] |= (days >= row.start_date) & (days < row.end_date)
        return events, promotions


def read_facts(connection: Connection, account_id: str, day: date) -> Facts:
    values: dict[str, Any] = {
        "account": account_id,
        "day": day,
        "first": day - timedelta(days=DAYS - 1),
        "next": day + timedelta(days=1),
        "pages": day - timedelta(days=6),
    }
    tables = {name: pd.read_sql(text(query), connection, params=values) for name, query in _QUERIES.items()}
    return Facts(account_id, day, pd.Index(tables["product"]["asin"]), tables)
