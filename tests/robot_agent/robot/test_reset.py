"""Episodes on a real floor: the robot brings itself to its next start and stays in its pen."""

import math

import numpy as np
import pytest

from robot_agent.envs.single import RobotEnvironment
from robot_agent.envs.task import Ending
from robot_agent.robot.reset import BackAndSearch, Manual, TargetNotSeen
from robot_agent.robot.robot import Robot
from robot_agent.robot.search import Search
from robot_agent.robot.tracking import place_of
from robot_agent.simulator import SimulatedRobot
from robot_agent.simulator.physics import Physics
from robot_agent.simulator.world import World
from vision.detectors.color import ColorDetector
from vision.sight import Sight


class Pen:
    """One robot of a World, seen by geometry, that is never put anywhere; it knows how far it went."""

    def __init__(self, seed: int, physics: Physics | None = None) -> None:
        self.world = World(1, physics=physics, seed=seed)
        self.farthest = 0.0
        self.pulses = 0
        self.blind = False

    def look(self) -> Sight | None:
        slices, seen = self.world.sights()
        return Sight(*slices[:, 0].tolist()) if seen[0] and not self.blind else None

    def act(self, left: float, right: float, seconds: float) -> None:
        self.world.move(np.array([[left], [right]], np.float32), np.array([seconds], np.float32))
        self.farthest = max(self.farthest, self.place[0])
        self.pulses += 1

    @property
    def place(self) -> tuple[float, float]:
        """Distance in m, bearing in radians, as they truly are."""
        there = complex(self.world.place[0])
        return abs(there), math.atan2(there.imag, there.real)


def test_200_episodes_unattended_start_everywhere_and_never_leave_the_pen():
    """50 episodes each of four robots; between the starts they drive as a policy that knows nothing."""
    places, pulses = [], 0
    for seed in range(4):
        pen, starts, rng = Pen(seed), BackAndSearch(seed=seed), np.random.default_rng(seed)
        for _ in range(50):
            starts.begin(pen)
            assert pen.look() is not None
            places.append(pen.place)
            pulses += pen.pulses
            for _ in range(20):
                curvature, duration = np.clip(rng.normal((0.5, 0.6), 0.2), 0, 1)
                pen.act(0.01 + 0.99 * curvature, 0.01 + 0.99 * (1 - curvature), duration)
                if pen.look() is None:
                    break
            pen.pulses = 0
        assert pen.farthest < 2.3, "never outside the pen of 2.2 m, but for what the slices cannot tell"
    distances, bearings = np.array(places).T
    near_middle_far, _ = np.histogram(distances, bins=[0.5, 1.07, 1.53, 2.3])
    left_ahead_right, _ = np.histogram(np.degrees(bearings), bins=[-32, -8, 8, 32])
    assert near_middle_far.sum() == left_ahead_right.sum() == 200
    assert near_middle_far.min() >= 40
    assert left_ahead_right.min() >= 40
    assert pulses / 200 < 20


@pytest.mark.parametrize("dead_time", [0.05, 0.12])
@pytest.mark.parametrize("side", [-1, 1])
def test_a_robot_whose_wheels_are_weak_and_slow_still_comes_to_its_start(side, dead_time):
    left, right = (0.8, 1.0) if side < 0 else (1.0, 0.8)
    physics = Physics(left_gain=left, right_gain=right, dead_time=dead_time)
    pen, starts = Pen(5, physics), BackAndSearch(seed=5)
    for _ in range(20):
        starts.begin(pen)
        assert 0.4 < pen.place[0] < 2.3
        pen.act(0.9, 0.6, 1.0)
        pen.act(0.9, 0.6, 1.0)
    assert pen.farthest < 2.4


def test_the_search_turns_all_around_and_finds_a_target_behind():
    pen = Pen(1)
    pen.world.place[:] = -1.0
    assert Search(Physics()).find(pen) is not None
    assert abs(pen.place[1]) < math.radians(32)
    pen.blind = True
    assert Search(Physics()).find(pen) is None


def test_it_asks_for_help_and_goes_on_and_without_anybody_says_so():
    pen, asked = Pen(1), []
    pen.blind = True

    def help_it(words: str) -> None:
        asked.append(words)
        pen.blind = False

    BackAndSearch(seed=1, ask=help_it).begin(pen)
    assert len(asked) == 1
    assert "cannot find its target" in asked[0]
    pen.blind = True
    with pytest.raises(TargetNotSeen, match="robot-agent look"):
        BackAndSearch(seed=1).begin(pen)


def test_a_person_is_asked_for_each_start():
    asked = []
    Manual(asked.append).begin(Pen(1))
    assert "Put the robot at a start" in asked[0]


@pytest.mark.parametrize(("distance", "bearing"), [(0.5, 0.0), (0.8, 0.3), (1.5, -0.2), (2.0, 0.1)])
def test_a_place_is_told_by_the_width_of_its_sight(distance, bearing):
    world = World(1, physics=Physics(vision_noise=0.5), seed=1)
    world.place[:] = distance * np.exp(1j * bearing)
    seen = [place_of(Sight(*world.sights()[0][:, 0].tolist()), Physics()) for _ in range(400)]
    inverse = np.mean([1 / place.distance for place in seen])
    assert 1 / inverse == pytest.approx(distance, rel=0.12)
    assert np.mean([place.bearing for place in seen]) == pytest.approx(bearing, abs=0.02)


def test_a_lost_target_is_searched_for_through_the_camera():
    body = SimulatedRobot(seed=3)
    environment = RobotEnvironment(Robot(body, ColorDetector()))
    environment.reset()
    body.put(0.8, math.radians(30))
    *_, info = environment.step(np.array([-1.0, 1.0], np.float32))  # hard left: away from it
    assert info["ending"] == Ending.LOST
    assert environment.search() is not None
    *_, info = environment.step(np.array([0.0, 0.0], np.float32))
    assert info["ending"] != Ending.LOST


def test_starting_by_itself_works_through_rendered_pictures():
    body = SimulatedRobot(seed=4)
    robot = Robot(body, ColorDetector(), start=BackAndSearch(seed=4))
    environment = RobotEnvironment(robot)
    for _ in range(4):
        environment.reset()
        assert 0.45 < abs(complex(body.world.place[0])) < 2.3
        for _ in range(3):
            body.pulse(0.9, 0.8, 1.0)
