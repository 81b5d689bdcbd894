"""The A+ Content Management API, version 2020-11-01, as far as it reads."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.aplus_answers import list_documents, list_relations, publish_records, relations_page, show_document
from simulator.catalog_api import today_of
from simulator.gateway import Caller
from simulator.login import Credential
from simulator.queries import Query, offset_of
from simulator.refusals import invalid_input, parameters_missing, unknown_content
from simulator.world.aplus import Document
from simulator.world.history import AccountWorld

if TYPE_CHECKING:
    from simulator.simulation import Simulation

_ROOT = "/aplus/2020-11-01"
_NOT_VALID = "The request is not valid, please check the inputs and try again."
_DATA_SETS = frozenset({"CONTENTS", "METADATA"})
_SHORTEST_ASIN = 10


class ContentOperations:
    """The operations themselves, behind the gateway. A+ content is the vendor's: a seller's token finds none."""

    def __init__(self, simulation: "Simulation") -> None:
        self._simulation = simulation

    def search_documents(self, caller: Caller, query: Query) -> dict[str, Any]:
        world = self._world(query, caller.credential)
        terms = (caller.operation, world.account.marketplace_id)
        offset = offset_of(query.one("pageToken"), terms)
        if caller.credential.kind != "vendor":
            return {"contentMetadataRecords": []}
        return list_documents(world, offset, terms)

    def get_document(self, caller: Caller, content_key: str, query: Query) -> dict[str, Any]:
        world = self._world(query, caller.credential)
        wanted = query.many("includedDataSet")
        if not wanted:
            raise parameters_missing(["includedDataSet"])
        _check_data_sets(wanted, _DATA_SETS)
        return show_document(world, self._document(world, content_key, caller.credential), wanted)

    def list_relations(self, caller: Caller, content_key: str, query: Query) -> dict[str, Any]:
        world = self._world(query, caller.credential)
        wanted, asins = query.many("includedDataSet"), query.many("asinSet")
        _check_data_sets(wanted, frozenset({"METADATA"}))
        for asin in asins:
            _check_asin(asin)
        document = self._document(world, content_key, caller.credential)
        terms = (caller.operation, content_key, *wanted, *asins)
        offset = offset_of(query.one("pageToken"), terms)
        day = today_of(self._simulation, world)
        relations = list_relations(world, document, asins, day, with_metadata=bool(wanted))
        return relations_page(relations, offset, terms)

    def publish_records(self, caller: Caller, query: Query) -> dict[str, Any]:
        world = self._world(query, caller.credential)
        asin = query.one("asin")
        if not asin:
            raise parameters_missing(["asin"])
        _check_asin(asin)
        offset_of(query.one("pageToken"), (caller.operation, asin))
        if caller.credential.kind != "vendor":
            return {"publishRecordList": []}
        return publish_records(world, asin, today_of(self._simulation, world))

    def _world(self, query: Query, credential: Credential) -> AccountWorld:
        """The world of the credential's account in the marketplace of the call.

        Raises:
            Refusal: 400 without a marketplace, or with one that the credential does not sell in.
        """
        marketplace_id = query.one("marketplaceId")
        if not marketplace_id:
            raise parameters_missing(["marketplaceId"])
        fitting = [account for account in credential.accounts if account.marketplace_id == marketplace_id]
        if not fitting:
            raise invalid_input(_NOT_VALID, f"Invalid marketplaceId [{marketplace_id}].")
        return self._simulation.worlds.of(fitting[0])

    def _document(self, world: AccountWorld, content_key: str, credential: Credential) -> Document:
        document = world.pages.documents.find(content_key) if credential.kind == "vendor" else None
        if document is None:
            raise unknown_content()
        return document


def _check_data_sets(wanted: tuple[str, ...], known: frozenset[str]) -> None:
    for name in wanted:
        if name not in known:
            raise invalid_input(_NOT_VALID, f"Invalid includedDataSet [{name}].")


def _check_asin(asin: str) -> None:
    if len(asin) < _SHORTEST_ASIN or not (asin.isascii() and asin.isalnum()):
        raise invalid_input(_NOT_VALID, f"Invalid ASIN [{asin}].")


def aplus_router(simulation: "Simulation") -> APIRouter:
    """searchContentDocuments, getContentDocument, listContentDocumentAsinRelations, searchContentPublishRecords."""
    router = APIRouter(prefix=_ROOT)
    operations = ContentOperations(simulation)

    async def answer(request: Request, operation: str, read: Callable[[Caller, Query], dict[str, Any]]) -> Response:
        async def work(caller: Caller) -> Response:
            query = Query(request.query_params.multi_items())
            return JSONResponse(await asyncio.to_thread(read, caller, query))

        return await simulation.gateway.answer(request, operation, work)

    @router.get("/contentDocuments")
    async def search_content_documents(request: Request) -> Response:
        return await answer(request, "searchContentDocuments", operations.search_documents)

    @router.get("/contentDocuments/{content_key}")
    async def get_content_document(request: Request, content_key: str) -> Response:
        def read(caller: Caller, query: Query) -> dict[str, Any]:
            return operations.get_document(caller, content_key, query)

        return await answer(request, "getContentDocument", read)

    @router.get("/contentDocuments/{content_key}/asins")
    async def list_content_document_asin_relations(request: Request, content_key: str) -> Response:
        def read(caller: Caller, query: Query) -> dict[str, Any]:
            return operations.list_relations(caller, content_key, query)

        return await answer(request, "listContentDocumentAsinRelations", read)

    @router.get("/contentPublishRecords")
    async def search_content_publish_records(request: Request) -> Response:
        return await answer(request, "searchContentPublishRecords", operations.publish_records)

    return router
