"""Where a request comes from: this machine, or another one, perhaps through a proxy on this machine."""

import ipaddress
import os

from starlette.datastructures import Headers
from starlette.types import Scope

from server.api.gate.owner import owner_of

FORWARDED = (
    "forwarded",
    "via",
    "x-real-ip",
    "x-forwarded",
    "x-original-",
    "x-envoy-",
    "cf-",
    "true-client-ip",
)
"""Beginnings of the headers that proxies add."""

PERSONS = range(1000, 60_000)
"""Numbers of the accounts of persons, as Linux gives them; those of services lie below and above."""


def is_foreign(scope: Scope) -> bool:
    """Return whether a request may come from another machine.

    A proxy on this machine has this machine's address, wherever its client is. So a request from this
    machine is foreign too if it has a header that proxies add; if it is HTTP 1.0, as from nginx by default
    until 1.29.7 and from no browser; if its Host is neither localhost nor a loopback address; or if its
    sender runs in the account of a service.
    """
    headers = Headers(scope=scope)
    if not _is_loopback((scope.get("client") or ("",))[0]):
        return True
    if scope.get("http_version") == "1.0" or any(name.startswith(FORWARDED) for name in headers):
        return True
    host = headers.get("host", "").rpartition("@")[2]
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    if name.lower().rstrip(".") != "localhost" and not _is_loopback(name):
        return True
    return _is_service(owner_of(scope.get("client"), scope.get("server")))


def _is_service(user: int | None) -> bool:
    """Return whether a user is an account of a service, such as a proxy's, and no person's and not ours.

    So is one that is no longer known: a proxy lets go of a request whose stranger has gone away.
    """
    return user not in (None, 0, os.getuid()) and user not in PERSONS


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
    said = told[-1].rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(said))
    except ValueError:  # a name, or words that its client wants to be read in the log
        return address


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
