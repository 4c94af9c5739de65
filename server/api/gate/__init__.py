"""The gate: checks that every request and every WebSocket has to pass before the app gets it.

Each module holds one check: the host, the origin, the role, the number of connections, the size and time of
the body. Two modules change the answers: they add security headers, and compress.
"""

from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from server.api.gate.body import body_limit
from server.api.gate.compression import compressed_api, compressed_files
from server.api.gate.headers import security_headers
from server.api.gate.host import KnownHosts, host_check
from server.api.gate.load import load_check
from server.api.gate.origin import origin_check
from server.api.gate.paths import is_api
from server.api.gate.role import role_check
from server.api.pairing import Auth
from server.service.connections import Connections


def make_gate(
    api: ASGIApp,
    files: ASGIApp | None,
    auth: Auth,
    connections: Connections,
    *,
    lan: bool,
    cookie: str,
    names: Iterable[str] = (),
) -> ASGIApp:
    """Return an app that passes all requests through the gate.

    Args:
        api: answers WebSockets, and requests below /api, /metrics and /healthz.
        files: answers all other requests.
        auth: knows who may do what.
        connections: counts the connections, and knows which of them are too many.
        lan: whether other machines may connect.
        cookie: name of the cookie that a paired browser sends.
        names: further host names of this machine.
    """
    hosts = KnownHosts(lan=lan, names=names)
    app = _split(compressed_api(api), compressed_files(files) if files is not None else api)
    app = body_limit(app, auth)
    app = load_check(app, connections)
    app = role_check(app, auth, cookie)
    app = origin_check(app)
    app = host_check(app, hosts)
    app = security_headers(app, hosts)

    async def gate(scope: Scope, receive: Receive, send: Send) -> None:
        await (api if scope["type"] == "lifespan" else app)(scope, receive, send)

    return gate


def _split(api: ASGIApp, files: ASGIApp) -> ASGIApp:
    async def split(scope: Scope, receive: Receive, send: Send) -> None:
        inside = scope["type"] == "websocket" or is_api(scope["path"])
        await (api if inside else files)(scope, receive, send)

    return split
