"""The promotion and the coupon performance report: one entry per campaign, with its products."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import blake2b
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from simulator.world.currencies import UNITS_PER_EURO
from simulator.world.history import AccountWorld
from simulator.world.hour_reports import stamp
from simulator.world.incidents import Incident
from simulator.world.promotions import Promotion, Result, coupon_id, promotion_number, promotions_starting, result
from simulator.world.questions import CampaignQuestion

Row = dict[str, Any]
PROMOTIONS = "GET_PROMOTION_PERFORMANCE_REPORT"
COUPONS = "GET_COUPON_PERFORMANCE_REPORT"
_AGREED_BEFORE = timedelta(days=14)
_CLIPS_PER_REDEMPTION = 2.6
_REDEMPTION_FEE_EURO = 0.6
_BUDGET_STEP_EURO = 50


def has_campaigns(world: AccountWorld, question: CampaignQuestion) -> bool:
    return bool(_asked(world, question))


def campaign_specification(world: AccountWorld, question: CampaignQuestion) -> Row:
    return {
        "reportType": question.report_type,
        "reportOptions": dict(question.options),
        "marketplaceIds": [world.account.marketplace_id],
    }


def campaign_rows(world: AccountWorld, question: CampaignQuestion) -> Iterator[list[Row]]:
    """Campaigns by their beginning; what has not begun yet has sold nothing."""
    tell = _coupon_campaign if question.report_type == COUPONS else _promotion
    for promotion in _asked(world, question):
        yield [tell(world, promotion, question.now)]


def _asked(world: AccountWorld, question: CampaignQuestion) -> list[Promotion]:
    wants_coupons = question.report_type == COUPONS
    found = promotions_starting(world, question.since, question.until, question.now)
    return [promotion for promotion in found if (promotion.kind == "COUPON") == wants_coupons]


def _results(world: AccountWorld, promotion: Promotion, now: datetime) -> list[tuple[Incident, Result]]:
    """Each product with its figures to the end of yesterday."""
    yesterday = now.astimezone(ZoneInfo(world.account.time_zone)).date() - timedelta(days=1)
    return [(product, result(world, promotion, product, yesterday)) for product in promotion.products]


def _updated_at(promotion: Promotion, now: datetime) -> datetime:
    """Figures are counted in the morning; a promotion stays as it is a day after its end."""
    return max(promotion.created_at, min(now - timedelta(hours=now.hour % 6 + 1), promotion.end_at + timedelta(days=1)))


def _money(world: AccountWorld, value: float) -> float:
    return round(value, world.catalogue.decimals) + 0.0


def _promotion(world: AccountWorld, promotion: Promotion, now: datetime) -> Row:
    currency = world.account.currency_code
    found = _results(world, promotion, now)
    products = [
        {
            "asin": world.catalogue.asins[product.index],
            "productName": product_name(world, product.index),
            "productGlanceViews": told.views,
            "productUnitsSold": told.units,
            "productAmountSpent": _money(world, told.spend),
            "productAmountSpentCurrencyCode": currency,
            "productRevenue": _money(world, told.revenue),
            "productRevenueCurrencyCode": currency,
        }
        for product, told in found
    ]
    is_agreed = now >= promotion.start_at - _AGREED_BEFORE
    return {
        "promotionId": promotion.promotion_id,
        "promotionName": f"{promotion.kind.replace('_', ' ').title()} {promotion.first_day:%d.%m.%Y}",
        "vendorCode": vendor_code(world),
        "unitsSold": sum(told.units for _, told in found),
        "amountSpent": _money(world, sum(told.spend for _, told in found)),
        "amountSpentCurrencyCode": currency,
        "revenue": _money(world, sum(told.revenue for _, told in found)),
        "revenueCurrencyCode": currency,
        "startDateTime": stamp(promotion.start_at),
        "endDateTime": stamp(promotion.end_at),
        "type": promotion.kind,
        "status": "APPROVED" if is_agreed else "PENDING_APPROVAL",
        "creationChannel": "SELF-SERVICE",
        "marketplaceId": world.account.marketplace_id,
        "fundingAgreementId": str(promotion_number(world, f"agreement:{promotion.promotion_id}") % 10**8),
        "glanceViews": sum(told.views for _, told in found),
        "createdDateTime": stamp(promotion.created_at),
        "lastUpdatedDateTime": stamp(_updated_at(promotion, now)),
        "includedProducts": products,
    }


def _coupon_campaign(world: AccountWorld, promotion: Promotion, now: datetime) -> Row:
    coupons = [_coupon(world, promotion, product, told) for product, told in _results(world, promotion, now)]
    return {
        "campaignId": f"C{promotion.promotion_id}",
        "campaignName": f"Coupons {promotion.first_day:%d.%m.%Y}",
        "vendorCode": vendor_code(world),
        "marketplaceId": world.account.marketplace_id,
        "creationDateTime": stamp(promotion.created_at),
        "lastUpdatedDateTime": stamp(_updated_at(promotion, now)),
        "isSubscribeAndSave": False,
        "budgetType": "PER_INDIVIDUAL_COUPON",
        "totalClips": sum(coupon["clips"] for coupon in coupons),
        "totalRedemptions": sum(coupon["redemptions"] for coupon in coupons),
        "currencyCode": world.account.currency_code,
        "coupons": coupons,
    }


def _coupon(world: AccountWorld, promotion: Promotion, product: Incident, told: Result) -> Row:
    """The bill holds a fee per redemption; the budget grows with what is spent, so that it is never used up."""
    rate = UNITS_PER_EURO.get(world.account.currency_code, 1.0)
    spent = _money(world, told.spend + told.discounted_units * _REDEMPTION_FEE_EURO * rate)
    step = _BUDGET_STEP_EURO * rate
    budget = _money(world, step * (ceil(spent / step) + 1))
    asin = world.catalogue.asins[product.index]
    return {
        "couponId": coupon_id(world, product),
        "name": f"Save {product.size:.0%} on {product_name(world, product.index)}",
        "websiteMessage": f"Save {product.size:.0%}",
        "startDateTime": stamp(promotion.start_at),
        "endDateTime": stamp(promotion.end_at),
        "isOncePerCustomer": True,
        "customerSegment": "All (Default)",
        "clips": round(told.discounted_units * _CLIPS_PER_REDEMPTION),
        "redemptions": told.discounted_units,
        "budget": budget,
        "totalDiscount": _money(world, told.discount),
        "budgetSpent": spent,
        "budgetRemaining": _money(world, budget - spent),
        "budgetPercentageUsed": round(100 * spent / budget, 1),
        "asins": [
            {
                "asin": asin,
                "discountType": "PERCENT_OFF_LIST_PRICE",
                "discountAmount": round(product.size * 100, 1),
            }
        ],
    }


def product_name(world: AccountWorld, index: int) -> str:
    return f"Product {world.catalogue.asins[index]}"


def vendor_code(world: AccountWorld) -> str:
    """Four letters and a digit that name the vendor at Amazon."""
    digest = blake2b(f"{world.key}:vendor".encode(), digest_size=4).digest()
    return "".join(chr(ord("A") + byte % 26) for byte in digest) + "1"
