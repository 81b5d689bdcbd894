"""Stock coverage of a day: demand of the newest 28 usual days in stock, cover, status, what is at stake."""

import numpy as np
import pandas as pd

from bench.marts.by_pandas.facts import DAYS, Facts, Flags, Floats


def newest(flags: Flags, count: int) -> Flags:
    """Of the flagged days of each row the ``count`` newest."""
    behind = np.cumsum(flags[:, ::-1], axis=1)[:, ::-1]
    kept: Flags = flags & (behind <= count)
    return kept


def ratio(above: Floats, below: Floats) -> Floats:
    """Null where nothing divides."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(below > 0, above / below, np.nan), dtype=float)


def stock_coverage(facts: Facts) -> pd.DataFrame:
    units, revenue = facts.grid("sales", "ordered_units"), facts.grid("sales", "revenue")
    stock = facts.grid("inventory", "on_hand", np.nan)
    events, promotions = facts.special_days()
    in_stock = (units > 0) | ~(stock <= 0)
    base = in_stock & ~events & ~promotions
    days = newest(np.where(base.sum(axis=1)[:, None] >= 7, base, in_stock), 28)
    counts = days.sum(axis=1)
    sold = (np.maximum(units, 0) * days).sum(axis=1)
    forecast = _forecast_per_day(facts)
    on_hand = stock[:, -1]
    own = np.where(counts >= 7, ratio(sold, counts.astype(float)), np.nan)
    demand = np.where(on_hand <= 0, np.fmax(own, forecast), np.where(np.isnan(own), forecast, own))
    week = days[:, -7:].sum(axis=1)
    recent = (np.maximum(units, 0) * days)[:, -7:].sum(axis=1)
    trend = np.where((week >= 4) & (demand == own), (recent + 10) / (demand * week + 10), np.nan)
    expected = demand * np.clip(np.nan_to_num(trend, nan=1.0), 0.5, 2)
    lead = np.nan_to_num(facts.grid("inventory", "lead_days", np.nan)[:, -1], nan=14.0)
    incoming, cause = _orders(facts)
    cover = ratio(np.maximum(on_hand, 0), expected)
    price = ratio((revenue * days).sum(axis=1), (units * days).sum(axis=1))
    status = _status(on_hand, np.asarray(expected, dtype=float), cover, lead, (counts >= 21) & (sold == 0))
    short = np.isin(status, ["out_of_stock", "critical", "low"])
    excess = np.where(status == "overstock", np.maximum(on_hand - np.ceil(84 * expected), 0), 0)
    excess = np.where(status == "dead_stock", on_hand, excess)
    unit_cost = ratio(facts.grid("inventory", "cost", np.nan)[:, -1], on_hand)
    return pd.DataFrame(
        {
            "account_id": facts.account_id,
            "business_date": facts.day,
            "asin": facts.asins,
            "currency_code": "EUR",
            "demand_units_per_day": demand.round(6),
            "demand_day_count": counts,
            "trend_ratio": trend.round(6),
            "expected_units_per_day": expected.round(6),
            "units_30d": units[:, -30:].sum(axis=1),
            "units_previous_30d": units[:, -60:-30].sum(axis=1),
            "on_hand_30d_ago_units": stock[:, DAYS - 31],
            "sellable_on_hand_units": on_hand,
            "incoming_units": incoming,
            "days_of_cover": cover.round(6),
            "days_of_cover_with_incoming": ratio(np.maximum(on_hand + incoming, 0), expected).round(6),
            "lead_time_days": lead,
            "stock_status_code": status,
            "supply_cause_code": pd.Series(cause).where(short),
            "excess_units": excess,
            "excess_cost_amount": (excess * unit_cost).round(4),
            "revenue_at_risk_amount": np.where(short, expected * price * np.maximum(lead - cover, 0), np.nan).round(4),
            "average_selling_price_amount": price.round(4),
            "data_status_code": "published",
        }
    )


def _forecast_per_day(facts: Facts) -> Floats:
    frame = facts.tables["forecast"]
    ages = (pd.Timestamp(facts.day) + pd.Timedelta(days=1) - pd.to_datetime(frame["week_start_date"])).dt.days
    week = frame[(ages >= 0) & (ages <= 6)]
    per_day = np.full(len(facts.asins), np.nan)
    per_day[facts.places(week)] = week["mean_units"] / 7
    return per_day


def _orders(facts: Facts) -> tuple[Floats, np.ndarray]:
    lines = facts.tables["orders"]
    is_coming = (lines["status_code"] == "open") & (lines["window_end_date"] >= facts.day)
    lines = lines.assign(
        coming=(lines["accepted_units"] - lines["received_units"].fillna(0))
        .clip(lower=0)
        .where(is_coming, 0)
        .fillna(0),
        open_unconfirmed=is_coming & (lines["confirmation_code"] == "unconfirmed"),
        overdue=(lines["status_code"] == "open")
        & (lines["window_end_date"] < facts.day)
        & (lines["received_units"] < lines["accepted_units"]),
        recent=lines["ordered_at"].dt.date > facts.day - pd.Timedelta(days=21),
    )
    by_asin = (
        lines.groupby("asin")[["coming", "open_unconfirmed", "overdue", "recent"]]
        .sum()
        .reindex(facts.asins, fill_value=0)
    )
    cause = np.select(
        [by_asin["open_unconfirmed"] > 0, by_asin["overdue"] > 0, by_asin["recent"] == 0],
        ["po_unconfirmed", "po_overdue", "no_po"],
        "none",
    )
    return by_asin["coming"].to_numpy(dtype=float), cause


def _status(on_hand: Floats, expected: Floats, cover: Floats, lead: Floats, is_dead: Flags) -> np.ndarray:
    return np.select(
        [
            np.isnan(on_hand),
            on_hand <= 0,
            is_dead,
            ~(expected > 0),
            cover < 7,
            cover < lead + 7,
            cover > 84,
        ],
        ["unknown", "out_of_stock", "dead_stock", "unknown", "critical", "low", "overstock"],
        "healthy",
    )
