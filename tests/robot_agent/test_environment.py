"""The Gymnasium environments, by Gymnasium's and Stable-Baselines3's own checks and ours."""

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode
from own_robot import Recorder, build

import robot_agent
from robot_agent.envs.environment import FleetEnvironment, RobotEnvironment, SingleFleet, TargetNotSeen
from robot_agent.envs.task import Approach, Ending
from robot_agent.errors import Halted, RobotFailedError
from robot_agent.robot.robot import Robot, open_robot
from robot_agent.simulator.physics import Physics
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


def test_make_vec_opens_a_fleet():
    fleet = gymnasium.make_vec("RobotAgent/Approach-v0", num_envs=64)
    observations, _ = fleet.reset(seed=3)
    assert observations.shape == (64, 2)
    assert fleet.observation_space.contains(observations)
    _, reward, terminated, truncated, info = fleet.step(fleet.action_space.sample())
    assert reward.shape == terminated.shape == truncated.shape == info["ending"].shape == (64,)


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_each_autoreset_mode_keeps_its_word(mode):
    fleet = FleetEnvironment(200, seed=0, autoreset_mode=mode)
    fleet.reset(seed=0)
    away = np.tile(np.array([1.0, 1.0], np.float32), (200, 1))  # hard right: soon everything is lost
    ended = np.zeros(200, bool)
    while not ended.any():
        observations, _, terminated, truncated, info = fleet.step(away)
        ended = terminated | truncated
    if mode is AutoresetMode.SAME_STEP:
        assert np.array_equal(info["_final_obs"], ended)
        assert not np.array_equal(info["final_obs"][ended], observations[ended])
        assert (fleet._moves[ended] == 0).all()
    elif mode is AutoresetMode.NEXT_STEP:
        _, reward, terminated, truncated, _ = fleet.step(away)
        assert (reward[ended] == 0).all()
        assert not (terminated | truncated)[ended].any()
    else:
        before = fleet.world.poses()
        fleet.reset(options={"reset_mask": ended})
        moved = (before != fleet.world.poses()).any(axis=1)
        assert np.array_equal(moved, ended)


def test_one_robot_and_the_fleet_are_the_same_task():
    """The same actions from the same place: geometry and pictures tell the same story."""
    physics = Physics(wheel_noise=0, asymmetry=0, vision_noise=0)
    from robot_agent.robot.robot import open_hardware

    body = open_hardware("sim", seed=4, physics=physics)
    one = RobotEnvironment(Robot(body, ColorDetector()))
    fleet = FleetEnvironment(1, physics=physics)
    one.reset(), fleet.reset()
    world = fleet.world
    world.place[:] = body.world.place
    for _ in range(4):
        _, _, terminated, truncated, there = one.step(STRAIGHT)
        _, _, _, _, here = fleet.step(STRAIGHT[None])
        assert abs(there["x1"] - here["x1"][0]) <= 1
        assert abs(there["x2"] - here["x2"][0]) <= 1
        if terminated or truncated:
            break


def test_the_fleet_counts_every_ending():
    fleet = FleetEnvironment(500, seed=2, autoreset_mode="Disabled", task=Approach(max_moves=3))
    fleet.reset(seed=2)
    seen = set()
    for _ in range(3):
        *_, info = fleet.step(np.tile(np.array([0.0, 1.0], np.float32), (500, 1)))
        seen |= set(info["ending"].tolist())
    assert {Ending.TIMEOUT, Ending.REACHED, Ending.LOST} <= seen


@pytest.mark.parametrize("failure", [OSError("camera gone"), KeyboardInterrupt(), RuntimeError("boom")])
@pytest.mark.parametrize("where", ["read", "pulse"])
def test_whatever_goes_wrong_in_a_step_the_wheels_are_stopped_first(failure, where):
    body = build()
    environment = RobotEnvironment(Robot(body, ColorDetector()))
    environment.reset()
    body.fail = where, failure
    stops = body.stops
    with pytest.raises((RobotFailedError, KeyboardInterrupt)) as told:
        environment.step(STRAIGHT)
    assert body.stops > stops
    # A sentence with the line for a fault in somebody's code; a person's Ctrl-C as it is.
    if not isinstance(failure, KeyboardInterrupt):
        assert type(told.value) is RobotFailedError
        assert "of own_robot.py); correct it there" in str(told.value)


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
