"""The messages between server and page. What the worker tells the page too is in `from_worker`.

page --PageMessage--> server --ServerMessage, pictures--> page
"""

from typing import Literal

from robot_agent.guard.lease import LEASE_SECONDS
from server.protocol.base import Ends, Message, Part, by_name
from server.protocol.from_worker import Activity, Relayed

Word = Literal["idle", "training", "driving", "lent", "hand", "paused", "halted", "failed"]
"""The state of everything in one word; `hand`: somebody drives by hand."""


class HaltState(Part):
    """Whether everything is halted, and since when and why."""

    halted: bool = False
    what: str = ""
    """What the halt stopped."""
    why: str = ""
    """Who pressed halt, or another reason for it."""
    at: float | None = None
    """When the halt was latched, seconds since 1970."""


class Adaptation(Part):
    """The adaptation of the policy to this robot, by further training."""

    under_way: bool = False
    began: float | None = None
    """When the last adaptation began, seconds since 1970; None before the first one."""
    words: str = ""
    """How the last adaptation ended; empty before the first one."""
    promoted: bool | None = None
    """Whether the new policy drives from now on, as it is surely better in the simulator; None: it failed."""


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
    """The reason for the state, in a sentence; empty if none is needed."""
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
    """Number of the checkpoint that is driven, or that is driven by default."""
    activity: Activity
    halt: HaltState
    driver: Literal["hand", "worker"] | None
    """Who turns the wheels: a person by hand, or the worker; None if nobody does."""
    frame_rate: float
    """Pictures per second."""
    goal: Ends
    tolerance: int
    """The goal is reached when both ends of the sight are within this number of slices."""
    detector: str
    adaptation: Adaptation
    borrower: str = ""
    """Who drives the robot from another machine; empty if nobody does."""
    can: Can | None = None
    """What the client that gets this may do."""


class Lease(Message, type="lease"):
    """Whether the last command to drive by hand was carried out."""

    held: bool
    why: str
    """Why the command was not carried out; empty if it was."""


class Halted(Message, type="halted"):
    """A halt was carried out."""

    at: float | None
    what: str
    why: str
    stopped: bool
    """Whether it is certain that the pins are low."""
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
    """Power of the left wheel, a share of full speed in [-1, 1]."""
    right: float
    seq: int
    """Higher each time."""
    at: float | None = None
    """When it was given, in seconds of the server's clock; without it the time counts at which it came. What
    was under way for longer than the lease, as in a network that held it back, turns no wheel."""

    def is_late(self, now: float) -> bool:
        """Return whether it is older than the lease; its page hears nothing then, and lets go by itself."""
        return self.at is not None and now - self.at > LEASE_SECONDS


class Release(Message, type="release"):
    """Stop driving by hand."""


class PageWatch(Message, type="watch"):
    """Return whether pictures are wanted."""

    frames: bool


class Ping(Message, type="ping"):
    """Ask for a pong."""

    t: float = 0.0


ServerMessage = State | Lease | Halted | Pong | Relayed

PageMessage = PressHalt | PageDrive | Release | PageWatch | Ping

FROM_SERVER, FROM_PAGE = by_name(ServerMessage), by_name(PageMessage)
"""The messages of each direction by their names."""

FOR_SCRIPTS = ("move",)
"""Messages of the server that only scripts use, and the page does not."""
