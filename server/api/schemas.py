"""The types of the API's answers; FastAPI makes the API's description from them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from server.api.options import Physics
from server.protocol.base import Ends
from server.protocol.from_worker import ReportLine


class ChosenDetector(BaseModel):
    """The detector that is used now."""

    detector: str


class Pairing(BaseModel):
    """Whether the browser that asks has to pair, has paired, and may watch as a guest."""

    needed: bool
    paired: bool
    guest: bool


class Browser(BaseModel):
    """A paired browser."""

    id: str
    name: str
    """Browser and system as its User-Agent names them, such as Firefox on Android."""
    paired: float
    """When the browser was paired, seconds since 1970."""
    mine: bool
    """Whether this is the browser that asks."""


class Token(BaseModel):
    """A token without its secret."""

    id: int
    name: str
    created: float
    used: float | None


class NewToken(Token):
    """A token with its secret, which is shown only this once."""

    token: str


class HaltDone(BaseModel):
    """The result of a halt."""

    model_config = ConfigDict(from_attributes=True)
    stopped: bool
    """Whether it is certain that the pins are low."""
    milliseconds: float


class Begun(BaseModel):
    """The run, and when driving the checkpoint, that has begun."""

    run: int | None
    checkpoint: int | None = None


class Done(BaseModel):
    """The answer when a request was carried out."""

    done: bool = True


class Run(BaseModel):
    """A run in the list of runs."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 3,
                    "created": 1790000000.0,
                    "name": None,
                    "status": "finished",
                    "moves": 900023,
                    "episodes": 112000,
                    "updates": 875,
                    "seconds": 3.1,
                    "success_rate": 0.999,
                    "moves_mean": 6.4,
                    "marked": False,
                    "preset": None,
                    "robot": "sim",
                    "action": "curvature",
                    "deleted": False,
                }
            ]
        }
    )
    id: int
    created: float
    name: str | None
    status: str
    moves: int
    episodes: int
    updates: int
    seconds: float
    success_rate: float | None
    moves_mean: float | None
    marked: bool
    preset: str | None
    robot: str
    action: str
    deleted: bool


class BestTrial(BaseModel):
    """The best trial of a sweep so far."""

    number: int
    value: float
    final: float | None = None
    """Value of the figure on new seeds, on which the finalists were compared; null before that."""
    settings: dict[str, Any]


class Sweep(BaseModel):
    """A sweep: how far it has come, and the best trial so far."""

    sweep: str
    """Name of the space file."""
    state: Literal["running", "stopped", "finished"]
    changed: float
    """When the sweep's report was last written, seconds since 1970."""
    figure: str
    figure_words: str
    more_is_better: bool
    wanted: int
    """Number of trials in all."""
    complete: int
    pruned: int
    failed: int
    best: BestTrial | None
    curve: list[tuple[int, float | None, float | None]]
    """Points of the curve: number of the trial, its value, the best value so far; at most 500 points."""


class Episode(BaseModel):
    """An episode in the list of episodes."""

    number: int
    moves: int
    ending: str
    total_reward: float


class Pair(BaseModel):
    """A sight: the first and the last slice of the target."""

    x1: int
    x2: int


class Step(BaseModel):
    """One move of an episode."""

    x1: int | None
    x2: int | None
    after: Pair | None
    action: list[float]
    left: float
    right: float
    seconds: float
    terms: dict[str, float]
    """The terms of the reward, by the task's names for them."""
    reward: float
    probability: float | None
    """Probability density of the action under the policy of that time."""
    advantage: float | None
    """Advantage that the learner computed, before normalisation."""
    by_hand: bool
    """Whether a person made this move, by hand."""


class WholeEpisode(Episode):
    """An episode with all its moves."""

    run: int
    steps: list[Step]
    pictures: list[int]
    """Numbers of the pictures that are kept; picture 0 is before the first move."""
    film: bool
    """Whether a film of the episode can be made."""


class Policy(BaseModel):
    """What a policy does for every sight."""

    checkpoint: int
    run: int
    moves: int
    goal: Ends
    tolerance: int
    physics: Physics
    """Numbers of the robot on which the policy was trained."""
    action: str
    cells: list[list[float]]
    """One row per sight with x1 <= x2: x1, x2, curvature, duration, left, right."""
    std: list[float]
    """Standard deviation of each part of the action."""


class Findings(BaseModel):
    """The results of a health report or a check."""

    findings: list[ReportLine]


class Setting(BaseModel):
    """A setting, with its value now and its default."""

    name: str
    value: Any
    default: Any
    help: str
    open: bool
    """Whether a request may start a training with another value of this setting."""
