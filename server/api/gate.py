"""The doors: every request and every WebSocket passes here before anything of the app sees it.

Host and Origin keep pages of other sites out, also those that point a name of theirs at this address
(DNS rebinding); the role says what somebody may do; bodies are bounded in size and time.
"""

import asyncio
import ipaddress
import socket as sockets
from collections.abc import Callable
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.api.auth import Auth, Who
from server.problems import Problem, response

API = "/api/v1"
SAFE = ("GET", "HEAD", "OPTIONS")
MAX_BODY, MAX_UPLOAD = 64_000, 2_000_000
"""Bytes."""
BODY_SECONDS = 10.0
"""A body has to be here within this."""

FOR_EVERYONE = {("GET", f"{API}/pair"), ("POST", f"{API}/pair"), ("POST", f"{API}/halt"), ("GET", "/healthz")}
"""What needs no pairing; halting never does."""
KEYS = (f"{API}/tokens", f"{API}/browsers")
"""What those who only watch do not see."""

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


def policy(host: str) -> str:
    """Return the content security policy: files of this server alone, and its WebSocket."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        f"font-src 'self'; connect-src 'self' ws://{host}; manifest-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )


class Doors:
    """An ASGI app around the API and the files of the page."""

    def __init__(
        self,
        api: ASGIApp,
        files: ASGIApp | None,
        auth: Auth,
        *,
        lan: bool,
        cookie: str,
        names: tuple[str, ...] = (),
    ) -> None:
        """Guard `api` and `files`.

        Args:
            api: what answers below /api, /metrics and /healthz.
            files: what answers everywhere else.
            auth: knows who may do what.
            lan: whether other machines may come.
            cookie: the name of the cookie that a paired browser sends.
            names: more names of this machine.
        """
        self._api, self._auth, self._lan, self._cookie = api, auth, lan, cookie
        # Large and of text; never the streams, whose pictures would wait in the compressor.
        self._short_api = GZipMiddleware(api, minimum_size=2000, compresslevel=5)
        self._files = None if files is None else GZipMiddleware(files, minimum_size=1000)
        own = sockets.gethostname().lower()
        self._names = {"localhost"} | ({own, f"{own.removesuffix('.local')}.local", *names} if lan else set())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in, or refuse with the reason."""
        if scope["type"] == "lifespan":
            return await self._api(scope, receive, send)
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        try:
            self._check(scope, headers, host)
        except Problem as problem:
            if scope["type"] == "websocket":
                return await send({"type": "websocket.close", "code": 1008, "reason": str(problem)[:100]})
            refusal = response(problem.status, str(problem), problem.headers)
            return await refusal(scope, receive, _with_headers(send, scope, "invalid"))
        if scope["type"] == "websocket":
            return await self._api(scope, receive, send)
        path: str = scope["path"]
        inside = path.startswith("/api/") or path in ("/metrics", "/healthz")
        target: ASGIApp = self._api if inside or self._files is None else self._files
        if path.startswith((f"{API}/runs", f"{API}/policy", f"{API}/openapi")) and not path.endswith(".jpg"):
            target = self._short_api
        limit = MAX_UPLOAD if path == f"{API}/checkpoints/upload" else MAX_BODY
        body = _Body(receive, limit, lambda: self._auth.knows(scope["key"]))
        send = _with_headers(send, scope, host)
        try:
            await target(scope, body.receive, body.instead(scope, send))
        except Problem as problem:
            if body.problem is None:
                raise
            await response(problem.status, str(problem))(scope, receive, send)

    def _check(self, scope: Scope, headers: Headers, host: str) -> None:
        """Raise Problem for who may not come in; put the role into the scope."""
        if not self._is_ours(host):
            raise Problem(403, f"This server is not called {host[:80]!r}; open it by its address.")
        method = scope.get("method", "GET")
        socket = scope["type"] == "websocket"
        unsafe = socket or method not in SAFE
        if unsafe:
            origin = headers.get("origin")
            if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
                raise Problem(
                    403, "This request comes from a page of another site; use the dashboard itself."
                )
            if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
                raise Problem(
                    403, "This request comes from a page of another site; use the dashboard itself."
                )
        length = headers.get("content-length", "0")
        limit = MAX_UPLOAD if scope["path"] == f"{API}/checkpoints/upload" else MAX_BODY
        if not length.isdecimal() or int(length) > limit:
            raise Problem(413, f"The body is too large; {limit:,} bytes at most are taken.")
        everyone = (method, scope["path"]) in FOR_EVERYONE
        who = self._who(headers, lenient=everyone)
        scope["role"], scope["key"] = who.role, who.key
        page = not (scope["path"].startswith("/api/") or scope["path"] == "/metrics")
        looks = not unsafe and not scope["path"].startswith(KEYS)
        if socket or page or everyone or who.role == "control" or (who.role == "guest" and looks):
            return
        if who.role == "guest":
            raise Problem(403, "You are watching as a guest; pair with the code in the terminal to do this.")
        raise Problem(401, "Pair with the code in the terminal first.", {"WWW-Authenticate": "Bearer"})

    def _who(self, headers: Headers, *, lenient: bool) -> Who:
        cookies: SimpleCookie = SimpleCookie()
        with suppress(CookieError):
            cookies.load(headers.get("cookie", ""))
        morsel = cookies.get(self._cookie)
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        try:
            return self._auth.who(
                morsel.value if morsel is not None else None,
                bearer.strip() if scheme.lower() == "bearer" else None,
            )
        except Problem:
            if lenient:
                return Who("none")
            raise

    def _is_ours(self, host: str) -> bool:
        """Say whether a Host header names this machine: an address cannot be somebody else's name."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower().rstrip(".")
        except ValueError:
            return False
        if name in self._names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return self._lan or address.is_loopback


class _Body:
    """A request's body, bounded in size and time."""

    def __init__(self, receive: Receive, limit: int, known: Callable[[], bool]) -> None:
        self._receive, self._limit, self._known = receive, limit, known
        self._size, self._until = 0, asyncio.get_running_loop().time() + BODY_SECONDS
        self._whole = False
        self.problem: Problem | None = None
        """Why the body is refused."""

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
        if self._size > self._limit:
            self.problem = Problem(413, f"The body is too large; {self._limit:,} bytes at most are taken.")
            raise self.problem
        self._whole = not message.get("more_body", False)
        if not self._known():
            self.problem = Problem(401, "This key was revoked meanwhile; pair again, or make a new token.")
            raise self.problem
        return message

    def instead(self, scope: Scope, send: Send) -> Send:
        """Return a `send` that tells of the refused body, whatever the app makes of it."""
        told = False

        async def sending(message: Message) -> None:
            nonlocal told
            if self.problem is None:
                return await send(message)
            if not told:
                told = True
                await response(self.problem.status, str(self.problem))(scope, self._receive, send)

        return sending


def _with_headers(send: Send, scope: Scope, host: str) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers["content-security-policy"] = policy(host)
            # The page is asked for anew each time, and answered "unchanged"; the API is never kept.
            headers.setdefault(
                "cache-control", "no-store" if scope["path"].startswith("/api/") else "no-cache"
            )
        await send(message)

    return sending
