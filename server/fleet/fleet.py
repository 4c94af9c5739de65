"""`Fleet` is all robots of the room: it knows which robot is at which address, and remembers them."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from robot_agent.network.address import Address, parse_address
from server.fleet.greeting import Greeting, NotGreeted, place_id
from server.fleet.keys import Keys
from server.fleet.link import Link, StandBy
from server.fleet.robot import LinkWord, Robot
from server.problems import Problem
from server.service.persisted import Persisted

MAX_ROBOTS, MAX_FOUND, MAX_LINKS = 64, 48, 128
"""Largest number of robots that are shown, and of addresses that are tried (`MAX_LINKS`).

From `MAX_FOUND` robots on, no robot is added that was only found in the network: anybody can announce one.
"""

TWINS = 2
"""Two robots with the same id are reported after this number of meetings in a row, not at the first one: the
robot may only have been restarted."""


@dataclass(slots=True)
class Place:
    """An address at which the hub tries to reach a robot."""

    link: Link
    task: asyncio.Task[None]
    kept: bool
    """Whether a person gave the address; then it is tried for ever, even if nobody answers."""


class Fleet:
    """All robots that the hub knows."""

    def __init__(
        self,
        persisted: Persisted,
        keys: Keys,
        changed: Callable[[Robot], None],
        pictured: Callable[[Robot, bytes], None],
        listed: Callable[[], None],
    ) -> None:
        """Begin with no robots; `open` adds those that were met before.

        Args:
            persisted: keeps the robots that were met, with their addresses.
            keys: the keys of the robots.
            changed: is called with a robot when the page has to show a change of it.
            pictured: is called with each picture of a robot.
            listed: is called when a robot is added or removed.
        """
        self.robots: dict[str, Robot] = {}
        self.keys = keys
        self._persisted, self._changed = persisted, changed
        self._pictured, self._listed = pictured, listed
        self._places: dict[str, Place] = {}
        self._names: dict[str, str] = {}
        """Names from a list of robots, by address."""

    def open(self) -> None:
        """Start to connect to the robots that were met before."""
        kept = self._persisted.get("robots", {})
        for number, one in kept.items() if isinstance(kept, dict) else ():
            try:
                address, name = parse_address(str(one["address"])), str(one["name"])[:60]
            except (ValueError, KeyError, TypeError):
                continue
            if len(self.robots) < MAX_ROBOTS:
                self.robots[number] = Robot(number, name, address, self._changed)
                self.add(address, of=self.robots[number])

    def close(self) -> None:
        """Close all connections."""
        for place in self._places.values():
            place.task.cancel()

    # Addresses

    def add(self, address: Address, *, name: str = "", kept: bool = False, of: Robot | None = None) -> None:
        """Try to reach a robot at an address from now on; a known address is tried again at once.

        Args:
            address: where a robot may be.
            name: name under which the robot is shown.
            kept: whether the address is tried for ever, even if nobody answers.
            of: the robot that was met at this address before.

        Raises:
            Problem: there are too many robots or addresses.
        """
        if name:
            self._names[address.url] = name
        if (place := self._places.get(address.url)) is not None:
            place.kept = place.kept or kept
            return place.link.try_now()
        most = MAX_ROBOTS if kept else MAX_FOUND
        if len(self._places) >= MAX_LINKS or (of is None and len(self.robots) >= most):
            raise Problem(409, f"This hub shows {MAX_ROBOTS} robots at most; remove some.")
        link = Link(address, self._meet, self.keys.token, self._failed, self._address_of, self._pictured)
        link.robot = of
        self._places[address.url] = Place(link, asyncio.ensure_future(link.run()), kept)
        if of is None:
            self._show_place(link)

    def drop(self, address: Address) -> None:
        """Stop trying an address that no person gave: its robot has left the network, or has moved."""
        place = self._places.get(address.url)
        if place is not None and not place.kept and not place.link.is_open:
            self._end(address.url)

    def _end(self, origin: str) -> None:
        place = self._places.pop(origin)
        place.task.cancel()
        if self.robots.pop(place_id(place.link.address), None) is not None:
            self._listed()

    def _show_place(self, link: Link) -> Robot:
        """Return the robot that the page shows for an address whose robot is not known yet."""
        number = place_id(link.address)
        if number not in self.robots:
            name = self._names.get(link.address.url, link.address.authority)
            self.robots[number] = Robot(number, name, link.address, self._changed)
            self._listed()
        return self.robots[number]

    # What the links say

    def _meet(self, link: Link, greeting: Greeting) -> Robot:
        """Return the robot whose greeting came over a link, and add it if it is new; see `Link`."""
        robot = self.robots.get(greeting.id)
        other = robot.channel if robot is not None else None
        if robot is not None and other is not None and other is not link and other.is_open:
            if robot.started == greeting.started:
                self.robots.pop(place_id(link.address), None)
                self._listed()
                raise StandBy
            link.conflicts += 1
            if link.conflicts >= TWINS:
                self._show_place(link).set_link(
                    "twin",
                    f"The robot at {link.address.url} says that it is {robot.name}, at {other.address.url}: "
                    "a copied card. Remove the file that ends in .db.id in its folder, and restart it.",
                )
            raise StandBy
        name = self._names.get(link.address.url, greeting.name)
        if robot is None:
            if len(self.robots) - (place_id(link.address) in self.robots) >= MAX_ROBOTS:
                raise NotGreeted("nobody", f"This hub shows {MAX_ROBOTS} robots at most; remove some.")
            robot = self.robots[greeting.id] = Robot(greeting.id, name, link.address, self._changed)
        self.robots.pop(place_id(link.address), None)
        robot.name, robot.address = name, link.address
        robot.version, robot.started = greeting.version, greeting.started
        self._remember(robot)
        self._listed()
        return robot

    def _address_of(self, number: str) -> Address | None:
        return self.robots[number].address if number in self.robots else None

    def _failed(self, link: Link, word: LinkWord, sentence: str) -> None:
        """Show why no robot could be met at an address, unless its robot is connected at another address."""
        robot = link.robot or self._show_place(link)
        if robot.channel is None or robot.channel is link:
            return robot.set_link(word, sentence)
        self.drop(link.address)  # it has moved to another address

    # What is remembered

    def _remember(self, robot: Robot) -> None:
        known = {
            one.id: {"name": one.name, "address": one.address.url}
            for one in self.robots.values()
            if not one.id.startswith("at-")
        }
        self._persisted.set(robots=known)

    def robot(self, number: str) -> Robot:
        """Return the robot with this id; raise Problem if there is none."""
        found = self.robots.get(number)
        if found is None:
            raise Problem(404, "There is no such robot here; it may have been removed.")
        return found

    def chosen(self, numbers: Iterable[str]) -> list[Robot]:
        """Return the robots with these ids, each once; raise Problem if one of them does not exist."""
        return [self.robot(number) for number in dict.fromkeys(numbers)]

    def remove(self, number: str) -> None:
        """Remove a robot and its key; it is added again if it is found in the network later."""
        robot = self.robot(number)
        for origin, place in list(self._places.items()):
            if place.link.robot is robot or place.link.address == robot.address:
                place.link.robot = None
                self._end(origin)
        self.robots.pop(number, None)
        self.keys.forget(number)
        self._remember(robot)
        self._listed()

    async def reconnect(self, robot: Robot) -> None:
        """Close the connection to a robot and open a new one, with the key that is stored now."""
        for place in list(self._places.values()):
            if place.link.robot is robot or place.link.address == robot.address:
                await place.link.reconnect()

    def watch(self, wanted: set[str]) -> None:
        """Ask the robots with these ids for pictures, and no others."""
        for place in self._places.values():
            if place.link.robot is not None:
                place.link.watch(place.link.robot.id in wanted)

    def addresses(self, robot: Robot) -> list[Address]:
        """Return the addresses at which a robot may be, at most four, the likeliest one first."""
        places = [place.link.address for place in self._places.values() if place.link.robot is robot]
        return list(dict.fromkeys([robot.address, *places]))[:4]

    def called(self, robot: Robot) -> str:
        """Return the name of a robot; with its address, if others have the same name."""
        alike = sum(one.name == robot.name for one in self.robots.values()) > 1
        return f"{robot.name} at {robot.address.authority}" if alike else robot.name

    def order(self) -> list[str]:
        """Return the ids of all robots in the order of the page: by name, then by address."""
        return [one.id for one in sorted(self.robots.values(), key=_sort_key)]


def _sort_key(robot: Robot) -> tuple[Any, ...]:
    # Numbers in a name are compared as numbers: robot-2 comes before robot-10.
    parts = [
        (0, int(part), "") if part.isdigit() else (1, 0, part.lower()) for part in _split_numbers(robot.name)
    ]
    return (parts, robot.address.url, robot.id)


def _split_numbers(name: str) -> list[str]:
    found: list[str] = []
    for letter in name:
        if found and found[-1][-1].isdecimal() == letter.isdecimal():
            found[-1] += letter
        else:
            found.append(letter)
    return found
