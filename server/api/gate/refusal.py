"""How the gate refuses."""

from starlette.types import Receive, Scope, Send

from server.problems import Problem, response

POLICY_VIOLATION = 1008
"""Code of a WebSocket that is refused."""


async def refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request, or close a WebSocket, with the reason."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": str(problem)[:100]})
    else:
        await response(problem.status, str(problem), problem.headers)(scope, receive, send)
