"""The world: exact arcs, exact projection, its imperfections, and the picture that agrees with it."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robot_agent.simulator import SimulatedRobot
from robot_agent.simulator.physics import CONTACT_GAP, Physics, Randomisation
from robot_agent.simulator.world import World
from vision.detectors.color import ColorDetector
from vision.sight import SLICES

PERFECT = Physics(wheel_noise=0.0, asymmetry=0.0, vision_noise=0.0)
share = st.floats(-1, 1, width=32)


def world_at(forward: float, right: float, physics: Physics = PERFECT, n: int = 1) -> World:
    world = World(n, physics=physics, seed=0)
    world.place[:], world.heading[:] = complex(forward, right), 0.0
    return world


def drive(world: World, left: float, right: float, seconds: float) -> None:
    one = np.ones(world.n, np.float32)
    world.move(np.stack([left * one, right * one]), seconds * one)


def integrate(left: float, right: float, seconds: float, steps: int = 20_000) -> tuple[float, float, float]:
    """Drive the same pulse in tiny straight steps: where the robot is then, and its heading."""
    x = y = heading = 0.0
    for _ in range(steps):
        speed = 0.35 * (left + right) / 2 * seconds / steps
        heading += 0.35 * (right - left) / 0.14 * seconds / steps / 2
        x, y = x + speed * math.cos(heading), y + speed * math.sin(heading)
        heading += 0.35 * (right - left) / 0.14 * seconds / steps / 2
    return x, y, heading


@pytest.mark.parametrize(
    ("left", "right", "seconds"),
    [
        (0.5, 0.5, 1.0),
        (1.0, 0.01, 0.7),
        (0.01, 1.0, 1.0),
        (-0.6, 0.6, 0.4),
        (-1, -0.4, 0.5),
        (0.3, 0.3001, 1),
    ],
)
def test_arcs_are_exact(left, right, seconds):
    world = world_at(2.0, 0.3)
    x0, y0, _ = world.poses()[0]
    drive(world, left, right, seconds)
    x, y, heading = world.poses()[0]
    assert (x - x0, y - y0, heading) == pytest.approx(integrate(left, right, seconds), abs=2e-4)


@given(left=share, right=share, seconds=st.floats(0, 1, width=32))
def test_a_mirrored_pulse_makes_the_mirrored_way(left, right, seconds):
    here, there = world_at(1.5, 0.2), world_at(1.5, -0.2)
    drive(here, left, right, seconds)
    drive(there, right, left, seconds)
    assert here.place == pytest.approx(np.conj(there.place), abs=1e-5)


@given(distance=st.floats(0.2, 2.5), bearing=st.floats(-math.pi, math.pi))
def test_the_sight_is_the_projection_of_the_silhouette(distance, bearing):
    world = world_at(distance * math.cos(bearing), distance * math.sin(bearing))
    half = math.asin(0.1 / distance)

    def column(angle: float) -> float:
        angle = max(-1.5, min(1.5, angle))
        return SLICES / 2 * (1 + math.tan(angle) / math.tan(math.radians(31.1)))

    first, last = max(column(bearing - half), 0.0), min(column(bearing + half), float(SLICES))
    ((x1,), (x2,)), (seen,) = world.sights()
    if abs(bearing) > 1.4:
        assert not seen or abs(bearing) - half < 0.6
    elif last - first > 0.6:
        assert seen
        assert abs(x1 - first) <= 1.01
        assert abs(x2 + 1 - last) <= 1.01
    elif last - first < 0.4:
        assert not seen


def test_the_goal_sight_is_a_third_of_a_metre_away():
    sights, seen = world_at(0.34, 0.0).sights()
    assert (sights.ravel().tolist(), seen[0]) == ([10, 31], True)


def test_yaw_turns_the_camera_to_the_right():
    straight, turned = world_at(1.0, 0.0), world_at(1.0, 0.0, replace(PERFECT, camera_yaw=math.radians(5)))
    turned.reset()
    turned.place[:] = 1.0
    assert (turned.sights()[0] < straight.sights()[0]).all()


def test_a_robot_that_runs_into_its_target_stands_at_it():
    world = world_at(0.25, 0.0)
    drive(world, 1.0, 1.0, 1.0)
    assert abs(world.place[0]) == pytest.approx(0.1 + CONTACT_GAP, abs=1e-5)


def test_dead_time_and_weak_motors_are_felt():
    late = world_at(1.0, 0.0, replace(PERFECT, dead_time=0.1))
    drive(late, 1.0, 1.0, 0.1)
    assert late.place[0] == pytest.approx(1.0)
    weak = world_at(1.0, 0.0, replace(PERFECT, left_gain=0.75))
    drive(weak, 0.5, 0.5, 1.0)
    assert weak.heading[0] > 0.1, "with the left wheel slower it turns left"


def test_the_noise_is_as_large_as_it_says():
    world = world_at(1.0, 0.0, Physics(asymmetry=0.0), n=20_000)
    assert (world.sights()[0] - world_at(1.0, 0.0).sights()[0]).std() == pytest.approx(
        math.sqrt(0.25 + 1 / 6), abs=0.12
    )
    drive(world, 0.5, 0.5, 1.0)
    assert world.heading.std() == pytest.approx(0.02 * math.sqrt(2) * 0.5 * 0.35 / 0.14, rel=0.05)
    skewed = World(20_000, physics=Physics(), seed=1)
    assert (skewed.speeds[0] / skewed.speeds[1]).std() == pytest.approx(0.05, rel=0.05)


def test_randomised_robots_stay_within_the_ranges():
    world = World(5000, randomisation=Randomisation(), seed=3, physics=replace(PERFECT))
    weaker = world.speeds.min(axis=0) / world.speeds.max(axis=0)
    assert 0.699 < weaker.min() < 0.71
    assert np.abs(np.degrees(world.yaw)).max() == pytest.approx(6, abs=0.05)
    assert world.dead_time.max() == pytest.approx(0.15, abs=0.001)
    assert (world.speeds[0] < world.speeds[1]).mean() == pytest.approx(0.5, abs=0.03)


def test_every_start_is_as_the_design_has_it():
    world = World(5000, seed=4)
    distance, bearing = np.abs(world.place), np.angle(world.place)
    assert 0.6 <= distance.min() < 0.61
    assert 1.99 < distance.max() <= 2.0001
    assert np.degrees(np.abs(bearing)).max() <= 25.01
    assert world.sights()[1].mean() > 0.999


def test_the_same_seed_is_the_same_world():
    def walk(seed: int) -> np.ndarray:
        world = World(50, randomisation=Randomisation(), seed=seed)
        for _ in range(5):
            drive(world, 0.7, 0.4, 0.5)
            world.sights()
        world.reset(np.arange(50) % 2 == 0)
        return world.poses()

    assert np.array_equal(walk(7), walk(7))
    assert not np.array_equal(walk(7), walk(8))


def test_rendered_and_detected_agrees_with_geometry():
    """Within one slice on 99 % of the poses in which the target is in view (design, section 4)."""
    physics = replace(PERFECT, start_distance=(0.25, 2.0), start_bearing=math.radians(30))
    robot, detector = SimulatedRobot(physics=physics, seed=5), ColorDetector()
    apart = []
    for _ in range(150):
        robot.reset()
        ((x1,), (x2,)), _ = robot.world.sights()
        sight = detector.detect(robot.read())
        apart.append(99 if sight is None else max(abs(sight.x1 - x1), abs(sight.x2 - x2)))
    assert np.mean(np.array(apart) <= 1) >= 0.99


def test_the_simulated_robot_is_a_camera_and_motors():
    robot = SimulatedRobot(seed=6)
    assert robot.camera.read().shape == (240, 320, 3)
    before = robot.world.poses()
    robot.motors.pulse(0.5, 0.5, 1.0)
    assert robot.clock == 1.0
    assert not np.array_equal(before, robot.world.poses())
    with pytest.raises(ValueError, match="left wheel"):
        robot.motors.pulse(float("nan"), 0.0, 0.1)


def test_a_simulated_robot_goes_on_exactly_from_its_state():
    one, other = SimulatedRobot(seed=1), SimulatedRobot(seed=2)
    other.set_state(one.get_state())
    for robot in (one, other):
        robot.reset()
        robot.pulse(0.4, 0.6, 0.5)
    assert np.array_equal(one.read(), other.read())
