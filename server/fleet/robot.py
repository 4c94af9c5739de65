"""`Robot` is one robot of the room: who it is, and its newest messages, with checked and limited values."""

import asyncio
import json
import math
from collections.abc import Callable
from typing import Any, Literal, Protocol

from robot_agent.network.address import Address
from robot_agent.network.messages import plain
from robot_agent.network.pictures import is_fit
from server.codec import Garbage, encode, unpack_picture
from server.fleet.messages import RobotPicture, RobotView

LinkWord = Literal["connecting", "connected", "unpaired", "refused", "away", "nobody", "version", "twin"]
"""The state of the connection to a robot in one word; see `RobotView.link`."""

SENTENCES, LETTERS = 4, 160
"""Largest number of sentences on what a robot knows of itself, and of letters in each."""

LARGEST_PIXELS = 2_100_000
"""Largest picture that is passed on, pixels: many larger ones would fill the memory of a page."""

COUNTS = ("moves", "episodes", "run", "checkpoint")
SHARES = ("success_rate", "moves_mean")


class Channel(Protocol):
    """The open connection to a robot."""

    @property
    def address(self) -> Address:
        """Address of the robot."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether the connection is open."""
        ...

    def send(self, text: str) -> None:
        """Send a message; without a connection, do nothing."""
        ...


class Robot:
    """One robot, as the hub knows it."""

    def __init__(self, number: str, name: str, address: Address, changed: Callable[["Robot"], None]) -> None:
        """Begin with a robot of which only the address is known.

        Args:
            number: the robot's id; `place_id` of the address until a robot has answered there.
            name: the name by which people know the robot.
            address: the robot's address, or its last one.
            changed: is called with this robot when the page has to show a change.
        """
        self.id, self.name, self.address = number, name, address
        self.version = self.started = self.token = ""
        self.link: LinkWord = "connecting"
        self.problem = ""
        self.channel: Channel | None = None
        """The connection that is open now; None if there is none."""
        self.halting = False
        """Whether a halt was sent that the robot has not confirmed yet."""
        self._changed = changed
        self._state: dict[str, Any] = {}
        self._known: list[str] = []
        self._stopped: list[asyncio.Future[bool]] = []

    def set_link(self, link: LinkWord, problem: str = "") -> None:
        """Set the state of the connection, and the sentence on what is wrong with it."""
        if (link, problem) != (self.link, self.problem):
            self.link, self.problem = link, problem
            self._changed(self)

    @property
    def is_reached(self) -> bool:
        """Whether the connection to the robot is open."""
        return self.channel is not None and self.channel.is_open

    @property
    def may_control(self) -> bool:
        """Whether the robot lets this hub do more than halt it."""
        return self.link == "connected" and bool(self._state.get("control"))

    def take(self, text: str) -> None:
        """Use a message of the robot; ignore it if the hub does not need it, or it is not valid."""
        kind = text[9:40].partition('"')[0] if text.startswith('{"type":"') else ""
        if kind not in ("state", "known", "halted"):
            return
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return
        if kind == "state":
            state = read_state(value)
            if state != self._state:
                self._state = state
                self._changed(self)
        elif kind == "known":
            words = value.get("words")
            known = [plain(one, LETTERS) for one in words[:SENTENCES]] if isinstance(words, list) else []
            if known != self._known:
                self._known = known
                self._changed(self)
        elif value.get("stopped") is True:
            self.confirm()

    # The halt

    def await_stop(self) -> "asyncio.Future[bool]":
        """Return a future that is done as soon as the robot confirms that its wheels are stopped."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._stopped.append(future)
        return future

    def await_no_more(self, stopped: "asyncio.Future[bool]") -> None:
        """Forget a future that `await_stop` has returned."""
        if stopped in self._stopped:
            self._stopped.remove(stopped)

    def confirm(self) -> None:
        """Note that the robot has confirmed the stop of its wheels; all futures of `await_stop` are done."""
        waiting, self._stopped = self._stopped, []
        for one in waiting:
            if not one.done():
                one.set_result(True)
        self.set_halting(False)

    def set_halting(self, halting: bool) -> None:
        """Set whether a halt was sent that is not confirmed yet."""
        if halting != self.halting:
            self.halting = halting
            self._changed(self)

    # What the page gets

    def view(self) -> RobotView:
        """Return the robot as the page shows it."""
        known = {name: value for name, value in self._state.items() if name != "control"}
        return RobotView(
            id=self.id,
            name=self.name,
            address=self.address.url,
            version=self.version,
            link=self.link,
            problem=self.problem,
            known=self._known,
            halting=self.halting,
            **known,
        )

    def picture(self, data: bytes) -> bytes | None:
        """Return a picture of the robot in the form that the page gets; None if `data` is not a picture."""
        try:
            header, jpeg = unpack_picture(data)
        except Garbage:
            return None
        if not is_fit(jpeg, LARGEST_PIXELS):
            return None
        head = encode(
            RobotPicture(self.id, header.sequence, header.time, header.width, header.height, header.sight)
        )
        return len(head).to_bytes(4, "big") + head + jpeg


def read_state(value: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a robot's state that the page shows; values of a wrong type are left out."""
    halt, can, goal = value.get("halt"), value.get("can"), value.get("goal")
    state: dict[str, Any] = {
        "state": plain(value.get("state"), 20),
        "reason": plain(value.get("reason"), 300),
        "robot": plain(value.get("robot"), 80),
        "detector": plain(value.get("detector"), 40),
        "frame_rate": _number(value.get("frame_rate")) or 0.0,
        "halted": isinstance(halt, dict) and halt.get("halted") is True,
        "control": isinstance(can, dict) and can.get("control") is True,
        "goal": (0, 0),
    }
    if (
        isinstance(goal, list)
        and len(goal) == 2
        and all(type(end) is int and 0 <= end < 1000 for end in goal)
    ):
        state["goal"] = (goal[0], goal[1])
    for name in COUNTS:
        count = value.get(name)
        state[name] = count if type(count) is int and abs(count) < 2**53 else None
    for name in SHARES:
        state[name] = _number(value.get(name))
    return state


def _number(value: Any) -> float | None:
    known = type(value) in (int, float) and abs(value) < 1e15 and math.isfinite(value)
    return float(value) if known else None
