"""The app: routes, files and gate put together."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio.to_thread
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Router
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from robot_agent import __version__
from robot_agent.errors import RobotAgentError
from server import explain, problems
from server.api import (
    lending,
    routes_auth,
    routes_control,
    routes_episodes,
    routes_identity,
    routes_options,
    routes_policies,
    routes_robot,
    routes_runs,
    routes_streams,
    routes_sweeps,
    websocket,
)
from server.api.auth import Auth
from server.api.gate import make_gate
from server.api.gate.paths import API
from server.api.metrics import CONTENT_TYPE, Metrics
from server.control.control import Control
from server.service.connections import Connections
from server.service.identity import identity_of

ROUTES = (
    routes_control,
    routes_robot,
    routes_options,
    routes_streams,
    routes_runs,
    routes_sweeps,
    routes_episodes,
    routes_policies,
    routes_auth,
    routes_identity,
    websocket,
    lending,
)

STATIC = Path(__file__).parent / "static"

STORE_THREADS = 6
"""Number of requests that read the store at once: each takes a thread, and each thread memory."""


def _raise(error: Exception) -> None:
    raise error


def make_app(
    control: Control,
    auth: Auth,
    connections: Connections,
    *,
    lan: bool = False,
    port: int = 8080,
    names: Iterable[str] = (),
    on_open: Callable[[], None] = lambda: None,
    on_fail: Callable[[Exception], None] = _raise,
) -> ASGIApp:
    """Build the app.

    Args:
        control: what it controls; opened and closed with the app.
        auth: who may do what.
        connections: how many there are, and which is one too many.
        lan: whether other machines may come.
        names: by which this machine is called too.
        port: names the cookie, which browsers do not tell apart by ports.
        on_open: is called when all is open.
        on_fail: is called with the error when it cannot be opened; nothing is served then.
    """

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = STORE_THREADS
        try:
            try:
                await control.open()
            except (RobotAgentError, OSError) as error:
                on_fail(error)
            else:
                on_open()
            yield
        finally:
            await control.close()

    app = FastAPI(
        title="robot-agent",
        version=__version__,
        description="Shows and controls the training of a small robot. Errors are application/problem+json.",
        lifespan=life,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
        responses=problems.RESPONSES,
        default_response_class=problems.SafeJSONResponse,
    )
    app.state.control, app.state.auth, app.state.cookie = control, auth, f"robot-agent-{port}"
    app.state.clients, app.state.identity = control.clients, identity_of(control.state.config.store.resolve())
    problems.install(app)
    for routes in ROUTES:
        app.include_router(routes.router, prefix=API)
    figures = Metrics(control)

    @app.get("/metrics", tags=["service"], response_class=Response)
    async def metrics(request: Request) -> Response:
        """Figures for Prometheus."""
        return Response(figures.text(), media_type=CONTENT_TYPE)

    @app.get("/healthz", tags=["service"], response_model=dict[str, bool])
    async def healthz(request: Request) -> Response:
        """Whether guard and trainer are ready; 503 if not."""
        parts = {"guard": control.guard.ready, "trainer": control.worker.ready.is_set()}
        return JSONResponse(parts, 200 if all(parts.values()) else 503)

    return make_gate(app, _files(), auth, connections, lan=lan, cookie=app.state.cookie, names=names)


def _files() -> ASGIApp | None:
    """Return the dashboard's files and the pages that explain findings, with errors like all others.

    None where there is no dashboard.
    """

    async def missing(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problems.response(error.status_code, "There is no such page; the dashboard is at /.")

    if not STATIC.is_dir():
        return None
    pages = Router([*explain.ROUTES, Mount("/", StaticFiles(directory=STATIC, html=True))])
    return ExceptionMiddleware(pages, {HTTPException: missing})
