"""The one place that decides what an answer of Amazon means. Everything else asks here and raises what it is given.

Status lines and bodies follow Amazon's models; the empty 429, the HTML 503 and the texts of 403 are as users met them.
A message names the credential and the operation, quotes Amazon, and says what to do next.
"""

import re
import socket
import ssl
from collections.abc import Iterator
from typing import Any, Final, TypeVar

import httpx

from daybreak.spapi import advice
from daybreak.spapi.answers import amazon_words, decode_object, describe_body, is_positive, request_id
from daybreak.spapi.failures import (
    AccessDenied,
    AuthorisationRevoked,
    DocumentAddressExpired,
    Kind,
    LoginRefused,
    NotFound,
    QuotaExceeded,
    ReportNotFound,
    RequestRefused,
    RoleMissing,
    ServiceUnavailable,
    SpApiFailure,
    TokenExpired,
    TransportBroken,
    UnexpectedAnswer,
)
from daybreak.spapi.operations import Call

Failure = TypeVar("Failure", bound=SpApiFailure)

_TRY_LATER: Final = {408, 425}
_TOKEN_EXPIRED: Final = re.compile(r"expired", re.IGNORECASE)
_TOKEN_REFUSED: Final = re.compile(r"revoked|malformed|token is missing", re.IGNORECASE)
_NOT_FOR_THIS_ACCOUNT: Final = re.compile(r"requires vendor access|does not support account|FORBIDDEN", re.IGNORECASE)
_UNREADABLE_CONTENT: Final = re.compile(r"Unsupported content module type", re.IGNORECASE)
_PRINTABLE: Final = re.compile(r"[!-~]+")


def judge_response(call: Call, status: int, headers: httpx.Headers, body: bytes) -> dict[str, Any]:
    """The decoded answer of ``call``, once status and body are what was asked for.

    Raises:
        SpApiFailure: the subclass and kind that fit; also for a success whose body is not what was asked.
    """
    if 200 <= status < 300:
        return _judge_success(call, status, headers, body)
    words, answer = amazon_words(body), decode_object(body)
    is_amazon = bool(answer and answer.get("errors")) or request_id(headers) is not None
    where: dict[str, Any] = {"http_status": status, "request_id": request_id(headers), "amazon_text": words}
    if status == 429:
        wait = 1 / call.operation.rate
        raise _failure(
            QuotaExceeded,
            call,
            "the quota of this operation is used up",
            Kind.RETRY,
            advice.WAIT_FOR_QUOTA,
            retry_after_seconds=wait,
            **where,
        )
    if status in {401, 403}:
        raise _judge_denial(call, words, where, is_amazon=is_amazon)
    if status == 404:
        raise _judge_absence(call, where, is_amazon=is_amazon)
    if status in _TRY_LATER or status >= 500:
        where["may_have_happened"] = call.operation.creates
        raise _failure(
            ServiceUnavailable, call, "Amazon is not able to answer", Kind.RETRY, advice.WAIT_FOR_AMAZON, **where
        )
    raise _judge_refusal(call, status, words, where)


def _judge_success(call: Call, status: int, headers: httpx.Headers, body: bytes) -> dict[str, Any]:
    keys = call.operation.answer_keys
    if not body.strip() and not keys:
        return {}
    answer = decode_object(body)
    missing = [key for key in keys if answer is not None and answer.get(key) is None]
    if answer is not None and not missing:
        return answer
    found = f"lacks {', '.join(missing)}" if missing else f"is {describe_body(body)} instead of a JSON object"
    raise _failure(
        UnexpectedAnswer,
        call,
        f"the answer {found}",
        Kind.DATA_ERROR,
        advice.CHECK_ANSWERER,
        http_status=status,
        request_id=request_id(headers),
        amazon_text=amazon_words(body),
        may_have_happened=call.operation.creates,
    )


def _judge_denial(call: Call, words: str, where: dict[str, Any], *, is_amazon: bool) -> SpApiFailure:
    if not is_amazon:
        found = "something between Daybreak and Amazon refuses the call"
        return _failure(ServiceUnavailable, call, found, Kind.RETRY, advice.CHECK_PROXY, **where)
    if _TOKEN_REFUSED.search(words):
        again = advice.authorise_again(call.credential_id)
        return _failure(AuthorisationRevoked, call, "the access token is not accepted", Kind.GIVE_UP, again, **where)
    if _TOKEN_EXPIRED.search(words):
        return _failure(TokenExpired, call, "the access token has expired", Kind.RETRY, advice.LOGIN_AFRESH, **where)
    return _failure(RoleMissing, call, "access is denied", Kind.GIVE_UP, advice.CHECK_ROLE, **where)


def _judge_absence(call: Call, where: dict[str, Any], *, is_amazon: bool) -> SpApiFailure:
    kind = call.operation.absent_kind
    if not is_amazon:
        return _failure(RequestRefused, call, "the address is wrong", Kind.GIVE_UP, advice.CHECK_ENDPOINT, **where)
    if kind is Kind.RETRY:
        return _failure(ReportNotFound, call, "Amazon does not find it", kind, advice.WAIT_FOR_REPORT, **where)
    return _failure(NotFound, call, "Amazon does not know it", kind, advice.CHECK_ITEM, **where)


