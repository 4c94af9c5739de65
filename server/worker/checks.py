"""The checks of `robot-agent check`, run in the worker with the camera that is already open."""

from collections.abc import Callable, Iterator

from robot_agent.health.machine import Checked, check_all, check_camera
from robot_agent.robot.robot import Robot
from robot_agent.settings.config import Config


def findings(config: Config, look: Callable[[], Robot]) -> Iterator[Checked]:
    """Run all checks and yield their results; the camera is that of the robot that `look` returns."""
    motors = Checked("motors", "good", "the guard holds the pins and they are low when nothing moves")
    own = Checked("camera", "skipped", "your own robot has its own camera")
    camera = check_camera(look) if config.robot in ("sim", "pi") else [own]
    return check_all(config.learner.backend, config.store, [motors], camera)
