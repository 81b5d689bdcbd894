"""A session with Amazon's Selling Partner API: every call passes the quota, carries a valid token and is judged."""

import math
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Self

from daybreak.spapi import advice
from daybreak.spapi.amazon_library import build_and_send
from daybreak.spapi.answers import learned_rate
from daybreak.spapi.credentials import SellingPartnerCredential, region_of
from daybreak.spapi.exchange import Exchange
from daybreak.spapi.failures import AccessDenied, Kind, QuotaExceeded, TokenExpired
from daybreak.spapi.judgement import judge_login, judge_response
from daybreak.spapi.operations import LOGIN, Call, Operation
from daybreak.spapi.quota import QuotaGate
from daybreak.spapi.tokens import TOKENS, TokenStore

_LONGEST_NAP_SECONDS: Final = 0.5
_SHORTEST_NAP_SECONDS: Final = 0.01


class SellingPartnerSession:
    """Calls of one credential for one marketplace. Threads may share it; close it, or use it as a context manager.

    ``quota`` is asked before every call. A wait of up to ``patience_seconds`` is slept through, a longer one raises
    :class:`QuotaExceeded` without calling Amazon, so that the caller can give its worker free meanwhile.
    ``timeout_seconds`` bounds each silence of the network; a whole answer may take twice as long.
    """

    def __init__(
        self,
        credential: SellingPartnerCredential,
        marketplace_id: str,
        region: str | None,
        quota: QuotaGate,
        *,
        timeout_seconds: float = 30.0,
        patience_seconds: float = 5.0,
        tokens: TokenStore = TOKENS,
    ) -> None:
        self.credential = credential
        self.marketplace_id = marketplace_id
        self._region = region or region_of(marketplace_id)
        self._endpoint = credential.endpoint_for(marketplace_id)
        self._quota = quota
        self._patience_seconds = patience_seconds
        self._tokens = tokens
        self._stated_rates: dict[str, float] = {}
        self.exchange = Exchange(timeout_seconds)

    def call(self, operation: Operation, *arguments: Any, subject: str = "", **parameters: Any) -> dict[str, Any]:
        """Amazon's answer to ``operation``, decoded and complete.

        ``arguments`` and ``parameters`` are those of the library's method; ``subject`` is what the call is about, for
        messages. An expired token is dropped and the call repeated once.

        Raises:
            SpApiFailure: whatever :mod:`daybreak.spapi.judgement` made of it.
        """
        return self._call(operation, arguments, subject, parameters).payload

    def call_raw(self, operation: Operation, *arguments: Any, subject: str = "", **parameters: Any) -> bytes:
        """As ``call``, but Amazon's answer as received: what is kept must not lose a digit or a name to a decoder."""
        return self._call(operation, arguments, subject, parameters).body

    def _call(
        self, operation: Operation, arguments: tuple[Any, ...], subject: str, parameters: dict[str, Any]
    ) -> "_Answer":
        call = self.about(operation, subject)
        try:
            return self._attempt(call, arguments, parameters)
        except TokenExpired:
            pass  # repeated outside, so that a second failure does not drag the first along
        return self._attempt(call, arguments, parameters)

    def login(self) -> None:
        """Returns when an access token is there: a new one unless this process has a valid one.

        Raises:
            SpApiFailure: Login with Amazon refuses the credential, or does not answer.
        """
        self._tokens.token(self.credential, self._login)

    def about(self, operation: Operation, subject: str = "") -> Call:
        """``operation`` on ``subject`` as messages of this session name it."""
        return Call(operation, self.credential.credential_id, subject)

    @property
    def is_plain_http(self) -> bool:
        """The endpoint is a simulator or a gateway that is spoken to without TLS."""
        return self._endpoint.startswith("http://")

    def _attempt(self, call: Call, arguments: tuple[Any, ...], parameters: dict[str, Any]) -> "_Answer":
        token = self._tokens.token(self.credential, self._login)
        self._await_quota(call)
        try:
            answer: _Answer = build_and_send(
                call.operation,
                _Wire(self, call, token),
                endpoint=self._endpoint,
                marketplace_id=self.marketplace_id,
                region=self._region,
                arguments=arguments,
                parameters=parameters,
            )
        except QuotaExceeded as failure:
            # A refusal states no rate: the one that Amazon's last answer stated tells when the next call is there.
            wait = 1 / self._stated_rates.get(call.operation.name, call.operation.rate)
            failure.retry_after_seconds = wait
            self._quota.block(call.operation.name, wait)
            raise
        except (TokenExpired, AccessDenied):
            # a role that was just granted, or an authorisation that was renewed, counts from the next login on
            self._tokens.drop(self.credential, token)
            raise
        return answer

    def _await_quota(self, call: Call) -> None:
        operation = call.operation
        deadline = time.monotonic() + self._patience_seconds
        while wait := self._quota.take(operation.name, operation.rate, operation.burst):
            if wait > deadline - time.monotonic():
                raise QuotaExceeded(
                    kind=Kind.RETRY,
                    message=f"{call.name}: no call is left in the quota for another {math.ceil(wait)} s",
                    advice=advice.WAIT_FOR_QUOTA,
                    operation=operation.name,
                    retry_after_seconds=wait,
                )
            time.sleep(min(max(wait, _SHORTEST_NAP_SECONDS), _LONGEST_NAP_SECONDS))

    def _login(self) -> tuple[str, float]:
        call = self.about(LOGIN)
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self.credential.refresh_token.get_secret_value(),
            "client_id": self.credential.client_id.get_secret_value(),
            "client_secret": self.credential.client_secret.get_secret_value(),
        }
        received = self.exchange.send(call, "POST", self.credential.login_url, headers={}, form=form)
        return judge_login(call, received.status, received.headers, received.body)

    def send(self, call: Call, token: str, method: str, url: str, *, params: Any, content: Any) -> "_Answer":
        """One request with its token: its rate learned, its answer judged. For the transport that the library gets."""
        headers = {
            "accept": "application/json",
            "x-amz-access-token": token,
            "x-amz-date": datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"),
        }
        if content is not None:
            headers["content-type"] = "application/json"
        received = self.exchange.send(call, method, url, headers=headers, params=params, content=content)
        if rate := learned_rate(received.headers):
            self._stated_rates[call.operation.name] = rate
            self._quota.learn(call.operation.name, rate)
        return _Answer(judge_response(call, received.status, received.headers, received.body), received.body)

    def close(self) -> None:
        self.exchange.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Answer:
    """What the library is given back: it sets attributes on it. ``body`` is what ``payload`` was decoded from."""

    def __init__(self, payload: dict[str, Any], body: bytes) -> None:
        self.payload = payload
        self.body = body


class _Wire:
    """The library's transport for one call. Its headers are dropped: ``host`` is wrong for http, the token is none."""

    def __init__(self, session: SellingPartnerSession, call: Call, token: str) -> None:
        self._session = session
        self._call = call
        self._token = token

    def request(self, method: str, url: str, *, params: Any, content: Any, headers: Any) -> _Answer:
        return self._session.send(self._call, self._token, method, url, params=params, content=content)
