"""Every message between the hub and its page; `server.codec` turns them into bytes.

A picture is a header, `RobotPicture`, and a JPEG, framed as those of a robot are.
"""

from dataclasses import field

from server.protocol.base import Ends, Message, Part
from server.protocol.news import Notice, SeenSight
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
    """What is wrong with the connection, in a sentence that says the cure; empty if nothing is."""
    state: str = ""
    """The robot's own state in one word; empty while it is not known."""
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
    """A halt was sent that the robot has not confirmed."""


class Room(Message, type="room"):
    """All robots, in the order in which they are shown, and what this page may do."""

    robots: list[str]
    control: bool
    slices: int
    """Number of slices of a picture."""
    looking: bool
    """Whether robots are looked for in the network."""
    version: str


class Stopped(Message, type="stopped"):
    """A halt of several robots was carried out, as far as it was confirmed."""

    confirmed: list[str]
    """Names of the robots whose wheels are surely stopped."""
    unconfirmed: list[str]
    milliseconds: float
    """Until the last one confirmed."""


class RobotPicture(Part):
    """What is known of a picture of one robot."""

    robot: str
    sequence: int
    time: float
    width: int
    height: int
    sight: SeenSight | None


class HaltRobots(Message, type="halt robots"):
    """Stop these robots; all if there are none."""

    robots: list[str]


class WatchRobots(Message, type="watch robots"):
    """Say of which robots pictures are wanted: those that can be seen on the page."""

    robots: list[str]


TO_PAGE = {one.type: one for one in (RobotView, Room, Stopped, Notice, Pong)}
FROM_PAGE = {one.type: one for one in (HaltRobots, WatchRobots, PressHalt, Ping)}
"""The messages of each direction by their names; `halt` stops all robots."""
