"""Documents that Amazon has made: fetched from its storage as they were sent, whichever interface named them."""

import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from daybreak.spapi.exchange import Download
from daybreak.spapi.failures import DocumentAddressExpired
from daybreak.spapi.judgement import judge_content
from daybreak.spapi.operations import DOWNLOAD, Call
from daybreak.spapi.redaction import remember_signed_address
from daybreak.spapi.session import SellingPartnerSession

_LARGEST_ERROR_DOCUMENT: Final = 2**20


@dataclass(frozen=True)
class DocumentAddress:
    """Where a document can be had for five minutes; the address itself is a key to it."""

    document_id: str
    url: SecretStr
    compression: str | None
    """``GZIP``, or ``None`` for a document that is not compressed; not always true, so look at the bytes."""


def signed_address(session: SellingPartnerSession, call: Call, url: object) -> SecretStr:
    """``url`` as the secret that it is: from here on no log shows it."""
    address = str(url)
    remember_signed_address(address)
    if not address.startswith("https://") and not session.is_plain_http:
        raise judge_content(call, "the address of the document is not https")
    return SecretStr(address)


@contextmanager
def downloaded(
    session: SellingPartnerSession,
    document_id: str,
    fetch_address: Callable[[], DocumentAddress],
    address: DocumentAddress | None = None,
) -> Iterator[Download]:
    """What lies behind ``address``, or behind a fresh one where that is unknown or has expired."""
    call = session.about(DOWNLOAD, f"document {document_id}")
    known = address or fetch_address()
    with ExitStack() as stack:
        try:
            download = stack.enter_context(session.exchange.download(call, known.url.get_secret_value()))
        except DocumentAddressExpired:
            download = None
        if download is None:
            known = fetch_address()
            download = stack.enter_context(session.exchange.download(call, known.url.get_secret_value()))
        yield download


def read_reason(session: SellingPartnerSession, document_id: str, download: Download) -> bytes:
    """A small document in which Amazon explains itself, unpacked.

    Raises:
        UnexpectedAnswer: it is larger than any reason.
    """
    raw = bytearray()
    for chunk in download:
        raw += chunk
        if len(raw) > _LARGEST_ERROR_DOCUMENT:
            raise judge_content(session.about(DOWNLOAD, f"document {document_id}"), "it is too large for a reason")
    return _unpack(bytes(raw))


def _unpack(raw: bytes) -> bytes:
    """``raw`` without its layers of gzip, however they are announced; what is damaged is given as far as it goes."""
    for _ in range(2):
        if not raw.startswith(b"\x1f\x8b"):
            break
        try:
            raw = zlib.decompressobj(wbits=31).decompress(raw, _LARGEST_ERROR_DOCUMENT)
        except zlib.error:
            return b""
    return raw
