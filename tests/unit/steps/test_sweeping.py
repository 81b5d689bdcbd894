"""A sweep's calls without a warehouse: what is asked in which order, what is kept as received, what stops it."""

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from daybreak.landing.buy_box import Sellers
from daybreak.landing.parts import Parts
from daybreak.landing.sweeps import Plan, decode_call, encode_line
from daybreak.spapi.credentials import SellingPartnerCredential
from daybreak.spapi.failures import AccessDenied, QuotaExceeded, ServiceUnavailable
from daybreak.spapi.quota import LocalQuota
from daybreak.spapi.session import SellingPartnerSession
from daybreak.spapi.tokens import TokenStore
from daybreak.steps import sweeping
from daybreak.steps.sweeping import MOST_TRIES, Question, Sweep
from tests.unit.landing.sweep_documents import AMAZON, RIVAL, failed, item, offer, summary
from tests.unit.spapi.fake_amazon import MARKETPLACE_ID, FakeAmazon, answer, as_json, refusal

SELLERS = Sellers(frozenset({AMAZON}), frozenset())
OFFERS = ("POST", "/batches/products/pricing/v0/itemOffers")
SUMMARIES = ("POST", "/batches/products/pricing/2022-05-01/items/competitiveSummary")


class FreeQuota(LocalQuota):
    """Amazon's pace is no concern here."""

    def take(self, operation: str, rate: float, burst: float) -> float:
        return 0.0


@pytest.fixture
def amazon() -> Iterator[FakeAmazon]:
    server = FakeAmazon()
    yield server
    server.stop()


@pytest.fixture
def session(amazon: FakeAmazon) -> Iterator[SellingPartnerSession]:
    credential = SellingPartnerCredential(
        credential_id="seller_de",
        refresh_token=f"Atzr|{secrets.token_hex(24)}",
        client_id=f"client.{secrets.token_hex(16)}",
        client_secret=secrets.token_hex(32),
        endpoint=amazon.address,
        login_url=f"{amazon.address}/auth/o2/token",
    )
    with SellingPartnerSession(
        credential, MARKETPLACE_ID, None, FreeQuota(), timeout_seconds=5, patience_seconds=0, tokens=TokenStore()
    ) as opened:
        yield opened


def begin(folder: Path, *asins: str) -> Sweep:
    now = datetime.now(UTC)
    parts = Parts(folder)
    plan = Plan(business_date=now.date(), planned_at=now, until=now + timedelta(hours=1), asins=asins)
    parts.write(0, [encode_line(plan)])
    return resume(folder)


def resume(folder: Path) -> Sweep:
    sweep = Sweep.resume(Parts(folder), SELLERS)
    assert sweep is not None
    return sweep


def asin(number: int) -> str:
    return f"B{number:09d}"


def batch(*parts: dict[str, Any]) -> Any:
    return as_json(200, {"responses": list(parts)})


def test_20_products_are_asked_for_at_once_as_amazon_documents_it(
    amazon: FakeAmazon, session: SellingPartnerSession, tmp_path: Path
) -> None:
    sweep = begin(tmp_path, *map(asin, range(25)))
    question = sweep.next_question()
    assert question == Question("getItemOffersBatch", tuple(map(asin, range(20))))
    amazon.on(*OFFERS, batch(*(item(offer(AMAZON, wins=True), asin=asin(n)) for n in range(20))))
    sweep.ask(question, session)
    asked = amazon.asked[-1].document["requests"]
    assert len(asked) == 20
    assert asked[0] == {
        "uri": f"/products/pricing/v0/items/{asin(0)}/offers",
        "method": "GET",
        "MarketplaceId": MARKETPLACE_ID,
        "ItemCondition": "New",
        "CustomerType": "Consumer",
    }
    assert sweep.next_question() == Question("getItemOffersBatch", tuple(map(asin, range(20, 25))))


def test_the_answer_is_kept_as_received_on_one_line(
    amazon: FakeAmazon, session: SellingPartnerSession, tmp_path: Path
) -> None:
    body = b'{\r\n "responses": [ {"status": {"statusCode": 404}, "price": 19.900, "big": 123456789012345678901} ]\n}'
    amazon.on(*OFFERS, answer(200, body, Content_Type="application/json"))
    sweep = begin(tmp_path, asin(1))
    sweep.ask(Question("getItemOffersBatch", (asin(1),)), session)
    [line] = sweep.parts.lines(1)
    assert b'"price": 19.900, "big": 123456789012345678901' in line
    kept = decode_call(line)
    assert bytes(kept.answer) == body.replace(b"\r", b" ").replace(b"\n", b" ")
    assert kept.asins == (asin(1),)
    assert kept.requested_at <= kept.answered_at


def test_doubtful_products_are_asked_about_at_the_competitive_summary(
    amazon: FakeAmazon, session: SellingPartnerSession, tmp_path: Path
) -> None:
    sweep = begin(tmp_path, asin(1), asin(2), asin(3), asin(4), asin(5))
    parts = (
        item(offer(AMAZON, wins=True), asin=asin(1)),
        item(offer(RIVAL, wins=True), asin=asin(2)),
        item(offer(AMAZON, wins=True), offer(RIVAL, wins=True), asin=asin(3)),
        item(offer(AMAZON), asin=asin(4)),
        item(asin=asin(5)),
    )
    amazon.on(*OFFERS, batch(*parts))
    amazon.on(*SUMMARIES, batch(*(summary(asin=asin(n)) for n in (2, 3, 4))))
    while question := sweep.next_question():
        sweep.ask(question, session)
    asked = amazon.asked[-1].document["requests"]
    assert [each["asin"] for each in asked] == [asin(2), asin(3), asin(4)]
    assert asked[0]["includedData"] == ["featuredBuyingOptions"]
    assert sweep.left_out() == {}


