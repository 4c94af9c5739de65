"""The robot's own numbers, measured on the simulated robot as a new owner would, and kept in robot.toml."""

import json
import math
from pathlib import Path

import in_process
import pytest

from robot_agent.errors import SettingsError
from robot_agent.robot.calibration import (
    CalibrationError,
    Straight,
    check_turn,
    check_ways,
    measure_field_of_view,
    sights,
    trims,
    turn_between,
)
from robot_agent.robot.robot import Robot
from robot_agent.robot.tracking import Place
from robot_agent.settings.config import load
from robot_agent.settings.robot_toml import write_settings
from robot_agent.simulator import SimulatedRobot
from robot_agent.simulator.physics import Physics
from vision.detectors.color import ColorDetector


def run(*arguments: str, cwd: Path, answers: str = "", code: int = 0) -> in_process.Done:
    result = in_process.run(cwd, *arguments, answers=answers)
    assert "Traceback" not in result.stderr, result.stderr
    assert result.returncode == code, result.stdout + result.stderr
    return result


@pytest.mark.parametrize("degrees", [50.0, 62.2, 80.0])
@pytest.mark.parametrize("distance", [0.5, 0.9])
def test_the_field_of_view_is_measured(degrees, distance):
    body = SimulatedRobot(seed=2, physics=Physics(field_of_view=math.radians(degrees)))
    body.put(distance)
    measured = measure_field_of_view(Robot(body, ColorDetector()), Physics(), width=0.20, distance=distance)
    assert math.degrees(measured) == pytest.approx(degrees, rel=0.03)


def test_what_cannot_be_measured_is_an_error():
    body = SimulatedRobot(seed=2)
    robot = Robot(body, ColorDetector())
    body.put(1.0, math.radians(18))
    with pytest.raises(CalibrationError, match="turn the robot"):
        measure_field_of_view(robot, Physics(), width=0.2, distance=1.0)
    body.put(0.17)
    with pytest.raises(CalibrationError, match="edge of the picture"):
        measure_field_of_view(robot, Physics(), width=0.2, distance=0.3)
    body.put(-1.0)
    with pytest.raises(CalibrationError, match="0 of 5 pictures"):
        sights(robot)
    with pytest.raises(CalibrationError, match="cannot be"):
        measure_field_of_view(robot, Physics(), width=2.0, distance=0.3)


@pytest.mark.parametrize("turn", [-0.4, 0.0, 0.2])
@pytest.mark.parametrize("bearing", [-0.2, 0.1])
def test_a_turn_is_told_by_the_bearings_before_and_after(turn, bearing):
    way, start = 0.3, 1.2 * complex(math.cos(bearing), math.sin(bearing))
    half = turn / 2
    chord = way * (math.sin(half) / half if half else 1)
    there = (start - chord * complex(math.cos(half), math.sin(half))) * complex(
        math.cos(turn), -math.sin(turn)
    )
    after = Place(abs(there), math.atan2(there.imag, there.real))
    assert turn_between(Place(1.2, bearing), after, way) == pytest.approx(turn, abs=1e-6)


def test_trims_weaken_the_stronger_wheel():
    left, right = trims(0.2, 0.5, 0.14)
    assert (right, left) == (1.0, pytest.approx((0.5 - 0.014) / (0.5 + 0.014)))
    with pytest.raises(CalibrationError, match="calibrate wheels"):
        trims(9.0, 0.5, 0.14)


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_trim_makes_straight_straight(tmp_path, seed):
    """The motors of these robots differ by 2, 10 and 4 %; afterwards by at most 1.5 %."""
    run("calibrate", "trim", "--set", f"seed={seed}", cwd=tmp_path)
    motors = load(tmp_path / "robot.toml").motors
    left, right = SimulatedRobot(seed=seed).world.speeds[:, 0]
    assert motors.left_trim * left / (motors.right_trim * right) == pytest.approx(1.0, abs=0.015)
    assert max(motors.left_trim, motors.right_trim) == 1.0


