"""The address of a robot on the network, as people type it and as a socket needs it."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from robot_agent.errors import SettingsError

PORT = 8080
"""The port of `robot-server`, unless a flag names another one."""

API = "/api/v1"
"""Path of the API, below a robot's address."""


def is_address(robot: str) -> bool:
    """Return whether `--robot` names a robot on the network."""
    return robot.strip().lower().startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a robot's server."""

    origin: str
    """Scheme, host and port, in lower case: `http://robot.local:8080`."""
    path: str
    """Path of the server behind a proxy, such as `/robot`; empty without a proxy."""

    @property
    def url(self) -> str:
        """The whole address, without a slash at its end."""
        return self.origin + self.path

    @property
    def websocket(self) -> str:
        """The whole address for a WebSocket: ws:// or wss://."""
        return "ws" + self.url.removeprefix("http")

    @property
    def host(self) -> str:
        """Name or IP address of the host."""
        return urlsplit(self.origin).hostname or self.origin

    @property
    def port(self) -> int:
        """The port number."""
        return urlsplit(self.origin).port or (443 if self.secure else 80)

    @property
    def secure(self) -> bool:
        """Whether the address uses HTTPS."""
        return self.origin.startswith("https:")

    @property
    def authority(self) -> str:
        """Host and port, as in a Host header."""
        return urlsplit(self.origin).netloc


def parse_address(text: str) -> Address:
    """Parse an address that a person gave: `robot.local`, `192.168.1.7:81`, `https://school.example/robot`.

    Without a scheme, `http://` is used, and then port 8080 if there is no port.

    Raises SettingsError: the text is no address, or contains a user or a password.
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
    """Return the address with the scheme and the port added that people leave out."""
    if "://" in text:
        return text
    host, slash, path = text.partition("/")
    if host.count(":") > 1 and not host.startswith("["):
        host = f"[{host}]"  # IPv6, which people write without its brackets
    return f"http://{host if re.search(r'[^:]:[0-9]+$', host) else f'{host}:{PORT}'}{slash}{path}"


def must_be_address(robot: str) -> Address:
    """Return the address of the robot that gets a policy; raise SettingsError if `robot` is no address."""
    if not is_address(robot):
        raise SettingsError(
            "--send puts a policy on a robot on the network; name it: --robot http://robot.local:8080."
        )
    return parse_address(robot)
