"""One robot as a Gymnasium environment, by Gymnasium's and Stable-Baselines3's own checks and ours."""

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from own_robot import Recorder, build

import robot_agent.gym
from robot_agent.envs.single import RobotEnvironment, SingleFleet
from robot_agent.envs.task import Approach, Ending
from robot_agent.errors import Halted, RobotFailedError
from robot_agent.robot.reset import TargetNotSeen
from robot_agent.robot.robot import Robot, open_robot
from vision.detectors.color import ColorDetector

STRAIGHT = np.array([0.0, 0.0], np.float32)


def test_gymnasium_accepts_the_environment():
    environment = gymnasium.make("RobotAgent/Approach-v0")
    check_env(environment.unwrapped, skip_render_check=True)
    environment.close()
    assert robot_agent.__version__


def test_stable_baselines_accepts_the_environment():
    check = pytest.importorskip("stable_baselines3.common.env_checker", reason="needs stable-baselines3")
    check.check_env(RobotEnvironment(open_robot(seed=0)))


def test_the_environment_renders_the_sight_on_the_picture():
    environment = gymnasium.make("RobotAgent/Approach-v0", render_mode="rgb_array")
    environment.reset(seed=1)
    picture = environment.render()
    assert picture.shape == (240, 320, 3)
    assert not np.array_equal(picture[:, :, ::-1], environment.unwrapped.robot.frame), (
        "the sight is drawn on it"
    )


@pytest.mark.parametrize("failure", [OSError("camera gone"), KeyboardInterrupt(), RuntimeError("boom")])
@pytest.mark.parametrize("where", ["read", "pulse"])
def test_whatever_goes_wrong_in_a_step_the_wheels_are_stopped_first(failure, where):
    body = build()
    environment = RobotEnvironment(Robot(body, ColorDetector()))
    environment.reset()
    body.fail = where, failure
    stops = body.stops
    with pytest.raises((RobotFailedError, KeyboardInterrupt)) as raised:
        environment.step(STRAIGHT)
    assert body.stops > stops
    # A sentence for a fault in somebody's code; everything else as it is.
    assert type(raised.value) is (RobotFailedError if isinstance(failure, Exception) else type(failure))


class Blinking:
    """A detector that misses its target in the pictures with these numbers, from 0."""

    def __init__(self, *missed):
        self.missed, self.pictures, self.inner = missed, 0, ColorDetector()

    def detect(self, frame):
        self.pictures += 1
        return None if self.pictures - 1 in self.missed else self.inner.detect(frame)


@pytest.mark.parametrize("missed", [(0,), (1,), (0, 2), (2,)])
def test_one_picture_in_which_the_target_is_missed_ends_nothing(missed):
    robot, learned, kept = Robot(build(), Blinking(*missed)), [], []
    robot.witness = lambda pulse, sight: learned.append((pulse, sight))
    robot.seen = kept.append
    environment = RobotEnvironment(robot)
    environment.reset()
    for _ in range(2):
        assert not environment.step(STRAIGHT)[2]
    assert [pulse is None for pulse, _ in learned] == [True, False, False], "each move is learned from once"
    assert all(sight is not None for _, sight in learned)
    assert len(kept) == 3, "kept pictures are counted as looks are"


def test_what_is_gone_is_looked_for_twice_and_after_that_once_a_look():
    robot = Robot(build(), Blinking(*range(1, 9)))
    environment = RobotEnvironment(robot)
    environment.reset()
    assert environment.step(STRAIGHT)[4]["ending"] == Ending.LOST
    assert robot.detector.pictures == 3
    robot.act(0.1, -0.1, 0.1)
    assert robot.look() is None and robot.detector.pictures == 4


def test_a_halt_ends_the_episode_as_halted():
    body = build()
    environment = RobotEnvironment(Robot(body, ColorDetector()))
    environment.reset()
    body.fail = "pulse", Halted("An emergency stop is latched.")
    _, _, terminated, truncated, info = environment.step(STRAIGHT)
    assert (terminated, truncated, info["ending"]) == (False, True, Ending.HALTED)


def test_an_episode_cannot_begin_without_the_target():
    body: Recorder = build()
    body.blind = True
    with pytest.raises(TargetNotSeen, match="robot-agent look"):
        RobotEnvironment(Robot(body, ColorDetector())).reset()
    assert body.stops


def test_a_step_after_the_end_is_refused():
    environment = RobotEnvironment(open_robot(seed=0), task=Approach(max_moves=1))
    environment.reset(seed=0)
    environment.step(STRAIGHT)
    with pytest.raises(RuntimeError, match="call reset"):
        environment.step(STRAIGHT)


def test_a_single_robot_is_a_fleet_of_one():
    fleet = SingleFleet(RobotEnvironment(open_robot(seed=0)))
    observations, info = fleet.reset()
    assert observations.shape == (1, 2)
    *_, info = fleet.step(STRAIGHT[None])
    assert info["ending"].shape == (1,)
    state = fleet.get_state()
    fleet.set_state(state)
    fleet.close()
