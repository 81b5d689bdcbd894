"""Product Pricing, versions v0 and 2022-05-01, as far as Daybreak asks: offers by ASIN, one by one and in batches."""

import asyncio
import re
import threading
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.config import AccountConfig
from simulator.gateway import Caller, Work
from simulator.login import Credential
from simulator.offer_book import OfferBook, Shelf, is_asin
from simulator.pricing_summary import INCLUDED_DATA, write_summary
from simulator.pricing_v0 import write_result
from simulator.refusals import Refusal, invalid_asin, invalid_input, parameters_missing, role_missing, unknown_asin

if TYPE_CHECKING:
    from simulator.simulation import Simulation

_CONDITIONS = frozenset({"New", "Used", "Collectible", "Refurbished", "Club"})
_CUSTOMERS = frozenset({"Consumer", "Business"})
_ITEM_URI = re.compile(r"/products/pricing/v0/items/([^/]+)/offers")
_SUMMARY_URI = "/products/pricing/2022-05-01/items/competitiveSummary"
_LARGEST_BATCH = 20
_REASONS = {400: "Bad Request", 403: "Forbidden", 404: "Not Found"}
Json = dict[str, Any]


class PricingOperations:
    """The operations themselves, behind the gateway. One call at a time: a market keeps its day in memory."""

    def __init__(self, simulation: "Simulation") -> None:
        self._simulation = simulation
        self._books: dict[str, OfferBook] = {}
        self.lock = threading.Lock()

    def item_offers(self, credential: Credential, asin: str, given: Json) -> Json:
        """The ``payload`` of getItemOffers.

        Raises:
            Refusal: 400 for a missing or wrong parameter or an unknown ASIN, 403 for a marketplace of somebody else.
        """
        missing = [name for name in ("MarketplaceId", "ItemCondition") if not given.get(name)]
        if missing:
            raise parameters_missing(missing)
        condition, customer = given["ItemCondition"], given.get("CustomerType") or "Consumer"
        if condition not in _CONDITIONS or customer not in _CUSTOMERS:
            raise invalid_input()
        account = self._account(credential, given["MarketplaceId"], "getItemOffers")
        shelf = self._shelf(account, asin)
        if shelf is None:
            raise unknown_asin(asin, account.marketplace_id)
        return write_result(shelf, account, condition, self._book(account).world.market.own_seller_id)

    def item_offers_batch(self, credential: Credential, body: bytes) -> Json:
        """The answer of getItemOffersBatch: each item with a status of its own, in the order of the requests."""
        return {"responses": [self._item_answer(credential, item) for item in _requests(body)]}

    def summaries(self, credential: Credential, body: bytes) -> Json:
        """The answer of getCompetitiveSummary: each item with a status of its own, in the order of the requests."""
        return {"responses": [self._summary_answer(credential, item) for item in _requests(body)]}

    def _item_answer(self, credential: Credential, item: Json) -> Json:
        found = _ITEM_URI.fullmatch(str(item.get("uri", "")))
        asin = found.group(1) if found else ""
        now = self._simulation.clock.now()
        names = ("MarketplaceId", "CustomerType", "ItemCondition")

        def answer() -> Json:
            if found is None or item.get("method") != "GET":
                raise invalid_input()
            return {"payload": self.item_offers(credential, asin, item)}

        status, reply = _attempt(answer, {})
        return {
            "headers": {"x-amzn-RequestId": _request_id(asin, now), "Date": format_datetime(now, usegmt=True)},
            "status": {"statusCode": status, "reasonPhrase": _REASONS.get(status, "OK")},
            "body": reply,
            "request": {"Asin": asin} | {name: item[name] for name in names if isinstance(item.get(name), str)},
        }

    def _summary_answer(self, credential: Credential, item: Json) -> Json:
        head = {"asin": str(item.get("asin", "")), "marketplaceId": str(item.get("marketplaceId", ""))}

        def answer() -> Json:
            included, conditions = _read_summary_item(item)
            if not is_asin(head["asin"]):
                raise invalid_asin(head["asin"])
            account = self._account(credential, head["marketplaceId"], "getCompetitiveSummary")
            shelf = self._shelf(account, head["asin"])
            if shelf is None:
                raise invalid_asin(head["asin"])
            return write_summary(shelf, account, included, conditions)

        status, reply = _attempt(answer, head)
        return {"status": {"statusCode": status, "reasonPhrase": _REASONS.get(status, "Success")}, "body": reply}

    def _account(self, credential: Credential, marketplace_id: str, operation: str) -> AccountConfig:
        for account in credential.accounts:
            if account.marketplace_id == marketplace_id:
                return account
        raise role_missing(operation)

    def _book(self, account: AccountConfig) -> OfferBook:
        if account.account_id not in self._books:
            self._books[account.account_id] = OfferBook(self._simulation.worlds.of(account))
        return self._books[account.account_id]

    def _shelf(self, account: AccountConfig, asin: str) -> Shelf | None:
        return self._book(account).shelf(asin, self._simulation.clock.now())


