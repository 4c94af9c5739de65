"""Writing what was measured of a robot, or is surely known of it, into robot.toml."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robot_agent.commands import report, say
from robot_agent.health.cures import in_its_own_file, in_own_code, own_robot
from robot_agent.network.address import is_address
from robot_agent.settings.config import Config
from robot_agent.settings.robot_toml import write_settings

if TYPE_CHECKING:
    from robot_agent.identification.estimate import Estimate


def write(config: Path | None, values: dict[str, Any]) -> list[str]:
    """Write settings into a file, robot.toml if none is named; prints and returns what it changes there."""
    path = config or Path("robot.toml")
    changes = write_settings(path, values) if values else []
    for line in changes or ["nothing to change."]:
        say(f"{path}: {line}")
    return changes


def write_motors(config: Path | None, settings: Config, motors: dict[str, Any]) -> None:
    """Write what the motor board is to even out; of other robots say where to change it."""
    if is_address(settings.robot):
        for sentence in in_its_own_file(motors) or ["It does what it is told; nothing needs to be changed."]:
            say(f"{settings.robot}: {sentence}")
        return
    if not (own := own_robot(settings.robot)):
        write(config, {"motors": motors})
        return
    for sentence in in_own_code(motors) or ["It does what it is told; nothing needs to be changed."]:
        say(f"{own}: {sentence}")


SURE = {
    "speed": 0.16,
    "ratio": 0.05,
    "dead_band": 0.05,
    "dead_time": 0.03,
    "wheel_base": 0.2,
    "yaw": 0.05,
    "lens": 0.13,
}
"""A parameter is written when its standard deviation is below this."""


def write_sure(settings: Config, config: Path | None, estimate: "Estimate") -> None:
    """Write into robot.toml what is surely known of a robot; what is not is said and left as it is."""
    from robot_agent.runs.robots import forget
    from robot_agent.runs.store import Store

    values, unsure = sure_settings(settings, estimate)
    if unsure:
        report(f"Not sure enough to be written: {', '.join(unsure)}; let the robot drive more.")
    changes = write(config, values)
    if any("motors." in line for line in changes) and settings.store.exists():
        with Store(settings.store) as opened:
            forget(opened, settings.robot)
        report("With these settings of its motors the robot is another one; it is found out anew.")


def sure_settings(settings: Config, estimate: "Estimate") -> tuple[dict[str, Any], list[str]]:
    """Return the settings of what is surely known of a robot, and the names of what is not.

    A target that is wider than the one of the model makes the robot faster and its wheel base wider by the
    same factor, see `robot_agent.identification.parameters`. The motor board of this package evens out what
    the motors do; of another robot the simulator gets it.
    """
    from robot_agent.identification.parameters import FULL_SPEED, TARGET_WIDTH, WHEEL_BASE

    ruler = settings.simulator.target_width / TARGET_WIDTH
    outside = estimate.at_border()
    sure = [name for name, most in SURE.items() if estimate.sd(name) < most and name not in outside]
    simulator: dict[str, Any] = {}
    if "speed" in sure:
        simulator["full_speed"] = round(FULL_SPEED * ruler * math.exp(estimate["speed"]), 3)
    if "wheel_base" in sure:
        simulator["wheel_base"] = round(WHEEL_BASE * ruler * math.exp(estimate["wheel_base"]), 3)
    if "lens" in sure:
        half = math.tan(math.radians(31.1)) * math.exp(estimate["lens"])
        simulator["field_of_view_degrees"] = round(2 * math.degrees(math.atan(half)), 1)
    if "dead_time" in sure:
        simulator["dead_time"] = max(round(estimate["dead_time"], 3), 0.0)
    if "yaw" in sure:
        simulator["camera_yaw_degrees"] = round(math.degrees(estimate["yaw"]), 1)
    weak = math.exp(-abs(estimate["ratio"]))
    gains = (weak, 1.0) if estimate["ratio"] < 0 else (1.0, weak)
    values: dict[str, Any] = {}
    if settings.robot == "pi":
        values["motors"] = _motors(settings, estimate, gains, sure)
    elif "ratio" in sure:
        simulator["left_gain"], simulator["right_gain"] = (round(gain, 3) for gain in gains)
    if simulator:
        values["simulator"] = simulator
    return values, [name.replace("_", " ") for name in SURE if name not in sure]


def _motors(
    settings: Config, estimate: "Estimate", gains: tuple[float, float], sure: list[str]
) -> dict[str, Any]:
    """Return the settings of the motor board; what was measured comes on top of what is set."""
    board = settings.motors
    swapped, left, right = estimate.wiring
    inverted = (board.left_inverted, board.right_inverted)
    of_left, of_right = inverted[::-1] if swapped else inverted
    values: dict[str, Any] = {
        "swapped": board.swapped != swapped,
        "left_inverted": of_left != (left < 0),
        "right_inverted": of_right != (right < 0),
    }
    if "ratio" in sure:
        set_before = (board.left_trim, board.right_trim)
        trims = [before / gain for before, gain in zip(set_before, gains, strict=True)]
        values["left_trim"], values["right_trim"] = (round(trim / max(trims), 3) for trim in trims)
    if "dead_band" in sure and estimate["dead_band"] > 2 * estimate.sd("dead_band"):
        values["dead_band"] = round(
            min(board.dead_band + (1 - board.dead_band) * estimate["dead_band"], 0.9), 3
        )
    return values