class Odd(SimulatedRobot):
    """A simulated robot whose wheels do something else than they should."""

    turned = staticmethod(lambda left, right: (left, right))

    def pulse(self, left, right, seconds):
        super().pulse(*self.turned(left, right), seconds)


@pytest.mark.parametrize(
    "turned",
    [
        lambda left, right: (0.0, 0.0),
        lambda left, right: (right, left),
        lambda left, right: (-left, -right),
        lambda left, right: (-left, right),
    ],
)
def test_a_robot_that_does_not_turn_as_it_should_is_refused(turned):
    body = Odd(seed=1)
    body.turned = turned
    body.put(1.2, 0.05)
    with pytest.raises(CalibrationError, match="calibrate wheels"):
        check_turn(Robot(body, ColorDetector()), Physics())
    with pytest.raises(CalibrationError):
        body.put(1.0)
        measure_field_of_view(Robot(body, ColorDetector()), Physics(), width=0.2, distance=1.0)


def test_drives_that_bring_it_no_nearer_are_refused():
    check_ways([Straight(0.0, 0.2)] * 3, 0.21)
    for closer, words in ((0.0, "calibrate wheels"), (-0.2, "calibrate wheels"), (0.6, "calibrate speed")):
        with pytest.raises(CalibrationError, match=words):
            check_ways([Straight(0.0, closer)] * 3, 0.21)


def test_wheels_that_were_set_before_can_be_set_again(tmp_path):
    for _ in range(2):
        run("calibrate", "wheels", cwd=tmp_path, answers="right b\nleft f\n")
        text = (tmp_path / "robot.toml").read_text()
    assert "right_inverted" in text


def test_speed_is_worked_out_from_a_tape(tmp_path):
    run("calibrate", "speed", "--metres", "0.2", "--seconds", "0.5", "--power", "0.8", cwd=tmp_path)
    assert load(tmp_path / "robot.toml").simulator.full_speed == 0.5
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    run("calibrate", "speed", "--set", "seed=1", cwd=elsewhere)
    assert load(elsewhere / "robot.toml").simulator.full_speed == pytest.approx(0.35, rel=0.04)
    own = ["--robot", "own_robot:build"]
    run("calibrate", "speed", *own, cwd=tmp_path, answers="0.3\n")
    assert load(tmp_path / "robot.toml").simulator.full_speed == 0.3
    refused = run("calibrate", "speed", *own, cwd=tmp_path, answers="9\n", code=1)
    assert "no small robot drives" in refused.stderr


@pytest.mark.parametrize(
    ("answers", "swapped", "left", "right"),
    [
        ("left forwards\nright forwards\n", False, False, False),
        ("l b\nr f\n", False, True, False),
        ("right forwards\nleft forwards\n", True, False, False),
        ("what?\nright backwards\nleft forwards\n", True, False, True),
    ],
)
def test_wheels_that_are_swapped_or_turn_backwards_are_set_right(tmp_path, answers, swapped, left, right):
    run("calibrate", "wheels", cwd=tmp_path, answers=answers)
    motors = load(tmp_path / "robot.toml").motors
    assert (motors.swapped, motors.left_inverted, motors.right_inverted) == (swapped, left, right)


def test_a_wheel_that_does_not_turn_changes_nothing(tmp_path):
    failed = run("calibrate", "wheels", cwd=tmp_path, answers="left f\nnone\n", code=1)
    assert "motor supply" in failed.stderr
    assert not (tmp_path / "robot.toml").exists()


def test_motors_are_tried_one_by_one(tmp_path):
    assert "as they should" in run("motors", "test", cwd=tmp_path, answers="y\n\ny\ny\n").stdout
    assert (
        "left wheel backwards" in run("motors", "test", cwd=tmp_path, answers="y\nn\ny\ny\n", code=1).stderr
    )
    run("motors", "test", cwd=tmp_path, answers="y\n", code=1)


