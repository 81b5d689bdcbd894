"""Report documents on the storage side: pre-signed addresses, and the bytes behind them.

The addresses behave like S3's: they are good for a while of real time, carry their proof, want no access token and
refuse in XML.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from secrets import token_hex
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from simulator.faults.armoury import Stage
from simulator.faults.spoilers import spoil
from simulator.gateway import UNKNOWN_CALLER
from simulator.kiosk_book import KioskQuery
from simulator.kiosk_query import DOMAIN
from simulator.operations import DOWNLOAD_DOCUMENT
from simulator.report_book import Report
from simulator.signature import Signer
from simulator.world.analytics import write_lines
from simulator.world.documents import compress, write_document

if TYPE_CHECKING:
    from simulator.simulation import Simulation

_STAMP = "%Y%m%dT%H%M%SZ"


class Addresses:
    """Makes and checks pre-signed addresses. Their life is in real seconds and can be changed."""

    def __init__(self, base_url: str, signer: Signer, wall_clock: Callable[[], float]) -> None:
        self.lifetime_seconds = 300
        self._base_url = base_url.rstrip("/")
        self._signer = signer
        self._wall_clock = wall_clock

    def presign(self, document_id: str, encoding: str) -> str:
        """An address of the document; ``encoding`` is the Content-Encoding that the download will carry."""
        fields = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Date": datetime.fromtimestamp(self._wall_clock(), UTC).strftime(_STAMP),
            "X-Amz-Expires": str(self.lifetime_seconds),
            "response-content-encoding": encoding,
        }
        signature = self._signer.sign("download", _signed_text(document_id, fields))
        return f"{self._base_url}/documents/{document_id}?{urlencode(fields | {'X-Amz-Signature': signature})}"

    def refusal(self, document_id: str, fields: dict[str, str]) -> "StorageRefusal | None":
        """Why a download with the query ``fields`` is refused; None if the address is good."""
        if not self._signer.holds("download", _signed_text(document_id, fields), fields.get("X-Amz-Signature", "")):
            return StorageRefusal(
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your key and "
                "signing method.",
            )
        signed_at = datetime.strptime(fields["X-Amz-Date"], _STAMP).replace(tzinfo=UTC).timestamp()
        expires_at = signed_at + int(fields["X-Amz-Expires"])
        now = self._wall_clock()
        if now < expires_at:
            return None
        return StorageRefusal(
            403,
            "AccessDenied",
            "Request has expired",
            f"<X-Amz-Expires>{fields['X-Amz-Expires']}</X-Amz-Expires><Expires>{_iso(expires_at)}</Expires>"
            f"<ServerTime>{_iso(now)}</ServerTime>",
        )


@dataclass(frozen=True)
class StorageRefusal:
    """An error answer of the storage: XML, as S3 writes it."""

    status: int
    code: str
    message: str
    more: str = ""

    def response(self) -> Response:
        body = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{self.code}</Code><Message>{self.message}</Message>'
            f"{self.more}<RequestId>{token_hex(8).upper()}</RequestId><HostId>{token_hex(28)}</HostId></Error>"
        )
        return Response(body, status_code=self.status, media_type="application/xml")


def _signed_text(document_id: str, fields: dict[str, str]) -> str:
    names = ("X-Amz-Algorithm", "X-Amz-Date", "X-Amz-Expires", "response-content-encoding")
    return "\n".join([document_id, *(fields.get(name, "") for name in names)])


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def document_bytes(simulation: "Simulation", report: Report) -> bytes:
    """The gzipped document of a finished report: its figures, or why it failed."""
    fate = report.fate
    if fate.question is None:
        return compress([msgspec.json.encode({"errorDetails": fate.error_text})])
    return compress(write_document(simulation.worlds.of(report.account), fate.question))


def query_bytes(simulation: "Simulation", query: KioskQuery) -> bytes:
    """The gzipped document of a finished query: lines of JSON, or one array that says why it failed."""
    fate = query.fate
    if fate.question is not None:
        return compress(write_lines(simulation.worlds.of(query.account), fate.question))
    return compress([msgspec.json.encode([fate.failure.entry()] if fate.failure is not None else [])])


@dataclass(frozen=True)
class _Stored:
    """A document on the storage side; ``report_type`` is the domain of a Data Kiosk query."""

    account_id: str
    report_type: str
    make: Callable[[], bytes]


def _find(simulation: "Simulation", document_id: str) -> _Stored | None:
    report = simulation.book.by_document(document_id)
    if report is not None:
        report_type = report.request.report_type
        return _Stored(report.account.account_id, report_type, partial(document_bytes, simulation, report))
    query = simulation.kiosk.by_document(document_id)
    if query is not None:
        return _Stored(query.account.account_id, DOMAIN, partial(query_bytes, simulation, query))
    return None


async def download(simulation: "Simulation", request: Request, document_id: str) -> Response:
    """The answer to a download; the document is made anew each time, the same bytes each time."""
    stored = _find(simulation, document_id)
    account_ids = (stored.account_id,) if stored else ()
    report_type = stored.report_type if stored else None

    async def work() -> Response:
        if "x-amz-access-token" in request.headers:
            return StorageRefusal(
                400, "InvalidArgument", "Only one auth mechanism allowed: a pre-signed address takes no access token"
            ).response()
        fields = dict(request.query_params)
        refusal = simulation.addresses.refusal(document_id, fields)
        if refusal is not None:
            return refusal.response()
        if stored is None:
            return StorageRefusal(404, "NoSuchKey", "The specified key does not exist.").response()
        packed = await asyncio.to_thread(stored.make)
        fault = simulation.armoury.strike(Stage.DOCUMENT, DOWNLOAD_DOCUMENT, account_ids, report_type)
        if fault is not None:
            packed = await asyncio.to_thread(spoil, packed, fault, stored.report_type)
        headers = {"Content-Encoding": fields["response-content-encoding"], "Accept-Ranges": "none"}
        return Response(packed, headers=headers, media_type="application/octet-stream")

    caller = account_ids[0] if account_ids else UNKNOWN_CALLER
    return await simulation.gateway.answer_outside(DOWNLOAD_DOCUMENT, caller, account_ids, report_type, work)
