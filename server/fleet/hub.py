"""`Hub` puts the hub's parts together; its constructor shows which part needs which."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack

from robot_agent.network.address import Address
from server.fleet.fleet import Fleet
from server.fleet.found import Finder
from server.fleet.halting import Halting
from server.fleet.keys import Keys
from server.fleet.messages import Stopped
from server.fleet.pages import Pages
from server.problems import Problem
from server.service.persisted import Persisted
from server.service.watched import Watched

log = logging.getLogger("robot-server")


class Hub:
    """The hub: the robots of a room, and the pages that show them."""

    def __init__(
        self, persisted: Persisted, keys: Keys, robots: Sequence[tuple[Address, str]], *, find: bool
    ) -> None:
        """Put the parts together.

        Args:
            persisted: keeps the robots that were met.
            keys: the keys of the robots.
            robots: addresses that are tried, each with the name under which its robot is shown.
            find: whether to search the network for robots too.

        Raises:
            SettingsError: the network cannot be searched for robots.
        """
        self._listed = robots
        self.pages = Pages(looking=find, watch=lambda wanted: self.fleet.watch(wanted))
        self.fleet = Fleet(persisted, keys, self.pages.changed, self.pages.pictured, self.pages.listed)
        self.halting = Halting(self.fleet, lambda words: self.pages.notice("error", words))
        self._finder = Finder(self._came, self.fleet.drop) if find else None
        self._tasks = Watched(lambda words: self.pages.notice("error", words))
        self._open = AsyncExitStack()

    async def open(self) -> None:
        """Start to connect to the robots."""
        for address, name in self._listed:
            self.fleet.add(address, name=name, kept=True)
        self.fleet.open()
        if self._finder is not None:
            await self._open.enter_async_context(self._finder)
        self._tasks.forever("showing the robots", lambda: self.pages.run(self.fleet))

    async def close(self) -> None:
        """Close all connections; the robots go on with what they do."""
        self._tasks.cancel()
        self.halting.close()
        self.fleet.close()
        await self._open.aclose()

    def ending(self) -> None:
        """Do nothing: the hub needs no preparation before its connections are closed."""

    def _came(self, address: Address) -> None:
        try:
            self.fleet.add(address)
        except Problem as problem:
            log.warning("%s (found at %s)", problem, address.url)

    async def halt(self, numbers: Sequence[str], who: str) -> Stopped:
        """Halt the robots with these ids, or all robots if none is given; ids without a robot are ignored.

        Raises:
            Problem: none of the ids has a robot.
        """
        robots = [self.fleet.robots[one] for one in dict.fromkeys(numbers) if one in self.fleet.robots]
        if numbers and not robots:
            raise Problem(404, "There is no such robot here; HALT ALL reaches all that are.")
        chosen = robots or [one for one in self.fleet.robots.values() if one.link != "nobody"]
        halting = asyncio.ensure_future(self.halting.halt(chosen, who))
        stopped = await asyncio.shield(halting)  # it goes on even if the client that asked has gone
        self.pages.clients.send(stopped)  # type: ignore[arg-type]
        return stopped
