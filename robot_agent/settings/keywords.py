"""Settings as the keyword arguments of light parts: for the server, which imports no OpenCV and no torch.

It belongs to `robot_agent.build`, which does the same for all that is heavier.
"""

import math
from dataclasses import fields
from typing import Any

from robot_agent.envs.own_task import open_task
from robot_agent.envs.task import Approach, Task
from robot_agent.errors import SettingsError
from robot_agent.settings.config import Config, SimulatorSettings
from robot_agent.simulator.world import Physics
from vision.sight import Sight


def make_task(config: Config) -> Task:
    """Build the task; SettingsError when somebody's own cannot be used."""
    settings = config.task.model_dump(exclude={"factory"})
    settings["goal"] = Sight(*settings["goal"])
    return open_task(config.task.factory, settings) if config.task.factory else Approach(**settings)


def make_approach(config: Config) -> Approach:
    """Build the task for what knows no other: the oracle, insight; SettingsError when it is another one."""
    task = make_task(config)
    if not isinstance(task, Approach):
        raise SettingsError(
            f"This works only with the task of this package; derive {config.task.factory!r} from Approach."
        )
    return task


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
