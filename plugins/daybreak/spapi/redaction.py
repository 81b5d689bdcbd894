"""Takes secrets out of text before it becomes a message, a log line or a ledger entry.

Two nets. Known secrets (:func:`remember_secret`) are found in every form they commonly travel in: as they are, partly
or doubly percent-encoded, escaped for JSON, HTML or Python, in hexadecimal, inside a base64 run at any offset. Unknown
ones are found by Amazon's own marks: ``Atza|``, ``X-Amz-Signature``, the query of a URL, ``client_secret=``.
"""

import base64
import html
import json
import os
import re
import threading
from collections import OrderedDict
from functools import cached_property, lru_cache
from typing import Final
from urllib.parse import unquote, unquote_plus

REDACTED: Final = "[redacted]"
WITHHELD: Final = "[text withheld: it held a secret]"
SHORTEST_SECRET: Final = 6
"""Shorter values are ordinary words or numbers; taking them out would make every message unreadable."""

_SHORTEST_SIGNED_VALUE: Final = 16
_PASSING_LIMIT: Final = 256  # access tokens and signatures live an hour or less; the oldest may be forgotten
_EQUALS = r"(?:=|:|%3D|%253D|%3A)"
_VALUE = r"[^\s\"'<>&,;}\\]+"
_NAMED = (
    r"access[_-]token|refresh[_-]token|client[_-]secret|restrictedDataToken|x-amz-access-token|authorization|"
    r"x-amz-signature|x-amz-credential|x-amz-security-token|lwa_client_secret|password"
)
_MARKS: Final = (
    # user:password@ in an address, then its query and fragment: a pre-signed URL is a key to the document
    (re.compile(r"(?i)(https?://)[^\s/@\"'<>]+@"), rf"\1{REDACTED}@"),
    (re.compile(r"(?i)(https?://[^\s?#\"'<>]*)[?#][^\s\"'<>]*"), rf"\1?{REDACTED}"),
    (
        re.compile(r"(?i)(https?(?:%3A|%253A)(?:%2F|%252F){2}[^\s\"'<>]*?)(?:%3F|%253F|\?)[^\s\"'<>]*"),
        rf"\1?{REDACTED}",
    ),
    (re.compile(r"(?i)\bAtz[a-z](?:\||%7C|%257C|\\u007c|&#124;)[^\s\"'<>&,;}\\]*"), REDACTED),
    (re.compile(r"(?i)\bamzn1\.oa2-cs\.[\w.-]+"), REDACTED),
    (
        re.compile(rf"(?i)\b({_NAMED})(\\?[\"']?\s*{_EQUALS}\s*(?:b?\\?[\"'])?(?:bearer\s+)?){_VALUE}"),
        rf"\1\2{REDACTED}",
    ),
)


