"""Every message between worker, server and page, as a type; `codec` turns them into bytes.

page --PageMessage--> server --WorkerCommand--> worker
page <--ServerMessage-- server <--WorkerMessage, pictures-- worker
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import WithJsonSchema

SUBPROTOCOL = "robot-agent.1"
"""Name of this protocol at the WebSocket."""

Activity = Literal["idle", "training", "driving"]
"""What the worker does."""

Word = Literal["idle", "training", "driving", "hand", "paused", "halted", "failed"]
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


# Parts of messages


@dataclass(frozen=True, slots=True)
class SeenSight:
    """A sight: first and last slice of the target, and how sure the detector is, in [0, 1]."""

    x1: int
    x2: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Progress:
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


@dataclass(frozen=True, slots=True)
class HaltState:
    """The latch of the halt."""

    halted: bool = False
    what: str = ""
    """What the halt stopped."""
    why: str = ""
    """Who pressed it."""
    at: float | None = None
    """When, seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Can:
    """What a client may do."""

    control: bool
    halt: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a health report or a check."""

    name: str
    level: str
    """good, warning, fault or skipped."""
    seen: str
    """What was found."""
    cure: str
    """What to do about it; empty when all is well."""


@dataclass(frozen=True, slots=True)
class PictureHeader:
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


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker takes commands from now on."""

    type: ClassVar = "ready"
    process: int


@dataclass(frozen=True, slots=True)
class Status:
    """What the worker does now."""

    type: ClassVar = "status"
    activity: Activity
    paused: bool
    reason: str
    """Why it is paused, or what a person has to do."""
    progress: Progress


@dataclass(frozen=True, slots=True)
class Ended:
    """A training or driving has ended."""

    type: ClassVar = "ended"
    activity: Activity
    how: str
    """finished, stopped, halted, lost or failed."""
    run: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to the command with this number."""

    type: ClassVar = "answer"
    id: int
    value: Any = None
    error: str = ""
    """Why the command was not carried out; empty if it was."""
    kind: str = ""
    """Name of the error's class."""


@dataclass(frozen=True, slots=True)
class Findings:
    """The health report of the training."""

    type: ClassVar = "findings"
    run: int
    findings: list[Finding]


# From the worker, through the server, to the page


@dataclass(frozen=True, slots=True)
class Update:
    """The policy was updated."""

    type: ClassVar = "update"
    run: int
    number: int
    moves: int
    seconds: float
    success_rate: float
    episode_moves: float
    mean_return: float | None
    entropy: float | None
    explained_variance: float | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The policy was tried on held-out starts."""

    type: ClassVar = "evaluation"
    run: int
    moves: int
    success_rate: float
    moves_mean: float | None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint was kept for good."""

    type: ClassVar = "checkpoint"
    id: int
    run: int
    moves: int
    success_rate: float | None
    moves_mean: float | None


@dataclass(frozen=True, slots=True)
class Move:
    """One robot made a move."""

    type: ClassVar = "move"
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


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode has ended."""

    type: ClassVar = "episode"
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


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the simulated robot is, seen from above, and what it sees."""

    type: ClassVar = "pose"
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


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for a person."""

    type: ClassVar = "notice"
    level: Level
    text: str


# From the server to the page


@dataclass(frozen=True, slots=True)
class State:
    """The state of everything, as the page shows it."""

    type: ClassVar = "state"
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
    can: Can | None = None
    """What the client that gets this may do."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Whether the last command to drive by hand was carried out."""

    type: ClassVar = "lease"
    held: bool
    why: str
    """Why it was not."""


