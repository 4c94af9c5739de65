"""Writes into robot.toml what was measured on a robot, or is surely known about it."""

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
    """Write settings into a file, robot.toml if none is named; print and return the changes."""
    path = config or Path("robot.toml")
    changes = write_settings(path, values) if values else []
    for line in changes or ["nothing to change."]:
        say(f"{path}: {line}")
    return changes


def write_motors(config: Path | None, settings: Config, motors: dict[str, Any]) -> None:
    """Write corrections of the motor board; for other robots print where to change them."""
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
"""Standard deviation below which a parameter is sure enough to be written."""


def write_sure(settings: Config, config: Path | None, estimate: "Estimate") -> None:
    """Write into robot.toml what is surely known about a robot; print what is not sure yet.

    If this changes settings of the motors, the robot is forgotten, with the policies adapted to it.
    """
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
    """Return the settings that are surely known about a robot, and the names of those that are not.

    If the real target is wider than in the model, speed and wheel base grow by the same factor, see
    `robot_agent.identification.parameters`. Differences of the motors go into the settings of the motor board
    if this package drives it, else into those of the simulator.
    """
    from robot_agent.identification.estimate import LABELS
    from robot_agent.identification.parameters import FULL_SPEED, TARGET_WIDTH, WHEEL_BASE

    ruler = settings.simulator.target_width / TARGET_WIDTH
    outside = estimate.at_border()
    sure = [
        name
        for name, most in SURE.items()
        if estimate.known(name) and estimate.sd(name) < most and name not in outside
    ]
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
    return values, [LABELS[name].lower() for name in SURE if name not in sure]


def _motors(
    settings: Config, estimate: "Estimate", gains: tuple[float, float], sure: list[str]
) -> dict[str, Any]:
    """Return new settings of the motor board: the present ones, corrected by the estimate."""
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
