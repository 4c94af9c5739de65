"""Refuses requests from pages of other sites, if the request could change something."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from server.api.gate.caller import is_foreign
from server.api.gate.host import host_of
from server.api.gate.paths import HALT
from server.api.gate.refusal import refuse
from server.problems import Problem

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def is_safe(scope: Scope) -> bool:
    """Return whether a request cannot change anything; a WebSocket can."""
    return scope["type"] == "http" and scope["method"] in SAFE_METHODS


def origin_check(app: ASGIApp) -> ASGIApp:
    """Return an app that refuses requests from pages of other sites, if they could change something."""

    async def check(scope: Scope, receive: Receive, send: Send) -> None:
        halts = (scope.get("method"), scope["path"]) == HALT
        if (
            is_safe(scope)
            or _is_own(Headers(scope=scope), host_of(scope))
            # A proxy may name another host than the page's, so a halt through a proxy is always accepted.
            or (halts and is_foreign(scope))
        ):
            return await app(scope, receive, send)
        text = "This request comes from a page of another site; use the dashboard itself."
        await refuse(Problem(403, text), scope, receive, send)

    return check


def _is_own(headers: Headers, host: str) -> bool:
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    if (origin := headers.get("origin")) is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False