@dataclass(frozen=True, slots=True)
class Halted:
    """A halt was carried out."""

    type: ClassVar = "halted"
    at: float | None
    what: str
    why: str
    stopped: bool
    """The pins are low."""
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to a ping."""

    type: ClassVar = "pong"
    t: float
    """As it was sent."""


# From the page to the server


@dataclass(frozen=True, slots=True)
class PressHalt:
    """Stop everything."""

    type: ClassVar = "halt"


@dataclass(frozen=True, slots=True)
class PageDrive:
    """Drive by hand for one lease."""

    type: ClassVar = "drive"
    left: float
    """Share of full speed in [-1, 1]."""
    right: float
    seq: int
    """Higher each time."""


@dataclass(frozen=True, slots=True)
class Release:
    """Stop driving by hand."""

    type: ClassVar = "release"


@dataclass(frozen=True, slots=True)
class PageWatch:
    """Say whether pictures are wanted."""

    type: ClassVar = "watch"
    frames: bool


@dataclass(frozen=True, slots=True)
class Ping:
    """Ask for a pong."""

    type: ClassVar = "ping"
    t: float = 0.0


# What the worker answers to commands


@dataclass(frozen=True, slots=True)
class Begun:
    """Answer to `Start` and `Drive`."""

    run: int


@dataclass(frozen=True, slots=True)
class LearnedColor:
    """Answer to `LearnColor`."""

    learned: dict[str, Any]
    """The settings of the detector, by name."""
    sight: SeenSight | None
    """What is now seen in the same picture."""


@dataclass(frozen=True, slots=True)
class TriedDetector:
    """Answer to `ChooseDetector`."""

    refused: str
    """Why the detector cannot be used; empty if it can."""


@dataclass(frozen=True, slots=True)
class TaughtGoal:
    """Answer to `TeachGoal`."""

    goal: Ends
    spread: int
    """Largest difference between two of the pictures, slices."""


# From the server to the worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What the worker is to do."""

    type: ClassVar = ""
    id: int | None = None
    """Number of the answer; the worker does not answer if there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configure(Command):
    """Use these settings and this guard from now on."""

    type: ClassVar = "configure"
    config: Settings
    guard: str
    """Path of the guard's socket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(Command):
    """Begin a training, or go on with one."""

    type: ClassVar = "start"
    config: Settings
    run: int | None = None
    """The run to go on with; a new one is made if None."""
    from_checkpoint: int | None = None
    """The checkpoint whose policy a new run begins with."""
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive(Command):
    """Drive the policy of a checkpoint in endless episodes."""

    type: ClassVar = "drive"
    config: Settings
    checkpoint: int
    run: int
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Command):
    """Stand still between two moves."""

    type: ClassVar = "pause"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Command):
    """Go on with what is paused."""

    type: ClassVar = "resume"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Command):
    """End the training or the driving, and keep what was learned."""

    type: ClassVar = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt(Command):
    """End everything: the halt was pressed."""

    type: ClassVar = "halt"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeWheels(Command):
    """Let go of the wheels: somebody drives by hand."""

    type: ClassVar = "take wheels"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnWheels(Command):
    """Take the wheels again: nobody drives by hand any more."""

    type: ClassVar = "return wheels"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manual(Command):
    """The wheels turn like this by hand; the simulated robot moves along."""

    type: ClassVar = "manual"
    left: float
    right: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch(Command):
    """Say whether anybody wants pictures."""

    type: ClassVar = "watch"
    frames: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnColor(Command):
    """Learn the target's colour from a pixel of a picture that was shown."""

    type: ClassVar = "learn color"
    x: float
    y: float
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseDetector(Command):
    """Try the detector of these settings, and use it if it can be used."""

    type: ClassVar = "choose detector"
    config: Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachGoal(Command):
    """Take what is seen now as the goal."""

    type: ClassVar = "teach goal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Command):
    """Look at everything that a new owner gets wrong."""

    type: ClassVar = "check"


@dataclass(frozen=True, slots=True, kw_only=True)
class AreYouThere(Command):
    """Answer, to show that the worker does not hang."""

    type: ClassVar = "are you there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Command):
    """End in good order."""

    type: ClassVar = "close"


Relayed = Update | Evaluation | Checkpoint | Move | Episode | Pose | Notice
"""What the server passes on to the page as it comes."""
WorkerMessage = Ready | Status | Ended | Answer | Findings | Relayed
ServerMessage = State | Lease | Halted | Pong | Relayed
PageMessage = PressHalt | PageDrive | Release | PageWatch | Ping
WorkerCommand = (
    Configure
    | Start
    | Drive
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
    | AreYouThere
    | Close
)
Message = WorkerMessage | ServerMessage | PageMessage | Command


def _by_name(union: Any) -> Mapping[str, type[Any]]:
    return {one.type: one for one in get_args(union)}


FROM_WORKER, FROM_SERVER = _by_name(WorkerMessage), _by_name(ServerMessage)
FROM_PAGE, TO_WORKER = _by_name(PageMessage), _by_name(WorkerCommand)
"""The messages of each direction by their names."""

FOR_SCRIPTS = ("move",)
"""Messages of the server that the page does not need; a script may."""
