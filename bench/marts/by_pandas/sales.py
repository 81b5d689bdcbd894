"""Why sales moved, by the logarithmic mean of four factors, and which products moved more than they usually do."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from bench.marts.by_pandas.facts import Facts, Flags, Floats
from bench.marts.by_pandas.stock import newest, ratio

_COMPARISONS = {"wow": (7, 7, 7, 1.0), "vs_4w": (7, 28, 7, 0.25), "vs_8w": (7, 56, 7, 0.125), "mom": (30, 30, 30, 1.0)}


class _Period(NamedTuple):
    """Revenue, units, featured and total views of each product."""

    revenue: Floats
    units: Floats
    views: Floats
    totals: Floats


def sales_driver(facts: Facts) -> pd.DataFrame:
    views = facts.grid("loss", "glance_views")
    lost = facts.grid("loss", "lost")
    grids = (
        facts.grid("sales", "revenue"),
        facts.grid("sales", "ordered_units"),
        views,
        views / np.maximum(1 - lost, 0.01),
    )
    empty = facts.grid("inventory", "on_hand", np.nan) <= 0
    events, promotions = facts.special_days()
    frames = []
    for code, (after_days, before_days, offset, weight) in _COMPARISONS.items():
        after = slice(-after_days, None)
        before = slice(-before_days - offset, -offset)
        now = _Period(*(grid[:, after].sum(axis=1) for grid in grids))
        then = _Period(*(grid[:, before].sum(axis=1) * weight for grid in grids))
        frame = _taken_apart(facts, code, now, then)
        for name, flags in (("in_stock_days", ~empty), ("promotion_days", promotions)):
            frame[name] = flags[:, after].sum(axis=1)
            frame[name.replace("_days", "_before_days")] = flags[:, before].sum(axis=1)
        frame["event_days"], frame["event_before_days"] = events[after].sum(), events[before].sum()
        frames.append(frame[(now.revenue + then.revenue + now.totals + then.totals) > 0])
    return pd.concat(frames, ignore_index=True)


def _taken_apart(facts: Facts, code: str, now: _Period, then: _Period) -> pd.DataFrame:
    is_new, is_gone = (then.revenue == 0) & (then.totals == 0), (now.revenue == 0) & (now.totals == 0)
    is_whole = np.minimum.reduce([*now, *then]) > 0
    change = now.revenue - then.revenue
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(change == 0, now.revenue, change / np.log(now.revenue / then.revenue))
        factors = {
            "traffic_amount": (now.totals, then.totals),
            "buy_box_amount": (now.views / now.totals, then.views / then.totals),
            "conversion_amount": (now.units / now.views, then.units / then.views),
            "price_amount": (now.revenue / now.units, then.revenue / then.units),
        }
        amounts = {name: mean * np.log(after / before) for name, (after, before) in factors.items()}
    # Where a factor is 0 no logarithm is taken: the change stands with conversion.
    rest = {name: change if name == "conversion_amount" else 0.0 for name in amounts}
    method = np.select([is_new, is_gone, is_whole], ["new", "gone", "logarithmic_mean"], "shapley")
    columns = {
        name: np.select([is_new | is_gone, is_whole], [0.0, amounts[name]], rest[name]).round(5) for name in amounts
    }
    return pd.DataFrame(
        {
            "account_id": facts.account_id,
            "business_date": facts.day,
            "asin": facts.asins,
            "comparison_code": code,
            "currency_code": "EUR",
            "revenue_amount": now.revenue.round(5),
            "revenue_before_amount": then.revenue.round(5),
            "revenue_change_amount": change.round(5),
            "method_code": method,
            **columns,
            "new_amount": np.where(is_new, change, 0).round(5),
            "gone_amount": np.where(is_gone, change, 0).round(5),
            "sold_units": now.units,
            "sold_before_units": then.units,
            "view_count": now.views,
            "view_before_count": then.views,
            "total_view_count": now.totals.round(6),
            "total_view_before_count": then.totals.round(6),
            "data_status_code": "published",
        }
    )


def sales_signal(facts: Facts) -> pd.DataFrame:
    revenue = facts.grid("sales", "revenue")
    events, promotions = facts.special_days()
    special = promotions | events
    # The last column is the week that ends on the day, the one before it the week before, and so on.
    ends = range(revenue.shape[1] - 7 * 16, revenue.shape[1] + 1, 7)
    weeks = np.stack([revenue[:, end - 7 : end].sum(axis=1) for end in ends], axis=1)
    usual = ~np.stack([special[:, end - 7 : end].any(axis=1) for end in ends], axis=1)
    usual[:, -1] = False
    median, noise, counts = _usual_week(weeks, newest(usual, 8))
    week = weeks[:, -1]
    changes = ratio(week, median)
    account_change = float(np.clip(np.nanmedian(changes), 0.5, 2)) if np.isfinite(changes).sum() > 5 else 1.0
    expected = median * account_change
    scale = np.maximum.reduce([noise, 0.074 * median, median * float(np.nanmedian(ratio(noise, median)))])
    distance = 3 * scale * max(1.0, account_change)
    least = max(50.0, 0.001 * week.sum())
    returned = facts.grid("sales", "customer_return_units")[:, -28:].sum(axis=1)
    shipped = facts.grid("sales", "shipped_units")[:, -28:].sum(axis=1)
    return pd.DataFrame(
        {
            "account_id": facts.account_id,
            "business_date": facts.day,
            "asin": facts.asins,
            "currency_code": "EUR",
            "revenue_amount": week,
            "window_count": counts,
            "median_revenue_amount": median.round(4),
            "account_change_ratio": round(account_change, 6),
            "expected_revenue_amount": expected.round(4),
            "scale_amount": scale.round(4),
            "is_drop": (week < expected - distance) & (expected - week >= least),
            "is_rise": (week > expected + distance) & (week - expected >= least),
            "return_28d_units": returned,
            "return_28d_ratio": ratio(returned, shipped).round(6),
            "data_status_code": "published",
        }
    )


def _usual_week(weeks: Floats, used: Flags) -> tuple[Floats, Floats, Floats]:
    counts = used.sum(axis=1)
    known = np.where(used & (counts >= 5)[:, None], weeks, np.nan)
    with np.errstate(all="ignore"):
        median = np.full(len(weeks), np.nan)
        noise = median.copy()
        judged = counts >= 5
        median[judged] = np.nanmedian(known[judged], axis=1)
        noise[judged] = 1.4826 * np.nanmedian(np.abs(known[judged] - median[judged, None]), axis=1)
    return median, noise, counts
