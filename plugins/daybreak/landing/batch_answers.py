"""An answer to a batch of calls, cut into its parts: each with the product, the status and the errors of its own.

Amazon's names are read without their case: Pricing v0 writes in PascalCase with single members in camelCase, which
changed over the years (``MarketplaceID`` became ``marketplaceId``), its newer version in camelCase.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ASIN_IN_ADDRESS = re.compile(r"/items/([^/]+)/")
_TOO_SOON = "ActiveButTooSoonForProcessing"
"""Amazon's status of a product that it has listed only now: it has offers, and does not tell them yet."""
RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses of a single part that another call may cure."""


@dataclass(frozen=True)
class Answered:
    """One product's part of a batch: ``content`` as received, ``status`` of its own, Amazon's words if it failed.

    ``body`` holds the members of what was asked for, by their names in lower case.
    """

    asin: str | None
    status: int
    words: str
    body: dict[str, Any] = field(repr=False)
    content: bytes = field(repr=False)

    @property
    def is_good(self) -> bool:
        """Amazon said what it was asked."""
        return 200 <= self.status < 300 and self.body.get("status") != _TOO_SOON


def split_batch(answer: msgspec.Raw, asins: tuple[str, ...]) -> list[Answered]:
    """The parts of a batch's answer, each with the product that it is about; by its place where it does not say.

    An answer that is no batch has no parts.
    """
    try:
        batch = msgspec.json.decode(answer, type=dict[str, msgspec.Raw])
        parts = msgspec.json.decode(batch["responses"], type=list[msgspec.Raw])
    except (msgspec.MsgspecError, KeyError, UnicodeDecodeError):
        return []
    return [_answered(bytes(part), asins[place] if place < len(asins) else None) for place, part in enumerate(parts)]


def _answered(content: bytes, placed: str | None) -> Answered:
    part = members(_DECODER.decode(content))
    status, body, request = (members(part.get(name)) for name in ("status", "body", "request"))
    payload = members(body.get("payload")) if "payload" in body else body
    code = status.get("statuscode")
    named = payload.get("asin") or request.get("asin") or _in_address(request.get("uri"))
    errors = [members(error) for error in body.get("errors") or () if isinstance(error, dict)]
    words = "; ".join(
        " / ".join(str(error[name]) for name in ("code", "message") if error.get(name)) for error in errors
    )
    return Answered(
        asin=named if isinstance(named, str) else placed,
        status=code if isinstance(code, int) else (500 if errors else 200),
        words=words or _too_soon(payload) or str(status.get("reasonphrase") or ""),
        body=payload,
        content=content,
    )


def _too_soon(payload: dict[str, Any]) -> str:
    if payload.get("status") != _TOO_SOON:
        return ""
    available = members(payload.get("summary")).get("offersavailabletime")
    return f"{_TOO_SOON}: offers are told from {available or 'an unknown time'} on"


def members(raw: Any) -> dict[str, Any]:
    """The members of an object by their names in lower case; none of anything else."""
    return {name.lower(): value for name, value in raw.items()} if isinstance(raw, dict) else {}


def text_of(raw: Any) -> str | None:
    """A text that says something, without the blanks around it."""
    return raw.strip() or None if isinstance(raw, str) else None


def _in_address(address: Any) -> str | None:
    found = _ASIN_IN_ADDRESS.search(address) if isinstance(address, str) else None
    return found[1] if found else None
