"""Limits the size and time of a request's body, and checks that its sender's key is still valid."""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.api.auth import Auth
from server.api.gate.paths import UPLOAD
from server.api.gate.refusal import refuse
from server.problems import Problem

MAX_BODY, MAX_UPLOAD = 64_000, 2_000_000
"""Largest body in bytes: of most requests, and of a policy that is uploaded."""

BODY_SECONDS = 10.0
"""Time in which the whole body has to arrive."""


def body_limit(app: ASGIApp, auth: Auth) -> ASGIApp:
    """Return an app that refuses bodies that are too large or too slow, or whose sender's key was revoked."""

    async def limit(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await app(scope, receive, send)
        largest = MAX_UPLOAD if scope["path"] == UPLOAD else MAX_BODY
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
    """A request whose body is being received."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, largest: int, auth: Auth) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._largest, self._auth = largest, auth
        self._size, self._until = 0, asyncio.get_running_loop().time() + BODY_SECONDS
        self._whole = self._refused = False
        self.problem: Problem | None = None
        """Why the body is refused; None if it is not."""

    async def receive(self) -> Message:
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            self.problem = Problem(408, "The body came too slowly; send it at once.")
            raise self.problem from None
        self._size += len(message.get("body", b""))
        if self._size > self._largest:
            self.problem = _too_large(self._largest)
        elif not self._auth.knows(self._scope["key"]):
            self.problem = Problem(401, "This key was revoked meanwhile; pair again, or make a new token.")
        if self.problem is not None:
            raise self.problem
        self._whole = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Send the app's answer; if the body was refused, send the refusal instead."""
        if self.problem is None:
            await self._send(message)
        else:
            await self.refuse()

    async def refuse(self) -> None:
        if not self._refused and self.problem is not None:
            self._refused = True
            await refuse(self.problem, self._scope, self._receive, self._send)
