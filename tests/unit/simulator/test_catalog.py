"""Catalog Items behind the gateway: what is found, which sections come, what is refused, and who may ask."""

import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from starlette.testclient import TestClient

from simulator.catalog_sections import SECTIONS
from simulator.config import AccountConfig, ClockConfig, SellerConfig, SimulatorConfig
from simulator.faults.armoury import Armoury, Fault, Stage
from simulator.queries import Query, offset_of, page_token
from simulator.refusals import Refusal
from simulator.server import build_app
from simulator.simulation import Simulation
from simulator.world.history import AccountWorld
from simulator.world.kinds import Kind

MakeAccount = Callable[..., AccountConfig]
ITEMS = "/catalog/2022-04-01/items"
PLACE = {"marketplaceIds": "APJ6JRA9NG5V4"}


class Shop:
    """A simulation of one account with a vendor's and a seller's token, called without a process."""

    def __init__(self, account: AccountConfig) -> None:
        assert account.seller is not None
        config = SimulatorConfig(
            seed=7,
            start_date=date(2026, 3, 1),
            clock=ClockConfig(now=datetime(2026, 6, 15, 8, tzinfo=UTC), speed=100_000),
            control_token=secrets.token_hex(16),
            accounts=[account],
        )
        self.simulation = Simulation(config, "http://127.0.0.1:1")
        self.client = TestClient(build_app(self.simulation))
        self.vendor, self.seller = self._log_in(account), self._log_in(account.seller)

    def _log_in(self, partner: AccountConfig | SellerConfig) -> dict[str, str]:
        form = {
            "grant_type": "refresh_token",
            "client_id": partner.client_id,
            "client_secret": partner.client_secret.get_secret_value(),
            "refresh_token": partner.refresh_token.get_secret_value(),
        }
        answer = self.client.post("/auth/o2/token", data=form).raise_for_status().json()
        return {"x-amz-access-token": answer["access_token"]}

    @property
    def world(self) -> AccountWorld:
        return self.simulation.worlds.of(self.simulation.config.accounts[0])

    def ask(self, path: str = ITEMS, *, seller: bool = False, **query: str) -> tuple[int, Any]:
        headers = self.seller if seller else self.vendor
        answer = self.client.get(path, params={**PLACE, **query}, headers=headers)
        return answer.status_code, answer.json()


@pytest.fixture(scope="module")
def shop(make_account: MakeAccount) -> Shop:
    seller = {name: secrets.token_hex(8) for name in ("client_id", "client_secret", "refresh_token")}
    return Shop(make_account(asins=300, seller=seller | {"seller_id": "A2QUITEANID01"}))


@pytest.fixture(scope="module")
def live(shop: Shop) -> list[str]:
    day = shop.world.index_of(date(2026, 6, 15))
    return [asin for index, asin in enumerate(shop.world.catalogue.asins) if shop.world.pages.is_live(index, day)]


def test_only_the_sections_that_were_asked_for_come(shop: Shop, live: list[str]) -> None:
    _, plain = shop.ask(f"{ITEMS}/{live[0]}")
    assert set(plain) == {"asin", "summaries"}
    for name in SECTIONS:
        _, one = shop.ask(f"{ITEMS}/{live[0]}", includedData=name)
        assert set(one) == {"asin", name}


def test_items_come_in_the_order_asked_for_and_what_is_unknown_is_left_out(shop: Shop, live: list[str]) -> None:
    asked = [live[9], "B0NOWHERE1", live[2], live[9]]
    status, answer = shop.ask(identifiers=",".join(asked), identifiersType="ASIN")
    assert status == 200
    assert [item["asin"] for item in answer["items"]] == [live[9], live[2]]
    assert answer["numberOfResults"] == 2
    assert "pagination" not in answer


def test_twenty_identifiers_need_a_page_of_twenty(shop: Shop, live: list[str]) -> None:
    identifiers = ",".join(live[:20])
    _, first = shop.ask(identifiers=identifiers, identifiersType="ASIN")
    assert (len(first["items"]), first["numberOfResults"]) == (10, 20)
    token = first["pagination"]["nextToken"]
    _, second = shop.ask(identifiers=identifiers, identifiersType="ASIN", pageToken=token)
    assert [item["asin"] for item in first["items"] + second["items"]] == live[:20]
    assert set(second["pagination"]) == {"previousToken"}
    _, whole = shop.ask(identifiers=identifiers, identifiersType="ASIN", pageSize="20")
    assert len(whole["items"]) == 20


def test_keywords_find_brands_and_shelves_and_filters_narrow_them(shop: Shop) -> None:
    brand = shop.world.pages.families.brands[0]
    _, found = shop.ask(keywords=brand.lower(), pageSize="20")
    assert {item["summaries"][0]["brand"] for item in found["items"]} == {brand}
    refinements = found["refinements"]
    assert refinements["brands"] == [{"numberOfResults": found["numberOfResults"], "brandName": brand}]
    assert sum(one["numberOfResults"] for one in refinements["classifications"]) == found["numberOfResults"]
    shelf = refinements["classifications"][-1]
    _, narrowed = shop.ask(keywords=brand, classificationIds=shelf["classificationId"])
    assert narrowed["numberOfResults"] == shelf["numberOfResults"]
    _, other = shop.ask(keywords=brand, brandNames=shop.world.pages.families.brands[1])
    assert (other["numberOfResults"], other["items"]) == (0, [])


