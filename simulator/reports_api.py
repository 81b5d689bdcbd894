"""The Reports API, version 2021-06-30."""

from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.gateway import Caller
from simulator.login import Credential
from simulator.refusals import invalid_input, unknown_document, unknown_report
from simulator.report_book import Report
from simulator.report_listing import list_page, read_listing
from simulator.report_requests import accept, peek_report_type, read_request

if TYPE_CHECKING:
    from simulator.simulation import Simulation

_ROOT = "/reports/2021-06-30"


class ReportOperations:
    """The operations themselves, behind the gateway."""

    def __init__(self, simulation: "Simulation") -> None:
        self._simulation = simulation

    def report(self, report_id: str, credential: Credential) -> Report:
        """The credential's report.

        Raises:
            Refusal: 400 for what is no report id, 404 for one that is not there.
        """
        if not (report_id.isascii() and report_id.isdigit()):
            raise invalid_input()
        report = self._simulation.book.find(report_id, credential.key)
        if report is None:
            raise unknown_report()
        return report

    def type_of_report(self, report_id: str, credential: Credential) -> str | None:
        report = self._simulation.book.find(report_id, credential.key)
        return report.request.report_type if report else None

    def type_of_document(self, document_id: str, credential: Credential) -> str | None:
        report = self._simulation.book.find_document(document_id, credential.key)
        return report.request.report_type if report else None

    def create(self, caller: Caller, body: bytes) -> Response:
        report = accept(self._simulation, caller.credential, read_request(body))
        return JSONResponse({"reportId": report.report_id}, status_code=202)

    def get(self, caller: Caller, report_id: str) -> Response:
        return JSONResponse(self.report(report_id, caller.credential).describe(self._simulation.clock.pace()))

    def cancel(self, caller: Caller, report_id: str) -> Response:
        if not self._simulation.book.cancel(self.report(report_id, caller.credential)):
            raise invalid_input()
        return JSONResponse({})

    def list(self, caller: Caller, query: list[tuple[str, str]]) -> Response:
        listing = read_listing(query, self._simulation.clock.now())
        page = list_page(self._simulation.book, self._simulation.clock, caller.credential.key, listing)
        return JSONResponse(page.body())

    def document(self, caller: Caller, document_id: str, content_encoding: str) -> Response:
        if self._simulation.book.find_document(document_id, caller.credential.key) is None:
            raise unknown_document()
        url = self._simulation.addresses.presign(document_id, content_encoding)
        return JSONResponse({"reportDocumentId": document_id, "url": url, "compressionAlgorithm": "GZIP"})


def reports_router(simulation: "Simulation") -> APIRouter:
    """createReport, getReport, getReports, cancelReport, getReportDocument."""
    router = APIRouter(prefix=_ROOT)
    operations = ReportOperations(simulation)
    answer = simulation.gateway.answer

    @router.post("/reports")
    async def create_report(request: Request) -> Response:
        body = await request.body()

        async def work(caller: Caller) -> Response:
            return operations.create(caller, body)

        return await answer(request, "createReport", work, lambda _: peek_report_type(body))

    @router.get("/reports")
    async def get_reports(request: Request) -> Response:
        async def work(caller: Caller) -> Response:
            return operations.list(caller, request.query_params.multi_items())

        return await answer(request, "getReports", work)

    @router.get("/reports/{report_id}")
    async def get_report(request: Request, report_id: str) -> Response:
        async def work(caller: Caller) -> Response:
            return operations.get(caller, report_id)

        return await answer(request, "getReport", work, lambda who: operations.type_of_report(report_id, who))

    @router.delete("/reports/{report_id}")
    async def cancel_report(request: Request, report_id: str) -> Response:
        async def work(caller: Caller) -> Response:
            return operations.cancel(caller, report_id)

        return await answer(request, "cancelReport", work, lambda who: operations.type_of_report(report_id, who))

    @router.get("/documents/{document_id}")
    async def get_report_document(request: Request, document_id: str) -> Response:
        wants_header = request.query_params.get("enableContentEncodingUrlHeader", "").lower() == "true"

        async def work(caller: Caller) -> Response:
            return operations.document(caller, document_id, "gzip" if wants_header else "identity")

        return await answer(
            request, "getReportDocument", work, lambda who: operations.type_of_document(document_id, who)
        )

    return router
