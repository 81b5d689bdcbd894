"""JSON answers spoilt on purpose: what reaches the client in place of what the operation found."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse, JSONResponse, Response

from simulator.faults.answers import OUTAGE_PAGE
from simulator.faults.armoury import TOKEN_PLACES, Fault
from simulator.faults.offer_spoilers import OFFER_SPOILERS
from simulator.faults.order_spoilers import ORDER_SPOILERS

Answer = dict[str, Any]
_TITLE_LENGTH = 4_000
_MARKUP = '<b onclick="alert(1)">&lt;Top&gt;</b> <script>document.title</script> &#128293; '
_STRANGE_LOCALE = "qq_XX"
_TOKEN_PARAMETERS = ("pageToken", "nextToken")


def _items(answer: Answer) -> Iterator[Answer]:
    """The catalog items of a search, or the one of a get."""
    yield from answer.get("items", [answer])


def _image_without_size(answer: Answer) -> None:
    for item in _items(answer):
        for place in item.get("images", []):
            for image in place["images"]:
                del image["height"], image["width"]


def _title_markup(answer: Answer) -> None:
    title = (_MARKUP * _TITLE_LENGTH)[:_TITLE_LENGTH]
    for item in _items(answer):
        for summary in item.get("summaries", []):
            summary["itemName"] = title
        for value in item.get("attributes", {}).get("item_name", []):
            value["value"] = title


def _unknown_locale(answer: Answer) -> None:
    for item in _items(answer):
        for values in item.get("attributes", {}).values():
            for value in values:
                if "language_tag" in value:
                    value["language_tag"] = _STRANGE_LOCALE


def _null_sections(answer: Answer) -> None:
    """Every section of every item becomes null; of an answer without items, every list."""
    if "items" in answer or "asin" in answer:
        for item in _items(answer):
            item.update({name: None for name in item if name != "asin"})
    else:
        answer.update({name: None for name, value in answer.items() if isinstance(value, list)})


_SPOILERS: dict[str, Callable[[Answer], None]] = {
    "answer_image_without_size": _image_without_size,
    "answer_title_markup": _title_markup,
    "answer_unknown_locale": _unknown_locale,
    "answer_null_sections": _null_sections,
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
