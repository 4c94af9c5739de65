"""What the robot's server and the hub share: who may come in, their app, and its life until their end."""

import logging
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Protocol

import anyio.to_thread
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Router
from starlette.types import ASGIApp

from robot_agent import __version__
from robot_agent.errors import RobotAgentError
from robot_agent.network.address import API, PORT
from server import problems
from server.api.auth import Auth
from server.api.gate import make_gate
from server.control.clients import Clients
from server.control.heartbeat import notify
from server.service.browser import open_browser
from server.service.connections import Connections, raise_file_limit
from server.service.persisted import Persisted
from server.service.qr_code import qr_code
from server.service.running import listen, own_address, run, server_of

log = logging.getLogger("robot-server")

STATIC = Path(__file__).parents[1] / "static"

THREADS = 6
"""Number of requests that read the store or a file at once: each takes a thread, and each thread memory."""


class Served(Protocol):
    """What is served: a robot, or a room full of them."""

    async def open(self) -> None:
        """Begin; raises RobotAgentError or OSError when it cannot."""

    async def close(self) -> None:
        """End in good order."""

    def ending(self) -> None:
        """Expect the end, before the connections are closed."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How people reach a server, as its flags say."""

    lan: bool = False
    """Whether other machines may come; they pair first."""
    port: int = PORT
    """Where it listens; 0 takes a free one."""
    names: Sequence[str] = ()
    """By which this machine is called too."""
    guests: bool = False
    """Whether those who have not paired may watch."""
    browser: bool = False
    """Open one, where there is a screen."""
    as_json: bool = False
    """Log JSON, and print nothing."""


def make_api(title: str, description: str, routes: Sequence[ModuleType]) -> FastAPI:
    """Build an app of modules of routes, with errors as application/problem+json."""
    api = FastAPI(
        title=title,
        version=__version__,
        description=f"{description} Errors are application/problem+json.",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
        responses=problems.RESPONSES,
        default_response_class=problems.SafeJSONResponse,
    )
    problems.install(api)
    for one in routes:
        api.include_router(one.router, prefix=API)
    return api


def make_pages(routes: Sequence[BaseRoute], where: str) -> ASGIApp | None:
    """Build the app of files and pages, with problem+json errors; None without a dashboard.

    `where` is the end of the text for a missing page: "There is no such page; {where}."
    """

    async def missing(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problems.response(error.status_code, f"There is no such page; {where}.")

    return ExceptionMiddleware(Router(routes), {HTTPException: missing}) if STATIC.is_dir() else None


def serve(
    served: Served,
    api: FastAPI,
    pages: ASGIApp | None,
    *,
    clients: Clients,
    persisted: Persisted,
    holding: ExitStack,
    reach: Reach,
    greeting: str,
) -> None:
    """Serve until the process is to end, then let go of everything.

    Args:
        served: is opened and closed with the server; when it cannot be opened, its error is raised.
        api: of `make_api`.
        pages: of `make_pages`.
        clients: who is connected, and is disconnected when their pairing ends.
        persisted: what is kept between two starts.
        holding: what this program holds while it serves.
        reach: how it is reached.
        greeting: stands before the address that is printed.
    """
    listener = listen("0.0.0.0" if reach.lan else "127.0.0.1", reach.port)
    port = listener.getsockname()[1]
    address = f"http://{own_address() if reach.lan else 'localhost'}:{port}"
    say: Callable[[str], None] = log.warning if reach.as_json else lambda words: print(words, flush=True)

    def draw(code: str) -> str:
        """Return what a phone's camera opens the page with, paired."""
        return qr_code(f"{address}/#pair={code}")

    shown = draw if reach.lan and not reach.as_json and sys.stdout.isatty() else None
    auth = Auth(persisted, needed=reach.lan, guests=reach.guests, say=say, draw=shown)
    failed: list[Exception] = []

    def greet() -> None:
        say(f"{greeting} {address}")
        if reach.lan or reach.names:
            auth.show_code()
        if reach.browser:
            open_browser(address)
        notify("READY=1")

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        try:
            try:
                await served.open()
            except (RobotAgentError, OSError) as error:
                failed.append(error)
                server.should_exit = True
            else:
                greet()
            yield
        finally:
            await served.close()

    def ending() -> None:
        notify("STOPPING=1")
        served.ending()

    cookie = f"robot-agent-{port}"  # browsers do not tell cookies apart by ports
    api.router.lifespan_context = life
    api.state.auth, api.state.cookie, api.state.clients = auth, cookie, clients
    connections = Connections(raise_file_limit())
    gate = make_gate(api, pages, auth, connections, lan=reach.lan, cookie=cookie, names=reach.names)
    server = server_of(gate, connections, ending)
    run(server, listener, holding, failed)
