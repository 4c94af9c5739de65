"""The messages of the worker to the server; the server passes many of them on to the page.

worker --WorkerMessage, pictures--> server --Relayed, pictures--> page
"""

from dataclasses import field
from typing import Any, Literal

from server.protocol.base import Message, Part, by_name

Activity = Literal["idle", "training", "driving", "lent"]
"""What the worker does now; `lent`: a program on another machine drives its robot."""

Level = Literal["info", "warning", "error"]


class SeenSight(Part):
    """A sight: first and last slice of the target, and how sure the detector is, in [0, 1]."""

    x1: int
    x2: int
    confidence: float = 1.0


class Progress(Part):
    """How far the training or the driving has come."""

    run: int | None = None
    """Number of the run under way; when driving, the run of the policy."""
    rendered: bool = True
    """Whether the job has one robot with pictures; False for a fleet, which has none."""
    detector: str = ""
    """Name of the detector that is used."""
    checkpoint: int | None = None
    """Number of the checkpoint that is driven."""
    moves: int | None = None
    total_moves: int | None = None
    episodes: int | None = None
    success_rate: float | None = None
    """Share of the episodes that reached the goal."""
    moves_mean: float | None = None
    """Mean number of moves to the goal."""
    seconds_left: float | None = None


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
    """How the estimate of one number of the robot has developed over the moves."""

    name: str
    label: str
    """The number's meaning for a person, with its unit."""
    mean: list[float]
    """Mean of the estimate after each of the moves `Known.at`."""
    deviation: list[float]
    """Standard deviation of the estimate after each of the moves `Known.at`."""
    prior: tuple[float, float]
    """Mean and standard deviation before any move."""


class KnownChange(Part):
    """A moment at which the robot turned out to be another robot than was estimated."""

    move: int
    words: str


class PictureHeader(Part):
    """What is known of a picture."""

    sequence: int
    """Number of the picture, counted since the worker started."""
    time: float
    """When the picture was taken, seconds since 1970."""
    width: int
    """Width of the picture, pixels."""
    height: int
    sight: SeenSight | None
    """The sight that was found in this picture; None if there is none."""
    probabilities: list[float] | None = None
    """Probability that the slice shows the target, for each slice; None if the detector gives none."""
    look: tuple[int, int] | None = None
    """Episode and number of a picture that decided a move; None for other pictures."""


class Ready(Message, type="ready"):
    """The worker takes commands from now on."""

    process: int


class Status(Message, type="status"):
    """What the worker does now."""

    activity: Activity
    paused: bool
    reason: str
    """Why the job is paused, or what a person has to do."""
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
    """The command with this number has come, and what it has to stop has stopped for good."""

    id: int


class Findings(Message, type="findings"):
    """The health report of the training."""

    run: int
    findings: list[ReportLine]


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
    """The policy was evaluated on starts that the training does not use."""

    run: int
    moves: int
    success_rate: float
    moves_mean: float | None


class Checkpoint(Message, type="checkpoint"):
    """A checkpoint was stored that the run keeps."""

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
    """First slice of the target after the move; -1 if it is not seen."""
    x2: int
    left: float
    """Power of the left wheel, a share of full speed in [-1, 1]."""
    right: float
    seconds: float
    terms: dict[str, float]
    """The terms of the reward, by the task's names for them."""
    by_hand: bool = False
    """Whether a person made this move, by hand."""


class Episode(Message, type="episode"):
    """An episode has ended."""

    run: int
    """Number of the run; 0 for an episode of driving."""
    number: int
    moves: int
    ending: str
    total_reward: float
    sights: list[tuple[int, int] | None] = field(default_factory=list)
    """First and last slice of each sight, in order; None where nothing was seen."""
    path: list[tuple[float, float, float]] = field(default_factory=list)
    """Pose of a simulated robot at each sight: x and y in metres, heading in radians."""


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
    """Number of moves from which all this is known."""
    words: list[str]
    """A sentence for each thing that is known."""
    doubt: float
    """Probability that the robot is another one than was estimated."""
    at: list[int]
    """Numbers of the moves after which `parameters` gives the estimates."""
    parameters: list[KnownParameter]
    changes: list[KnownChange]
    expected: list[tuple[float, float] | None]
    """Where the target's edges were expected after each of the last moves, slices from the left."""
    seen: list[tuple[int, int] | None]
    """First and last slice that were seen after each of the same moves."""
    fault: str = ""
    """What the robot does not do as it is told, and what to do about it; empty when it is sound."""


class Notice(Message, type="notice"):
    """A sentence for a person."""

    level: Level
    text: str


Relayed = Update | Evaluation | Checkpoint | Move | Episode | Pose | Known | Notice
"""The messages that the server passes on to the page unchanged."""

WorkerMessage = Ready | Status | Ended | Answer | Received | Findings | Relayed

FROM_WORKER = by_name(WorkerMessage)
"""The messages of the worker by their names."""
