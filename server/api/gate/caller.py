"""Where a request comes from: this machine, or another one, perhaps through a proxy on this machine."""

import ipaddress

from starlette.datastructures import Headers
from starlette.types import Scope

FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""Headers that proxies add."""


def is_foreign(scope: Scope) -> bool:
    """Return whether a request may come from another machine.

    The address alone does not show that: requests through a proxy on this machine have this machine's
    address. But a proxy adds a header; or it uses HTTP 1.0, as nginx does by default and no browser does; or
    it passes on a host name that is not this machine's "localhost".
    """
    headers = Headers(scope=scope)
    if not _is_loopback((scope.get("client") or ("",))[0]):
        return True
    if scope.get("http_version") == "1.0" or any(name in headers for name in FORWARDED):
        return True
    host = headers.get("host", "").rpartition("@")[2]
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return name.lower().rstrip(".") != "localhost" and not _is_loopback(name)


def address_of(scope: Scope) -> str:
    """Return the sender's address: the connection's, or the one that a proxy on this machine has added.

    If the proxy's header lists several addresses, only the last one is from the proxy; a client may have
    made up the others.
    """
    address: str = (scope.get("client") or ("",))[0]
    if not _is_loopback(address):
        return address
    headers = Headers(scope=scope)
    told = headers.getlist("x-forwarded-for") or headers.getlist("x-real-ip") or [address]
    return told[-1].rpartition(",")[2].strip()[:64] or address


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
