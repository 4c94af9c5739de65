"""From settings to parts: the only place where `Config` meets the plain keyword arguments of the rest.

What is heavy (OpenCV, Gymnasium, PyTorch, pins) is imported by the function that needs it: the server and the
commands build some parts only.
"""

import importlib
import importlib.util
import math
import sys
from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from robot_agent.envs.task import Approach, Mirrored, Task
from robot_agent.errors import SettingsError
from robot_agent.learning.policy import BackendKind
from robot_agent.network.address import is_address
from robot_agent.settings.config import Config
from robot_agent.settings.sections import SimulatorSettings, VisionSettings
from robot_agent.simulator.physics import Physics, Randomisation
from vision.factory import FactoryError, FactoryFailedError, open_factory
from vision.sight import Sight

if TYPE_CHECKING:
    from robot_agent.envs.environment import TrainingEnvironment
    from robot_agent.envs.fleet import FleetEnvironment
    from robot_agent.envs.rollout import Act
    from robot_agent.envs.single import SingleFleet
    from robot_agent.guard.client import GuardMotors
    from robot_agent.identification.pilot import KnowingPilot
    from robot_agent.learning.gaussian import GaussianActor
    from robot_agent.learning.learner import Learner
    from robot_agent.learning.policy import Policy, Value
    from robot_agent.learning.trainer import Evaluator, Trainer
    from robot_agent.robot.hardware import Hardware
    from robot_agent.robot.obedient import ObedientRobot
    from robot_agent.robot.reset import Ask, Start
    from robot_agent.robot.robot import Robot
    from robot_agent.runs.pictures import PictureKeeper
    from robot_agent.runs.store import Store
    from vision.cameras.camera import Camera
    from vision.detectors.detector import Detector


def make_task(config: Config) -> Task:
    """Build the task; SettingsError when somebody's own cannot be used."""
    settings = config.task.model_dump(exclude={"factory"})
    settings["goal"] = Sight(*settings["goal"])
    if not config.task.factory:
        return Approach(**settings)
    from robot_agent.envs.own_task import open_task

    return open_task(config.task.factory, settings)


def make_approach(config: Config) -> Approach:
    """Build the task for what knows no other: oracle and insight; SettingsError when it is another one."""
    task = make_task(config)
    if not isinstance(task, Approach):
        raise SettingsError(
            f"This works only with the task of this package; derive {config.task.factory!r} from Approach."
        )
    return task


def radians(section: Any) -> dict[str, Any]:
    """Return settings as keyword arguments: what people give in degrees is in radians in the code."""
    return {
        name.removesuffix("_degrees"): math.radians(value) if name.endswith("_degrees") else value
        for name, value in section.model_dump().items()
    }


def make_physics(settings: SimulatorSettings) -> Physics:
    """Build the nominal robot of the simulator."""
    known = {field.name for field in fields(Physics)}
    return Physics(**{name: value for name, value in radians(settings).items() if name in known})


def wheel_settings(config: Config) -> dict[str, Any]:
    """Return the settings of the motor board as keywords of `gpio.Wheels`."""
    settings = config.motors.model_dump(exclude={"guard", "ramp_seconds"})
    pins = {name: None if pin is False else pin for name, pin in settings["pins"].items()}
    return settings | {"pins": pins}


def make_randomisation(settings: SimulatorSettings) -> Randomisation | None:
    """Build the randomisation, if it is on."""
    return Randomisation(**radians(settings.randomisation)) if settings.randomise else None


def make_detector(config: Config) -> "Detector":
    """Open the detector that the settings name; SettingsError when it cannot be used."""
    import cv2

    from vision.detectors.open import open_detector

    cv2.setNumThreads(1)  # a second thread costs a quarter more and is hardly sooner done
    try:
        return open_detector(config.vision.detector, **config.vision.options())
    except (ValueError, FileNotFoundError, RuntimeError) as error:
        raise SettingsError(str(error)) from error


def make_eyes(config: Config, hardware: "Hardware") -> "Detector":
    """Open the detector of a robot: the settings' own, or what a robot on the network sees itself.

    The latter knows its target; another detector is used only where the settings name one.
    """
    from robot_agent.network.robot import NetworkRobot, OwnEyes

    if isinstance(hardware, NetworkRobot) and config.vision == VisionSettings():
        return OwnEyes(hardware)
    return make_detector(config)


def make_motors(config: Config) -> "GuardMotors":
    """Take the wheels of the motor board that the settings name, through a guard."""
    from robot_agent.guard.client import GuardMotors

    motors = config.motors
    return GuardMotors(motors.guard, ramp_seconds=motors.ramp_seconds, **wheel_settings(config))


