"""All messages between the hub and its page; `server.codec` turns them into bytes.

A picture is a header, `RobotPicture`, and a JPEG, put together as in a robot's server.
"""

from dataclasses import field

from server.protocol.base import Ends, Message, Part
from server.protocol.from_worker import Notice, SeenSight
from server.protocol.page import Ping, Pong, PressHalt


class RobotView(Message, type="robot"):
    """One robot, as the page shows it."""

    id: str
    name: str
    address: str
    version: str
    link: str
    """connecting, connected, unpaired, refused, away, nobody, version or twin."""
    problem: str
    """What is wrong with the connection and what to do, in a sentence; empty if nothing is wrong."""
    state: str = ""
    """The state of the robot in one word; empty while it is not known."""
    reason: str = ""
    robot: str = ""
    """sim, pi, or the robot's own program."""
    success_rate: float | None = None
    moves_mean: float | None = None
    moves: int | None = None
    episodes: int | None = None
    run: int | None = None
    checkpoint: int | None = None
    detector: str = ""
    frame_rate: float = 0.0
    halted: bool = False
    goal: Ends = (0, 0)
    known: list[str] = field(default_factory=list)
    """What the robot knows of itself, a few sentences."""
    halting: bool = False
    """Whether a halt was sent that the robot has not confirmed yet."""


class Room(Message, type="room"):
    """All robots, in the order in which they are shown, and what this page may do."""

    robots: list[str]
    control: bool
    slices: int
    """Number of slices of a picture."""
    looking: bool
    """Whether the hub searches the network for robots."""
    version: str


class Stopped(Message, type="stopped"):
    """The result of a halt of robots: which have confirmed it, and which have not."""

    confirmed: list[str]
    """Names of the robots that have confirmed that their wheels are stopped."""
    unconfirmed: list[str]
    milliseconds: float
    """Time until the last robot had confirmed, or was given up for now."""


class RobotPicture(Part):
    """What is known of a picture of one robot."""

    robot: str
    sequence: int
    time: float
    width: int
    height: int
    sight: SeenSight | None


class HaltRobots(Message, type="halt robots"):
    """Halt the robots with these ids; all robots if the list is empty."""

    robots: list[str]


class WatchRobots(Message, type="watch robots"):
    """Say which robots' pictures are wanted: those of the robots that are visible on the page."""

    robots: list[str]


TO_PAGE = {one.type: one for one in (RobotView, Room, Stopped, Notice, Pong)}
FROM_PAGE = {one.type: one for one in (HaltRobots, WatchRobots, PressHalt, Ping)}
"""The messages of each direction by their names; `halt` stops all robots."""
