"""Every message between worker, server and page, as a type; `codec` turns them into bytes.

page --PageMessage--> server --WorkerCommand--> worker
page <--ServerMessage-- server <--WorkerMessage, pictures-- worker
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal, dataclass_transform, get_args

from pydantic import WithJsonSchema

SUBPROTOCOL = "robot-agent.1"
"""Name of this protocol at the WebSocket."""

Activity = Literal["idle", "training", "driving", "lent"]
"""What the worker does; `lent` while a program on another machine drives its robot."""

Word = Literal["idle", "training", "driving", "lent", "hand", "paused", "halted", "failed"]
"""The state of everything in one word; `hand` while somebody drives by hand."""

Level = Literal["info", "warning", "error"]

Ends = Annotated[
    tuple[int, int],
    WithJsonSchema({"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}),
]
"""First and last slice of a sight."""

Settings = dict[str, Any]
"""A `Config` as JSON: sections by name, and their settings by name."""


IN_MOTION = "The detector is changed only while nothing moves; stop what is under way, then choose it."
"""Why another detector is refused meanwhile, by worker and server."""


@dataclass_transform(frozen_default=True)
class Part:
    """Base class of the parts of a message; subclasses become frozen dataclasses, which mypy checks.

    The methods that all share are defined here once: made for each class, they would slow the start by 10 %.
    """

    def __init_subclass__(cls) -> None:
        """Make a dataclass of the class."""
        dataclass(eq=False, repr=False)(cls)

    def __eq__(self, other: object) -> bool:
        """Say whether two parts have the same values."""
        return type(self) is type(other) and vars(self) == vars(other)

    def __repr__(self) -> str:
        """Return the values by their names."""
        return f"{type(self).__name__}({vars(self)})"


class Message(Part):
    """A message; `class Lease(Message, type="lease")` has the name `lease` as JSON."""

    type: ClassVar[str]

    def __init_subclass__(cls, type: str) -> None:
        """Make a dataclass of the class, and name it."""
        cls.type = type
        super().__init_subclass__()


# Parts of messages


class SeenSight(Part):
    """A sight: first and last slice of the target, and how sure the detector is, in [0, 1]."""

    x1: int
    x2: int
    confidence: float = 1.0


class Progress(Part):
    """How far the training or the driving is."""

    run: int | None = None
    """The run under way; when driving, the run of the policy."""
    rendered: bool = True
    """One robot with pictures, not a fleet without."""
    detector: str = ""
    """The detector that is used."""
    checkpoint: int | None = None
    """The checkpoint that is driven."""
    moves: int | None = None
    total_moves: int | None = None
    episodes: int | None = None
    success_rate: float | None = None
    """Share of the episodes that reached the goal."""
    moves_mean: float | None = None
    """Mean number of moves to the goal."""
    seconds_left: float | None = None


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


class ReportLine(Part):
    """One line of a health report or a check, as it is shown."""

    name: str
    level: str
    """good, warning, fault or skipped."""
    seen: str
    """What was found."""
    cure: str
    """What to do about it; empty when all is well."""


class KnownParameter(Part):
    """How one number of the robot became known."""

    name: str
    label: str
    """What it is, with its unit."""
    mean: list[float]
    """After each of the moves `Known.at`."""
    deviation: list[float]
    """Standard deviation of the same."""
    prior: tuple[float, float]
    """Mean and standard deviation before any move."""


class KnownChange(Part):
    """The robot turned out to be another one."""

    move: int
    words: str


class PictureHeader(Part):
    """What is known of a picture."""

    sequence: int
    """Number of the picture, counted since the worker started."""
    time: float
    """When it was taken, seconds since 1970."""
    width: int
    """pixels"""
    height: int
    sight: SeenSight | None
    """The sight that was found in this very picture."""
    probabilities: list[float] | None = None
    """For each slice, where the detector gives them, in [0, 1]."""
    look: tuple[int, int] | None = None
    """Episode and number of a picture that decided a move."""


# From the worker to the server


class Ready(Message, type="ready"):
    """The worker takes commands from now on."""

    process: int


class Status(Message, type="status"):
    """What the worker does now."""

    activity: Activity
    paused: bool
    reason: str
    """Why it is paused, or what a person has to do."""
    progress: Progress


class Ended(Message, type="ended"):
    """A training or driving has ended."""

    activity: Activity
    how: str
    """finished, stopped, halted, lost or failed."""
    run: int | None


class Answer(Message, type="answer"):
    """The answer to the command with this number."""

    id: int
    value: Any = None
    error: str = ""
    """Why the command was not carried out; empty if it was."""
    kind: str = ""
    """Name of the error's class."""