def make_camera(config: Config, source: str | int | None = None) -> "Camera":
    """Open the camera that the settings name, or another source under the same settings."""
    from vision.cameras.open import open_camera

    settings = config.camera
    return open_camera(
        settings.source if source is None else source,
        width=settings.width,
        height=settings.height,
        rotate=settings.rotate,
        mirror=settings.mirror,
        lost=settings.lost_seconds,
        fixed_light=settings.fixed_light,
        frozen=settings.frozen_seconds or None,
        black=settings.black_seconds or None,
    )


def make_hardware(
    config: Config, seed: int | None = None, *, eyes: bool = True, wheels: bool = True
) -> "Hardware":
    """Open the camera and the motors that the settings name: simulated, real, or somebody's own.

    Of a real robot only the `eyes` or only the `wheels` may be wanted; the other is then left alone.
    """
    from robot_agent.robot.hardware import NoCamera, NoWheels, RealRobot
    from robot_agent.robot.robot import open_hardware

    if config.robot == "pi":
        motors = make_motors(config) if wheels else NoWheels()
        try:
            return RealRobot(make_camera(config) if eyes else NoCamera(), motors)
        except BaseException:
            motors.close()
            raise
    if is_address(config.robot):
        from robot_agent.network.robot import NetworkRobot

        return NetworkRobot(config.robot)
    simulator = {}
    if config.robot == "sim":
        simulator = {
            "physics": make_physics(config.simulator),
            "randomisation": make_randomisation(config.simulator),
        }
    return open_hardware(config.robot, seed=seed, **simulator)


def make_start(config: Config, ask: "Ask | None" = None, seed: int | None = None) -> "Start | None":
    """Build how the robot comes to its starts; None where the robot does that itself."""
    from robot_agent.robot.reset import BackAndSearch, Manual, ask_at_terminal

    ask = ask or ask_at_terminal
    match config.episodes.start:
        case "manual":
            return Manual(ask)
        case "back_and_search":
            return BackAndSearch(
                make_physics(config.simulator),
                max_distance=config.episodes.max_distance,
                max_pulses=config.episodes.max_pulses,
                ask=ask,
                seed=seed,
            )
    return None


def make_robot(
    config: Config,
    seed: int | None = None,
    ask: "Ask | None" = None,
    *,
    eyes: bool = True,
    wheels: bool = True,
    between: Callable[[], None] = lambda: None,
) -> "ObedientRobot":
    """Open the robot that the settings name; a simulated one is looked at through rendered frames.

    Args:
        config: the settings.
        seed: seed of a simulated robot and of the starts.
        ask: asks a person to help; at the terminal if not given.
        eyes: whether it is to look.
        wheels: whether it is to drive.
        between: is called before each look and each pulse, see `ObedientRobot`.
    """
    from robot_agent.robot.obedient import ObedientRobot

    hardware = make_hardware(config, seed, eyes=eyes, wheels=wheels)
    try:
        return ObedientRobot(
            between,
            hardware,
            make_eyes(config, hardware),
            start=make_start(config, ask, seed),
            settle_seconds=config.camera.settle_seconds if config.robot == "pi" else 0.0,
        )
    except BaseException:
        hardware.close()
        raise


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


def make_single(config: Config, robot: "Robot") -> "SingleFleet":
    """Give one robot its task."""
    from robot_agent.envs.single import RobotEnvironment, SingleFleet

    return SingleFleet(
        RobotEnvironment(robot, task=make_task(config), physics=make_physics(config.simulator))
    )