class _Known:
    """The secrets of this process: those of credentials for good, passing ones until newer ones push them out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lasting: dict[str, None] = {}
        self._passing: OrderedDict[str, None] = OrderedDict()

    def add(self, value: str, *, lasting: bool) -> None:
        with self._lock:
            if lasting:
                self._lasting[value] = None
                return
            self._passing[value] = None
            self._passing.move_to_end(value)
            while len(self._passing) > _PASSING_LIMIT:
                self._passing.popitem(last=False)

    def values(self) -> list[str]:
        with self._lock:
            return [*self._lasting, *self._passing]

    def renew_lock(self) -> None:
        """For a forked child: a thread that it does not have may hold the lock."""
        self._lock = threading.Lock()


_KNOWN = _Known()
os.register_at_fork(after_in_child=_KNOWN.renew_lock)


def remember_secret(value: str, *, lasting: bool = False) -> None:
    """From now on every text loses ``value``: for good if ``lasting``, as parts of a credential, else for a while."""
    if len(value) >= SHORTEST_SECRET:
        _KNOWN.add(value, lasting=lasting)


def remember_signed_address(url: str) -> None:
    """From now on every text loses the query of the pre-signed ``url``, and the long values in it."""
    query = url.partition("?")[2]
    remember_secret(query)
    for part in query.split("&"):
        value = part.partition("=")[2]
        if len(value) >= _SHORTEST_SIGNED_VALUE:
            remember_secret(unquote(value))


def redact(text: str) -> str:
    """``text`` without secrets; where one cannot be cut out cleanly, the whole text is withheld."""
    found = _held(text, _KNOWN.values())
    for value in found:
        text = text.replace(value, REDACTED)
    for value in _held(text, found):
        text = _cut(text, _needles(value))
    for pattern, replacement in _MARKS:
        text = pattern.sub(replacement, text)
    return WITHHELD if _held(text, found) else text


def _held(text: str, values: list[str]) -> list[str]:
    """Those of ``values`` that ``text`` holds in one coat or another, the longest first."""
    if not values:
        return []
    readings = _Readings(text)
    return sorted((value for value in values if readings.hold(_needles(value))), key=len, reverse=True)


class _Readings:
    """A text as it reads after undoing URL, HTML and backslash encodings, up to three in any order."""

    def __init__(self, text: str) -> None:
        readings = newest = {text}
        for _ in range(3):
            newest = {undo(reading) for reading in newest for undo in _UNDOINGS} - readings
            readings = readings | newest
        joined = "\0".join(readings)
        self._base64 = joined.translate(_STANDARD_BASE64)
        self._lower = joined.lower()

    def hold(self, needles: "_Needles") -> bool:
        first, second, third = needles.cores
        return (
            needles.folded in self._lower
            or needles.hexadecimal in self._lower
            or first in self._base64
            or second in self._base64
            or third in self._base64
        )


_BACKSLASHED: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_STANDARD_BASE64: Final = str.maketrans("-_", "+/")
_BASE64_RUN: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=%")


def _undo_backslashes(text: str) -> str:
    return _BACKSLASHED.sub(lambda match: chr(int(code, 16)) if (code := match[1] or match[2]) else match[3], text)


_UNDOINGS: Final = (unquote, unquote_plus, html.unescape, _undo_backslashes)


class _Needles:
    """What to look for to find one secret."""

    def __init__(self, value: str) -> None:
        raw = value.encode()
        self.value = value
        self.folded = value.lower()
        self.hexadecimal = raw.hex()
        self.cores = tuple(_base64_core(raw, offset) for offset in range(3))

    @cached_property
    def plain_form(self) -> re.Pattern[str]:
        return re.compile("".join(map(_character_forms, self.value)), re.IGNORECASE)

    @cached_property
    def hexadecimal_form(self) -> re.Pattern[str]:
        return re.compile(self.hexadecimal, re.IGNORECASE)

    @cached_property
    def base64_form(self) -> re.Pattern[str]:
        return re.compile("|".join("".join(_BASE64_SIGNS.get(sign, sign) for sign in core) for core in self.cores))


@lru_cache(maxsize=1024)
def _needles(value: str) -> _Needles:
    return _Needles(value)


def _cut(text: str, needles: _Needles) -> str:
    text = needles.hexadecimal_form.sub(REDACTED, needles.plain_form.sub(REDACTED, text))
    while match := needles.base64_form.search(text):
        start, end = match.span()
        while start > 0 and text[start - 1] in _BASE64_RUN:
            start -= 1
        while end < len(text) and text[end] in _BASE64_RUN:
            end += 1
        text = text[:start] + REDACTED + text[end:]
    return text


def _base64_core(raw: bytes, offset: int) -> str:
    """The part of a base64 run that is made of nothing but ``raw``, if ``offset`` (0 to 2) bytes stand before it."""
    encoded = base64.b64encode(b"\0" * offset + raw).decode()
    return encoded[-(-offset * 8 // 6) : (offset + len(raw)) * 8 // 6]


def _character_forms(character: str) -> str:
    """One character as itself, percent-encoded once to thrice, or escaped for JSON, Python or HTML."""
    percent = "".join(rf"%(?:25){{0,2}}{byte:02X}" for byte in character.encode())
    if character.isascii() and character.isalnum():
        return f"(?:{character}|{percent})"
    code = ord(character)
    escaped = {json.dumps(character)[1:-1], repr(character)[1:-1], html.escape(character), f"\\{character}"}
    escaped |= {f"\\u{code:04x}", f"\\u{code:04X}", f"\\x{code:02x}", f"&#{code};", f"&#x{code:x};"}
    if character == " ":
        escaped.add("+")
    return (
        "(?:" + "|".join([percent, *map(re.escape, sorted(escaped, key=len, reverse=True)), re.escape(character)]) + ")"
    )


_BASE64_SIGNS: Final = {
    "+": r"(?:\+|-|%(?:25)?2[Bb])",
    "/": r"(?:/|_|%(?:25)?2[Ff])",
}
