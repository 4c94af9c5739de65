"""Builds a robot's environment, the function that chooses its actions, and the keeper of its pictures."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from robot_agent.build.robot import make_robot
from robot_agent.build.simulation import make_approach, make_fleet, make_physics, make_task
from robot_agent.errors import SettingsError
from robot_agent.settings.config import Config

if TYPE_CHECKING:
    from robot_agent.envs.environment import TrainingEnvironment
    from robot_agent.envs.rollout import Act
    from robot_agent.envs.single import SingleFleet
    from robot_agent.identification.pilot import KnowingPilot
    from robot_agent.learning.policy import Policy
    from robot_agent.robot.robot import Robot
    from robot_agent.runs.pictures import PictureKeeper
    from robot_agent.runs.store import Store


def make_single(config: Config, robot: "Robot") -> "SingleFleet":
    """Build the environment of one robot with its task."""
    from robot_agent.envs.single import RobotEnvironment, SingleFleet

    return SingleFleet(
        RobotEnvironment(robot, task=make_task(config), physics=make_physics(config.simulator))
    )


def make_environment(config: Config, seed: int | None = None) -> "TrainingEnvironment":
    """Build the environment for training that the settings ask for: a fleet, or one robot."""
    if config.one_robot:
        return make_single(config, make_robot(config, seed))
    return make_fleet(config, config.train.robots, seed)


def make_knowing_pilot(config: Config, content: bytes | None = None) -> "KnowingPilot":
    """Build a pilot that adapts to its robot; raise SettingsError if it cannot drive with these settings.

    Args:
        config: the settings.
        content: file content of a policy that uses an estimate of its robot; the shipped one if not given.
    """
    from robot_agent.identification.pilot import KnowingPilot
    from robot_agent.identification.policies import parse_policy, shipped_policy

    task = make_approach(config)
    if content is None:
        act, trained, _ = shipped_policy(config.task.action)
    else:
        act, trained, _ = parse_policy(content, "The policy")
    for name in ("observation", "max_seconds", "action"):
        if getattr(task, name) != getattr(trained, name):
            raise SettingsError(
                f"This policy was trained with another task.{name}; leave that setting, or train a policy of "
                "your own."
            )
    return KnowingPilot(act, task)


def make_driving(
    config: Config, robot: "Robot", policy: "Policy | KnowingPilot"
) -> "tuple[SingleFleet, Act]":
    """Return one robot's environment, with its task, and the function that chooses its actions."""
    from robot_agent.identification.driving import KnowingDriver
    from robot_agent.identification.pilot import KnowingPilot

    if not isinstance(policy, KnowingPilot):
        return make_single(config, robot), policy.greedy
    driver = KnowingDriver(robot, policy, make_physics(config.simulator))
    return driver.environment, driver.act


def keep_pictures(
    config: Config,
    environment: "TrainingEnvironment",
    store: "Store",
    run: int,
    report: Callable[[str], object],
) -> "PictureKeeper | None":
    """Start to keep the pictures of the one robot that is driven; None if there are none to keep.

    Args:
        config: the settings.
        environment: the robot's environment.
        store: the store beside which the pictures are kept.
        run: number of the run.
        report: is called with one sentence when pictures cannot be written.
    """
    from robot_agent.envs.single import SingleFleet
    from robot_agent.runs.pictures import USUAL_MEGABYTES, PictureKeeper, Pictures

    megabytes = config.pictures.megabytes
    if megabytes is None:
        megabytes = 0 if config.robot == "pi" else USUAL_MEGABYTES
    if not megabytes or not isinstance(environment, SingleFleet):
        return None
    spared = {info.id for info in store.each_run() if info.marked}
    one = environment.environment
    keeper = PictureKeeper(
        Pictures(store.path), run, megabytes, spared=spared, report=report, ahead=lambda: one.ahead
    )
    one.robot.seen = keeper.add
    return keeper
