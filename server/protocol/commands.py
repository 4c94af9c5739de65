"""What the server commands the worker, and what the worker answers to that.

server --WorkerCommand--> worker --Answer with one of the parts below--> server
"""

from dataclasses import field
from typing import Any

from server.protocol.base import Ends, Message, Part, Settings, by_name
from server.protocol.news import SeenSight

IN_MOTION = "The detector is changed only while nothing moves; stop what is under way, then choose it."
"""Why another detector is refused meanwhile, by worker and server."""


class Configure(Message, type="configure"):
    """Use these settings and this guard from now on."""

    config: Settings
    guard: str
    """Path of the guard's socket."""


class Start(Message, type="start"):
    """Begin a training, or go on with one."""

    config: Settings
    run: int | None = None
    """The run to go on with; a new one is made if None."""
    from_checkpoint: int | None = None
    """The checkpoint whose policy a new run begins with."""
    paused: bool = False


class Drive(Message, type="drive"):
    """Drive the policy of a checkpoint in endless episodes."""

    config: Settings
    checkpoint: int
    """0 is the policy that is given what is known of the robot: adapted to it, or the one that ships."""
    run: int
    paused: bool = False


class Lend(Message, type="lend"):
    """Let a program on another machine drive the robot, by the orders below."""


class LentPulse(Message, type="lent pulse"):
    """Turn the wheels for who has borrowed the robot."""

    left: float
    right: float
    seconds: float
    until: float
    """Time of `time.monotonic` after which it is too old to begin."""


class LentLook(Message, type="lent look"):
    """Take a picture for them."""


class LentReset(Message, type="lent reset"):
    """Come to a new start for them."""

    until: float
    """As of a pulse."""


class LentSeed(Message, type="lent seed"):
    """Seed what is random for them."""

    seed: int


class DropLent(Message, type="drop lent"):
    """Stop, and drop the order under way: nothing is heard any more of who has borrowed the robot."""


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
    """The wheels turn like this by hand; the simulated robot moves along."""

    left: float
    right: float


class Watch(Message, type="watch"):
    """Say whether anybody wants pictures."""

    frames: bool


class LearnColor(Message, type="learn color"):
    """Learn the target's colour from a pixel of a picture that was shown."""

    x: float
    y: float
    sequence: int


class ChooseDetector(Message, type="choose detector"):
    """Try the detector of these settings, and use it if it can be used."""

    config: Settings


class TeachGoal(Message, type="teach goal"):
    """Take what is seen now as the goal."""


class Check(Message, type="check"):
    """Look at everything that a new owner gets wrong."""


class GiveFit(Message, type="give fit"):
    """Return what is known of the robot, for others of its kit."""


class TakeFit(Message, type="take fit"):
    """Begin with what is known of another robot of the same kit, instead of what is known of this one."""

    version: int
    known: dict[str, Any]


class AreYouThere(Message, type="are you there"):
    """Answer, to show that the worker does not hang."""


class Close(Message, type="close"):
    """End in good order."""


class Begun(Part):
    """Answer to `Start` and `Drive`."""

    run: int


class LearnedColor(Part):
    """Answer to `LearnColor`."""

    learned: dict[str, Any]
    """The settings of the detector, by name."""
    sight: SeenSight | None
    """What is now seen in the same picture."""
    doubt: str = ""
    """Why the colour may not hold in other pictures, and the cure; empty where nothing says so."""


class TriedDetector(Part):
    """Answer to `ChooseDetector`."""

    refused: str
    """Why the detector cannot be used; empty if it can."""


class LentRobot(Part):
    """Answer to `Lend`."""

    can_reset: bool
    """Whether it comes to a new start by itself."""


class HandMove(Part):
    """What a person did with the wheels for a while, and what was seen after it."""

    left: float
    right: float
    seconds: float
    sight: SeenSight | None


class LentDone(Part):
    """Answer to an order of who has borrowed the robot."""

    jpeg: str = ""
    """The picture of a look, in base64."""
    sight: SeenSight | None = None
    """What is seen in it."""
    torn: bool = False
    """It was dropped, and perhaps cut short."""
    old: bool = False
    """It was too old to begin; nothing has moved by it."""
    taken_over: bool = False
    """A person had the wheels; it was not carried out."""
    before: SeenSight | None = None
    """What was seen before the person drove."""
    moves: list[HandMove] = field(default_factory=list)
    """What the person did."""


class TaughtGoal(Part):
    """Answer to `TeachGoal`."""

    goal: Ends
    spread: int
    """Largest difference between two of the pictures, slices."""


class Fit(Part):
    """Answer to `GiveFit`: what is known of the robot, see `robot_agent.identification.sibling`."""

    version: int
    known: dict[str, Any]


LentOrder = LentPulse | LentLook | LentReset | LentSeed
"""What who has borrowed the robot wants of it."""

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
    | Close
)

TO_WORKER = by_name(WorkerCommand)
"""The commands by their names."""
