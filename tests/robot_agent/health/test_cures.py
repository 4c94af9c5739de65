"""Cures name settings, or the code of a robot of one's own, which has no such settings."""

import re

from gpiozero.pins.mock import MockFactory, MockPWMPin

from robot_agent.health.cures import PHRASES, cure, in_own_code, own_robot
from robot_agent.health.diagnosis import FAULTS
from robot_agent.motors.gpio import Wheels


def test_no_cure_of_a_gross_fault_names_a_setting_for_a_robot_of_ones_own() -> None:
    for fault in FAULTS:
        own, board = cure(fault.cure, "mine:Robot"), cure(fault.cure)
        assert not re.search(r"motors\.\w+ ?=|camera\.\w+ ?=|motors\.\w+_inverted|calibrate|\{", own), own
        assert "{" not in board
    assert "motors.swapped = true" in cure("{swap}")
    assert cure("{swap}.", "mine:Robot") == "Exchange left and right in pulse()."
    assert all(len(both) == 2 for both in PHRASES.values())


def test_only_a_factory_is_a_robot_of_ones_own() -> None:
    assert [own_robot(name) for name in ("sim", "pi", "mine:Robot")] == ["", "", "mine:Robot"]


def test_what_a_board_would_be_set_to_is_said_for_ones_own_code() -> None:
    assert in_own_code({"swapped": True, "left_inverted": False, "right_inverted": True}) == [
        "Exchange left and right in pulse().",
        "Change the sign of right in pulse().",
    ]
    assert in_own_code({"left_trim": 0.9, "right_trim": 1.0}) == ["Write left = 0.90 * left in pulse()."]
    assert in_own_code({"swapped": False, "left_trim": 1.0}) == []


def test_cures_of_a_wheel_that_turns_backwards_set_it_right_as_settings_and_in_ones_own_code() -> None:
    for fault in FAULTS[4:8]:
        side, told = fault.kind.removesuffix("-backwards"), {"left": 0.3, "right": 0.7}
        own = cure(fault.cure, "mine:Robot")
        if code := re.search(r"begin pulse\(\) with `(.*?)`", own):
            exec(code[1], {}, told)
        else:
            assert f"change the sign of {side} in pulse()" in own.lower()
            told[side] *= -1
        assert list(fault.wires @ (told["left"], told["right"])) == [0.3, 0.7]

        named = re.findall(r"motors\.(\w+)", cure(fault.cure).partition("If it is not")[0])
        wheels = Wheels("l298n", pin_factory=MockFactory(pin_class=MockPWMPin), **dict.fromkeys(named, True))
        level = wheels.levels(0.3, 0.7)
        power = [level[f"{side}_forward"] - level[f"{side}_backward"] for side in ("left", "right")]
        assert list(fault.wires @ power) == [0.3, 0.7]
        wheels.close()
