"""The address of a robot: with its port where people leave that out, and as a socket needs it."""

import re
from urllib.parse import urlsplit

from robot_agent.errors import SettingsError
from robot_agent.network.address import Address, parse_address

PORT = 8080
"""Where `robot-server` listens unless told otherwise."""

API = "/api/v1"


def parse_robot(text: str) -> Address:
    """Return the address that a person gave: `robot.local`, `192.168.1.7:81`, `http://robot.local:8080`.

    Raises:
        SettingsError: it is none.
    """
    written = text.strip()
    if "://" not in written:
        host, slash, path = written.partition("/")
        if host.count(":") > 1 and not host.startswith("["):
            host = f"[{host}]"  # IPv6, which people write without its brackets
        written = f"http://{host if re.search(r'[^:]:[0-9]+$', host) else f'{host}:{PORT}'}{slash}{path}"
    address = parse_address(written)
    parts = urlsplit(address.origin)
    plain = re.fullmatch(r"[A-Za-z0-9._~%:-]{1,253}", parts.hostname or "")
    below = re.fullmatch(r"[A-Za-z0-9._~/-]*", address.path)
    if not plain or parts.port == 0 or not below or ".." in address.path.split("/"):
        raise SettingsError(
            f"{text[:80]!r} is no address of a robot; write it as robot.local or http://192.168.1.7:8080."
        )
    return address


def host_and_port(address: Address) -> tuple[str, int, bool]:
    """Return host and port, and whether it is HTTPS."""
    parts = urlsplit(address.origin)
    secure = parts.scheme == "https"
    return parts.hostname or "", parts.port or (443 if secure else 80), secure


def authority(address: Address) -> str:
    """Return host and port as a Host header has them."""
    return urlsplit(address.origin).netloc
