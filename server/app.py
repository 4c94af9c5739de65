"""The robot's server: puts together the API, the pages, and the control behind them."""

from contextlib import ExitStack

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from server import explain
from server.api import (
    lending,
    routes_control,
    routes_episodes,
    routes_identity,
    routes_options,
    routes_pairing,
    routes_policies,
    routes_robot,
    routes_runs,
    routes_streams,
    routes_sweeps,
    websocket,
)
from server.api.metrics import CONTENT_TYPE, Metrics
from server.api.serving import STATIC, Reach, make_api, make_pages, serve
from server.control.control import Control
from server.service.identity import identity_of
from server.service.persisted import Persisted

ROUTES = (
    routes_control,
    routes_robot,
    routes_options,
    routes_streams,
    routes_runs,
    routes_sweeps,
    routes_episodes,
    routes_policies,
    routes_pairing,
    routes_identity,
    websocket,
    lending,
)


def serve_robot(control: Control, persisted: Persisted, holding: ExitStack, reach: Reach) -> None:
    """Serve the API and the pages of one robot until the process ends; see `serve`."""
    serve(
        control,
        _make_api(control),
        make_files(),
        clients=control.clients,
        persisted=persisted,
        holding=holding,
        reach=reach,
        greeting="The dashboard is at",
    )


def make_files() -> ASGIApp | None:
    """Return the app that serves the dashboard's files and the pages that explain findings."""
    files = StaticFiles(directory=STATIC, html=True, check_dir=False)
    return make_pages([*explain.ROUTES, Mount("/", files)], "the dashboard is at /")


def _make_api(control: Control) -> FastAPI:
    api = make_api("robot-agent", "Shows and controls the training of a small robot.", ROUTES)
    api.state.control = control
    api.state.identity = identity_of(control.state.config.store.resolve())
    figures = Metrics(control)

    @api.get("/metrics", tags=["service"], response_class=Response)
    async def metrics(request: Request) -> Response:
        """Figures for Prometheus."""
        return Response(figures.text(), media_type=CONTENT_TYPE)

    @api.get("/healthz", tags=["service"], response_model=dict[str, bool])
    async def healthz(request: Request) -> Response:
        """Whether guard and trainer are ready; 503 if not."""
        parts = {"guard": control.guard.ready, "trainer": control.worker.ready.is_set()}
        return JSONResponse(parts, 200 if all(parts.values()) else 503)

    return api
