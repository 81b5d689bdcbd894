"""The Sellers API, version 1: what a seller's token says about itself."""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.config import AccountConfig
from simulator.gateway import Caller
from simulator.marketplaces import marketplace_of

if TYPE_CHECKING:
    from simulator.simulation import Simulation

_ROOT = "/sellers/v1"


def _participation(account: AccountConfig) -> dict[str, Any]:
    store = marketplace_of(account.marketplace_id)
    return {
        "marketplace": {
            "id": account.marketplace_id,
            "name": store.name,
            "countryCode": store.country,
            "defaultCurrencyCode": account.currency_code,
            "defaultLanguageCode": store.language,
            "domainName": store.domain,
        },
        "participation": {"isParticipating": True, "hasSuspendedListings": False},
        "storeName": f"{account.account_id} store",
    }


def sellers_router(simulation: "Simulation") -> APIRouter:
    """getMarketplaceParticipations, getAccount; a vendor's token has not the role for either."""
    router = APIRouter(prefix=_ROOT)
    answer = simulation.gateway.answer

    @router.get("/marketplaceParticipations")
    async def get_marketplace_participations(request: Request) -> Response:
        async def work(caller: Caller) -> Response:
            return JSONResponse({"payload": [_participation(account) for account in caller.credential.accounts]})

        return await answer(request, "getMarketplaceParticipations", work)

    @router.get("/account")
    async def get_account(request: Request) -> Response:
        async def work(caller: Caller) -> Response:
            participations = [_participation(account) for account in caller.credential.accounts]
            return JSONResponse(
                {
                    "payload": {
                        "marketplaceParticipationList": participations,
                        "businessType": "PRIVATE_LIMITED",
                        "sellingPlan": "PROFESSIONAL",
                    }
                }
            )

        return await answer(request, "getAccount", work)

    return router
