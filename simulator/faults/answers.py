"""How a fault of a whole call looks on the wire."""

import asyncio
import socket
import struct

from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from simulator.faults.armoury import Fault
from simulator.login import Logins
from simulator.refusals import (
    Refusal,
    internal_failure,
    role_missing,
    throttled,
    token_expired,
    token_revoked,
    unknown_report,
)

OUTAGE_PAGE = (
    '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8">'
    "<title>Website Temporarily Unavailable</title></head>\n"
    "<body><h1>Website Temporarily Unavailable</h1><p>We are very sorry, but our website is currently experiencing "
    "technical difficulties. Please try again in a few minutes.</p></body>\n</html>\n"
)
_TRICKLE_PIECES = 10
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""``SO_LINGER`` on, with no time: closing sends RST instead of FIN."""
_REFUSALS = {
    "http_500": internal_failure,
    "http_429": throttled,
    "expired_token": token_expired,
    "revoked_token": token_revoked,
    "report_not_found": unknown_report,
}


class ConnectionCut(Response):
    """Ends the connection without an answer: the client sees a reset."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # ``receive`` is a method of uvicorn's request cycle, the only way from an application to its transport.
        transport = receive.__self__.transport  # type: ignore[attr-defined]
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass


class Trickle(Response):
    """Sends another response's body in pieces, spread over ``seconds``."""

    def __init__(self, inner: Response, seconds: float) -> None:
        super().__init__(content=inner.body, status_code=inner.status_code)
        self.raw_headers = inner.raw_headers
        self._pause = seconds / _TRICKLE_PIECES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        body = bytes(self.body)
        step = max(1, -(-len(body) // _TRICKLE_PIECES))
        for start in range(0, len(body), step):
            await asyncio.sleep(self._pause)
            await send({"type": "http.response.body", "body": body[start : start + step], "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def instead(fault: Fault, operation: str) -> Response | None:
    """What answers in place of ``operation``; None for a fault that only delays the real answer.

    Raises:
        Refusal: the fault is an error answer of the API, which carries its usual headers.
        LoginError: the fault is an error answer of Login with Amazon.
    """
    refusal: Refusal | None = _REFUSALS[fault.kind]() if fault.kind in _REFUSALS else None
    if fault.kind == "role_missing":
        refusal = role_missing(operation)
    if refusal is not None:
        raise refusal
    if fault.kind == "lwa_invalid_grant":
        raise Logins.invalid_grant()
    if fault.kind in {"http_503_html", "lwa_503_html"}:
        return HTMLResponse(OUTAGE_PAGE, status_code=503)
    if fault.kind == "http_429_empty_body":
        return Response(status_code=429)
    if fault.kind == "connection_reset":
        return ConnectionCut()
    return None


def alongside(fault: Fault | None, response: Response) -> Response:
    """``response``, slowed down where ``fault`` says so."""
    if fault is not None and fault.kind == "slow_body":
        return Trickle(response, fault.seconds)
    return response
