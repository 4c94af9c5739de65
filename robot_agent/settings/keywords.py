"""Settings as the keyword arguments of light parts: for the server, which imports no OpenCV and no torch.

It belongs to `robot_agent.build`, which does the same for all that is heavier.
"""

import math
from dataclasses import fields
from typing import Any

from robot_agent.envs.task import Approach
from robot_agent.settings.config import Config, SimulatorSettings
from robot_agent.simulator.physics import Physics
from vision.sight import Sight


def make_task(config: Config) -> Approach:
    """Build the task."""
    settings = config.task.model_dump()
    return Approach(goal=Sight(*settings.pop("goal")), reward=settings.pop("reward"), **settings)


def radians(section: Any) -> dict[str, Any]:
    """Settings as keyword arguments: what is in degrees for people is in radians in the code."""
    return {
        name.removesuffix("_degrees"): math.radians(value) if name.endswith("_degrees") else value
        for name, value in section.model_dump().items()
    }


def make_physics(settings: SimulatorSettings) -> Physics:
    """Build the nominal robot of the simulator."""
    known = {field.name for field in fields(Physics)}
    return Physics(**{name: value for name, value in radians(settings).items() if name in known})


def wheel_settings(config: Config) -> dict[str, Any]:
    """Settings of the motor board as keywords of `boards.Wheels`."""
    settings = config.motors.model_dump(exclude={"guard", "ramp_seconds"})
    pins = {name: None if pin is False else pin for name, pin in settings["pins"].items()}
    return settings | {"pins": pins}
