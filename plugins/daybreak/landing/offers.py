"""A sweep's document as rows: who held each product's Buy Box, and every offer that Amazon listed."""

from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass, fields
from datetime import UTC

import msgspec

from daybreak.landing.batch_answers import Answered, split_batch
from daybreak.landing.buy_box import Sellers, Snapshot, judge_buy_box, mark_featured
from daybreak.landing.csv_text import Value
from daybreak.landing.documents import Document
from daybreak.landing.offer_answers import Offer, read_featured, read_offers
from daybreak.landing.records import Records
from daybreak.landing.rejections import RowProblem, RowRefused
from daybreak.landing.specifications import ExpectedReport
from daybreak.landing.sweeps import AnsweredCall, read_sweep
from daybreak.sources import Dataset

_OFFER_COLUMNS = (
    "observed_at",
    "asin",
    "seller_id",
    "offer_index",
    "landed_price_amount",
    "listing_price_amount",
    "shipping_amount",
    "currency_code",
    "condition_code",
    "is_featured",
    "is_prime",
    "is_fulfilled_by_amazon",
)
_SNAPSHOT_COLUMNS = ("observed_at", "asin", *(each.name for each in fields(Snapshot)), "currency_code")


@dataclass(frozen=True)
class Observed:
    """One product that Amazon answered for, with its new offers, at ``observed_at`` (ISO 8601, UTC)."""

    observed_at: str
    asin: str
    offers: tuple[Offer, ...]
    unknown_fields: frozenset[str]


Row = tuple[Value, ...]
Encoder = Callable[[Observed, ExpectedReport], Iterator[Row | RowProblem]]


def decode_snapshots(data: Document, dataset: Dataset, expected: ExpectedReport, file_name: str) -> Records:
    """One row per product that was seen. A product that Amazon failed to answer for was not seen and has none.

    Raises:
        LandingFailure: the document as a whole cannot be used.
    """
    return _decode(data, dataset, expected, file_name, _SNAPSHOT_COLUMNS, _snapshot_rows)


def decode_offers(data: Document, dataset: Dataset, expected: ExpectedReport, file_name: str) -> Records:
    """One row per offer of a product that was seen.

    Raises:
        LandingFailure: the document as a whole cannot be used.
    """
    return _decode(data, dataset, expected, file_name, _OFFER_COLUMNS, _offer_rows)


def _snapshot_rows(seen: Observed, expected: ExpectedReport) -> Iterator[Row | RowProblem]:
    snapshot = judge_buy_box(seen.offers, Sellers.of(expected))
    yield (seen.observed_at, seen.asin, *astuple(snapshot), expected.currency_code)


def _offer_rows(seen: Observed, expected: ExpectedReport) -> Iterator[Row | RowProblem]:
    for offer in seen.offers:
        if offer.seller_id is None:
            yield RowProblem(f"Offers[{offer.index}].SellerId", "the offer names no seller")
            continue
        yield (
            seen.observed_at,
            seen.asin,
            offer.seller_id,
            offer.index,
            offer.landed_amount,
            offer.listing.amount if offer.listing else None,
            offer.shipping.amount if offer.shipping else None,
            expected.currency_code,
            offer.condition_code,
            offer.is_featured,
            offer.is_prime,
            offer.is_fulfilled_by_amazon,
        )


def _decode(
    data: Document,
    dataset: Dataset,
    expected: ExpectedReport,
    file_name: str,
    columns: tuple[str, ...],
    encode: Encoder,
) -> Records:
    sweep = read_sweep(data, dataset.key, expected, file_name)
    day = sweep.plan.business_date
    records = Records(file_name, columns, day, day)
    records.deliver(day)
    parts = [pair for call in sweep.calls for pair in good_parts(call, "getItemOffersBatch")]
    opinions = {part.asin: part for call in sweep.calls for _, part in good_parts(call, "getCompetitiveSummary")}
    doubled = _doubled([part for _, part in parts])
    for place, (call, part) in enumerate(parts):
        try:
            seen = _observe(call, part, opinions.get(part.asin), expected, is_doubled=place in doubled)
            rows = list(encode(seen, expected))
        except RowRefused as refused:
            records.reject(part.content, refused.problem, day=day, asin=part.asin)
            continue
        records.unknown_names |= seen.unknown_fields
        for row in rows:
            if isinstance(row, RowProblem):
                records.reject(part.content, row, day=day, asin=part.asin)
            else:
                records.accept(day, row, msgspec.json.encode(row))
    return records


def good_parts(call: AnsweredCall, operation: str) -> Iterator[tuple[AnsweredCall, Answered]]:
    """The parts of a call of ``operation`` that Amazon did not fail, in order."""
    if call.operation == operation:
        yield from ((call, part) for part in split_batch(call.answer, call.asins) if part.is_good)


def _doubled(parts: list[Answered]) -> frozenset[int]:
    """The places of parts about a product that has another: all but the first where they say the same, else all."""
    places: dict[str | None, list[int]] = {}
    for place, part in enumerate(parts):
        places.setdefault(part.asin, []).append(place)
    found: set[int] = set()
    for each in places.values():
        is_same = all(parts[place].body == parts[each[0]].body for place in each)
        found.update(each[1:] if is_same else each)
    return frozenset(found)


def _observe(
    call: AnsweredCall, part: Answered, opinion: Answered | None, expected: ExpectedReport, *, is_doubled: bool
) -> Observed:
    """What a part says of its product.

    Raises:
        RowRefused: it is of another product or store, in another currency, or unclear.
    """
    if is_doubled:
        raise RowRefused(RowProblem("ASIN", "the product stands more than once in the sweep"))
    if part.asin is None or part.asin not in call.asins:
        raise RowRefused(RowProblem("ASIN", "this product was not asked for"))
    item = read_offers(part)
    if item.marketplace_id not in (None, expected.marketplace_id):
        difference = f"asked for marketplace {expected.marketplace_id}, got {item.marketplace_id}"
        raise RowRefused(RowProblem("marketplaceId", difference))
    behind = max((offer.index for offer in item.offers), default=0) + 1
    offers = mark_featured(item, None if opinion is None else read_featured(opinion, behind))
    _check_currency(offers, expected.currency_code)
    instant = call.answered_at.astimezone(UTC).isoformat()
    return Observed(instant, part.asin, offers, item.unknown_fields)


def _check_currency(offers: tuple[Offer, ...], currency_code: str) -> None:
    for offer in offers:
        foreign = offer.currencies - {currency_code}
        if foreign:
            got = ", ".join(sorted(code or "none" for code in foreign))
            problem = RowProblem(f"Offers[{offer.index}]", f"the account's currency is {currency_code}, got {got}")
            raise RowRefused(problem)
