"""Limits the size and time of a request's body, and checks that its sender's key is still valid."""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.api.gate.paths import HALT, LARGE
from server.api.gate.refusal import refuse
from server.api.pairing import Auth
from server.problems import Problem

MAX_BODY, MAX_LARGE_BODY = 64_000, 2_000_000
"""Largest body in bytes: of most requests, and of those that carry a policy or what is known of a robot."""

BODY_SECONDS = 10.0
"""Time in which the whole body has to arrive."""


def body_limit(app: ASGIApp, auth: Auth) -> ASGIApp:
    """Return an app that refuses bodies that are too large or too slow, or whose sender's key was revoked."""

    async def limit(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["method"], scope["path"]) == HALT:  # whose body is not read
            return await app(scope, receive, send)
        largest = MAX_LARGE_BODY if scope["path"] in LARGE else MAX_BODY
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or len(length) > 12 or int(length) > largest:
            return await refuse(_too_large(largest), scope, receive, send)
        body = _Body(scope, receive, send, largest, auth)
        try:
            await app(scope, body.receive, body.send)
        except Problem:
            if body.problem is None:
                raise
            await body.refuse()

    return limit


def _too_large(largest: int) -> Problem:
    return Problem(413, f"The body is too large; the limit is {largest:,} bytes.")


class _Body:
    """A request whose body is being received.

    An answer that has begun goes on; of a body that is refused then, the app hears that its sender has gone.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, largest: int, auth: Auth) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._largest, self._auth = largest, auth
        self._size, self._until = 0, asyncio.get_running_loop().time() + BODY_SECONDS
        self._whole = self._begun = self._refused = False
        self.problem: Problem | None = None
        """Why the body is refused; None if it is not."""

    async def receive(self) -> Message:
        if self._whole:
            return await self._receive()
        if self.problem is not None:
            return {"type": "http.disconnect"}
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            return self._refusal(Problem(408, "The body came too slowly; send it at once."))
        self._size += len(message.get("body", b""))
        if self._size > self._largest:
            return self._refusal(_too_large(self._largest))
        if not self._auth.knows(self._scope["key"]):
            revoked = "This key was revoked meanwhile; pair again, or make a new token."
            return self._refusal(Problem(401, revoked))
        self._whole = not message.get("more_body", False)
        return message

    def _refusal(self, problem: Problem) -> Message:
        self.problem = problem
        if self._begun:
            return {"type": "http.disconnect"}
        raise problem

    async def send(self, message: Message) -> None:
        """Send an answer; that of a refused body is the refusal, whatever the app makes of it."""
        if self.problem is None or self._begun:
            self._begun = True
            await self._send(message)
        else:
            await self.refuse()

    async def refuse(self) -> None:
        if not self._refused and self.problem is not None:
            self._refused = True
            await refuse(self.problem, self._scope, self._receive, self._send)
