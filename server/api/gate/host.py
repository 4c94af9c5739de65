"""Only requests whose Host names this machine: a foreign name that points here (DNS rebinding) is refused."""

import ipaddress
import socket
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from server.api.gate.refusal import refuse
from server.problems import Problem


class KnownHosts:
    """The names and addresses that this machine goes by."""

    def __init__(self, *, lan: bool) -> None:
        """Accept localhost as host; with `lan` also this machine's name and any IP address."""
        self._lan, self._names = lan, {"localhost"}
        if lan:
            own = socket.gethostname().lower()
            self._names |= {own, f"{own.removesuffix('.local')}.local"}

    def __contains__(self, host: str) -> bool:
        """Say whether a Host header means this machine: an address cannot be another site's name."""
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


def host_of(scope: Scope) -> str:
    """Return the Host header."""
    return Headers(scope=scope).get("host", "")


def host_check(app: ASGIApp, hosts: KnownHosts) -> ASGIApp:
    """Refuse requests with a Host header that is not one of `hosts`."""

    async def check(scope: Scope, receive: Receive, send: Send) -> None:
        if (host := host_of(scope)) in hosts:
            return await app(scope, receive, send)
        problem = Problem(403, f"This server is not called {host[:80]!r}; open it by its address.")
        await refuse(problem, scope, receive, send)

    return check