def test_a_vendors_refusal_of_the_second_opinion_ends_the_asking_and_not_the_sweep(
    amazon: FakeAmazon, session: SellingPartnerSession, tmp_path: Path
) -> None:
    sweep = begin(tmp_path, *map(asin, range(30)))
    every = [item(offer(RIVAL, wins=True), asin=asin(n)) for n in range(30)]
    amazon.on(*OFFERS, batch(*every[:20]), batch(*every[20:]))
    amazon.on(*SUMMARIES, refusal(403, "Unauthorized", "Access to requested resource is denied."))
    while question := sweep.next_question():
        sweep.ask(question, session)
    assert len(sweep.parts.lines(3)) == 1
    assert sweep.has_answers
    assert sweep.left_out() == {}
    assert resume(tmp_path).next_question() is None


def test_a_refused_credential_stops_the_sweep(
    amazon: FakeAmazon, session: SellingPartnerSession, tmp_path: Path
) -> None:
    sweep = begin(tmp_path, asin(1))
    amazon.on(*OFFERS, refusal(403, "Unauthorized", "Access to requested resource is denied."))
    with pytest.raises(AccessDenied):
        sweep.ask(Question("getItemOffersBatch", (asin(1),)), session)
    assert not sweep.parts.has(1)


def test_a_refused_batch_is_left_out_with_amazons_words_and_the_next_one_is_asked(
    amazon: FakeAmazon, session: SellingPartnerSession, tmp_path: Path
) -> None:
    sweep = begin(tmp_path, *map(asin, range(21)))
    good = batch(item(offer(AMAZON, wins=True), asin=asin(20)))
    amazon.on(*OFFERS, refusal(400, "InvalidInput", "Invalid Input"), good)
    while question := sweep.next_question():
        sweep.ask(question, session)
    gaps = sweep.left_out()
    assert set(gaps) == set(map(asin, range(20)))
    code, reason = gaps[asin(0)]
    assert code == "refused"
    assert "Invalid Input" in reason


def test_a_batch_that_fails_again_and_again_does_not_hold_up_the_others(
    amazon: FakeAmazon, session: SellingPartnerSession, tmp_path: Path
) -> None:
    sweep = begin(tmp_path, asin(1))
    amazon.on(*OFFERS, refusal(503, "ServiceUnavailable", "busy"))
    question = Question("getItemOffersBatch", (asin(1),))
    for _ in range(MOST_TRIES - 1):
        with pytest.raises(ServiceUnavailable):
            sweep.ask(question, session)
    sweep.ask(question, session)
    assert sweep.next_question() is None
    assert sweep.left_out()[asin(1)][0] == "refused"


def test_a_wait_for_the_quota_is_no_try(amazon: FakeAmazon, session: SellingPartnerSession, tmp_path: Path) -> None:
    sweep = begin(tmp_path, asin(1))
    amazon.on(*OFFERS, answer(429))
    for _ in range(MOST_TRIES + 2):
        with pytest.raises(QuotaExceeded):
            sweep.ask(Question("getItemOffersBatch", (asin(1),)), session)
    assert sweep.left_out()[asin(1)][0] == "not_reached"


def test_an_answer_that_does_not_speak_of_a_product_leaves_it_out(
    amazon: FakeAmazon, session: SellingPartnerSession, tmp_path: Path
) -> None:
    sweep = begin(tmp_path, asin(1), asin(2))
    amazon.on(*OFFERS, batch(item(offer(AMAZON, wins=True), asin=asin(1))))
    while question := sweep.next_question():
        sweep.ask(question, session)
    assert sweep.left_out() == {asin(2): ("refused", "Amazon's answer does not speak of the product")}


def test_nothing_planned_is_no_sweep(tmp_path: Path) -> None:
    assert Sweep.resume(Parts(tmp_path / "none"), SELLERS) is None


@st.composite
def worlds(draw: st.DrawFn) -> tuple[int, dict[str, list[int]]]:
    """How many products, and by product the statuses that Amazon gives it in turn; the last one stays."""
    count = draw(st.integers(1, 50))
    status = st.lists(st.sampled_from([200, 200, 200, 404, 429, 500]), min_size=1, max_size=3)
    return count, {asin(number): draw(status) for number in range(count)}


@hypothesis_settings(max_examples=40, deadline=None)
@given(worlds(), st.data())
def test_however_often_it_is_killed_every_product_is_asked_for_once_and_passing_failures_once_more(
    tmp_path_factory: pytest.TempPathFactory, world: tuple[int, dict[str, list[int]]], data: st.DataObject
) -> None:
    count, statuses = world
    folder = tmp_path_factory.mktemp("parts")
    asked: dict[str, int] = {}

    def fetch(_: object, asins: tuple[str, ...]) -> bytes:
        parts = []
        for each in asins:
            turn = asked.get(each, 0)
            asked[each] = turn + 1
            status = statuses[each][min(turn, len(statuses[each]) - 1)]
            parts.append(item(offer(AMAZON, wins=True), asin=each) if status == 200 else failed(each, status))
        return json.dumps({"responses": parts}).encode()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweeping, "FETCHERS", {"getItemOffersBatch": fetch})
        sweep = begin(folder, *map(asin, range(count)))
        while question := sweep.next_question():
            sweep.ask(question, None)  # type: ignore[arg-type]
            if data.draw(st.booleans()):
                sweep = resume(folder)
    first = {each: turns[0] for each, turns in statuses.items()}
    assert asked == {each: 1 + (first[each] in (429, 500)) for each in statuses}
    last = {each: turns[min(asked[each], len(turns)) - 1] for each, turns in statuses.items()}
    assert set(sweep.left_out()) == {each for each, status in last.items() if status != 200}
