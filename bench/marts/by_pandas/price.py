"""The price of a day beside the lowest other one, both margins, and the verdict."""

import numpy as np
import pandas as pd

from bench.marts.by_pandas.facts import Facts, Floats
from bench.marts.by_pandas.stock import newest, ratio

_VAT = 1.22


def price_gap(facts: Facts) -> pd.DataFrame:
    looks = facts.tables["look"].sort_values("observed_at").drop_duplicates("asin", keep="last")
    looks = looks.set_index("asin").reindex(facts.asins)
    offers = facts.tables["offer"]
    newest_offers = offers.merge(looks[["observed_at"]].reset_index(), on=["asin", "observed_at"])
    others = newest_offers[~newest_offers["seller_id"].isin(["AMAZON"])]
    competitors = others.groupby("asin")["seller_id"].nunique().reindex(facts.asins, fill_value=0)
    amazon, market = looks["amazon_price"].to_numpy(dtype=float), looks["other_price"].to_numpy(dtype=float)
    selling, cost_price, margin = _usual_margins(facts)
    floor = selling * (1 - margin) * _VAT
    unit_cost = facts.tables["product"]["unit_cost"].to_numpy(dtype=float)
    joint = unit_cost * _VAT
    index = 100 * ratio(amazon, market)
    position = np.select(
        [np.isnan(index), index < 95, index > 105], ["unknown", "below_market", "above_market"], "in_line"
    )
    frame = pd.DataFrame(
        {
            "account_id": facts.account_id,
            "business_date": facts.day,
            "asin": facts.asins,
            "currency_code": "EUR",
            "observed_at": looks["observed_at"].to_numpy(),
            "amazon_price_amount": amazon,
            "our_price_amount": looks["our_price"].to_numpy(),
            "lowest_other_price_amount": market,
            "competitor_count": competitors.to_numpy(),
            "market_price_amount": market,
            "price_index": index.round(6),
            "position_code": position,
            "average_selling_price_amount": selling.round(4),
            "cost_price_amount": cost_price.round(4),
            "amazon_margin_ratio": margin.round(6),
            "price_floor_amount": floor.round(4),
            "unit_cost_amount": unit_cost,
            "vendor_margin_ratio": ratio(cost_price - unit_cost, cost_price).round(6),
            "net_in_promotion_amount": (cost_price - _funding(facts)).round(4),
            "joint_price_amount": joint.round(4),
            "target_net_cost_amount": (market / _VAT).round(4),
            "verdict_code": _verdict(cost_price < unit_cost, index, market, joint, margin),
            "data_status_code": "published",
        }
    )
    seen: pd.DataFrame = frame.loc[~np.isnan(amazon)]
    return seen


def _usual_margins(facts: Facts) -> tuple[Floats, Floats, Floats]:
    events, promotions = facts.special_days()
    days = newest(~events & ~promotions, 28)
    units = (facts.grid("sales", "shipped_units") * days).sum(axis=1)
    revenue = facts.grid("sales", "shipped_revenue") * days
    cost = (facts.grid("sales", "cogs") * days).sum(axis=1)
    margins = facts.grid("margin", "margin", np.nan)
    weights = np.where(np.isnan(margins), 0, revenue)
    margin = ratio((weights * np.nan_to_num(margins)).sum(axis=1), weights.sum(axis=1))
    return ratio(revenue.sum(axis=1), units), ratio(cost, units), margin


def _funding(facts: Facts) -> Floats:
    frame = facts.tables["promotion"]
    today = frame[(frame["start_date"] <= facts.day) & (frame["end_date"] > facts.day)]
    return np.asarray(today.groupby("asin")["funding"].sum().reindex(facts.asins, fill_value=0), dtype=float)


def _verdict(is_loss: np.ndarray, index: Floats, market: Floats, joint: Floats, margin: Floats) -> np.ndarray:
    return np.select(
        [
            is_loss,
            np.isnan(index) | np.isnan(margin),
            market < joint,
            (index > 105) & (joint <= market),
            index > 105,
            margin < 0,
        ],
        ["vendor_loses", "unknown", "trace_supply", "fund_or_cut_cost", "unviable_at_market", "margin_at_risk"],
        "keep",
    )
