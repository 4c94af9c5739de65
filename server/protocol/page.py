"""What server and page say to each other.

page --PageMessage--> server --ServerMessage, pictures--> page
"""

from typing import Literal

from robot_agent.guard.motion import LEASE_SECONDS
from server.protocol.base import Ends, Message, Part, by_name
from server.protocol.news import Activity, Relayed

Word = Literal["idle", "training", "driving", "lent", "hand", "paused", "halted", "failed"]
"""The state of everything in one word; `hand` while somebody drives by hand."""


class HaltState(Part):
    """The latch of the halt."""

    halted: bool = False
    what: str = ""
    """What the halt stopped."""
    why: str = ""
    """Who pressed it."""
    at: float | None = None
    """When, seconds since 1970."""


class Adaptation(Part):
    """The training of a policy on for the robot at hand."""

    under_way: bool = False
    began: float | None = None
    """When the last one began, seconds since 1970; None before the first."""
    words: str = ""
    """How the last one ended; empty before the first."""
    promoted: bool | None = None
    """Whether its policy is surely better in the simulator and drives from now on; None if it failed."""


class Can(Part):
    """What a client may do."""

    control: bool
    halt: bool = True


class State(Message, type="state"):
    """The state of everything, as the page shows it."""

    state: Word
    since: float
    """Seconds since 1970."""
    reason: str
    """Why it is so, in a sentence; empty where that is plain."""
    robot: str
    rendered: bool
    run: int | None
    moves: int | None
    total_moves: int | None
    episodes: int | None
    success_rate: float | None
    moves_mean: float | None
    seconds_left: float | None
    checkpoint: int | None
    """The checkpoint that is driven, or that will be when none is named."""
    activity: Activity
    halt: HaltState
    driver: Literal["hand", "worker"] | None
    """Who turns the wheels."""
    frame_rate: float
    """Pictures per second."""
    goal: Ends
    tolerance: int
    """The goal is reached when both ends of the sight are within this number of slices."""
    detector: str
    adaptation: Adaptation
    borrower: str = ""
    """Who drives it from another machine; empty if nobody does."""
    can: Can | None = None
    """What the client that gets this may do."""


class Lease(Message, type="lease"):
    """Whether the last command to drive by hand was carried out."""

    held: bool
    why: str
    """Why it was not."""


class Halted(Message, type="halted"):
    """A halt was carried out."""

    at: float | None
    what: str
    why: str
    stopped: bool
    """The pins are low."""
    milliseconds: float


class Pong(Message, type="pong"):
    """The answer to a ping."""

    t: float
    """As it was sent."""
    clock: float
    """Seconds of the server's clock, from which a page knows it: see `PageDrive.at`."""


class PressHalt(Message, type="halt"):
    """Stop everything."""


class PageDrive(Message, type="drive"):
    """Drive by hand for one lease."""

    left: float
    """Share of full speed in [-1, 1]."""
    right: float
    seq: int
    """Higher each time."""
    at: float | None = None
    """When it was given, in seconds of the server's clock; without it the time counts at which it came. What
    was under way for longer than the lease, as in a network that held it back, turns no wheel."""

    def is_late(self, now: float) -> bool:
        """Say whether it is older than the lease; its page hears nothing then, and lets go by itself."""
        return self.at is not None and now - self.at > LEASE_SECONDS


class Release(Message, type="release"):
    """Stop driving by hand."""


class PageWatch(Message, type="watch"):
    """Say whether pictures are wanted."""

    frames: bool


class Ping(Message, type="ping"):
    """Ask for a pong."""

    t: float = 0.0


ServerMessage = State | Lease | Halted | Pong | Relayed

PageMessage = PressHalt | PageDrive | Release | PageWatch | Ping

FROM_SERVER, FROM_PAGE = by_name(ServerMessage), by_name(PageMessage)
"""The messages of each direction by their names."""

FOR_SCRIPTS = ("move",)
"""Messages of the server that the page does not need; a script may."""
