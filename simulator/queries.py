"""Query parameters of GET operations, read as Amazon reads them."""

import base64
from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from simulator.refusals import invalid_input


class Query:
    """Parameters by their exact names; a list is comma separated, repeated, or both. Unknown names do no harm."""

    def __init__(self, items: Sequence[tuple[str, str]]) -> None:
        self._given: dict[str, list[str]] = {}
        for name, value in items:
            self._given.setdefault(name, []).append(value)

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def one(self, name: str, default: str = "") -> str:
        """The first value of a parameter, not split."""
        return self._given.get(name, [default])[0]

    def many(self, name: str) -> tuple[str, ...]:
        """The values of a list parameter in their order, each once, without empty ones."""
        parts = [part.strip() for value in self._given.get(name, []) for part in value.split(",")]
        return tuple(dict.fromkeys(part for part in parts if part))


class _Place(msgspec.Struct, frozen=True):
    offset: int
    question: str


def _mark(question: Sequence[str]) -> str:
    return blake2b("\n".join(question).encode(), digest_size=6).hexdigest()


def page_token(offset: int, question: Sequence[str]) -> str:
    """A token for the page of the answer to ``question`` that begins at ``offset``."""
    return base64.urlsafe_b64encode(msgspec.json.encode(_Place(offset, _mark(question)))).decode()


def offset_of(token: str, question: Sequence[str]) -> int:
    """Where the page of ``token`` begins; 0 without a token.

    Raises:
        Refusal: 400 for a token that is not ours, or was given for another question.
    """
    if not token:
        return 0
    try:
        place = msgspec.json.decode(base64.urlsafe_b64decode(token.encode()), type=_Place)
    except (ValueError, msgspec.DecodeError):
        raise invalid_input(details="The page token is not valid.") from None
    if place.question != _mark(question) or place.offset < 0:
        raise invalid_input(details="The page token belongs to another request.")
    return place.offset
