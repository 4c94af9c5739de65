"""Refuses requests whose Host header does not name this machine, which prevents DNS rebinding."""

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from server.api.gate.refusal import refuse
from server.problems import Problem

LAN_DOMAINS = ("local", "lan", "home", "internal", "localdomain", "home.arpa")
"""Domains that routers use, and that nobody can own on the internet; `--name` adds other names."""


class KnownHosts:
    """The host names and addresses by which a request may call this machine."""

    def __init__(self, *, lan: bool, names: Iterable[str] = ()) -> None:
        """Accept localhost and `names`; with `lan` also this machine's own name, and any IP address."""
        self._lan, self._names = lan, {"localhost", *(name.lower().rstrip(".") for name in names)}
        if lan:
            own = socket.gethostname().lower().partition(".")[0]
            self._names |= {own, *(f"{own}.{domain}" for domain in LAN_DOMAINS)}

    def __contains__(self, host: str) -> bool:
        """Return whether a Host header means this machine: an address cannot be another site's name."""
        if any(sign in host for sign in "/?#@\\"):  # more than a name and a port
            return False
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
    """Return the Host header of a request; empty if there is none."""
    return Headers(scope=scope).get("host", "")


def host_check(app: ASGIApp, hosts: KnownHosts) -> ASGIApp:
    """Return an app that refuses requests whose Host header is not one of `hosts`."""

    async def check(scope: Scope, receive: Receive, send: Send) -> None:
        if (host := host_of(scope)) in hosts:
            return await app(scope, receive, send)
        problem = Problem(
            403, f"This server is not called {host[:80]!r}; open it by its address, or start it with --name."
        )
        await refuse(problem, scope, receive, send)

    return check
