"""A world in a few figures: what one would look at to see whether it resembles real accounts."""

from datetime import date, timedelta
from typing import Any

import numpy as np

from simulator.config import AccountConfig
from simulator.periods import newest_published
from simulator.world.history import AccountWorld
from simulator.world.restatement import published

_LONG_STOCKOUT_DAYS = 60


def portray(account: AccountConfig, seed: int, start_date: date, today: date) -> dict[str, Any]:
    """Shares are of (active ASIN, day) pairs over the account's last year; shapes are over their own mean."""
    world = AccountWorld(account, seed, start_date)
    last = today - timedelta(days=1)
    span = world.span(max(start_date, last - timedelta(days=364)), last)
    active = np.stack([world.catalogue.active(span.first_index + day) for day in range(span.days)])
    pairs = int(active.sum())
    units, on_hand = span["ordered"], span["on_hand"]
    out = (on_hand <= 0) & active
    recent = units[-28:].mean(axis=0)
    cover = np.divide(on_hand[-1], recent, out=np.full(len(recent), np.inf), where=recent > 0)
    stocked = active[-1] & (on_hand[-1] > 0)
    daily = units.sum(axis=1)
    dates = [world.date_of(span.first_index + day) for day in range(span.days)]
    by_seller = np.sort(units.sum(axis=0))[::-1]
    return {
        "account_id": account.account_id,
        "asins": int(active[-1].sum()),
        "units_per_day": round(float(daily.mean()), 1),
        "zero_sales_share": _share(((units == 0) & active).sum(), pairs),
        "out_of_stock_share": _share(out.sum(), pairs),
        "negative_on_hand_share": _share(((on_hand < 0) & active).sum(), pairs),
        "stock_outs_of_60_days_or_more": _long_runs(out),
        "overstock_share": _share((stocked & (recent > 0) & (cover > 84)).sum(), int(stocked.sum())),
        "unsold_in_28_days_share": _share((stocked & (recent == 0)).sum(), int(stocked.sum())),
        "top_tenth_unit_share": _share(by_seller[: max(1, len(by_seller) // 10)].sum(), int(by_seller.sum())),
        "conversion": _share(units.sum(), int(span["views"].sum())),
        "return_share": _share(span["returned"].sum(), int(span["shipped"].sum())),
        "weekday_shape": _shape(daily, [when.strftime("%a") for when in dates]),
        "month_shape": _shape(daily, [when.strftime("%m") for when in dates]),
        "restatement_of_ordered_units": _restatement(world, today),
    }


def portray_all(accounts: list[AccountConfig], seed: int, start_date: date, now: Any) -> list[dict[str, Any]]:
    """The portrait of each account on the day of ``now`` in its own calendar."""
    return [
        portray(account, seed, start_date, newest_published(now, account.time_zone) + timedelta(days=4))
        for account in accounts
    ]


def _share(part: Any, whole: int) -> float | None:
    return round(float(part) / whole, 4) if whole else None


def _shape(daily: np.ndarray, labels: list[str]) -> dict[str, float]:
    mean = float(daily.mean())
    groups: dict[str, list[float]] = {}
    for label, units in zip(labels, daily, strict=True):
        groups.setdefault(label, []).append(float(units))
    return {label: round(sum(values) / len(values) / mean, 3) for label, values in groups.items()} if mean else {}


def _long_runs(out: np.ndarray) -> int:
    """How many unbroken stock-outs last 60 days or more."""
    count = 0
    length = np.zeros(out.shape[1], dtype=np.int64)
    for day in out:
        length = np.where(day, length + 1, 0)
        count += int((length == _LONG_STOCKOUT_DAYS).sum())
    return count


def _restatement(world: AccountWorld, today: date) -> float | None:
    """Mean of |first published - settled| over settled units, over the 28 newest settled days."""
    settled_end = today - timedelta(days=15)
    difference = total = 0
    for age in range(28):
        day = settled_end - timedelta(days=age)
        if day < world.start_date:
            break
        truth = world.span(day, day)
        first = published(truth, world.key, truth.first_index + 4)
        difference += int(np.abs(first["ordered"] - truth["ordered"]).sum())
        total += int(truth["ordered"].sum())
    return _share(difference, total)
