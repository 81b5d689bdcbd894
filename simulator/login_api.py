"""The token endpoint of Login with Amazon."""

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.gateway import UNKNOWN_CALLER
from simulator.operations import REQUEST_ACCESS_TOKEN

if TYPE_CHECKING:
    from simulator.simulation import Simulation


def login_router(simulation: "Simulation") -> APIRouter:
    """``POST /auth/o2/token``, form encoded."""
    router = APIRouter()

    @router.post("/auth/o2/token")
    async def request_access_token(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
        credential = simulation.logins.find(form.get("refresh_token", ""))
        caller = credential.name if credential else UNKNOWN_CALLER
        account_ids = credential.account_ids if credential else ()

        async def work() -> Response:
            return JSONResponse(simulation.logins.exchange(form), headers={"Cache-Control": "no-store"})

        return await simulation.gateway.answer_outside(REQUEST_ACCESS_TOKEN, caller, account_ids, None, work)

    return router
