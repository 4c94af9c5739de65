"""The choices that the page offers, and the numbers of robot and task, from the modules that define them."""

from dataclasses import asdict

from pydantic import BaseModel

from robot_agent.build.simulation import make_physics, make_task
from robot_agent.envs.task import ACTION_NAMES, judge_sight
from robot_agent.guard.lease import LEASE_SECONDS
from robot_agent.settings.config import Config
from robot_agent.settings.presets import PRESETS, usual_preset
from server.protocol.base import Ends
from vision.detectors.registry import DETECTORS
from vision.sight import SLICES


class Choice(BaseModel):
    """One thing that can be chosen by name."""

    name: str
    sentence: str
    """What the choice is for."""


class PresetChoice(Choice):
    """A preset of a training."""

    title: str
    """The preset in a few words."""
    one_robot: bool
    """Whether the preset is for one robot, not for a fleet."""
    usual: bool
    """Whether the preset is the default for a fleet."""


class Physics(BaseModel):
    """The numbers of a robot and its target that the page needs for its drawings."""

    full_speed: float
    """Speed of a wheel at full power, m/s."""
    wheel_base: float
    """Distance between the wheels, m."""
    field_of_view: float
    """Horizontal field of view of the camera, radians."""
    target_width: float
    """Width of the target, m."""


class Options(BaseModel):
    """The choices that the page offers, and the numbers of the robot and the task under way."""

    lease_seconds: float
    """How long one command to drive by hand lasts, seconds."""
    slices: int
    """Number of slices of a picture."""
    goal: Ends
    """First and last slice of the target at the goal."""
    tolerance: int
    """The goal is reached when both ends of the sight are at most this many slices off."""
    max_moves: int
    """Moves after which an episode times out."""
    max_seconds: float
    """Length of the longest pulse, s."""
    reward_terms: list[str]
    """Names of the terms of the reward."""
    physics: Physics
    """Numbers of the robot that is trained or driven; of the server's robot if nothing is under way."""
    presets: list[PresetChoice]
    actions: list[Choice]
    detectors: list[Choice]


def physics_of(config: Config) -> Physics:
    """Return the numbers of the robot that the settings describe."""
    physics = asdict(make_physics(config.simulator))
    return Physics(**{name: physics[name] for name in Physics.model_fields})


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def options_of(config: Config) -> Options:
    """Return all choices for the page, and the numbers of the robot and the task in `config`."""
    task = make_task(config)
    return Options(
        lease_seconds=LEASE_SECONDS,
        slices=SLICES,
        goal=(task.goal.x1, task.goal.x2),
        tolerance=config.task.tolerance,
        max_moves=config.task.max_moves,
        max_seconds=config.task.max_seconds,
        reward_terms=list(judge_sight(task, task.goal)[0]),
        physics=physics_of(config),
        presets=[
            PresetChoice(
                name=name,
                title=preset.title,
                sentence=_sentence(preset.sentence),
                one_robot=preset.one_robot,
                usual=name == usual_preset(one_robot=False, from_policy=False),
            )
            for name, preset in PRESETS.items()
        ],
        actions=[
            Choice(name=name, sentence=f"Decides {', '.join(parts[:-1])} and {parts[-1]}.")
            for name, parts in ACTION_NAMES.items()
        ],
        detectors=[Choice(name=name, sentence=kind.sentence) for name, kind in DETECTORS.items()],
    )
