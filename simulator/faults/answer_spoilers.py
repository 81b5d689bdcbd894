"""JSON answers spoilt on purpose: what reaches the client in place of what the operation found."""

from collections.abc import Callable
from typing import Any

import msgspec
from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse, JSONResponse, Response

from simulator.faults.answers import OUTAGE_PAGE
from simulator.faults.armoury import TOKEN_PLACES, Fault
from simulator.faults.offer_spoilers import OFFER_SPOILERS
from simulator.faults.order_spoilers import ORDER_SPOILERS
from simulator.faults.page_spoilers import PAGE_SPOILERS

Answer = dict[str, Any]
_TOKEN_PARAMETERS = ("pageToken", "nextToken", "paginationToken")


_SPOILERS: dict[str, Callable[[Answer], None]] = {
    **PAGE_SPOILERS,
    **OFFER_SPOILERS,
    **ORDER_SPOILERS,
}


def asked_token(query: QueryParams) -> str | None:
    """The page token that a call carries; None for a call that asks for a first page."""
    return next((query[name] for name in _TOKEN_PARAMETERS if query.get(name)), None)


def repeat_token(response: Response, operation: str, token: str) -> Response:
    """``response`` with the token that led to it as the token of the next page, even on the last page."""
    answer: Answer = msgspec.json.decode(response.body)
    *way, last = TOKEN_PLACES[operation]
    place = answer
    for member in way:
        place = place.setdefault(member, {})
    place[last] = token
    return JSONResponse(answer)


def spoil_answer(response: Response, fault: Fault) -> Response:
    """The successful JSON answer ``response`` as ``fault`` leaves it."""
    if fault.kind == "answer_cut":
        return Response(bytes(response.body)[: len(response.body) // 2], media_type="application/json")
    if fault.kind == "answer_html":
        return HTMLResponse(OUTAGE_PAGE)
    answer: Answer = msgspec.json.decode(response.body)
    _SPOILERS[fault.kind](answer)
    return JSONResponse(answer)