def make_knowing_pilot(config: Config, content: bytes | None = None) -> "KnowingPilot":
    """Build a pilot that learns what its robot is; SettingsError if it cannot drive under these settings.

    Args:
        config: the settings.
        content: a policy that is given its robot's estimate, as a file; the one that ships if not given.
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


def make_environment(config: Config, seed: int | None = None) -> "TrainingEnvironment":
    """Build what the settings ask to train in: a fleet, or one robot."""
    if config.one_robot:
        return make_single(config, make_robot(config, seed))
    return make_fleet(config, config.train.robots, seed)


def has_torch() -> bool:
    """Say whether PyTorch is installed."""
    return importlib.util.find_spec("torch") is not None


def open_backend(name: BackendKind) -> Any:
    """Import the module that has `GaussianPolicy` and `ValueNetwork`; PyTorch only if it is asked for.

    Raises:
        SettingsError: PyTorch is asked for and not installed.
    """
    if name == "numpy":
        return importlib.import_module("robot_agent.learning.numpy_policy")
    if not has_torch():
        if sys.maxsize < 2**32:
            raise SettingsError("PyTorch has no 32-bit packages; learn without it, with --backend numpy.")
        raise SettingsError(
            "PyTorch is not installed; learn without it, with --backend numpy, or install it with: "
            "pip install torch"
        )
    import torch

    torch.set_num_threads(1)  # at this size a second thread makes it 2 to 6 times slower
    return importlib.import_module("robot_agent.learning.torch_policy")


def make_policy(config: Config, seed: int | None = None) -> "GaussianActor":
    """Build an untrained policy."""
    task, network = make_task(config), config.network
    steering = len(task.action_names) - 1
    policy: GaussianActor = open_backend(config.learner.backend).GaussianPolicy(
        task.observation_size,
        (network.log_std_steering,) * steering + (network.log_std_duration,),
        hidden=network.hidden,
        activation=network.activation,
        output=network.output,
        initialisation=network.initialisation,
        log_std_floor=network.log_std_floor,
        seed=seed,
    )
    return policy


def make_evaluator(config: Config) -> "Evaluator | None":
    """Build what tries a policy on held-out starts; None for a robot that is not simulated."""
    from robot_agent.learning.evaluation import Evaluation, evaluate

    if config.robot != "sim":
        return None
    fleet = make_fleet(config, config.train.evaluation_episodes)

    def evaluator(policy: Any) -> Evaluation:
        return evaluate(fleet, policy.greedy, episodes=config.train.evaluation_episodes)

    return evaluator


def make_value(config: Config, seed: int | None = None) -> "Value":
    """Build an untrained value network."""
    size, hidden = make_task(config).observation_size, config.network.hidden
    value: Value = open_backend(config.learner.backend).ValueNetwork(size, hidden=hidden, seed=seed)
    return value


def make_learner(config: Config, seed: int, value_seed: int, own_seed: int) -> "Learner":
    """Build what learns, with an untrained policy.

    Args:
        config: the settings.
        seed: of the policy's first weights.
        value_seed: of those of the value network.
        own_seed: of what a learner of one's own draws.

    Raises:
        SettingsError: settings of the learner contradict each other, or one's own cannot be used.
    """
    from robot_agent.learning.critic import Critic
    from robot_agent.learning.mirror import Mirror
    from robot_agent.learning.reinforce import Reinforce
    from robot_agent.learning.replay import Replay

    learner, task = config.learner, make_task(config)
    policy = make_policy(config, seed)
    if learner.algorithm != "reinforce":
        given = {"policy": policy, "value": make_value(config, value_seed), "seed": own_seed}
        methods = ("update", "judge", "get_state", "set_state", "policy.act", "policy.greedy")
        try:
            own: Learner = open_factory(
                learner.algorithm, "learner", methods=methods, **(learner.options | given)
            )
        except (FactoryError, FactoryFailedError) as error:
            raise SettingsError(str(error)) from error
        return own
    if learner.options:
        raise SettingsError(
            "learner.options is for a learner of your own; leave it, or set learner.algorithm."
        )
    critic = None
    if learner.baseline == "value":
        critic = Critic(make_value(config, value_seed), learner.gae_lambda, learner.value_learning_rate)
    elif learner.gae_lambda < 1.0:
        raise SettingsError("A gae_lambda below 1 needs learner.baseline = value; set it, or gae_lambda = 1.")
    mirror = None
    if learner.mirror:
        if not isinstance(task, Mirrored):
            raise SettingsError(
                "The task has no mirror_observations() and mirror_actions(), which learner.mirror needs; "
                "add them, or set learner.mirror=false."
            )
        mirror = Mirror(task.mirror_observations, task.mirror_actions)
    return Reinforce(
        policy,
        gamma=learner.gamma,
        baseline="none" if learner.baseline == "none" else "time",
        critic=critic,
        replay=Replay(learner.epochs, learner.replay_batches, learner.clip_range, mirror),
        learning_rate=learner.learning_rate,
        entropy_bonus=learner.entropy_bonus,
        max_gradient_norm=learner.max_gradient_norm,
    )


def keep_pictures(
    config: Config,
    environment: "TrainingEnvironment",
    store: "Store",
    run: int,
    report: Callable[[str], object],
) -> "PictureKeeper | None":
    """Keep the pictures of the one robot that is driven; None where there are none to keep.

    Args:
        config: the settings.
        environment: what it is driven in.
        store: the store that the pictures are kept beside.
        run: the number of the run.
        report: is given one sentence when they cannot be written.
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


def make_trainer(
    config: Config, environment: "Callable[[int], TrainingEnvironment] | None" = None
) -> "Trainer":
    """Build a training from settings whose seed is set.

    Args:
        config: the settings.
        environment: builds, from its seed, what to train in; what the settings ask if not given.
    """
    from robot_agent.learning.trainer import Trainer

    # Independent streams for weights, value weights, world, exploration, own learner, all from the one seed.
    seeds = [int(s.generate_state(1)[0]) for s in np.random.SeedSequence(config.seed).spawn(5)]
    train = config.train
    return Trainer(
        environment(seeds[2]) if environment is not None else make_environment(config, seeds[2]),
        make_learner(config, seeds[0], seeds[1], seeds[4]),
        total_moves=train.moves,
        episodes_per_update=train.episodes_per_update,
        rollout_moves=train.rollout_moves,
        evaluator=make_evaluator(config),
        evaluate_every=train.evaluate_every,
        seed=seeds[3],
    )
