"""python-amazon-sp-api, used for one thing: to build requests.

The library never sees a secret and never opens a connection here. Its constructor is passed over, because it reads
credentials and ``SP_API_DEFAULT_MARKETPLACE`` from the environment and would override what it is told; its response
handling too, because it takes the bodies of 429 and 5xx for success. What it builds goes to the transport it is given.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, Protocol

from daybreak.spapi.operations import Operation

TOKEN_PLACEHOLDER: Final = "set-by-the-session"  # noqa: S105 - the library logs its headers; the real token is put in later
_READ_AT_IMPORT: Final = ("SP_API_DEFAULT_MARKETPLACE", "AWS_ENV")
_IMPORT_LOCK = threading.Lock()


class Transport(Protocol):
    """Sends what the library built; whatever ``request`` returns comes back to the caller."""

    def request(self, method: str, url: str, *, params: Any, content: Any, headers: Any) -> Any: ...


@contextmanager
def _without_its_variables() -> Iterator[None]:
    """The library fails to import, or talks to the sandbox, where these are set for something else."""
    kept = {name: os.environ.pop(name) for name in _READ_AT_IMPORT if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


@cache
def region_by_marketplace_id() -> dict[str, str]:
    """Amazon's region of every marketplace that the library knows."""
    with _IMPORT_LOCK, _without_its_variables():
        from sp_api.base import Marketplaces  # noqa: PLC0415 - see above
    return {marketplace.marketplace_id: marketplace.region for marketplace in Marketplaces}


@cache
def _builder_class(api: str, version: str | None) -> type[Any]:
    with _IMPORT_LOCK, _without_its_variables():
        import sp_api.api  # noqa: PLC0415 - see above
    original = getattr(sp_api.api, api)
    if version is not None:
        original = original._VERSION_MAP[version]  # the front class only chooses between versions
    return type(f"Bare{api}", (_Bare, original), {})


class _Bare:
    """Put before a class of the library: takes its place in making, sending and receiving."""

    _transport: Transport
    endpoint: str

    def __init__(
        self, transport: Transport, endpoint: str, marketplace_id: str, region: str, version: str | None
    ) -> None:
        self._transport = transport
        self.endpoint = endpoint
        self.marketplace_id = marketplace_id
        self.region = region
        self.version = version

    @property
    def headers(self) -> dict[str, str]:
        return {"x-amz-access-token": TOKEN_PLACEHOLDER}

    def _request(self, path: str, *, add_marketplace: bool = False, **building: Any) -> Any:
        # the library would add the marketplace under four names; callers here name it as the operation documents it
        return super()._request(path, add_marketplace=False, **building)  # type: ignore[misc]

    def _check_response(self, answer: Any, *_: Any) -> Any:
        return answer


def build_and_send(
    operation: Operation,
    transport: Transport,
    *,
    endpoint: str,
    marketplace_id: str,
    region: str,
    arguments: tuple[Any, ...],
    parameters: dict[str, Any],
) -> Any:
    """Let the library build the request of ``operation`` and hand it to ``transport``; gives what that gives.

    Every call uses an object of its own, because the library keeps the current method in the object.
    """
    builder = _builder_class(operation.api, operation.version)
    client = builder(transport, endpoint, marketplace_id, region, operation.version)
    return getattr(client, operation.method)(*arguments, **parameters)
