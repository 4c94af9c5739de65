"""The hub's server, `robot-server --fleet`: gate, errors and pairing as in a robot's server, another page."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from fastapi import FastAPI, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from robot_agent.network.keyring import usual_path
from robot_agent.runs.hold import SERVER, hold
from server.api import routes_pairing
from server.api.serving import STATIC, Reach, make_api, make_pages, serve
from server.fleet import routes, websocket
from server.fleet.hub import Hub
from server.fleet.keys import Keys
from server.fleet.listed import read_list
from server.service.persisted import Persisted

KEPT = "fleet.json"
"""Name of the file in which the hub keeps the robots and browsers that it knows."""


def serve_fleet(robots: Sequence[str], *, find: bool, folder: Path, reach: Reach) -> None:
    """Serve the page of a room full of robots until the process ends.

    Args:
        robots: addresses of robots, or TOML files with addresses; if empty, the network is searched.
        find: whether the network is searched in any case.
        folder: folder for the file in which the hub keeps what it knows.
        reach: how the hub can be reached.
    """
    listed = read_list(robots)
    holding = ExitStack()
    holding.enter_context(hold(folder / KEPT, SERVER))
    persisted = Persisted(folder / KEPT)
    hub = Hub(persisted, Keys(usual_path()), listed, find=find or not listed)
    # The hub has its own start page: the one of a robot's server would find no robot here.
    own = [Route("/", _page), Route("/index.html", _page)]
    serve(
        hub,
        _make_api(hub),
        make_pages([*own, Mount("/", StaticFiles(directory=STATIC, check_dir=False))], "the robots are at /"),
        clients=hub.pages.clients,
        persisted=persisted,
        holding=holding,
        reach=reach,
        greeting="The robots are at",
    )


async def _page(request: Request) -> Response:
    return FileResponse(STATIC / "fleet.html")


def _make_api(hub: Hub) -> FastAPI:
    api = make_api(
        "robot-agent, a room full of robots",
        "Shows and halts several robots.",
        (routes, routes_pairing, websocket),
    )
    api.state.hub = hub

    @api.get("/healthz", tags=["service"], response_model=dict[str, int])
    async def healthz(request: Request) -> Response:
        """Number of robots, and of those that are connected."""
        robots = hub.fleet.robots.values()
        return JSONResponse({"robots": len(robots), "connected": sum(one.is_reached for one in robots)})

    return api
