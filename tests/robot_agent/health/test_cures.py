"""Cures name settings, or the code of a robot of one's own, which has no such settings."""

import re

from robot_agent.health.cures import PHRASES, cure, in_own_code, own_robot
from robot_agent.health.diagnosis import FAULTS


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
