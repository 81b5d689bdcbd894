"""The HTTP interface of a simulation, and the process that serves it."""

from uuid import uuid4

import uvicorn
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.config import SimulatorConfig
from simulator.control import control_router
from simulator.downloads import download
from simulator.login_api import login_router
from simulator.orders_api import orders_router
from simulator.pricing_api import pricing_router
from simulator.refusals import wrong_path
from simulator.reports_api import reports_router
from simulator.sellers_api import sellers_router
from simulator.simulation import Simulation
from simulator.truth_api import truth_router


def build_app(simulation: Simulation) -> FastAPI:
    """The application; it never reads the Host header, which one client sends without its first character."""
    app = FastAPI(title="Selling Partner API simulator", openapi_url=None)
    app.include_router(login_router(simulation))
    app.include_router(reports_router(simulation))
    app.include_router(orders_router(simulation))
    app.include_router(pricing_router(simulation))
    app.include_router(sellers_router(simulation))
    app.include_router(control_router(simulation))
    app.include_router(truth_router(simulation))

    @app.get("/documents/{document_id}")
    async def download_document(request: Request, document_id: str) -> Response:
        return await download(simulation, request, document_id)

    @app.exception_handler(HTTPException)
    async def refuse_path(request: Request, error: HTTPException) -> Response:
        """Amazon answers 403 to paths that it does not know; the control interface speaks plainly."""
        if request.url.path.startswith(("/control", "/truth")):
            return JSONResponse({"detail": error.detail}, status_code=error.status_code)
        refusal = wrong_path()
        return JSONResponse(refusal.body(), status_code=refusal.status, headers={"x-amzn-RequestId": str(uuid4())})

    return app


def serve(config: SimulatorConfig, host: str, port: int) -> None:
    """Serves until the process is told to stop. Only errors are logged, never a request with its secrets."""
    reachable = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104  recognised, not bound
    simulation = Simulation(config, f"http://{reachable}:{port}")
    uvicorn.run(
        build_app(simulation),
        host=host,
        port=port,
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_keep_alive=65,
        timeout_graceful_shutdown=2,
    )
