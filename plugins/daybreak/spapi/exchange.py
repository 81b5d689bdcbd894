"""One HTTP exchange: explicit timeouts, a deadline, a size limit, every breakage judged. Knows no API."""

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import httpx

from daybreak.spapi.judgement import judge_download, judge_transport
from daybreak.spapi.library_logs import guard_library_logs
from daybreak.spapi.operations import Call

Result = TypeVar("Result")

USER_AGENT: Final = "Daybreak (Language=Python)"
LARGEST_ANSWER_BYTES: Final = 64 * 2**20
SLOWEST_BYTES_PER_SECOND: Final = 1024
"""A document that comes slower than this, on average over one timeout, is given up: at night nobody would notice."""
_CONNECT_SECONDS: Final = 10.0
_HEAD_BYTES: Final = 20_000
# a proxy from the environment is for the outside world
_NO_PROXY: Final = {"all://127.0.0.1": None, "all://localhost": None, "all://[::1]": None}


@cache
def _trust() -> ssl.SSLContext:
    """The certificate authorities of this process: reading them takes longer than a call."""
    return httpx.create_ssl_context()


@dataclass(frozen=True)
class Received:
    """A complete answer, its body decompressed."""

    status: int
    headers: httpx.Headers
    body: bytes


class Download:
    """A document on its way: iterate once for its bytes as they were sent, neither decompressed nor decoded.

    Raises while iterating:
        TransportBroken: the bytes stop before their announced end, or come too slowly; what came is not the document.
    """

    def __init__(self, call: Call, response: httpx.Response, timeout_seconds: float) -> None:
        self._call = call
        self._response = response
        self._window_seconds = timeout_seconds
        self.content_type: str | None = response.headers.get("content-type")
        self.content_encoding: str | None = response.headers.get("content-encoding")

    def __iter__(self) -> Iterator[bytes]:
        chunks = self._response.iter_raw()
        waited, received = 0.0, 0
        while True:
            asked_at = time.monotonic()
            chunk = _judged(self._call, str(self._response.url), lambda: next(chunks, None))
            if chunk is None:
                return
            waited += time.monotonic() - asked_at  # for the network; what the reader does meanwhile does not count
            received += len(chunk)
            if waited >= self._window_seconds:
                if received < waited * SLOWEST_BYTES_PER_SECOND:
                    raise judge_transport(
                        self._call, httpx.ReadTimeout("too slow"), address=_address(str(self._response.url))
                    )
                waited, received = 0.0, 0
            yield chunk


class Exchange:
    """Connections of one session. Close it, or use it as a context manager."""

    def __init__(self, timeout_seconds: float) -> None:
        guard_library_logs()
        self.clock_skew_seconds: float | None = None
        """How far this machine's clock is ahead of the one that answered last; to the second, None before that."""
        self._timeout_seconds = timeout_seconds
        self._client = httpx.Client(
            timeout=httpx.Timeout(timeout_seconds, connect=min(_CONNECT_SECONDS, timeout_seconds)),
            headers={"user-agent": USER_AGENT},
            verify=_trust(),
            follow_redirects=False,
            mounts=_NO_PROXY,
        )

    def send(
        self,
        call: Call,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        params: Any = None,
        content: str | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Received:
        """Send one request and wait for all of its answer, at most twice the timeout.

        Raises:
            TransportBroken: no complete answer came, or one that is larger than :data:`LARGEST_ANSWER_BYTES`.
        """
        request = _judged(
            call,
            url,
            lambda: self._client.build_request(method, url, params=params, content=content, data=form, headers=headers),
        )
        return _judged(call, url, lambda: self._receive(request))

    def _receive(self, request: httpx.Request) -> Received:
        deadline = time.monotonic() + 2 * self._timeout_seconds
        response = self._client.send(request, stream=True)
        self.clock_skew_seconds = _clock_skew(response.headers, datetime.now(UTC), self.clock_skew_seconds)
        try:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("too slow")
                if len(body) > LARGEST_ANSWER_BYTES:
                    raise httpx.RemoteProtocolError("too large")
            return Received(response.status_code, response.headers, bytes(body))
        finally:
            response.close()

    @contextmanager
    def download(self, call: Call, url: str) -> Iterator[Download]:
        """The document at a pre-signed address: no token goes with the request, and no compression is invited.

        Raises:
            DocumentAddressExpired, ServiceUnavailable: the storage does not give it.
            TransportBroken: no connection, or it broke.
        """
        plain = {"accept-encoding": "identity"}
        request = _judged(call, url, lambda: self._client.build_request("GET", url, headers=plain))
        response = _judged(call, url, lambda: self._client.send(request, stream=True))
        try:
            arriving = Download(call, response, self._timeout_seconds)
            if response.status_code != httpx.codes.OK:
                head = b""
                for chunk in arriving:
                    head += chunk
                    if len(head) >= _HEAD_BYTES:
                        break
                failure = judge_download(call, response.status_code, response.headers, head)
                if failure is not None:
                    raise failure
            yield arriving
        finally:
            response.close()

    def close(self) -> None:
        self._client.close()


def _judged(call: Call, url: str, action: Callable[[], Result]) -> Result:
    """What ``action`` gives; exceptions of the HTTP client become :class:`TransportBroken`.

    Raised outside the handler, so that the original, which may quote the request and its secrets, is not chained to it.
    """
    try:
        return action()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        failure = judge_transport(call, error, address=_address(url))
    raise failure


def _clock_skew(headers: httpx.Headers, now: datetime, before: float | None) -> float | None:
    """Seconds by which ``now`` is ahead of the answer's ``Date``; ``before`` where it names none that can be read."""
    try:
        answered_at = parsedate_to_datetime(headers.get("date", ""))
        return (now - answered_at).total_seconds()
    except (ValueError, TypeError):  # no date, or one without a zone
        return before


def _address(url: str) -> str:
    """Host and port of ``url``: never its user, path or query."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
    except ValueError:
        return "an address that cannot be read"
