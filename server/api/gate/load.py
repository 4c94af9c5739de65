"""Refuses requests when there are too many connections; a halt, and paired clients, come first."""

from contextlib import nullcontext

from starlette.types import ASGIApp, Receive, Scope, Send

from server.api.gate.paths import HALT
from server.api.gate.refusal import refuse
from server.problems import Problem
from server.service.connections import Connections

BUSY = "Too many connections are open; close some pages, or try again in a minute."


def load_check(app: ASGIApp, connections: Connections) -> ASGIApp:
    """Return an app that refuses requests of connections that are too many; the scope must have the role."""

    async def check(scope: Scope, receive: Receive, send: Send) -> None:
        halts = (scope.get("method"), scope["path"]) == HALT
        client = tuple(scope["client"]) if scope.get("client") else None
        if connections.admits(client, trusted=scope["role"] == "control", halts=halts):
            with connections.halting(client) if halts else nullcontext():
                return await app(scope, receive, send)
        await refuse(Problem(503, BUSY, {"Connection": "close", "Retry-After": "60"}), scope, receive, send)

    return check
