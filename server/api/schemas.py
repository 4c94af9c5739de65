"""What the API answers, for its description."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from server.api.options import Physics
from server.protocol.base import Ends
from server.protocol.news import ReportLine


class ChosenDetector(BaseModel):
    """The detector that finds the target now."""

    detector: str


class Pairing(BaseModel):
    """Who one is here."""

    needed: bool
    paired: bool
    guest: bool


class Browser(BaseModel):
    """A browser that is paired."""

    id: str
    name: str
    """What its User-Agent says, such as Firefox on Android."""
    paired: float
    """When: seconds since 1970."""
    mine: bool
    """Whether it is the one that asks."""


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
    """What a halt did."""

    model_config = ConfigDict(from_attributes=True)
    stopped: bool
    """The pins are low."""
    milliseconds: float


class Begun(BaseModel):
    """What has begun."""

    run: int | None
    checkpoint: int | None = None


class Done(BaseModel):
    """It is done."""

    done: bool = True


class Run(BaseModel):
    """A run as it is listed."""

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
    """Its figure on the new seeds by which the finalists were compared; None before that."""
    settings: dict[str, Any]


class Sweep(BaseModel):
    """A sweep: how far it is, and the best so far."""

    sweep: str
    """Name of the space file."""
    state: Literal["running", "stopped", "finished"]
    changed: float
    """Seconds since 1970."""
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
    """Trial, its value, the best so far; of very many some, with the last."""


class Episode(BaseModel):
    """An episode as it is listed."""

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
    """Density of the action under the policy at that time."""
    advantage: float | None
    """What the learner computed, before normalisation."""
    by_hand: bool
    """Whether a person made it, who had taken the wheel."""


class WholeEpisode(Episode):
    """An episode move by move."""

    run: int
    steps: list[Step]
    pictures: list[int]
    """Numbers of the pictures that are kept; 0 is before the first move."""
    film: bool
    """Whether it can be had as a film."""


class Policy(BaseModel):
    """What a policy does for every sight."""

    checkpoint: int
    run: int
    moves: int
    goal: Ends
    tolerance: int
    physics: Physics
    """Of the robot that it was trained on."""
    action: str
    cells: list[list[float]]
    """x1, x2, curvature, duration, left, right; for x1 <= x2."""
    std: list[float]
    """sigma of each action."""


class Findings(BaseModel):
    """The results of a health report or a check."""

    findings: list[ReportLine]


class Setting(BaseModel):
    """A setting as it is now."""

    name: str
    value: Any
    default: Any
    help: str
    open: bool
    """Whether a training may be started with another value from here."""
