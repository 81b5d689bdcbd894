"""What the received bytes are: gzip or not, JSON or one of the things that come in its place."""

import io
import re
from typing import Any

from isal import igzip, igzip_lib

from daybreak.landing.failures import UnreadableDocument

_GZIP_MAGIC = b"\x1f\x8b"
_UTF8_BOM = b"\xef\xbb\xbf"
_READ_BYTES = 1 << 20
_HEAD_BYTES = 4096
_DAMAGE: Any = (OSError, igzip_lib.IsalError)
_FETCH_AGAIN = "The bytes stay as landed; fetch the document again"


def unpack(received: bytes, *, file_name: str, limit_bytes: int) -> bytes | memoryview:
    """The document's own bytes, without gzip and byte order mark, starting like JSON.

    Raises:
        UnreadableDocument: says what the file seems to be instead.
    """
    document: bytes | memoryview = received
    if received.startswith(_GZIP_MAGIC):
        document = _gunzip(received, file_name, limit_bytes)
    elif len(received) > limit_bytes:
        raise _too_large(file_name, limit_bytes)
    if bytes(document[:3]) == _UTF8_BOM:
        document = memoryview(document)[3:]
    _refuse_foreign(bytes(document[:_HEAD_BYTES]), len(document), file_name)
    return document


def _gunzip(received: bytes, file_name: str, limit_bytes: int) -> memoryview:
    """Grows one buffer, so that the document is never in memory twice."""
    document = bytearray()
    try:
        with igzip.IGzipFile(fileobj=io.BytesIO(received)) as stream:
            while chunk := stream.read(_READ_BYTES):
                if len(document) + len(chunk) > limit_bytes:
                    raise _too_large(file_name, limit_bytes)
                document += chunk
    except EOFError:
        raise UnreadableDocument(
            file_name,
            f"the gzip stream is cut off: {len(received):,} bytes landed and the end is missing",
            _FETCH_AGAIN,
        ) from None
    except _DAMAGE as error:
        raise UnreadableDocument(file_name, f"the gzip stream is damaged ({error})", _FETCH_AGAIN) from None
    return memoryview(document).toreadonly()


def _too_large(file_name: str, limit_bytes: int) -> UnreadableDocument:
    return UnreadableDocument(
        file_name,
        f"it holds more than {limit_bytes >> 20:,} MiB, which no vendor report does",
        "Nothing more was unpacked. If the report is genuine, ask for fewer days at once or raise "
        "DAYBREAK_MAX_DOCUMENT_MEBIBYTES",
    )


def _refuse_foreign(head: bytes, size_bytes: int, file_name: str) -> None:
    text = head.lstrip()
    if not text:
        raise UnreadableDocument(file_name, f"the document is empty ({size_bytes:,} bytes)", _FETCH_AGAIN)
    if text[:1] in (b"{", b"["):
        return
    lowered = text[:512].lower()
    if lowered.startswith((b"<!doctype html", b"<html")):
        raise UnreadableDocument(
            file_name,
            f"this is an HTML page{_quoted(_tag(text, b'title'))}, not a report: a server answered in its place",
            _FETCH_AGAIN,
        )
    if lowered.startswith((b"<?xml", b"<error")):
        code, message = _tag(text, b"Code"), _tag(text, b"Message")
        hint = (
            "Ask for the document's address anew: it lives for 5 minutes"
            if message == "Request has expired"
            else _FETCH_AGAIN
        )
        raise UnreadableDocument(
            file_name,
            f"this is an XML error document{_quoted(': '.join(filter(None, (code, message))))}, not a report",
            hint,
        )
    if text.startswith(b"<"):
        raise UnreadableDocument(file_name, f"this is markup, not JSON (it starts with {_shown(text)})", _FETCH_AGAIN)
    raise UnreadableDocument(file_name, f"this is not JSON in UTF-8 (it starts with {_shown(text)})", _FETCH_AGAIN)


def _tag(text: bytes, name: bytes) -> str:
    """The text of the first such element. Only chosen elements are quoted: error pages also carry keys and tokens."""
    found = re.search(rb"<" + name + rb"[^>]*>([^<]{1,200})<", text, re.IGNORECASE)
    return " ".join(found[1].decode("utf-8", "backslashreplace").split()) if found else ""


def _quoted(words: str) -> str:
    return f' ("{words}")' if words else ""


def _shown(text: bytes) -> str:
    return repr(text[:24])[1:]
