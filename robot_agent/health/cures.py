"""What to change so that a robot obeys its commands: settings, or the code of the user's own robot.

The settings `motors` and `camera` belong to the motor board and the camera that this package opens. A user's
own robot (MODULE:FACTORY) has neither; there its `read()` and `pulse()` must be changed.
"""

import re
from collections.abc import Mapping
from typing import Any

from robot_agent.network.address import is_address

_CALIBRATE = "run 'robot-agent calibrate wheels', or exchange the plugs of the motors"

PHRASES: dict[str, tuple[str, str]] = {
    "swap": ("set motors.swapped = true", "exchange left and right in pulse()"),
    "invert_left": ("set motors.left_inverted = true", "change the sign of left in pulse()"),
    "invert_right": ("set motors.right_inverted = true", "change the sign of right in pulse()"),
    "invert_both": (
        "set motors.left_inverted and motors.right_inverted to true",
        "change the signs of left and right in pulse()",
    ),
    "swap_and_invert_left": (
        "set motors.swapped and motors.left_inverted to true",
        "begin pulse() with `left, right = right, -left`",
    ),
    "swap_and_invert_right": (
        "set motors.swapped and motors.right_inverted to true",
        "begin pulse() with `left, right = -right, left`",
    ),
    "swap_wheels": (_CALIBRATE, "exchange left and right in pulse(), or the plugs of the motors"),
    "turn_left": (_CALIBRATE, "change the sign of left in pulse(), or exchange the wires of that motor"),
    "turn_right": (_CALIBRATE, "change the sign of right in pulse(), or exchange the wires of that motor"),
    "turn_both": (_CALIBRATE, "change the signs of left and right in pulse(), or exchange the motors' wires"),
    "trim": ("motors.{side}_trim={share:.2f}", "{side} = {share:.2f} * {side} in pulse()"),
    "dead_band": (
        "set motors.dead_band to the least power that turns the wheels",
        "let pulse() add the least power that turns the wheels",
    ),
    "half_turn": ("set camera.rotate = 180", "return cv2.rotate(frame, cv2.ROTATE_180) from read()"),
    "mirror": ("set camera.mirror = true", "return cv2.flip(frame, 1) from read()"),
    "quarter_turn": (
        "set camera.rotate = 90, or 270 where that is upside down",
        "return cv2.rotate(frame, cv2.ROTATE_90_CLOCKWISE) from read(), or with "
        "ROTATE_90_COUNTERCLOCKWISE where that is upside down",
    ),
    "look": ("'robot-agent look'", "'robot-agent look --robot {own}'"),
    "test": (
        "'robot-agent motors test' turns one wheel after the other",
        "call its pulse() for one wheel after the other",
    ),
    "calibrate": (
        "'robot-agent calibrate wheels' finds it out with you",
        "call its pulse() for one wheel after the other and look which turns, and which way",
    ),
}
"""Texts that replace a word in braces: one for the settings, and one for a user's own robot."""


def own_robot(robot: str) -> str:
    """Return the setting `robot` if it names a user's own robot, else an empty text."""
    return robot if ":" in robot and not is_address(robot) else ""


def cure(text: str, own: str = "", **values: object) -> str:
    """Replace the words in braces by phrases; at the beginning of a sentence, with a capital letter.

    Args:
        text: a text with words of `PHRASES` in braces.
        own: MODULE:FACTORY of a user's own robot; empty for the board and the camera of the settings.
        values: numbers and names that the phrases need.
    """
    filled = re.sub(r"\{(\w+)\}", lambda found: PHRASES[found[1]][bool(own)].format(own=own, **values), text)
    return filled[:1].upper() + filled[1:]


def in_its_own_file(motors: Mapping[str, Any]) -> list[str]:
    """Return what to change in the robot.toml of a robot on the network, whose settings are unknown here."""
    said = [
        f"Change motors.{name} in its robot.toml: true where it is false."
        for name in ("swapped", "left_inverted", "right_inverted")
        if motors.get(name)
    ]
    return said + [
        f"Multiply motors.{side}_trim in its robot.toml by {share:.2f}; it is 1 where it is not set."
        for side in ("left", "right")
        if (share := motors.get(f"{side}_trim", 1.0)) < 1
    ]


def in_own_code(motors: Mapping[str, Any]) -> list[str]:
    """Say what to change in the `pulse()` of your own robot. With a motor board, these would be settings."""
    said = [PHRASES["swap"][1]] if motors.get("swapped") else []
    said += [PHRASES[f"invert_{side}"][1] for side in ("left", "right") if motors.get(f"{side}_inverted")]
    said += [
        f"write {PHRASES['trim'][1].format(side=side, share=share)}"
        for side in ("left", "right")
        if (share := motors.get(f"{side}_trim", 1.0)) < 1
    ]
    return [f"{sentence[:1].upper()}{sentence[1:]}." for sentence in said]
