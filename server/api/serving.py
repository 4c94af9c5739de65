"""What the robot's server and the hub share: `serve` puts gate, API and pages together and runs them."""

import logging
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
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
from server.api.gate import make_gate
from server.api.pairing import Auth
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
"""Largest number of requests that read the store or a file at the same time, as each thread needs memory."""


class Served(Protocol):
    """What a server serves: the control of one robot, or the hub of a room full of robots."""

    async def open(self) -> None:
        """Start; raise RobotAgentError or OSError if that fails."""

    async def close(self) -> None:
        """End in good order."""

    def ending(self) -> None:
        """Prepare for the end; called before the connections are closed."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How a server can be reached, from the flags of the command line."""

    lan: bool = False
    """Whether other machines may connect; they have to pair first."""
    port: int = PORT
    """Port of the server; 0 takes any free port."""
    names: Sequence[str] = ()
    """Further host names of this machine."""
    guests: bool = False
    """Whether browsers that have not paired may watch."""
    browser: bool = False
    """Whether a browser is opened, if this machine has a screen."""
    as_json: bool = False
    """Whether the log is JSON; then nothing is printed."""


def make_api(title: str, description: str, routes: Sequence[ModuleType]) -> FastAPI:
    """Return an app with the routes of these modules; errors are application/problem+json."""
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
    """Return the app of files and pages, with problem+json errors; None if the dashboard is not installed.

    `where` ends the error for a missing page: "There is no such page; {where}."
    """

    async def missing(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problems.response(error.status_code, f"There is no such page; {where}.")

    return ExceptionMiddleware(Router(routes), {HTTPException: missing}) if STATIC.is_dir() else None


def _print(words: str) -> None:
    """Print; nobody need be there to read it, and a full disk that keeps it must not end anything."""
    with suppress(OSError):
        print(words, flush=True)


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
    """Run the server until the process has to end, then close everything.

    Args:
        served: what is served; opened at the start, closed at the end. If it cannot be opened, its error is
            raised.
        api: the app that `make_api` returned.
        pages: the app that `make_pages` returned.
        clients: the connected clients; a client is disconnected when its pairing ends.
        persisted: what the server keeps between two starts.
        holding: resources that are released at the end, such as the lock of the store.
        reach: how the server can be reached.
        greeting: text before the address that is printed at the start.
    """
    listener = listen("0.0.0.0" if reach.lan else "127.0.0.1", reach.port)
    port = listener.getsockname()[1]
    address = f"http://{own_address() if reach.lan else 'localhost'}:{port}"
    say: Callable[[str], None] = log.warning if reach.as_json else _print

    def draw(code: str) -> str:
        """Return a QR code: a phone that scans it opens the page, and is paired."""
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
    listener.expects, listener.make_room = connections.expects, connections.make_room
    gate = make_gate(api, pages, auth, connections, lan=reach.lan, cookie=cookie, names=reach.names)
    server = server_of(gate, connections, ending)
    run(server, listener, holding, failed)
