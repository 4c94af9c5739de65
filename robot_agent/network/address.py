"""The address of a robot on the network, as people type it and as a socket needs it."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from robot_agent.errors import SettingsError

PORT = 8080
"""Where `robot-server` listens unless a flag names another port."""

API = "/api/v1"
"""Where a robot's API is, below its address."""


def is_address(robot: str) -> bool:
    """Say whether `--robot` names a robot on the network."""
    return robot.strip().lower().startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True)
class Address:
    """Where a robot's server is."""

    origin: str
    """Scheme, host and port, in lower case: `http://robot.local:8080`."""
    path: str
    """Below which the server is, behind a proxy: empty or `/robot`."""

    @property
    def url(self) -> str:
        """The address as a whole, without a slash at its end."""
        return self.origin + self.path

    @property
    def websocket(self) -> str:
        """The same for a WebSocket."""
        return "ws" + self.url.removeprefix("http")

    @property
    def host(self) -> str:
        """Its host, as people say it."""
        return urlsplit(self.origin).hostname or self.origin

    @property
    def port(self) -> int:
        """Its port."""
        return urlsplit(self.origin).port or (443 if self.secure else 80)

    @property
    def secure(self) -> bool:
        """Whether it is HTTPS."""
        return self.origin.startswith("https:")

    @property
    def authority(self) -> str:
        """Host and port as a Host header has them."""
        return urlsplit(self.origin).netloc


def parse_address(text: str) -> Address:
    """Return the address that a person gave: `robot.local`, `192.168.1.7:81`, `https://school.example/robot`.

    Without a scheme it is `http://`, and then without a port 8080.

    Raises SettingsError: this is no address, or it has a user or a password in it.
    """
    cure = "give it as http://robot.local:8080"
    none = SettingsError(f"{text.strip()[:80]!r} is no address of a robot; {cure}.")
    try:
        parts = urlsplit(_whole(text.strip()))
        port = parts.port
    except ValueError:
        raise none from None
    scheme, host, path = parts.scheme.lower(), (parts.hostname or "").lower(), parts.path.rstrip("/")
    usual = {"http": 80, "https": 443}
    if scheme not in usual or not host:
        raise none
    if parts.username is not None or parts.password is not None:
        raise SettingsError(
            "Leave the user and the password out of a robot's address; pair with it: robot-agent pair "
            f"{parts.scheme}://{parts.hostname}."
        )
    if parts.query or parts.fragment:
        raise SettingsError(f"A robot's address ends before ? and #; {cure}.")
    plain = re.fullmatch(r"[a-z0-9._~%:-]{1,253}", host) and re.fullmatch(r"[A-Za-z0-9._~/-]*", path)
    labels = all(0 < len(label) < 64 for label in host.removesuffix(".").split("."))
    if not plain or not labels or port == 0 or ".." in path.split("/"):
        raise none
    host = f"[{host}]" if ":" in host else host
    return Address(f"{scheme}://{host}" + (f":{port}" if port not in (None, usual[scheme]) else ""), path)


def _whole(text: str) -> str:
    """Return an address with the scheme and the port that people leave out."""
    if "://" in text:
        return text
    host, slash, path = text.partition("/")
    if host.count(":") > 1 and not host.startswith("["):
        host = f"[{host}]"  # IPv6, which people write without its brackets
    return f"http://{host if re.search(r'[^:]:[0-9]+$', host) else f'{host}:{PORT}'}{slash}{path}"
