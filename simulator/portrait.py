"""A world in a few figures, beside what is published about real accounts."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from simulator.config import AccountConfig, SimulatorConfig
from simulator.periods import newest_published
from simulator.real_ranges import beside
from simulator.world.catalogue import Bools, Floats
from simulator.world.history import AccountWorld, Span
from simulator.world.publication import published_span
from simulator.world.restatement import SETTLED_AGE_DAYS
from simulator.world.truth import tell_truth

_LONG_STOCKOUT_DAYS = 60
_RECENT_DAYS = 28
_TRUTH_DAYS = 90
_FIGURES = (
    "views", "all_views", "ordered", "shipped", "returned", "on_hand", "asked", "confirmed", "lead_seen",
    "featured_share", "suppressed_share", "other_price", "price", "cost",
)  # fmt: skip


def portray(world: AccountWorld, today: date) -> dict[str, Any]:
    """Shares are of (active ASIN, day) pairs over the account's last year; shapes are over their own mean."""
    last = today - timedelta(days=1)
    first = max(world.start_date, last - timedelta(days=364))
    span = world.span(first, last, names=_FIGURES)
    active = np.stack([world.catalogue.active(span.first_index + day) for day in range(span.days)])
    daily = span["ordered"].sum(axis=1)
    dates = [world.date_of(span.first_index + day) for day in range(span.days)]
    figures = {
        **_sales_figures(span, active),
        **_stock_figures(span, active),
        **_offer_figures(span, active, world.vat_ratio),
        "restatement_of_ordered_units": _restatement(world, today),
        "days_until_settled": SETTLED_AGE_DAYS,
    }
    newest_truth = tell_truth(world, last - timedelta(days=_TRUTH_DAYS - 1), last)
    return {
        "account_id": world.account.account_id,
        "asins": int(active[-1].sum()),
        "from": first.isoformat(),
        "to": last.isoformat(),
        "figures": {name: beside(name, value) for name, value in figures.items()},
        "weekday_shape": beside("weekday_shape", _shape(daily, [when.strftime("%a") for when in dates])),
        "month_shape": beside("month_shape", _shape(daily, [when.strftime("%m") for when in dates])),
        "truth_of_90_days": dict(sorted(Counter(fact.kind.value for fact in newest_truth).items())),
    }


def portray_all(config: SimulatorConfig, now: datetime) -> list[dict[str, Any]]:
    """The portrait of each account on the day of ``now`` in its own calendar."""

    def world(account: AccountConfig) -> AccountWorld:
        return AccountWorld(account, config.seed, config.start_date, config.world.incident_rates)

    return [
        portray(world(account), newest_published(now, account.time_zone) + timedelta(days=4))
        for account in config.accounts
    ]


def _sales_figures(span: Span, active: Bools) -> Mapping[str, Any]:
    units = span["ordered"]
    by_product = np.sort(units.sum(axis=0))[::-1]
    return {
        "units_per_day": round(float(units.sum(axis=1).mean()), 1),
        "zero_sales_share": _share(((units == 0) & active).sum(), active.sum()),
        "top_tenth_unit_share": _share(by_product[: max(1, len(by_product) // 10)].sum(), by_product.sum()),
        "conversion": _share(units.sum(), span["views"].sum()),
        "return_share": _share(span["returned"].sum(), span["shipped"].sum()),
    }


def _stock_figures(span: Span, active: Bools) -> Mapping[str, Any]:
    on_hand = span["on_hand"]
    out = (on_hand <= 0) & active
    recent = span["ordered"][-_RECENT_DAYS:].mean(axis=0)
    cover = np.divide(on_hand[-1], recent, out=np.full(len(recent), np.inf), where=recent > 0)
    stocked = active[-1] & (on_hand[-1] > 0)
    covered = cover[stocked & (recent > 0)]
    leads = span["lead_seen"][-1]
    leads = leads[~np.isnan(leads)]
    return {
        "out_of_stock_share": _share(out.sum(), active.sum()),
        "negative_on_hand_share": _share(((on_hand < 0) & active).sum(), active.sum()),
        "lowest_on_hand_units": int(on_hand.min()),
        "stock_outs_of_60_days_or_more": _long_runs(out),
        "median_cover_days": round(float(np.median(covered)), 1) if len(covered) else None,
        "overstock_share": _share((stocked & (recent > 0) & (cover > 84)).sum(), stocked.sum()),
        "unsold_in_28_days_share": _share((stocked & (recent == 0)).sum(), stocked.sum()),
        "confirmation_rate": _share(span["confirmed"].sum(), span["asked"].sum()),
        "average_lead_time_days": round(float(leads.mean()), 1) if len(leads) else None,
    }


def _offer_figures(span: Span, active: Bools, vat_ratio: float) -> Mapping[str, Any]:
    """Buy Box, rivals and Amazon's margin; the lost ratio is of views, as Data Kiosk counts it."""
    featured, suppressed = (span[name].astype(np.float64) for name in ("featured_share", "suppressed_share"))
    others = ~np.isnan(span["other_price"])
    revenue = (span["shipped"] * span["price"].astype(np.float64)).sum() / (1 + vat_ratio)
    cost = (span["shipped"] * span["cost"].astype(np.float64)).sum()
    return {
        "featured_offer_share": _share(featured[active].sum(), active.sum()),
        "lost_featured_offer_ratio": _share(span["all_views"].sum() - span["views"].sum(), span["all_views"].sum()),
        "suppressed_share": _share(suppressed[active].sum(), active.sum()),
        "with_other_sellers_share": _share((others & active).sum(), active.sum()),
        "undercut_share": _share((others & active & (span["other_price"] < span["price"])).sum(), active.sum()),
        "net_pure_product_margin": _share(revenue - cost, revenue),
    }


def _share(part: Any, whole: Any) -> float | None:
    return round(float(part) / float(whole), 4) if whole else None


def _shape(daily: Floats, labels: list[str]) -> dict[str, float]:
    mean = float(daily.mean())
    groups: dict[str, list[float]] = {}
    for label, units in zip(labels, daily.tolist(), strict=True):
        groups.setdefault(label, []).append(float(units))
    return {label: round(sum(values) / len(values) / mean, 3) for label, values in groups.items()} if mean else {}


def _long_runs(out: Bools) -> int:
    """How many unbroken stock-outs last 60 days or more."""
    count = 0
    length = np.zeros(out.shape[1], dtype=np.int64)
    for day in out:
        length = np.where(day, length + 1, 0)
        count += int((length == _LONG_STOCKOUT_DAYS).sum())
    return count


def _restatement(world: AccountWorld, today: date) -> float | None:
    """Mean of |first published - settled| over settled units, over the 28 newest settled days."""
    settled_end = today - timedelta(days=SETTLED_AGE_DAYS)
    difference = total = 0
    for age in range(28):
        day = settled_end - timedelta(days=age)
        if day < world.start_date:
            break
        truth = world.span(day, day)
        first = published_span(world, truth, day + timedelta(days=4))
        difference += int(np.abs(first["ordered"] - truth["ordered"]).sum())
        total += int(truth["ordered"].sum())
    return _share(difference, total)
