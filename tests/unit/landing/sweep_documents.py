"""Sweeps for tests: Amazon's answers as it writes them, and what a decoder makes of them."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from daybreak.datasets import DATASETS
from daybreak.landing.decoding import decode_document
from daybreak.landing.records import Records
from daybreak.landing.specifications import ExpectedReport
from daybreak.landing.sweeps import AnsweredCall, Plan, encode_line

Json = dict[str, Any]
DAY = date(2026, 11, 23)
SEEN_AT = datetime(2026, 11, 23, 12, 0, 7, tzinfo=UTC)
MARKETPLACE_ID = "APJ6JRA9NG5V4"
AMAZON, AMAZON_TOO, OWN, RIVAL, OTHER = (
    "AMAZONRETAIL1",
    "AMAZONRETAIL2",
    "THEBRAND00001",
    "RIVAL00000001",
    "RIVAL00000002",
)
ASIN = "B000000001"
EXPECTED = ExpectedReport(
    account_id="acme_it",
    marketplace_id=MARKETPLACE_ID,
    currency_code="EUR",
    variant="1200",
    window_start=DAY,
    window_end=DAY,
    amazon_seller_ids=frozenset({AMAZON, AMAZON_TOO}),
    own_seller_ids=frozenset({OWN}),
)


def money(amount: float | str | None, currency_code: str = "EUR") -> Json:
    return {"CurrencyCode": currency_code, "Amount": amount}


def offer(seller_id: str | None, price: float | None = 10.0, *, wins: bool = False, **changes: Any) -> Json:
    """One of v0's offers: new, shipped by the seller, without shipping costs."""
    return {
        "Shipping": money(0),
        "ListingPrice": money(price),
        "ShippingTime": {"minimumHours": 24, "maximumHours": 48, "availabilityType": "NOW"},
        "PrimeInformation": {"IsPrime": False, "IsNationalPrime": False},
        "SubCondition": "new",
        "SellerId": seller_id,
        "IsFeaturedMerchant": True,
        "IsBuyBoxWinner": wins,
        "IsFulfilledByAmazon": False,
    } | changes


def item(*offers: Json, asin: str = ASIN, **changes: Any) -> Json:
    """A good part of a batch of v0; ``changes`` are made to its payload."""
    payload = {
        "ASIN": asin,
        "status": "Success" if offers else "NoBuyableOffers",
        "ItemCondition": "New",
        "Summary": {"TotalOfferCount": len(offers)},
        "Offers": list(offers),
        "marketplaceId": MARKETPLACE_ID,
    } | changes
    request = {"MarketplaceId": MARKETPLACE_ID, "Asin": asin, "ItemCondition": "New", "CustomerType": "Consumer"}
    return {"status": {"statusCode": 200, "reasonPhrase": "OK"}, "body": {"payload": payload}, "request": request}


def buy_box(price: float | None, **changes: Any) -> Json:
    return {"condition": "new", "LandedPrice": money(price), "ListingPrice": money(price)} | changes


def failed(asin: str = ASIN, status: int = 404, message: str = "not in this store") -> Json:
    return {
        "status": {"statusCode": status, "reasonPhrase": "Failure"},
        "body": {"errors": [{"code": "InvalidInput", "message": message}]},
        "request": {"Asin": asin},
    }


def summary(*offers: Json, asin: str = ASIN) -> Json:
    """A good part of a batch of competitive summaries that features ``offers``."""
    options = [{"buyingOptionType": "New", "segmentedFeaturedOffers": list(offers)}] if offers else []
    body = {"asin": asin, "marketplaceId": MARKETPLACE_ID, "featuredBuyingOptions": options}
    return {"status": {"statusCode": 200, "reasonPhrase": "Success"}, "body": body}


def featured(seller_id: str, price: float = 10.0, *, fulfilment: str = "MFN", shipping: float = 0.0) -> Json:
    return {
        "sellerId": seller_id,
        "condition": "New",
        "fulfillmentType": fulfilment,
        "listingPrice": {"amount": price, "currencyCode": "EUR"},
        "shippingOptions": [
            {"shippingOptionType": "DEFAULT", "price": {"amount": shipping, "currencyCode": "EUR"}},
        ],
    }


def call(*parts: Json, asins: tuple[str, ...] | None = None, operation: Any = "getItemOffersBatch") -> AnsweredCall:
    """A call whose answer is ``parts``; about the products that they name unless ``asins`` says otherwise."""
    named = asins or tuple(dict.fromkeys(_asin_of(part) for part in parts))
    answer = json.dumps({"responses": list(parts)}, indent=1).encode()
    return AnsweredCall(
        operation=operation,
        requested_at=SEEN_AT - timedelta(seconds=1),
        answered_at=SEEN_AT,
        asins=named,
        answer=raw(answer),
    )


def raw(content: bytes) -> Any:
    import msgspec

    return msgspec.Raw(content)


def _asin_of(part: Json) -> str:
    body = part["body"]
    return str(body.get("payload", body).get("ASIN") or body.get("asin") or part.get("request", {}).get("Asin"))


def document(*calls: AnsweredCall, day: date = DAY) -> bytes:
    asins = tuple(dict.fromkeys(asin for each in calls for asin in each.asins))
    plan = Plan(business_date=day, planned_at=SEEN_AT, until=SEEN_AT + timedelta(hours=3), asins=asins)
    return b"\n".join([encode_line(plan), *map(encode_line, calls)]) + b"\n"


def decode(dataset: str, *calls: AnsweredCall, expected: ExpectedReport = EXPECTED) -> Records:
    decoded = decode_document(document(*calls), DATASETS[dataset], expected, "sweep.bin")
    assert isinstance(decoded, Records)
    return decoded


def rows(records: Records) -> list[dict[str, str | None]]:
    """The rows as COPY reads them: text, an unquoted null is None."""
    text = b"".join(records.csv_chunks()).decode()
    return [
        {name: None if value == "null" else value for name, value in zip(records.columns, line, strict=True)}
        for line in csv.reader(io.StringIO(text))
    ]


def snapshot(*offers: Json, opinion: Json | None = None, **changes: Any) -> dict[str, str | None]:
    """The one row of the snapshot of a product with ``offers``."""
    calls = [call(item(*offers, **changes))]
    if opinion is not None:
        calls.append(call(opinion, operation="getCompetitiveSummary"))
    [row] = rows(decode("offer_snapshot", *calls))
    return row
