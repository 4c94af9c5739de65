"""Who somebody is, and what they may do: everything, watch, or only halt."""

from contextlib import suppress
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from server.api.auth import Auth, Who
from server.api.gate.origin import is_safe
from server.api.gate.paths import FOR_EVERYONE, KEYS
from server.api.gate.refusal import refuse
from server.problems import Problem


def role_check(app: ASGIApp, auth: Auth, cookie: str) -> ASGIApp:
    """Put `role` and `key` of who asks into the scope; refuse what they may not do."""

    async def check(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            _check(scope, auth, cookie)
        except Problem as problem:
            return await refuse(problem, scope, receive, send)
        await app(scope, receive, send)

    return check


def _check(scope: Scope, auth: Auth, cookie: str) -> None:
    path: str = scope["path"]
    everyone = (scope.get("method"), path) in FOR_EVERYONE
    try:
        who = _who(Headers(scope=scope), auth, cookie)
    except Problem:
        if not everyone:
            raise
        who = Who("none")
    scope["role"], scope["key"] = who.role, who.key
    page = path != "/metrics" and not path.startswith("/api/")
    if scope["type"] == "websocket" or page or everyone or who.role == "control":
        return
    if who.role == "guest":
        if is_safe(scope) and not path.startswith(KEYS):
            return
        raise Problem(403, "You are watching as a guest; pair with the code in the terminal to do this.")
    raise Problem(401, "Pair with the code in the terminal first.", {"WWW-Authenticate": "Bearer"})


def _who(headers: Headers, auth: Auth, cookie: str) -> Who:
    cookies: SimpleCookie = SimpleCookie()
    with suppress(CookieError):
        cookies.load(headers.get("cookie", ""))
    morsel = cookies.get(cookie)
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    return auth.who(
        morsel.value if morsel is not None else None,
        bearer.strip() if scheme.lower() == "bearer" else None,
    )
