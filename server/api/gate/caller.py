"""Where a request comes from: this machine itself, or elsewhere, through a proxy on this machine too."""

import ipaddress

from starlette.datastructures import Headers
from starlette.types import Scope

FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""Headers that proxies add."""


def is_foreign(scope: Scope) -> bool:
    """Say whether a request is not certainly one of this machine's own.

    A proxy comes from this machine, so the address alone does not say where its client is. It adds a header,
    or speaks HTTP 1.0, as nginx does by default and no browser; or it passes on a name from outside.
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
    """Return the address of who asks: what a proxy on this machine says it is, or that of the connection.

    Of several only the last is the proxy's own word; those before it are its client's, who may lie.
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