class Received(Message, type="received"):
    """The command with this number has come: what it stops has stopped, and begins no more."""

    id: int


class Findings(Message, type="findings"):
    """The health report of the training."""

    run: int
    findings: list[ReportLine]


# From the worker, through the server, to the page


class Update(Message, type="update"):
    """The policy was updated."""

    run: int
    number: int
    moves: int
    seconds: float
    success_rate: float
    episode_moves: float
    mean_return: float | None
    entropy: float | None
    explained_variance: float | None


class Evaluation(Message, type="evaluation"):
    """The policy was tried on held-out starts."""

    run: int
    moves: int
    success_rate: float
    moves_mean: float | None


class Checkpoint(Message, type="checkpoint"):
    """A checkpoint was kept for good."""

    id: int
    run: int
    moves: int
    success_rate: float | None
    moves_mean: float | None


class Move(Message, type="move"):
    """One robot made a move."""

    number: int
    """Moves made in the episode, this one included."""
    x1: int
    """First slice of the target after the move; -1 when nothing is seen."""
    x2: int
    left: float
    """Share of full speed in [-1, 1]."""
    right: float
    seconds: float
    terms: dict[str, float]
    """The terms of the reward, by the task's names for them."""
    by_hand: bool = False
    """Whether a person made it, who had taken the wheel."""


class Episode(Message, type="episode"):
    """An episode has ended."""

    run: int
    """0 for an episode that was driven and not trained."""
    number: int
    moves: int
    ending: str
    total_reward: float
    sights: list[tuple[int, int] | None] = field(default_factory=list)
    """From the first to the last; None where nothing was seen."""
    path: list[tuple[float, float, float]] = field(default_factory=list)
    """x and y in metres and heading in radians at each sight, of a simulated robot."""


class Pose(Message, type="pose"):
    """Where the simulated robot is, seen from above, and what it sees."""

    x: float
    """m"""
    y: float
    """m"""
    heading: float
    """radians"""
    field_of_view: float
    """radians"""
    target_width: float
    """m"""
    target: tuple[float, float] = (0.0, 0.0)
    """m"""


class Known(Message, type="known"):
    """What the robot knows of itself, from its own moves."""

    robot: str
    moves: int
    """From how many moves."""
    words: list[str]
    """A sentence for each thing that is known."""
    doubt: float
    """Probability that it is another robot than it is taken for."""
    at: list[int]
    """Numbers of the moves after which the parameters are given."""
    parameters: list[KnownParameter]
    changes: list[KnownChange]
    expected: list[tuple[float, float] | None]
    """Where the target's edges were expected after each of the last moves, slices from the left."""
    seen: list[tuple[int, int] | None]
    """First and last slice that were seen then."""


class Notice(Message, type="notice"):
    """A sentence for a person."""

    level: Level
    text: str


# From the server to the page


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


# From the page to the server


class PressHalt(Message, type="halt"):
    """Stop everything."""


class PageDrive(Message, type="drive"):
    """Drive by hand for one lease."""

    left: float
    """Share of full speed in [-1, 1]."""
    right: float
    seq: int
    """Higher each time."""


class Release(Message, type="release"):
    """Stop driving by hand."""


class PageWatch(Message, type="watch"):
    """Say whether pictures are wanted."""

    frames: bool


class Ping(Message, type="ping"):
    """Ask for a pong."""

    t: float = 0.0


# What the worker answers to commands


class Begun(Part):
    """Answer to `Start` and `Drive`."""

    run: int


class LearnedColor(Part):
    """Answer to `LearnColor`."""

    learned: dict[str, Any]
    """The settings of the detector, by name."""
    sight: SeenSight | None
    """What is now seen in the same picture."""


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


# From the server to the worker


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


LentOrder = LentPulse | LentLook | LentReset | LentSeed
"""What who has borrowed the robot wants of it."""
Relayed = Update | Evaluation | Checkpoint | Move | Episode | Pose | Known | Notice
"""What the server passes on to the page as it comes."""
WorkerMessage = Ready | Status | Ended | Answer | Received | Findings | Relayed
ServerMessage = State | Lease | Halted | Pong | Relayed
PageMessage = PressHalt | PageDrive | Release | PageWatch | Ping
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


def _by_name(union: Any) -> Mapping[str, type[Message]]:
    return {one.type: one for one in get_args(union)}


FROM_WORKER, FROM_SERVER = _by_name(WorkerMessage), _by_name(ServerMessage)
FROM_PAGE, TO_WORKER = _by_name(PageMessage), _by_name(WorkerCommand)
"""The messages of each direction by their names."""

FOR_SCRIPTS = ("move",)
"""Messages of the server that the page does not need; a script may."""
