"""The fleet of simulated robots, as Gymnasium and the trainer use it."""

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

import robot_agent.gym  # noqa: F401
from robot_agent.envs.fleet import FleetEnvironment
from robot_agent.envs.single import RobotEnvironment
from robot_agent.envs.task import Approach, Ending
from robot_agent.robot.robot import Robot
from robot_agent.simulator.physics import Physics
from vision.detectors.color import ColorDetector

STRAIGHT = np.array([0.0, 0.0], np.float32)


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
