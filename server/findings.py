"""What `check` finds, in the worker: the camera that is open already is looked through, not opened twice."""

from collections.abc import Callable, Iterator

from robot_agent.checkup import (
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
from robot_agent.config import Config
from robot_agent.robot import Robot


def findings(config: Config, robot: Callable[[], Robot] | None) -> Iterator[Finding]:
    """Look at everything a new owner gets wrong; not at a robot of one's own."""
    machine = Machine()
    yield from check_versions(machine)
    yield Finding("motors", "good", "the guard holds the pins and they are low when nothing moves")
    if robot is not None:
        yield from check_camera(robot)
    else:
        yield Finding("camera", "skipped", "it is not open yet; start a training or drive")
    yield from check_store(config.store)
    yield from check_disk(config.store.absolute().parent)
    yield from check_memory(machine)
    yield from check_clock(machine)
    yield from check_power(machine)
