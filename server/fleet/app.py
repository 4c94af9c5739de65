"""The hub's app: the same gate, errors and pairing as a robot's server, with the page of the room."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from robot_agent import __version__
from robot_agent.errors import RobotAgentError
from server import problems
from server.api import routes_auth
from server.api.auth import Auth
from server.api.gate import make_gate
from server.api.gate.paths import API
from server.fleet import routes, websocket
from server.fleet.hub import Hub
from server.service.connections import Connections

STATIC = Path(__file__).parents[1] / "static"


def make_app(
    hub: Hub,
    auth: Auth,
    connections: Connections,
    *,
    lan: bool,
    port: int,
    names: Iterable[str],
    on_open: Callable[[], None],
    on_fail: Callable[[Exception], None],
) -> ASGIApp:
    """Build the app; see `server.app.make_app` for what the arguments mean."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        try:
            try:
                await hub.open()
            except (RobotAgentError, OSError) as error:
                on_fail(error)
            else:
                on_open()
            yield
        finally:
            await hub.close()

    app = FastAPI(
        title="robot-agent, a room full of robots",
        version=__version__,
        description="Shows and halts several robots. Errors are application/problem+json.",
        lifespan=life,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
        responses=problems.RESPONSES,
        default_response_class=problems.SafeJSONResponse,
    )
    app.state.hub, app.state.auth, app.state.clients = hub, auth, hub.pages.clients
    app.state.cookie = f"robot-agent-{port}"
    problems.install(app)
    for one in (routes, routes_auth, websocket):
        app.include_router(one.router, prefix=API)

    @app.get("/healthz", tags=["service"], response_model=dict[str, int])
    async def healthz(request: Request) -> Response:
        """Number of robots, and of those that are connected."""
        robots = hub.fleet.robots.values()
        return JSONResponse({"robots": len(robots), "connected": sum(one.is_reached for one in robots)})

    return make_gate(app, _files(), auth, connections, lan=lan, cookie=app.state.cookie, names=names)


def _files() -> ASGIApp:
    async def page(request: Request) -> Response:
        return FileResponse(STATIC / "fleet.html")

    async def missing(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problems.response(error.status_code, "There is no such page; the robots are at /.")

    # The page of a single robot would find no robot here.
    whole = Route("/", page)
    one_robot = Route("/index.html", page)
    pages = Router([whole, one_robot, Mount("/", StaticFiles(directory=STATIC))])
    return ExceptionMiddleware(pages, {HTTPException: missing})