def _attempt(answer: Callable[[], Json], head: Json) -> tuple[int, Json]:
    try:
        return 200, answer()
    except Refusal as refusal:
        return refusal.status, head | refusal.body()


def _requests(body: bytes) -> list[Json]:
    """The items of a batch.

    Raises:
        Refusal: 400 for no JSON, no list, none or more than twenty items.
    """
    try:
        raw = msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise invalid_input() from None
    requests = raw.get("requests") if isinstance(raw, dict) else None
    if not isinstance(requests, list) or not all(isinstance(item, dict) for item in requests):
        raise invalid_input()
    if not 1 <= len(requests) <= _LARGEST_BATCH:
        raise invalid_input()
    return requests


def _read_summary_item(item: Json) -> tuple[list[str], list[str]]:
    """Sections and conditions that the item asks for.

    Raises:
        Refusal: 400 for a missing or unknown value.
    """
    missing = [name for name in ("asin", "marketplaceId", "includedData", "method", "uri") if not item.get(name)]
    if missing:
        raise parameters_missing(missing)
    included, inputs = item["includedData"], item.get("lowestPricedOffersInputs") or [{"itemCondition": "New"}]
    if not isinstance(included, list) or not set(map(str, included)) <= set(INCLUDED_DATA):
        raise invalid_input()
    if item["method"] != "GET" or item["uri"] != _SUMMARY_URI:
        raise invalid_input()
    if not isinstance(inputs, list) or len(inputs) > 5 or not all(isinstance(each, dict) for each in inputs):
        raise invalid_input()
    conditions = [str(each.get("itemCondition", "New")) for each in inputs]
    if not set(conditions) <= _CONDITIONS or any(each.get("offerType", "Consumer") != "Consumer" for each in inputs):
        raise invalid_input()
    return included, conditions


def _request_id(asin: str, now: datetime) -> str:
    return str(uuid5(NAMESPACE_URL, f"{asin} {now.isoformat()}"))


def pricing_router(simulation: "Simulation") -> APIRouter:
    """getItemOffers, getItemOffersBatch, getCompetitiveSummary; only the Pricing role opens them."""
    router = APIRouter()
    operations = PricingOperations(simulation)
    answer = simulation.gateway.answer

    def apart(make: Callable[[Caller], Json]) -> Work:
        """The work of a call in a thread of its own: the first of a day may have weeks to replay."""

        def alone(caller: Caller) -> Response:
            with operations.lock:
                return JSONResponse(make(caller))

        async def work(caller: Caller) -> Response:
            return await asyncio.to_thread(alone, caller)

        return work

    @router.get("/products/pricing/v0/items/{asin}/offers")
    async def get_item_offers(request: Request, asin: str) -> Response:
        given = dict(request.query_params)

        def payload(caller: Caller) -> Json:
            return {"payload": operations.item_offers(caller.credential, asin, given)}

        return await answer(request, "getItemOffers", apart(payload))

    @router.post("/batches/products/pricing/v0/itemOffers")
    async def get_item_offers_batch(request: Request) -> Response:
        body = await request.body()

        return await answer(
            request, "getItemOffersBatch", apart(lambda caller: operations.item_offers_batch(caller.credential, body))
        )

    @router.post(f"/batches{_SUMMARY_URI}")
    async def get_competitive_summary(request: Request) -> Response:
        body = await request.body()

        return await answer(
            request, "getCompetitiveSummary", apart(lambda caller: operations.summaries(caller.credential, body))
        )

    return router
