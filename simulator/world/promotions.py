"""The vendor's promotions and coupons: what the script takes off a price, as Amazon's campaigns and their bills."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np

from simulator.world.catalogue import Floats
from simulator.world.history import AccountWorld, Span
from simulator.world.incidents import Incident
from simulator.world.kinds import Kind
from simulator.world.publication import net_prices
from simulator.world.seasons import day_events

PromotionKind = Literal["BEST_DEAL", "PRICE_DISCOUNT", "COUPON"]
REDEEMED = 0.7
"""Share of the units sold under a coupon whose buyers have used it."""
_LONGEST_NOTICE_DAYS = 45


@dataclass(frozen=True)
class Promotion:
    """What runs from ``first_day`` to ``last_day`` (both included) on some ASINs, all begun and ended together."""

    promotion_id: str
    kind: PromotionKind
    first_day: date
    last_day: date
    start_at: datetime
    end_at: datetime
    """The last second of it, UTC."""
    created_at: datetime
    products: tuple[Incident, ...]


@dataclass(frozen=True)
class Result:
    """What became of one product of a promotion up to a day. Money is unrounded and without tax."""

    views: int
    units: int
    revenue: float
    discounted_units: int
    discount: float
    """What customers saved."""
    spend: float
    """What the vendor pays of it."""


def promotions_starting(world: AccountWorld, since: datetime, until: datetime, now: datetime) -> list[Promotion]:
    """Those that begin from ``since`` to ``until``, both included, and had been created by ``now``; oldest first."""
    zone = ZoneInfo(world.account.time_zone)
    first = max(world.start_date, since.astimezone(zone).date())
    last = min(until, now + timedelta(days=_LONGEST_NOTICE_DAYS)).astimezone(zone).date()
    found = [promotion for promotion in _grouped(world, first, last) if promotion.created_at <= now]
    return [promotion for promotion in found if since <= promotion.start_at <= until]


def result(world: AccountWorld, promotion: Promotion, product: Incident, last: date) -> Result:
    """The product's figures from the promotion's beginning to ``last`` (or its own end, if that is earlier)."""
    last = min(last, promotion.last_day)
    if last < promotion.first_day:
        return Result(0, 0, 0.0, 0, 0.0, 0.0)
    true = world.span(promotion.first_day, last, ("ordered", "views", "price"))
    units = true["ordered"][:, product.index].astype(np.int64)
    price = net_prices(world, true)[:, product.index]
    used = _discounted(units, promotion.kind)
    saved = (used * price).sum() * _off(product)
    return Result(
        views=int(true["views"][:, product.index].sum()),
        units=int(units.sum()),
        revenue=float((units * price).sum()),
        discounted_units=int(used.sum()),
        discount=float(saved),
        spend=float(saved * product.detail["funded_share"]),
    )


def vendor_funding(world: AccountWorld, true: Span) -> Floats:
    """What the vendor pays for promotions per ASIN for what has shipped on the days of ``true``; unrounded.

    ``true`` must hold ``shipped`` and ``price``.
    """
    funding = np.zeros(world.catalogue.size)
    price = net_prices(world, true)
    last_index = true.first_index + true.days - 1
    for product in script_promotions(world, true.first_index, last_index):
        days = slice(max(product.first_day - true.first_index, 0), product.last_day - true.first_index + 1)
        used = _discounted(true["shipped"][days, product.index].astype(np.int64), _kind(world, product))
        saved = (used * price[days, product.index]).sum() * _off(product)
        funding[product.index] += saved * product.detail["funded_share"]
    return funding


def script_promotions(world: AccountWorld, first_index: int, last_index: int) -> list[Incident]:
    """The script's promotions that hold on at least one of these days, by first day and ASIN."""
    found = world.script.drawn(Kind.PROMOTION, first_index, last_index).told(Kind.PROMOTION)
    return sorted(found, key=lambda product: (product.first_day, product.index))


def _off(product: Incident) -> float:
    """The saving over the price that was left."""
    return product.size / (1 - product.size)


def _discounted(units: np.ndarray, kind: PromotionKind) -> np.ndarray:
    return np.floor(units * REDEEMED + 0.5).astype(np.int64) if kind == "COUPON" else units


def _kind(world: AccountWorld, product: Incident) -> PromotionKind:
    """A coupon is one in the script; a discount that meets a shopping event runs as a deal."""
    if product.detail["kind"] == "coupon":
        return "COUPON"
    days = (world.date_of(day) for day in range(product.first_day, product.last_day + 1))
    return "BEST_DEAL" if any(day_events(day).is_event for day in days) else "PRICE_DISCOUNT"


def _grouped(world: AccountWorld, first: date, last: date) -> list[Promotion]:
    if last < first:
        return []
    low, high = world.index_of(first), world.index_of(last)
    groups: dict[tuple[int, int, PromotionKind], list[Incident]] = {}
    for product in script_promotions(world, low, high):
        if low <= product.first_day <= high:
            key = (product.first_day, product.last_day, _kind(world, product))
            groups.setdefault(key, []).append(product)
    return [_promotion(world, kind, products) for (_, _, kind), products in sorted(groups.items(), key=_first_key)]


def _first_key(item: tuple[tuple[int, int, PromotionKind], Iterable[Incident]]) -> tuple[int, int, PromotionKind]:
    return item[0]


def _promotion(world: AccountWorld, kind: PromotionKind, products: list[Incident]) -> Promotion:
    first, last = world.date_of(products[0].first_day), world.date_of(products[0].last_day)
    number = promotion_number(world, f"{kind}:{products[0].first_day}:{products[0].last_day}")
    zone = ZoneInfo(world.account.time_zone)
    start = datetime.combine(first, time(), zone).astimezone(UTC)
    end = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC) - timedelta(seconds=1)
    notice = timedelta(days=10 + number % (_LONGEST_NOTICE_DAYS - 10), minutes=number % 1440)
    return Promotion(f"{number:011d}", kind, first, last, start, end, start - notice, tuple(products))


def coupon_id(world: AccountWorld, product: Incident) -> str:
    """Amazon's number of the coupon on ``product``, a product of a promotion of the kind COUPON."""
    asin = world.catalogue.asins[product.index]
    return f"K{promotion_number(world, f'coupon:{asin}:{product.first_day}'):011d}"


def promotion_number(world: AccountWorld, text: str) -> int:
    """Eleven digits that name what ``text`` says of this world."""
    digest = blake2b(f"{world.key}:{text}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % 10**11
