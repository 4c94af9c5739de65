"""Checks the sender's role: whether they may do everything, only watch, or only halt."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from server.api.gate.caller import is_foreign
from server.api.gate.origin import is_safe
from server.api.gate.paths import FOR_EVERYONE, KEYS
from server.api.gate.refusal import refuse
from server.api.pairing import Auth, Who
from server.problems import Problem


def role_check(app: ASGIApp, auth: Auth, cookie: str) -> ASGIApp:
    """Return an app that puts the sender's `role` and `key` into the scope, and refuses the forbidden."""

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
        who = _who(scope, auth, cookie)
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


def _who(scope: Scope, auth: Auth, cookie: str) -> Who:
    headers = Headers(scope=scope)
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    return auth.who(
        cookies(headers, cookie),
        bearer.strip() if scheme.lower() == "bearer" else None,
        foreign=lambda: is_foreign(scope),
    )


def cookies(headers: Headers, name: str) -> list[str]:
    """Return the values of all cookies with this name.

    A browser sends the cookies of all programs on this host, whatever their ports. Some may break the rules
    for cookies, so the header is only split at semicolons.
    """
    pairs = (part.partition("=") for header in headers.getlist("cookie") for part in header.split(";"))
    return [value.strip().strip('"') for key, _, value in pairs if key.strip() == name]