def test_a_gone_page_is_absent_in_a_search_and_404_alone(shop: Shop) -> None:
    gone = next(one for one in shop.world.script.between(100, 400) if one.kind is Kind.PAGE_GONE)
    asin = shop.world.catalogue.asins[gone.index]
    now = shop.simulation.clock.now()
    try:
        for day, is_live in ((gone.first_day - 1, True), (gone.first_day, False), (gone.last_day + 1, True)):
            shop.simulation.clock.set(datetime.combine(shop.world.date_of(day), datetime.min.time(), UTC))
            shop.simulation.clock.set(shop.simulation.clock.now().replace(hour=12))
            _, found = shop.ask(identifiers=asin, identifiersType="ASIN")
            assert [item["asin"] for item in found["items"]] == [asin] * is_live
            status, alone = shop.ask(f"{ITEMS}/{asin}")
            assert status == (200 if is_live else 404)
            if not is_live:
                message = f"Requested item, {asin}, not found in marketplace(s) APJ6JRA9NG5V4."
                assert alone["errors"] == [{"code": "NOT_FOUND", "message": message, "details": ""}]
    finally:
        shop.simulation.clock.set(now)


def test_images_come_in_several_sizes_and_the_largest_first(shop: Shop, live: list[str]) -> None:
    _, answer = shop.ask(identifiers=",".join(live[:20]), identifiersType="ASIN", pageSize="20", includedData="images")
    for item in answer["items"]:
        (place,) = item["images"]
        longest: dict[str, list[int]] = {}
        for image in place["images"]:
            longest.setdefault(image["variant"], []).append(max(image["width"], image["height"]))
        assert all(sizes == sorted(sizes, reverse=True) for sizes in longest.values())
        assert all(len(sizes) >= 2 for sizes in longest.values())


def test_a_seller_gets_the_catalogue_without_vendor_details_and_no_a_plus(shop: Shop, live: list[str]) -> None:
    status, item = shop.ask(f"{ITEMS}/{live[0]}", seller=True, includedData="summaries,images")
    assert (status, set(item)) == (200, {"asin", "summaries", "images"})
    status, refused = shop.ask(f"{ITEMS}/{live[0]}", seller=True, includedData="summaries,vendorDetails")
    assert (status, refused["errors"][0]["message"]) == (400, "FORBIDDEN")
    content = {"marketplaceId": "APJ6JRA9NG5V4"}
    key = shop.world.pages.documents.document(shop.world.pages.documents.numbers[0]).content_key
    assert shop.ask("/aplus/2020-11-01/contentDocuments", seller=True, **content)[1] == {"contentMetadataRecords": []}
    path = f"/aplus/2020-11-01/contentDocuments/{key}/asins"
    assert [shop.ask(path, seller=who, **content)[0] for who in (False, True)] == [200, 404]
    records = "/aplus/2020-11-01/contentPublishRecords"
    assert shop.ask(records, seller=True, asin=live[0], **content)[1] == {"publishRecordList": []}


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"identifiers": "B0NOWHERE1"},
        {"identifiers": "B0NOWHERE1", "identifiersType": "ISSN"},
        {"identifiers": "X", "identifiersType": "SKU"},
        {"identifiers": ",".join(f"B0NOWHER{number:02d}" for number in range(21)), "identifiersType": "ASIN"},
        {"identifiers": "B0NOWHERE1", "identifiersType": "ASIN", "keywords": "a"},
        {"identifiers": "B0NOWHERE1", "identifiersType": "ASIN", "brandNames": "a"},
        {"keywords": "a", "pageSize": "21"},
        {"keywords": "a", "pageSize": "ten"},
        {"keywords": "a", "includedData": "summaries,reviews"},
        {"keywords": "a", "locale": "qq_XX"},
        {"keywords": "a", "marketplaceIds": ""},
        {"keywords": "a", "marketplaceIds": "A1PA6795UKMFR9"},
        {"keywords": "a", "marketplaceIds": "APJ6JRA9NG5V4,A1PA6795UKMFR9"},
        {"keywords": "a", "pageToken": "no token"},
        {"keywords": "a", "pageToken": page_token(10, ("another",))},
    ],
)
def test_searches_that_make_no_sense_are_refused(shop: Shop, query: dict[str, str]) -> None:
    status, answer = shop.ask(**query)
    assert (status, answer["errors"][0]["code"]) == (400, "InvalidInput")


@given(offset=st.integers(0, 10**9), question=st.lists(st.text(max_size=20), max_size=4))
def test_a_page_token_leads_back_and_is_good_for_its_question_only(offset: int, question: list[str]) -> None:
    token = page_token(offset, question)
    assert offset_of(token, question) == offset
    with pytest.raises(Refusal):
        offset_of(token, [*question, "more"])


@given(st.lists(st.text(alphabet="AB0", min_size=1, max_size=4), max_size=8))
def test_lists_are_read_the_same_repeated_or_with_commas(values: list[str]) -> None:
    once = tuple(dict.fromkeys(values))
    assert Query([("identifiers", value) for value in values]).many("identifiers") == once
    assert Query([("identifiers", ",".join(values)), ("MarketplaceId", "X")]).many("identifiers") == once


def test_faults_of_answers_strike_where_they_belong() -> None:
    armoury = Armoury()
    armoury.arm([Fault(kind="answer_title_markup"), Fault(kind="answer_page_token_repeats")])
    assert armoury.strike(Stage.ANSWER, "getReports") is None
    assert armoury.strike(Stage.ANSWER, "getCatalogItem") is not None
    assert armoury.strike(Stage.NEXT_PAGE, "getCatalogItem") is None
    assert armoury.strike(Stage.NEXT_PAGE, "getReports") is not None
    with pytest.raises(ValidationError, match="strikes in getCatalogItem, searchCatalogItems only"):
        Fault(kind="answer_unknown_locale", operation="getReports")