def test_a_goal_is_taught_and_then_driven_to(tmp_path):
    printed = run("teach-goal", "--set", "seed=1", cwd=tmp_path).stdout
    goal = load(tmp_path / "robot.toml").task.goal
    assert abs(goal[0] - 10) <= 1
    assert abs(goal[1] - 31) <= 1
    assert f"{goal[0]} to {goal[1]}" in printed


def test_a_colour_is_learned_from_a_picture(tmp_path):
    import cv2
    import numpy as np

    picture = np.full((120, 160, 3), 120, np.uint8)
    picture[30:90, 40:80] = (200, 60, 20)
    cv2.imwrite(str(tmp_path / "blue.png"), picture)
    (tmp_path / "robot.toml").write_text("# my robot\nseed = 3  # of everything\n")
    printed = run("calibrate", "color", "--picture", "blue.png", "--at", "60,60", cwd=tmp_path).stdout
    assert "slices 10 to 20" in printed
    assert "# my robot\nseed = 3  # of everything\n" in (tmp_path / "robot.toml").read_text()
    assert "x1 10, x2 20" in run("look", "blue.png", cwd=tmp_path).stdout
    color = load(tmp_path / "robot.toml").vision.color
    assert isinstance(color.learned, dict)
    assert (
        load(tmp_path / "robot.toml", {"vision": {"color": color.model_dump(mode="json")}}).vision.color
        == color
    )
    by_hand = {"vision": {"color": {"hue_degrees": [200, 240]}}}
    assert load(tmp_path / "robot.toml", by_hand).vision.color.learned is None


def test_check_tells_everything_and_json_for_scripts(tmp_path):
    found = json.loads(run("check", "--json", cwd=tmp_path).stdout)
    assert {finding["name"] for finding in found} == {
        "versions",
        "motors",
        "camera",
        "target",
        "policy",
        "disk",
        "memory",
        "clock",
        "power",
        "temperature",
    }
    assert all(finding["cure"] for finding in found if finding["level"] in ("warning", "fault"))
    words = run("check", "--robot", "own_robot:build_broken", cwd=tmp_path, code=1).stdout
    assert "no wheels today" in words


def test_what_is_measured_on_another_robot_is_not_written_into_its_file(tmp_path):
    path = tmp_path / "robot.toml"
    path.write_text('robot = "pi"\n')
    said = run("calibrate", "speed", "--robot", "sim", cwd=tmp_path, code=2).stderr
    assert "robot 'pi'" in said and "--config" in said
    assert path.read_text() == 'robot = "pi"\n'


def test_settings_are_written_and_comments_kept(tmp_path):
    path = tmp_path / "robot.toml"
    path.write_text("# top\n[task]\ngoal = [1, 2]  # old\n\n[vision.color]\nsaturation = [0.5, 1.0] # s\n")
    path.chmod(0o640)
    changes = write_settings(path, {"task": {"goal": (10, 31)}, "motors": {"left_trim": 0.9}})
    assert changes == ["task.goal = [10, 31] (was [1, 2])", "motors.left_trim = 0.9"]
    text = path.read_text()
    for kept in ("# top", "# old", "# s"):
        assert kept in text
    assert load(path).task.goal == (10, 31)
    assert path.stat().st_mode & 0o777 == 0o640
    assert write_settings(path, {"task": {"goal": (10, 31)}}) == []
    path.write_text("task = 3\n")
    with pytest.raises(SettingsError, match=r"\[task\]"):
        write_settings(path, {"task": {"goal": (10, 31)}})
    path.write_text("[task\n")
    with pytest.raises(SettingsError, match="not valid TOML"):
        write_settings(path, {"task": {"goal": (10, 31)}})
    assert path.read_text() == "[task\n", "nothing is lost"
