"""The Catalog Items API, version 2022-04-01."""

import asyncio
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.catalog_answers import search, single
from simulator.catalog_search import read_included, read_place, read_question
from simulator.gateway import Caller
from simulator.queries import Query
from simulator.refusals import unknown_item, unparsable
from simulator.world.history import AccountWorld

if TYPE_CHECKING:
    from simulator.simulation import Simulation

_ROOT = "/catalog/2022-04-01"
_ASIN_LENGTH = 10


def today_of(simulation: "Simulation", world: AccountWorld) -> int:
    """The day index of the account's present day."""
    return world.index_of(simulation.clock.today(world.account.time_zone))


def _search(simulation: "Simulation", caller: Caller, query: Query) -> dict[str, Any]:
    question = read_question(query, caller.credential)
    world = simulation.worlds.of(question.account)
    return search(world, question, today_of(simulation, world))


def _get(simulation: "Simulation", caller: Caller, asin: str, query: Query) -> dict[str, Any]:
    account = read_place(query, caller.credential)
    included = read_included(query, caller.credential, account)
    if len(asin) != _ASIN_LENGTH or not (asin.isascii() and asin.isalnum()):
        raise unparsable()
    world = simulation.worlds.of(account)
    page = world.pages.page(asin, today_of(simulation, world))
    if page is None:
        raise unknown_item(asin, account.marketplace_id)
    return single(world, page, included)


def catalog_router(simulation: "Simulation") -> APIRouter:
    """searchCatalogItems, getCatalogItem."""
    router = APIRouter(prefix=_ROOT)
    answer = simulation.gateway.answer

    @router.get("/items")
    async def search_catalog_items(request: Request) -> Response:
        async def work(caller: Caller) -> Response:
            query = Query(request.query_params.multi_items())
            return JSONResponse(await asyncio.to_thread(_search, simulation, caller, query))

        return await answer(request, "searchCatalogItems", work)

    @router.get("/items/{asin}")
    async def get_catalog_item(request: Request, asin: str) -> Response:
        async def work(caller: Caller) -> Response:
            query = Query(request.query_params.multi_items())
            return JSONResponse(await asyncio.to_thread(_get, simulation, caller, asin, query))

        return await answer(request, "getCatalogItem", work)

    return router
