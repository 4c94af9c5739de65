"""The address of a robot on the network, as people type it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from robot_agent.errors import SettingsError


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


def parse_address(text: str) -> Address:
    """Return the address of a robot; a name or an address without a scheme is taken as `http://`.

    Raises SettingsError: this is no address, or it has a user or a password in it.
    """
    cure = "give it as http://robot.local:8080"
    text = text.strip()
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        port = parts.port
    except ValueError:
        raise SettingsError(f"{text[:80]!r} is no address of a robot; {cure}.") from None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        raise SettingsError(f"{text[:80]!r} is no address of a robot; {cure}.")
    if parts.username is not None or parts.password is not None:
        raise SettingsError(
            "Leave the user and the password out of a robot's address; pair with it: robot-agent pair "
            f"{parts.scheme}://{parts.hostname}."
        )
    if parts.query or parts.fragment:
        raise SettingsError(f"A robot's address ends before ? and #; {cure}.")
    scheme, host = parts.scheme.lower(), parts.hostname.lower()
    host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}[scheme]
    origin = f"{scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")
    return Address(origin, parts.path.rstrip("/"))
