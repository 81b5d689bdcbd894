"""A sweep's document as rows: who holds the Buy Box, at which prices, and what cannot be told."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from daybreak.landing.failures import UnreadableDocument, WrongDocument
from daybreak.landing.sweeps import AnsweredCall
from tests.unit.landing.sweep_documents import (
    AMAZON,
    AMAZON_TOO,
    ASIN,
    DAY,
    EXPECTED,
    OTHER,
    OWN,
    RIVAL,
    SEEN_AT,
    buy_box,
    call,
    decode,
    document,
    failed,
    featured,
    item,
    money,
    offer,
    rows,
    snapshot,
    summary,
)


def owner(*offers: dict[str, Any], **how: Any) -> tuple[str | None, str | None]:
    row = snapshot(*offers, **how)
    return row["owner_code"], row["winner_seller_id"]


def refusals(*calls: AnsweredCall, dataset: str = "offer_snapshot") -> list[tuple[str | None, str]]:
    records = decode(dataset, *calls)
    return [(row.asin, row.reason) for row in records.rejected]


@pytest.mark.parametrize(
    ("seller_id", "owner_code"),
    [(AMAZON, "amazon"), (AMAZON_TOO, "amazon"), (OWN, "own"), (RIVAL, "other"), ("NEVERSEENBEFORE", "other")],
)
def test_the_owner_is_told_by_the_winners_seller_id(seller_id: str, owner_code: str) -> None:
    assert owner(offer(seller_id, wins=True), offer(OTHER, 9)) == (owner_code, seller_id)


def test_new_offers_without_a_featured_one_are_a_suppressed_buy_box_and_no_offers_are_none() -> None:
    assert owner(offer(RIVAL), offer(AMAZON)) == ("suppressed", None)
    assert owner() == ("none", None)
    assert snapshot()["offer_count"] == "0"


def test_a_product_without_offers_may_come_without_a_list() -> None:
    [row] = rows(decode("offer_snapshot", call(item(status="NoBuyableOffers", Offers=None))))
    assert row["owner_code"] == "none"


@pytest.mark.parametrize(
    ("first", "second", "winner"),
    [(RIVAL, AMAZON, "amazon"), (RIVAL, OWN, "own"), (OWN, AMAZON, "amazon"), (OTHER, RIVAL, "other")],
)
def test_of_two_featured_offers_ours_holds_the_buy_box(first: str, second: str, winner: str) -> None:
    row = snapshot(offer(first, wins=True), offer(second, wins=True))
    assert (row["owner_code"], row["is_split"]) == (winner, "true")
    if winner == "other":
        assert row["winner_seller_id"] == RIVAL  # ties by seller id


def test_prices_are_landed_prices_of_new_offers_by_owner() -> None:
    row = snapshot(
        offer(RIVAL, 8.5, wins=True, Shipping=money(1.25)),
        offer(OTHER, 9.70, Shipping=None),
        offer(AMAZON, 12, LandedPrice=money(11.99)),
        offer(OWN, 11.5),
        offer(OTHER, 1, SubCondition="used_good"),
    )
    assert row["winner_price_amount"] == "9.75"
    assert row["lowest_other_price_amount"] == "9.7"
    assert row["amazon_price_amount"] == "11.99"
    assert row["our_price_amount"] == "11.5"
    assert row["offer_count"] == "4"
    assert (row["has_amazon_offer"], row["is_split"], row["currency_code"]) == ("true", "false", "EUR")
    assert row["observed_at"] == SEEN_AT.isoformat()
    assert row["business_date"] == DAY.isoformat()


@pytest.mark.parametrize("price", [0, -3, None, 0.0])
def test_a_price_of_0_or_none_is_no_price_and_the_offer_is_one_still(price: float | None) -> None:
    row = snapshot(offer(AMAZON, price, wins=True), offer(RIVAL, price), offer(OTHER, 7))
    assert row["winner_price_amount"] is None
    assert row["amazon_price_amount"] is None
    assert row["lowest_other_price_amount"] == "7"
    assert (row["owner_code"], row["has_amazon_offer"], row["offer_count"]) == ("amazon", "true", "3")


def test_names_are_read_in_any_case_and_both_of_amazons_spellings_of_the_marketplace() -> None:
    plain = item(offer(AMAZON, wins=True))
    payload = plain["body"]["payload"]
    payload["MarketplaceID"] = payload.pop("marketplaceId")
    camel = json.loads(json.dumps(plain).replace('"SellerId"', '"sellerId"').replace('"Amount"', '"amount"'))
    assert rows(decode("offer_snapshot", call(camel))) == rows(
        decode("offer_snapshot", call(item(offer(AMAZON, wins=True))))
    )


def test_without_a_flag_the_seller_of_the_buy_box_price_holds_it() -> None:
    named = {"TotalOfferCount": 2, "BuyBoxPrices": [buy_box(9, sellerId=RIVAL)]}
    assert owner(offer(RIVAL, 9), offer(AMAZON, 10), Summary=named) == ("other", RIVAL)
    unnamed = {"TotalOfferCount": 2, "BuyBoxPrices": [buy_box(10)]}
    assert owner(offer(RIVAL, 9), offer(AMAZON, 10), Summary=unnamed) == ("amazon", AMAZON)


def test_prices_for_companies_and_quantities_are_nobodys_buy_box() -> None:
    prices = [buy_box(9, sellerId=RIVAL, offerType="B2B"), buy_box(8, sellerId=RIVAL, quantityTier=20)]
    used = buy_box(3, sellerId=RIVAL, condition="used")
    assert owner(offer(RIVAL, 9), Summary={"BuyBoxPrices": [*prices, used]}) == ("suppressed", None)
    assert owner(offer(RIVAL, 9, wins=True, offerType="B2B"), offer(AMAZON, wins=True)) == ("amazon", AMAZON)


def test_a_buy_box_price_that_several_sellers_ask_is_put_aside() -> None:
    unclear = item(offer(RIVAL, 9), offer(AMAZON, 9), Summary={"BuyBoxPrices": [buy_box(9)]})
    assert rows(decode("offer_snapshot", call(unclear))) == []
    [(asin, reason)] = refusals(call(unclear))
    assert asin == ASIN
    assert "no offer says whose it is" in reason


def test_the_second_opinion_decides_who_is_featured() -> None:
    flagged = (offer(RIVAL, 9, wins=True), offer(AMAZON, 10))
    assert owner(*flagged, opinion=summary(featured(AMAZON, 10))) == ("amazon", AMAZON)
    assert owner(*flagged, opinion=summary()) == ("suppressed", None)
    row = snapshot(*flagged, opinion=summary(featured(AMAZON, 10), featured(RIVAL, 9)))
    assert (row["owner_code"], row["is_split"]) == ("amazon", "true")


def test_a_second_opinion_that_failed_or_says_nothing_leaves_the_first() -> None:
    flagged = item(offer(RIVAL, 9, wins=True))
    for opinion in (failed(), {**summary(), "body": {"asin": ASIN, "featuredBuyingOptions": None}}):
        calls = call(flagged), call(opinion, asins=(ASIN,), operation="getCompetitiveSummary")
        [row] = rows(decode("offer_snapshot", *calls))
        assert row["owner_code"] == "other"


def test_an_offer_that_only_the_second_opinion_names_is_an_offer() -> None:
    opinion = summary(featured(AMAZON, 10, fulfilment="AFN", shipping=2.5))
    row = snapshot(offer(RIVAL, 9, wins=True), opinion=opinion)
    assert (row["owner_code"], row["winner_price_amount"], row["offer_count"]) == ("amazon", "12.5", "2")
    calls = call(item(offer(RIVAL, 9, wins=True))), call(opinion, operation="getCompetitiveSummary")
    listed = [(row["seller_id"], row["offer_index"], row["is_featured"]) for row in rows(decode("offer", *calls))]
    assert listed == [(RIVAL, "1", "false"), (AMAZON, "2", "true")]


def test_of_a_sellers_two_offers_the_one_shipped_as_summarised_is_featured() -> None:
    two = item(offer(RIVAL, 9), offer(RIVAL, 10, IsFulfilledByAmazon=True))
    opinion = summary(featured(RIVAL, 9, fulfilment="AFN"))
    made = rows(decode("offer", call(two), call(opinion, operation="getCompetitiveSummary")))
    assert [(row["offer_index"], row["is_featured"]) for row in made] == [("1", "false"), ("2", "true")]


def test_every_new_offer_is_a_row_with_what_amazon_said_of_it() -> None:
    made = rows(
        decode(
            "offer",
            call(
                item(
                    offer(RIVAL, 9.5, wins=True, Shipping=money(1), PrimeInformation={"IsPrime": True}),
                    offer(AMAZON, 0, PrimeInformation=None, IsFulfilledByAmazon=None, Shipping=None, SubCondition=None),
                )
            ),
        )
    )
    told = ("seller_id", "offer_index", "landed_price_amount", "listing_price_amount", "shipping_amount")
    flags = ("condition_code", "is_featured", "is_prime", "is_fulfilled_by_amazon")
    assert [tuple(row[name] for name in (*told, *flags)) for row in made] == [
        (RIVAL, "1", "10.5", "9.5", "1", "new", "true", "true", "false"),
        (AMAZON, "2", None, None, None, None, "false", None, None),
    ]


def test_a_product_that_failed_was_not_seen_and_is_no_row_and_no_refusal() -> None:
    second = "B000000002"
    records = decode("offer_snapshot", call(item(offer(AMAZON, wins=True)), failed(second)))
    assert [row["asin"] for row in rows(records)] == [ASIN]
    assert records.rejected == []


def test_a_product_that_amazon_listed_only_now_was_not_seen() -> None:
    soon = item(status="ActiveButTooSoonForProcessing", Summary={"OffersAvailableTime": "2026-11-24T00:00:00Z"})
    records = decode("offer_snapshot", call(soon))
    assert (rows(records), records.rejected) == ([], [])


WRONG = {
    "another currency": (item(offer(RIVAL, 9, ListingPrice=money(9, "USD"))), "the account's currency is EUR, got USD"),
    "no currency": (item(offer(RIVAL, 9, ListingPrice={"Amount": 9})), "the account's currency is EUR, got none"),
    "another store": (item(offer(RIVAL), marketplaceId="ATVPDKIKX0DER"), "asked for marketplace APJ6JRA9NG5V4"),
    "no list": (item(offer(RIVAL), Offers={"odd": 1}), "there is no list of offers"),
    "a price in words": (item(offer(RIVAL, ListingPrice=money("9,90"))), "the amount is no number: '9,90'"),
    "a winner without a name": (item(offer(None, wins=True)), "the featured offer names no seller"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_read_is_put_aside_with_its_reason_and_the_others_stay(case: str) -> None:
    bad, reason = WRONG[case]
    good = item(offer(AMAZON, wins=True), asin="B000000002")
    records = decode("offer_snapshot", call(bad, good))
    assert [row["asin"] for row in rows(records)] == ["B000000002"]
    [refused] = records.rejected
    assert (refused.asin, refused.business_date) == (ASIN, DAY)
    assert reason in refused.reason
    assert json.loads(refused.raw_row)["body"]["payload"]["ASIN"] == ASIN
    assert records.row_count == 2


def test_an_offer_without_a_seller_is_put_aside_alone() -> None:
    records = decode("offer", call(item(offer(None, 8), offer(AMAZON, 9, wins=True))))
    assert [row["seller_id"] for row in rows(records)] == [AMAZON]
    assert [row.reason for row in records.rejected] == ["$.Offers[1].SellerId: the offer names no seller"]
    assert snapshot(offer(None, 8), offer(AMAZON, 9, wins=True))["lowest_other_price_amount"] is None


def test_a_product_that_was_not_asked_for_is_put_aside() -> None:
    stranger = item(offer(AMAZON, wins=True), asin="B00STRANGE")
    assert refusals(call(stranger, asins=(ASIN,))) == [("B00STRANGE", "$.ASIN: this product was not asked for")]


def test_a_product_that_stands_twice_counts_once_where_both_say_the_same_and_never_where_they_differ() -> None:
    same = item(offer(AMAZON, wins=True))
    records = decode("offer_snapshot", call(same, same))
    assert ([row["asin"] for row in rows(records)], len(records.rejected)) == ([ASIN], 1)
    records = decode("offer_snapshot", call(same, item(offer(RIVAL, wins=True))))
    assert (rows(records), len(records.rejected)) == ([], 2)


def test_fields_that_nobody_knows_are_told() -> None:
    odd = item(offer(AMAZON, wins=True, Sustainability="A"), dealBadge=True)
    records = decode("offer_snapshot", call(odd))
    rows(records)
    assert records.unknown_fields == ("Offers[].sustainability", "dealbadge")


def test_a_batch_that_was_refused_has_no_rows_and_the_day_is_delivered_all_the_same() -> None:
    refused = AnsweredCall(
        operation="getItemOffersBatch",
        requested_at=SEEN_AT,
        answered_at=SEEN_AT,
        asins=(ASIN,),
        refused="Invalid Input",
    )
    records = decode("offer_snapshot", refused)
    assert rows(records) == []
    assert set(records.slices) == {DAY}


def test_a_sweep_that_crosses_midnight_belongs_to_the_day_it_began_on() -> None:
    late = replace_time(call(item(offer(AMAZON, wins=True))), timedelta(hours=13))
    [row] = rows(decode("offer_snapshot", late))
    assert (row["business_date"], row["observed_at"]) == ("2026-11-23", "2026-11-24T01:00:07+00:00")


def replace_time(made: AnsweredCall, later: timedelta) -> AnsweredCall:
    return AnsweredCall(
        operation=made.operation,
        requested_at=made.requested_at + later,
        answered_at=made.answered_at + later,
        asins=made.asins,
        answer=made.answer,
    )


def test_the_sweep_of_another_day_is_refused() -> None:
    with pytest.raises(WrongDocument, match="day: asked 2026-11-22, got 2026-11-23"):
        decode("offer", expected=replace(EXPECTED, window_start=DAY - timedelta(days=1)))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"responses": []}\n', "line 1 is no plan of a sweep"),
        (document() + b'{"operation": "getOrders"}\n', "line 2 is no call of a sweep"),
        (document(call(item()))[:-40], "line 2 is no call of a sweep"),
    ],
)
def test_a_document_that_is_no_sweep_is_refused_with_the_line(content: bytes, words: str) -> None:
    from daybreak.datasets import DATASETS
    from daybreak.landing.decoding import decode_document

    with pytest.raises(UnreadableDocument, match=words):
        decode_document(content, DATASETS["offer"], EXPECTED, "sweep.bin")
