"""Compresses large texts, but never the streams, whose pictures would wait in the compressor."""

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from robot_agent.network.address import API

LARGE_TEXTS = (f"{API}/runs", f"{API}/policy", f"{API}/openapi")
"""Beginnings of the paths whose answers are large texts."""


def compressed_api(api: ASGIApp) -> ASGIApp:
    """Return an app that compresses the large texts of the API."""
    compressed = GZipMiddleware(api, minimum_size=2000, compresslevel=5)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        text = path.startswith(LARGE_TEXTS) and not path.endswith(".jpg")
        await (compressed if text else api)(scope, receive, send)

    return answer


def compressed_files(files: ASGIApp) -> ASGIApp:
    """Return an app that compresses the files of the page."""
    return GZipMiddleware(files, minimum_size=1000)
