"""Security headers for every answer: load files from this server only, and keep no answer of the API."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.api.gate.host import KnownHosts, host_of

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


def content_security_policy(host: str) -> str:
    """Return the Content-Security-Policy: only files of this server, and only its WebSocket."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        f"font-src 'self'; connect-src 'self' ws://{host} wss://{host}; manifest-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def security_headers(app: ASGIApp, hosts: KnownHosts) -> ASGIApp:
    """Return an app that adds the security headers to every answer."""

    async def add(scope: Scope, receive: Receive, send: Send) -> None:
        host = host_of(scope)
        policy = content_security_policy(host if host in hosts else "invalid")
        # The browser asks for the page's files each time, and may get "unchanged"; it keeps no API answer.
        cache = "no-store" if scope["path"].startswith("/api/") else "no-cache"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers["content-security-policy"] = policy
                headers.setdefault("cache-control", cache)
            await send(message)

        await app(scope, receive, send_with_headers)

    return add
