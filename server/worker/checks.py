"""What `check` finds, in the worker: the camera that is already open is used, not opened twice."""

from collections.abc import Callable, Iterator

from robot_agent.health.machine import (
    Finding,
    Machine,
    check_camera,
    check_clock,
    check_disk,
    check_memory,
    check_power,
    check_store,
    check_versions,
)
from robot_agent.robot.robot import Robot
from robot_agent.settings.config import Config


def findings(config: Config, look: Callable[[], Robot]) -> Iterator[Finding]:
    """Check everything that a new owner gets wrong; the camera through the robot that `look` returns."""
    machine = Machine()
    yield from check_versions(machine, config.learner.backend)
    yield Finding("motors", "good", "the guard holds the pins and they are low when nothing moves")
    if config.robot in ("sim", "pi"):
        yield from check_camera(look)
    else:
        yield Finding("camera", "skipped", "your own robot has its own camera")
    yield from check_store(config.store)
    yield from check_disk(config.store.absolute().parent)
    yield from check_memory(machine)
    yield from check_clock(machine)
    yield from check_power(machine)
