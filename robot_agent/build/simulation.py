"""Builds the task, and the simulated robots that do it."""

import math
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from robot_agent.envs.task import Approach, Task
from robot_agent.errors import SettingsError
from robot_agent.settings.config import Config
from robot_agent.settings.sections import SimulatorSettings
from robot_agent.simulator.physics import Physics, Randomisation
from vision.sight import Sight

if TYPE_CHECKING:
    from robot_agent.envs.fleet import FleetEnvironment


def make_task(config: Config) -> Task:
    """Build the task; raise SettingsError if your own task cannot be used."""
    settings = config.task.model_dump(exclude={"factory"})
    settings["goal"] = Sight(*settings["goal"])
    if not config.task.factory:
        return Approach(**settings)
    from robot_agent.envs.own_task import open_task

    return open_task(config.task.factory, settings)


def make_approach(config: Config) -> Approach:
    """Build the task as `Approach`, for oracle and insight; raise SettingsError if it is another."""
    task = make_task(config)
    if not isinstance(task, Approach):
        raise SettingsError(
            f"This works only with the task of this package; derive {config.task.factory!r} from Approach."
        )
    return task


def radians(section: Any) -> dict[str, Any]:
    """Return settings as keyword arguments, with degrees converted to radians."""
    return {
        name.removesuffix("_degrees"): math.radians(value) if name.endswith("_degrees") else value
        for name, value in section.model_dump().items()
    }


def make_physics(settings: SimulatorSettings) -> Physics:
    """Build the nominal robot of the simulator."""
    known = {field.name for field in fields(Physics)}
    return Physics(**{name: value for name, value in radians(settings).items() if name in known})


def make_randomisation(settings: SimulatorSettings) -> Randomisation | None:
    """Build the randomisation; None if it is off."""
    return Randomisation(**radians(settings.randomisation)) if settings.randomise else None


def make_fleet(config: Config, robots: int, seed: int | None = None) -> "FleetEnvironment":
    """Build a fleet of simulated robots."""
    from robot_agent.envs.fleet import FleetEnvironment

    return FleetEnvironment(
        robots,
        task=make_task(config),
        physics=make_physics(config.simulator),
        randomisation=make_randomisation(config.simulator),
        seed=seed,
        autoreset_mode="Disabled",
    )
