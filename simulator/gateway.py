"""What every call of the Selling Partner API passes: who calls, armed faults, quota, headers, counting."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.faults.answer_spoilers import asked_token, repeat_token, spoil_answer
from simulator.faults.answers import ConnectionCut, alongside, instead
from simulator.faults.armoury import Armoury, Stage
from simulator.journal import Journal
from simulator.login import Credential, LoginError, Logins
from simulator.operations import SPAPI_OPERATIONS
from simulator.quota import Quotas
from simulator.refusals import Refusal, role_missing, throttled

_STATUSES_WITH_RATE = frozenset({200, 201, 202, 204, 400, 404})
"""The statuses on which Amazon declares ``x-amzn-RateLimit-Limit``."""
UNKNOWN_CALLER = "unknown"


@dataclass(frozen=True)
class Caller:
    """Who makes a call, and its operation."""

    credential: Credential
    operation: str


Work = Callable[[Caller], Awaitable[Response]]
Peek = Callable[[Credential], str | None]


class Gateway:
    """Answers calls: token and role before faults, faults before quota, quota before the operation itself."""

    def __init__(self, logins: Logins, quotas: Quotas, armoury: Armoury, journal: Journal) -> None:
        self._logins = logins
        self._quotas = quotas
        self._armoury = armoury
        self._journal = journal

    async def answer(self, request: Request, operation: str, work: Work, peek: Peek = lambda _: None) -> Response:
        """The answer to one call. ``peek`` tells the report type that a call is about, for faults bound to one."""
        caller = UNKNOWN_CALLER
        try:
            credential = self._logins.recognise(request.headers.get("x-amz-access-token"))
            caller = credential.name
            if not SPAPI_OPERATIONS[operation].open_to(credential.roles):
                raise role_missing(operation)
            fault = self._armoury.strike(Stage.CALL, operation, credential.account_ids, peek(credential))
            response = instead(fault, operation) if fault is not None else None
            if response is None:
                if not self._quotas.take(credential.key, SPAPI_OPERATIONS[operation]):
                    raise throttled()
                found = await work(Caller(credential, operation))
                response = alongside(fault, self._spoilt(found, request, operation, credential))
        except Refusal as refusal:
            response = JSONResponse(refusal.body(), status_code=refusal.status)
        self._journal.note(caller, operation, status_of(response))
        response.headers["x-amzn-RequestId"] = str(uuid4())
        if response.status_code in _STATUSES_WITH_RATE:
            response.headers["x-amzn-RateLimit-Limit"] = self._quotas.shown_rate(operation)
        return response

    def _spoilt(self, response: Response, request: Request, operation: str, credential: Credential) -> Response:
        """``response`` as faults of answers leave it."""
        fault = self._armoury.strike(Stage.ANSWER, operation, credential.account_ids)
        if fault is not None:
            response = spoil_answer(response, fault)
        token = asked_token(request.query_params)
        if token is not None and self._armoury.strike(Stage.NEXT_PAGE, operation, credential.account_ids) is not None:
            response = repeat_token(response, operation, token)
        return response

    async def answer_outside(
        self,
        operation: str,
        caller: str,
        account_ids: tuple[str, ...],
        report_type: str | None,
        work: Callable[[], Awaitable[Response]],
    ) -> Response:
        """The answer to a login or a download: faults and counting, but neither access token nor quota."""
        try:
            fault = self._armoury.strike(Stage.CALL, operation, account_ids, report_type)
            response = instead(fault, operation) if fault is not None else None
            if response is None:
                response = alongside(fault, await work())
        except Refusal as refusal:
            response = JSONResponse(refusal.body(), status_code=refusal.status)
        except LoginError as error:
            response = JSONResponse(error.body(), status_code=error.status)
        self._journal.note(caller, operation, status_of(response))
        return response


def status_of(response: Response) -> int | str:
    return "reset" if isinstance(response, ConnectionCut) else response.status_code
