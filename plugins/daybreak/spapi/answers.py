"""Reads the outside of an answer: Amazon's own words, request id, rate, and what kind of body it is."""

import math
import re
from typing import Any, Final

import httpx
import msgspec

_MARKUP: Final = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<")
_XML_WORDS: Final = re.compile(rb"<(Code|Message)>([^<]{1,300})</\1>")
_HTML_TITLE: Final = re.compile(rb"<title[^>]*>([^<]{1,200})</title>", re.IGNORECASE)
_HEAD_BYTES: Final = 20_000


def request_id(headers: httpx.Headers) -> str | None:
    """Amazon's id of the call, which its support asks for."""
    found = headers.get("x-amzn-requestid")
    return str(found) if found else None


def learned_rate(headers: httpx.Headers) -> float | None:
    """Calls per second as ``x-amzn-RateLimit-Limit`` states them; ``None`` where it is absent or no positive number."""
    try:
        rate = float(headers.get("x-amzn-ratelimit-limit", ""))
    except ValueError:
        return None
    return rate if is_positive(rate) else None


def amazon_words(body: bytes) -> str:
    """What a body says for itself: the errors of JSON, code and message of XML, the title of HTML, else nothing."""
    answer = decode_object(body) or {}
    errors = answer.get("errors")
    if isinstance(errors, list):
        return "; ".join(
            " / ".join(str(error[key]) for key in ("code", "message", "details") if error.get(key))
            for error in errors[:5]
            if isinstance(error, dict)
        )
    if message := answer.get("message") or answer.get("Message"):
        return str(message)
    if words := _XML_WORDS.findall(body[:_HEAD_BYTES]):
        return " / ".join(text.decode(errors="replace") for _, text in words[:2])
    title = _HTML_TITLE.search(body[:_HEAD_BYTES])
    return title[1].decode(errors="replace").strip() if title else ""


def decode_object(body: bytes) -> dict[str, Any] | None:
    """``body`` as a JSON object; ``None`` if it is anything else."""
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # msgspec lets the last two through
        return None
    return answer if isinstance(answer, dict) else None


def describe_body(body: bytes) -> str:
    """What kind of thing ``body`` is, for a message."""
    if not body.strip():
        return "empty"
    if _MARKUP.match(body):
        return "a web page or XML"
    return "JSON of another shape" if body.strip()[:1] in b'{["' else "no JSON"


def is_positive(value: object) -> bool:
    """A finite number above zero, and no boolean."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value > 0
