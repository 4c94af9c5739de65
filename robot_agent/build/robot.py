"""Builds a robot and its parts: simulated, a motor board and a camera, on the network, or your own."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from robot_agent.build.simulation import make_physics, make_randomisation
from robot_agent.errors import SettingsError
from robot_agent.network.address import is_address
from robot_agent.settings.config import Config
from robot_agent.settings.vision_sections import VisionSettings

if TYPE_CHECKING:
    from robot_agent.guard.client import GuardMotors
    from robot_agent.robot.hardware import Hardware
    from robot_agent.robot.obedient import ObedientRobot
    from robot_agent.robot.reset import Ask, Start
    from vision.cameras.camera import Camera
    from vision.detectors.detector import Detector


def wheel_settings(config: Config) -> dict[str, Any]:
    """Return the settings of the motor board as keyword arguments of `gpio.Wheels`."""
    settings = config.motors.model_dump(exclude={"guard", "ramp_seconds"})
    pins = {name: None if pin is False else pin for name, pin in settings["pins"].items()}
    return settings | {"pins": pins}


def make_motors(config: Config) -> "GuardMotors":
    """Open the motors on the board that the settings name, through a guard."""
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


def make_detector(config: Config) -> "Detector":
    """Open the detector that the settings name; raise SettingsError if it cannot be used."""
    import cv2

    from vision.detectors.registry import open_detector

    cv2.setNumThreads(1)  # a second thread costs a quarter more time and is hardly faster
    try:
        return open_detector(config.vision.detector, **config.vision.options())
    except (ValueError, FileNotFoundError, RuntimeError) as error:
        raise SettingsError(str(error)) from error


def make_eyes(config: Config, hardware: "Hardware") -> "Detector":
    """Open the detector of a robot: that of the settings, or that of a robot on the network.

    A robot on the network knows its own target; another detector is used only if the settings name one.
    """
    from robot_agent.network.robot import NetworkRobot, OwnEyes

    if isinstance(hardware, NetworkRobot) and config.vision == VisionSettings():
        return OwnEyes(hardware)
    return make_detector(config)


def make_hardware(
    config: Config, seed: int | None = None, *, eyes: bool = True, wheels: bool = True
) -> "Hardware":
    """Open the camera and the motors that the settings name: simulated, real, or your own.

    Of a real robot, the camera is opened only with `eyes`, and the motors only with `wheels`.
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
    """Build the object that brings the robot to its starts; None if the hardware does that itself."""
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
    """Open the robot that the settings name; a simulated one sees rendered frames.

    Args:
        config: the settings.
        seed: seed of a simulated robot and of the starts.
        ask: asks a person to help; by the terminal if not given.
        eyes: whether to open the camera.
        wheels: whether to open the motors.
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
            looks_again=config.robot != "sim",
        )
    except BaseException:
        hardware.close()
        raise
