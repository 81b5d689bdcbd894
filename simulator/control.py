"""The simulator's own interface, for the stack that runs it and for tests; Amazon has nothing like it."""

from collections.abc import Callable
from datetime import UTC, datetime
from secrets import compare_digest
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from simulator.faults.armoury import Fault
from simulator.report_book import Report

if TYPE_CHECKING:
    from simulator.simulation import Simulation


class ClockOrder(BaseModel):
    """Where world time goes on from, and the new speed; what is left out stays."""

    model_config = ConfigDict(extra="forbid")
    now: datetime | None = None
    speed: Annotated[float | None, Field(gt=0, le=100_000)] = None


class LifetimeOrder(BaseModel):
    """How long new access tokens and new document addresses are good for, in real seconds."""

    model_config = ConfigDict(extra="forbid")
    access_token_seconds: Annotated[int | None, Field(ge=0)] = None
    document_url_seconds: Annotated[int | None, Field(ge=0)] = None


class FaultOrders(BaseModel):
    """Faults to arm, in order."""

    model_config = ConfigDict(extra="forbid")
    faults: list[Fault]


def token_check(simulation: "Simulation") -> Callable[[str], None]:
    """A check that lets only calls with the configured ``x-control-token`` pass."""
    secret = simulation.config.control_token.get_secret_value()

    def check(x_control_token: Annotated[str, Header()] = "") -> None:
        if not compare_digest(x_control_token.encode(), secret.encode()):
            raise HTTPException(401, "the header x-control-token must hold the control_token of the configuration")

    return check


def control_router(simulation: "Simulation") -> APIRouter:
    """Everything under ``/control``; all but the health check want the header ``x-control-token``."""
    router = APIRouter(prefix="/control")
    guarded = APIRouter(dependencies=[Depends(token_check(simulation))])

    @router.get("/health")
    async def health() -> dict[str, Any]:
        return {"status": "ok", "accounts": [account.account_id for account in simulation.config.accounts]}

    @guarded.get("/clock")
    async def show_clock() -> dict[str, Any]:
        return _clock(simulation)

    @guarded.put("/clock")
    async def set_clock(order: ClockOrder) -> dict[str, Any]:
        simulation.clock.set(order.now, order.speed)
        return _clock(simulation)

    @guarded.put("/lifetimes")
    async def set_lifetimes(order: LifetimeOrder) -> dict[str, int]:
        if order.access_token_seconds is not None:
            simulation.logins.lifetime_seconds = order.access_token_seconds
        if order.document_url_seconds is not None:
            simulation.addresses.lifetime_seconds = order.document_url_seconds
        return {
            "access_token_seconds": simulation.logins.lifetime_seconds,
            "document_url_seconds": simulation.addresses.lifetime_seconds,
        }

    @guarded.get("/state")
    async def state() -> dict[str, Any]:
        pace = simulation.clock.pace()
        return {
            "clock": _clock(simulation),
            "calls": simulation.journal.summary(),
            "reports": [_report(report, pace) for report in simulation.book],
            "faults": [fault.model_dump() for fault in simulation.armoury.waiting()],
        }

    @guarded.delete("/reports")
    async def forget_reports() -> dict[str, str]:
        simulation.book.forget()
        return {"status": "every report is forgotten"}

    @guarded.post("/faults")
    async def arm_faults(order: FaultOrders | list[Fault]) -> dict[str, int]:
        simulation.armoury.arm(order if isinstance(order, list) else order.faults)
        return {"armed": len(simulation.armoury.waiting())}

    @guarded.delete("/faults")
    async def clear_faults() -> dict[str, int]:
        simulation.armoury.clear()
        return {"armed": 0}

    router.include_router(guarded)
    return router


def _clock(simulation: "Simulation") -> dict[str, Any]:
    return {"now": simulation.clock.now().astimezone(UTC).isoformat(), "speed": simulation.clock.speed}


def _report(report: Report, pace: float) -> dict[str, Any]:
    window = report.request.window
    return {
        "report_id": report.report_id,
        "account_id": report.account.account_id,
        "report_type": report.request.report_type,
        "report_options": dict(report.request.options),
        "marketplace_ids": list(report.request.marketplace_ids),
        "data_start_date": window[0].isoformat() if window else None,
        "data_end_date": window[1].isoformat() if window else None,
        "created_at": report.created_at.isoformat(),
        "processing_status": report.status(pace),
        "error_text": report.fate.error_text,
    }
