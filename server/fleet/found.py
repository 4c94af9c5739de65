"""`Finder` finds robots in the network: they announce themselves by mDNS, and the hub only listens.

Avahi sends a robot's announcement; `deploy/install.sh` sets this up. RFC 6763 says what is in it.
"""

import asyncio
import ipaddress
from collections.abc import Callable
from types import TracebackType

from robot_agent.errors import SettingsError
from robot_agent.network.address import Address, parse_address

SERVICE = "_robot-agent._tcp.local."
"""The service type under which robots announce themselves."""

RESOLVE_MILLISECONDS = 3000

MAX_SERVICES = 128
"""Largest number of announcements that are looked up at the same time."""


class Finder:
    """Searches the network for robots, and reports the addresses that come and go."""

    def __init__(self, came: Callable[[Address], None], left: Callable[[Address], None]) -> None:
        """Take the functions to call; the search begins with `async with`.

        Args:
            came: is called with the address of a robot that announces itself, perhaps several times.
            left: is called with an address that is not announced any more.

        Raises:
            SettingsError: the library for mDNS is not installed.
        """
        try:
            import zeroconf  # noqa: F401 - only to know whether it is there
        except ImportError:
            raise SettingsError(
                "Looking for robots needs the package zeroconf: pip install 'robot-agent[fleet]'; or name "
                "them: robot-server --fleet robot-1.local robot-2.local."
            ) from None
        self._came, self._left = came, left
        self._addresses: dict[str, Address] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def __aenter__(self) -> "Finder":
        """Begin to search; raise SettingsError if the network cannot be searched."""
        from zeroconf import ServiceStateChange, Zeroconf
        from zeroconf.asyncio import AsyncServiceBrowser, AsyncZeroconf

        def changed(
            zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
        ) -> None:
            if (task := self._tasks.pop(name, None)) is not None:
                task.cancel()
            if state_change is ServiceStateChange.Removed:
                self._leave(name)
            elif len(self._tasks) < MAX_SERVICES:
                self._tasks[name] = asyncio.ensure_future(self._resolve(name))

        try:
            self._zeroconf = AsyncZeroconf()
        except OSError as error:
            raise SettingsError(
                f"The network cannot be searched for robots ({error.strerror}); name them after --fleet."
            ) from error
        self._browser = AsyncServiceBrowser(self._zeroconf.zeroconf, SERVICE, handlers=[changed])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the search."""
        for task in self._tasks.values():
            task.cancel()
        await self._browser.async_cancel()
        await self._zeroconf.async_close()

    async def _resolve(self, name: str) -> None:
        from zeroconf.asyncio import AsyncServiceInfo

        info = AsyncServiceInfo(SERVICE, name)
        if not await info.async_request(self._zeroconf.zeroconf, RESOLVE_MILLISECONDS):
            return
        properties = {key.lower(): value for key, value in info.decoded_properties.items()}
        address = address_of(info.parsed_scoped_addresses(), info.port or 0, properties.get("path") or "")
        if address is None:
            return
        if self._addresses.get(name) not in (None, address):
            self._leave(name)  # it has got another address
        self._addresses[name] = address
        self._came(address)

    def _leave(self, name: str) -> None:
        if (address := self._addresses.pop(name, None)) is not None:
            self._left(address)


def address_of(addresses: list[str], port: int, path: str) -> Address | None:
    """Return the address of a robot from its announcement; None if it cannot be a robot of this room.

    Args:
        addresses: the announced IP addresses. IPv4 is preferred to IPv6, and loopback is the last choice;
            public addresses are not used.
        port: the announced port.
        path: path before that of the robot's API, from the TXT record; empty or "/" if there is none.
    """
    near = []
    for text in addresses:
        try:
            one = ipaddress.ip_address(text)
        except ValueError:
            continue
        if "%" not in text and (one.is_private or one.is_link_local or one.is_loopback):
            near.append((one.is_loopback, one.version, one.is_link_local, text))
    if not near or not 0 < port < 65536:
        return None
    host = min(near)[-1]
    try:
        return parse_address(f"http://{f'[{host}]' if ':' in host else host}:{port}/{path.strip('/')}")
    except SettingsError:
        return None
