"""`Pages` is all browsers that show the room; each gets the newest state and picture of every robot."""

import asyncio
from collections.abc import Callable

from robot_agent import __version__
from server.codec import encode
from server.control.clients import Client, Clients
from server.fleet.fleet import Fleet
from server.fleet.messages import RobotView, Room
from server.fleet.robot import Robot
from server.protocol.from_worker import Notice
from vision.sight import SLICES

VIEW_SECONDS = 0.1
"""Least time between two views of a robot that are sent."""


class Viewer(Client):
    """A browser that shows the room."""

    def __init__(self, *, control: bool, read: bool, key: str) -> None:
        """Describe a browser; without `read`, it gets no pictures, and only what a halt needs."""
        super().__init__(control=control, read=read, key=key)
        self.robots: set[str] = set()
        """Ids of the robots whose pictures the browser wants."""


class Pages:
    """All browsers that show the room."""

    def __init__(self, *, looking: bool, watch: Callable[[set[str]], None]) -> None:
        """Begin with no browser.

        Args:
            looking: whether the hub searches the network for robots.
            watch: is called with the ids of the robots whose pictures some browser wants.
        """
        self.clients = Clients()
        self.looking = looking
        self._watch = watch
        self._dirty: set[str] = set()
        self._sent: dict[str, str] = {}
        self._something = asyncio.Event()
        self._listed = False

    def changed(self, robot: Robot) -> None:
        """Note that a robot has changed, so that `run` sends it."""
        self._dirty.add(robot.id)
        self._something.set()

    def listed(self) -> None:
        """Note that the list of robots has changed, so that `run` sends it."""
        self._listed = True
        self._something.set()

    def notice(self, level: str, text: str) -> None:
        """Show a sentence in all browsers."""
        self.clients.send(Notice("error" if level == "error" else "info", text))

    def pictured(self, robot: Robot, picture: bytes) -> None:
        """Send a robot's picture to the browsers that want pictures of this robot."""
        for client in self.clients.all:
            if isinstance(client, Viewer) and client.read and robot.id in client.robots:
                client.put(f"picture {robot.id}", picture)

    async def run(self, fleet: Fleet) -> None:
        """Send what has changed, until cancelled."""
        while True:
            await self._something.wait()
            self._something.clear()
            if self._listed:
                self._listed = False
                self._sent = {number: one for number, one in self._sent.items() if number in fleet.robots}
                for client in self.clients.all:
                    client.put(Room.type, self._room(fleet, client))
                self.watch()
            dirty, self._dirty = self._dirty, set()
            for number in dirty & fleet.robots.keys():
                self._send(fleet.robots[number])
            await asyncio.sleep(VIEW_SECONDS)

    def _send(self, robot: Robot) -> None:
        view = robot.view()
        if self._sent.get(robot.id) == (data := encode(view).decode()):
            return
        self._sent[robot.id] = data
        for client in self.clients.all:
            client.put(f"robot {robot.id}", data if client.read else _of_stranger(view))

    def greet(self, client: Client, fleet: Fleet) -> None:
        """Send the list and all robots to a new page."""
        client.put(Room.type, self._room(fleet, client))
        for robot in fleet.robots.values():
            view = robot.view()
            client.put(f"robot {robot.id}", encode(view).decode() if client.read else _of_stranger(view))

    def _room(self, fleet: Fleet, client: Client) -> str:
        return encode(Room(fleet.order(), client.control, SLICES, self.looking, __version__)).decode()

    def watch(self) -> None:
        """Ask for pictures of the robots that some browser shows, and of no others."""
        viewers = [one for one in self.clients.all if isinstance(one, Viewer) and one.read]
        self._watch({number for viewer in viewers for number in viewer.robots})


def _of_stranger(view: RobotView) -> str:
    """Return what a browser gets that has not paired: enough to halt the right robot, and no more."""
    return encode(
        RobotView(
            view.id,
            view.name,
            "",
            "",
            view.link,
            "",
            state=view.state,
            halted=view.halted,
            halting=view.halting,
        )
    ).decode()
