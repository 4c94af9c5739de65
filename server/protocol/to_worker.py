"""The commands of the server to the worker, and the worker's answers.

server --WorkerCommand--> worker --Answer with one of the parts below--> server
"""

from dataclasses import field
from typing import Any

from server.protocol.base import Ends, Message, Part, Settings, by_name
from server.protocol.from_worker import SeenSight

IN_MOTION = "The detector is changed only while nothing moves; stop what is under way, then choose it."
"""The error of worker and server when a detector is chosen while something moves."""


class Configure(Message, type="configure"):
    """Use these settings and this guard from now on."""

    config: Settings
    guard: str
    """Path of the guard's socket."""


class Start(Message, type="start"):
    """Begin a training, or go on with one."""

    config: Settings
    run: int | None = None
    """Number of the run to go on with; None makes a new run."""
    from_checkpoint: int | None = None
    """Number of the checkpoint with whose policy a new run begins."""
    paused: bool = False


class Drive(Message, type="drive"):
    """Drive the policy of a checkpoint in endless episodes."""

    config: Settings
    checkpoint: int
    """Number of the checkpoint; 0: the policy that uses what is known of the robot, adapted or shipped."""
    run: int
    paused: bool = False


class Lend(Message, type="lend"):
    """Let a program on another machine drive the robot, by the orders below."""


class LentPulse(Message, type="lent pulse"):
    """Turn the wheels for the program that has borrowed the robot."""

    left: float
    right: float
    seconds: float
    until: float
    """Time after which the pulse must not begin any more, as `time.monotonic`."""


class LentLook(Message, type="lent look"):
    """Take a picture for the program that has borrowed the robot."""


class LentReset(Message, type="lent reset"):
    """Bring the robot to a new start for the program that has borrowed it."""

    until: float
    """Time after which the reset must not begin any more, as `time.monotonic`."""


class LentSeed(Message, type="lent seed"):
    """Seed the robot's randomness for the program that has borrowed it."""

    seed: int


class DropLent(Message, type="drop lent"):
    """Stop, and drop the borrower's orders: the borrower is not heard any more."""


class Pause(Message, type="pause"):
    """Stand still between two moves."""


class Resume(Message, type="resume"):
    """Go on with what is paused."""


class Stop(Message, type="stop"):
    """End the training or the driving, and keep what was learned."""


class Halt(Message, type="halt"):
    """End everything: the halt was pressed."""


class TakeWheels(Message, type="take wheels"):
    """Let go of the wheels: somebody drives by hand."""


class ReturnWheels(Message, type="return wheels"):
    """Take the wheels again: nobody drives by hand any more."""


class Manual(Message, type="manual"):
    """Note that a person turns the wheels with these powers; a simulated robot moves accordingly."""

    left: float
    right: float


class Watch(Message, type="watch"):
    """Return whether anybody wants pictures."""

    frames: bool


class LearnColor(Message, type="learn color"):
    """Learn the target's colour from a pixel of a picture that was shown."""

    x: float
    y: float
    sequence: int


class ChooseDetector(Message, type="choose detector"):
    """Try the detector that these settings name, and use it from now on if that works."""

    config: Settings


class TeachGoal(Message, type="teach goal"):
    """Take some pictures, and return their sight as the goal."""


class Check(Message, type="check"):
    """Run the checks of everything that a new owner often gets wrong."""


class GiveFit(Message, type="give fit"):
    """Return what is known of the robot, for other robots of the same kit."""


class TakeFit(Message, type="take fit"):
    """Begin with what is known of another robot of the same kit, instead of what is known of this one."""

    version: int
    known: dict[str, Any]


class AreYouThere(Message, type="are you there"):
    """Answer, to show that the worker does not hang."""


class Beat(Message, type="beat"):
    """The server lives: what it hears can still stop the robot."""


class Close(Message, type="close"):
    """End in good order."""


class Begun(Part):
    """Answer to `Start` and `Drive`."""

    run: int


class LearnedColor(Part):
    """Answer to `LearnColor`."""

    learned: dict[str, Any]
    """The learned settings of the colour detector, by name."""
    sight: SeenSight | None
    """The sight that the detector now finds in the same picture."""
    doubt: str = ""
    """Why the colour may not hold in other pictures, and the cure; empty where nothing says so."""


class TriedDetector(Part):
    """Answer to `ChooseDetector`."""

    refused: str
    """Why the detector cannot be used; empty if it can."""


class LentRobot(Part):
    """Answer to `Lend`."""

    can_reset: bool
    """Whether the robot can come to a new start by itself."""


class HandMove(Part):
    """A pulse that a person drove by hand, and the sight after it."""

    left: float
    right: float
    seconds: float
    sight: SeenSight | None


class LentDone(Part):
    """Answer to an order of the program that has borrowed the robot."""

    jpeg: str = ""
    """The picture of a look, in base64."""
    sight: SeenSight | None = None
    """The sight in that picture."""
    torn: bool = False
    """Whether the order was dropped; the robot may have moved for a part of it."""
    old: bool = False
    """Whether the order was too old to begin; then it has moved nothing."""
    taken_over: bool = False
    """Whether the order was not carried out because a person had the wheels."""
    before: SeenSight | None = None
    """The sight before the person drove."""
    moves: list[HandMove] = field(default_factory=list)
    """The pulses of the person."""


class TaughtGoal(Part):
    """Answer to `TeachGoal`."""

    goal: Ends
    spread: int
    """Largest difference between the sights of two of the pictures, slices."""


class Fit(Part):
    """Answer to `GiveFit`: what is known of the robot, see `robot_agent.identification.sibling`."""

    version: int
    known: dict[str, Any]


LentOrder = LentPulse | LentLook | LentReset | LentSeed
"""The orders of the program that has borrowed the robot."""

WorkerCommand = (
    Configure
    | Start
    | Drive
    | Lend
    | LentOrder
    | DropLent
    | Pause
    | Resume
    | Stop
    | Halt
    | TakeWheels
    | ReturnWheels
    | Manual
    | Watch
    | LearnColor
    | ChooseDetector
    | TeachGoal
    | Check
    | GiveFit
    | TakeFit
    | AreYouThere
    | Beat
    | Close
)

TO_WORKER = by_name(WorkerCommand)
"""The commands by their names."""
