"""How the gate refuses a request or a WebSocket."""

from starlette.types import Receive, Scope, Send

from server.problems import Problem, response

POLICY_VIOLATION = 1008
"""Code with which a refused WebSocket is closed."""


async def refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request with a problem, or close a WebSocket with the problem as the reason."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": str(problem)[:100]})
    else:
        await response(problem.status, str(problem), problem.headers)(scope, receive, send)