def _judge_refusal(call: Call, status: int, words: str, where: dict[str, Any]) -> SpApiFailure:
    if status < 400:
        return _failure(RequestRefused, call, "the address is wrong", Kind.GIVE_UP, advice.CHECK_ENDPOINT, **where)
    if _UNREADABLE_CONTENT.search(words):
        found = "this content cannot be read"
        return _failure(RequestRefused, call, found, Kind.SKIP, advice.NO_PREMIUM_CONTENT, **where)
    if _NOT_FOR_THIS_ACCOUNT.search(words):
        return _failure(AccessDenied, call, "access is denied", Kind.GIVE_UP, advice.CHECK_ACCOUNT_TYPE, **where)
    return _failure(RequestRefused, call, "Amazon refuses the request", Kind.GIVE_UP, advice.CHECK_REQUEST, **where)


def judge_login(call: Call, status: int, headers: httpx.Headers, body: bytes) -> tuple[str, float]:
    """The access token and the seconds it lives, from an answer of Login with Amazon.

    Raises:
        LoginRefused: the credential or the address is refused; a person must act.
        ServiceUnavailable: Login with Amazon has trouble of its own.
        UnexpectedAnswer: a success without a usable token.
    """
    where: dict[str, Any] = {"http_status": status, "request_id": request_id(headers)}
    answer = decode_object(body) or {}
    if status == 200:
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        # it goes into a header: anything but printable ASCII would break every request, and show in the error
        if isinstance(token, str) and _PRINTABLE.fullmatch(token) and is_positive(seconds):
            return token, float(str(seconds))
        found = f"the answer is {describe_body(body)} and holds no usable access token"
        raise _failure(UnexpectedAnswer, call, found, Kind.DATA_ERROR, advice.CHECK_ANSWERER, **where)
    code = str(answer.get("error", ""))
    where["amazon_text"] = f"{code}: {answer.get('error_description', '')}" if code else amazon_words(body)
    if status in {400, 401, 403} and code:
        correction = advice.correct_login(code, call.credential_id)
        found = "Login with Amazon refuses the credential"
        raise _failure(LoginRefused, call, found, Kind.GIVE_UP, correction, **where)
    if 300 <= status < 400 or status in {404, 405}:
        raise _failure(LoginRefused, call, "the address is wrong", Kind.GIVE_UP, advice.CHECK_LOGIN_URL, **where)
    found = "Login with Amazon is not able to answer"
    raise _failure(ServiceUnavailable, call, found, Kind.RETRY, advice.WAIT_FOR_AMAZON, **where)


def judge_download(call: Call, status: int, headers: httpx.Headers, body: bytes) -> SpApiFailure | None:
    """What stands in the way of a document, from the storage's status and the start of its answer; ``None`` if nothing.

    A success is never judged by its content: landing keeps the bytes as they came and reads them.
    """
    if status == 200:
        return None
    storage_id = headers.get("x-amz-request-id")
    where: dict[str, Any] = {"http_status": status, "request_id": storage_id, "amazon_text": amazon_words(body)}
    if 400 <= status < 500 and status not in _TRY_LATER | {429}:
        found = "the address of the document is not accepted any more"
        return _failure(DocumentAddressExpired, call, found, Kind.RETRY, advice.ASK_ADDRESS_AGAIN, **where)
    found = "the storage does not give the document"
    return _failure(ServiceUnavailable, call, found, Kind.RETRY, advice.WAIT_FOR_AMAZON, **where)


def judge_transport(call: Call, error: Exception, *, address: str) -> TransportBroken:
    """What an exception of the HTTP client means; ``address`` is host and port, for the message.

    The text of ``error`` is not quoted: it may hold what was sent.
    """
    found, next_step, kind = _describe_breakage(error)
    was_sent = not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout))
    return _failure(
        TransportBroken,
        call,
        f"{found} ({address})",
        kind,
        next_step,
        may_have_happened=call.operation.creates and was_sent and kind is Kind.RETRY,
    )


def judge_content(call: Call, found: str) -> UnexpectedAnswer:
    """A success whose content, once read, is not what was asked for; ``found`` says in what way."""
    return _failure(UnexpectedAnswer, call, found, Kind.DATA_ERROR, advice.REPORT_DEFECT)


_BREAKAGES: Final[tuple[tuple[type[Exception], str], ...]] = (
    (httpx.ConnectTimeout, "no connection within the time allowed"),
    (httpx.ConnectError, "no connection is possible"),
    (httpx.PoolTimeout, "no free connection within the time allowed"),
    (httpx.TimeoutException, "no complete answer within the time allowed"),
    (httpx.RemoteProtocolError, "the answer broke off before its end"),
    (httpx.DecodingError, "the compression of the answer is damaged"),
    (httpx.ProxyError, "the proxy refuses the connection"),
    (httpx.NetworkError, "the connection was reset"),
)


def _describe_breakage(error: Exception) -> tuple[str, str, Kind]:
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return "the certificate of the server is not trusted", advice.CHECK_CERTIFICATES, Kind.GIVE_UP
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return "the host name cannot be resolved", advice.CHECK_DNS, Kind.RETRY
    if isinstance(error, (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError)):
        return "the request cannot be sent", advice.CHECK_CONNECTION, Kind.GIVE_UP
    for exception, found in _BREAKAGES:
        if isinstance(error, exception):
            return found, advice.WAIT_FOR_NETWORK, Kind.RETRY
    return f"the connection failed ({type(error).__name__})", advice.WAIT_FOR_NETWORK, Kind.RETRY


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _failure(cls: type[Failure], call: Call, found: str, kind: Kind, next_step: str, **where: Any) -> Failure:
    message = f"{call.name}: {found}"
    return cls(kind=kind, message=message, advice=next_step, operation=call.operation.name, **where)
