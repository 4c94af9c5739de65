"""Where a robot is reached: its address, as people write it and as programs need it."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from robot_agent.errors import SettingsError

PORT = 8080
"""Where `robot-server` listens unless told otherwise."""

HOST = re.compile(r"[A-Za-z0-9._~%:-]{1,253}")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a robot's server is."""

    host: str
    port: int = PORT
    path: str = ""
    """What a proxy puts before the server's own paths, as /robot; without a slash at its end."""
    secure: bool = False
    """Whether it is HTTPS."""

    @property
    def origin(self) -> str:
        """The address as a browser writes it, with the path if there is one."""
        return f"http{'s' if self.secure else ''}://{self.authority}{self.path}"

    @property
    def authority(self) -> str:
        """Host and port, as a Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.secure else 80
        return host if self.port == usual else f"{host}:{self.port}"

    def api(self, path: str) -> str:
        """Return the path of a request to the robot's API."""
        return f"{self.path}/api/v1{path}"

    @property
    def websocket(self) -> str:
        """The address of its WebSocket."""
        return f"ws{'s' if self.secure else ''}://{self.authority}{self.api('/ws')}"

    def __str__(self) -> str:
        """Return it as people write it."""
        return self.origin


def parse_address(text: str) -> Address:
    """Return the address that a person gave: `robot.local`, `192.168.1.7:8080`, `http://robot.local:8080`.

    Raises:
        SettingsError: it is none.
    """
    cure = f"{text[:80]!r} is no address of a robot; write it as robot.local or http://192.168.1.7:8080."
    written = text.strip()
    if "://" not in written:
        host, separator, rest = written.partition("/")
        ported = re.search(r"(?:^|\]|^[^:]+):\d+$", host)
        bare6 = host.count(":") > 1 and not host.startswith("[")
        host = f"[{host}]" if bare6 else host
        written = f"http://{host if ported and not bare6 else f'{host}:{PORT}'}{separator}{rest}"
    try:
        parts = urlsplit(written)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise SettingsError(cure) from None
    secure = parts.scheme == "https"
    if parts.scheme not in ("http", "https") or not HOST.fullmatch(host) or parts.username is not None:
        raise SettingsError(cure)
    if parts.query or parts.fragment or port == 0 or not re.fullmatch(r"[A-Za-z0-9._~/-]*", parts.path):
        raise SettingsError(cure)
    return Address(host.rstrip("."), port or (443 if secure else 80), parts.path.rstrip("/"), secure)
