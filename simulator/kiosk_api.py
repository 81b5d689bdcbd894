"""The Data Kiosk API, version 2023-11-15."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.gateway import Caller
from simulator.kiosk_book import KioskQuery
from simulator.kiosk_listing import list_queries, read_query_listing
from simulator.kiosk_query import DOMAIN
from simulator.kiosk_requests import accept, read_body
from simulator.login import Credential
from simulator.refusals import invalid_input, unknown_kiosk_document, unknown_query

if TYPE_CHECKING:
    from simulator.simulation import Simulation

_ROOT = "/dataKiosk/2023-11-15"


class KioskOperations:
    """The operations themselves, behind the gateway."""

    def __init__(self, simulation: "Simulation") -> None:
        self._simulation = simulation

    def query(self, query_id: str, credential: Credential) -> KioskQuery:
        """The credential's query.

        Raises:
            Refusal: 400 for what is no query id, 404 for one that is not there.
        """
        if not (query_id.isascii() and query_id.isdigit()):
            raise invalid_input()
        query = self._simulation.kiosk.find(query_id, credential.key)
        if query is None:
            raise unknown_query()
        return query

    def create(self, caller: Caller, body: bytes) -> Response:
        query = accept(self._simulation, caller.credential, read_body(body))
        return JSONResponse({"queryId": query.query_id}, status_code=202)

    def get(self, caller: Caller, query_id: str) -> Response:
        return JSONResponse(self.query(query_id, caller.credential).describe(self._simulation.clock.pace()))

    def cancel(self, caller: Caller, query_id: str) -> Response:
        if not self._simulation.kiosk.cancel(self.query(query_id, caller.credential)):
            raise invalid_input()
        return Response(status_code=204)

    def list(self, caller: Caller, query: list[tuple[str, str]]) -> Response:
        listing = read_query_listing(query)
        found = list_queries(self._simulation.kiosk, self._simulation.clock, caller.credential.key, listing)
        return JSONResponse(found)

    def document(self, caller: Caller, document_id: str) -> Response:
        if self._simulation.kiosk.find_document(document_id, caller.credential.key) is None:
            raise unknown_kiosk_document()
        url = self._simulation.addresses.presign(document_id, "gzip")
        return JSONResponse({"documentId": document_id, "documentUrl": url})


def kiosk_router(simulation: "Simulation") -> APIRouter:
    """createQuery, getQuery, getQueries, cancelQuery, getDocument."""
    router = APIRouter(prefix=_ROOT)
    operations = KioskOperations(simulation)

    async def answer(request: Request, operation: str, work: Callable[[Caller], Response]) -> Response:
        async def in_turn(caller: Caller) -> Response:
            return work(caller)

        return await simulation.gateway.answer(request, operation, in_turn, lambda _: DOMAIN)

    @router.post("/queries")
    async def create_query(request: Request) -> Response:
        body = await request.body()
        return await answer(request, "createQuery", lambda caller: operations.create(caller, body))

    @router.get("/queries")
    async def get_queries(request: Request) -> Response:
        asked = request.query_params.multi_items()
        return await answer(request, "getQueries", lambda caller: operations.list(caller, asked))

    @router.get("/queries/{query_id}")
    async def get_query(request: Request, query_id: str) -> Response:
        return await answer(request, "getQuery", lambda caller: operations.get(caller, query_id))

    @router.delete("/queries/{query_id}")
    async def cancel_query(request: Request, query_id: str) -> Response:
        return await answer(request, "cancelQuery", lambda caller: operations.cancel(caller, query_id))

    @router.get("/documents/{document_id}")
    async def get_document(request: Request, document_id: str) -> Response:
        return await answer(request, "getDocument", lambda caller: operations.document(caller, document_id))

    return router
