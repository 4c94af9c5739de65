"""The robot model: its motion, its projection, and the pulse that leads to the goal."""

import math

import numpy as np
import pytest

from robot_agent.envs.task import Approach
from robot_agent.identification import model
from robot_agent.identification.parameters import DEVIATION, HIGH, INDEX, LOW, MEAN, NAMES
from robot_agent.identification.policy_inputs import place_of, pulse_to_goal
from robot_agent.simulator.physics import Physics
from robot_agent.simulator.world import World


def robots(n: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.clip(MEAN + DEVIATION * rng.standard_normal((n, len(NAMES))), LOW, HIGH)


def test_the_simulator_and_the_model_move_alike() -> None:
    world = World(64, physics=Physics(wheel_noise=0, asymmetry=0, vision_noise=0), seed=1)
    rng = np.random.default_rng(2)
    before = world.place.copy()
    wheels, seconds = rng.uniform(0, 1, (2, 64)).astype(np.float32), rng.uniform(0, 1, 64).astype(np.float32)
    world.move(wheels, seconds)
    nominal = np.zeros((64, len(NAMES)))
    after = model.moved(nominal, before, *model.ways(nominal, *wheels, seconds))
    near = abs(after) < 0.17  # where the simulator's robot touches its target
    assert np.allclose(after[~near], world.place[~near], atol=1e-4)
    edges = model.edge_angles(np.log(abs(world.place)), np.angle(world.place), np.zeros(64), np.zeros(64))
    x = np.tan(np.array(edges)) / model.SCALE + 21
    seen, visible = world.sights()
    whole = visible & (seen[0] > 0) & (seen[1] < 41)
    assert whole.sum() > 20
    assert (np.abs(np.floor(x) - seen)[:, whole] <= 1).all()


@pytest.mark.parametrize("seed", range(5))
def test_the_pulse_to_the_goal_leads_to_the_goal(seed: int) -> None:
    task, theta = Approach(action="wheels"), robots(200, seed)
    x1 = np.random.default_rng(seed).integers(5, 25, 200)
    sights = np.stack([x1, x1 + np.random.default_rng(seed + 9).integers(4, 14, 200)])
    power, told = pulse_to_goal(task, place_of(sights, theta), theta)
    seconds = told[:, 0]
    # A share of less than 1/20 is told as less, so that it does not jump over the dead band.
    use = (np.abs(power).min(axis=1) > 0.05 + theta[:, model.DEAD_BAND]) & (seconds > 0)
    after = model.moved(theta, place_of(sights, theta), *model.ways(theta, power[:, 0], power[:, 1], seconds))
    edges = model.edge_angles(np.log(abs(after)), np.angle(after), theta[:, model.YAW], theta[:, model.LENS])
    x = np.tan(np.array(edges)) / model.SCALE + 21
    assert use.sum() > 100
    assert np.allclose(x[:, use], np.array([[10.0], [32.0]]), atol=0.01)


def test_a_lens_magnifies_and_never_turns_round() -> None:
    angles = np.linspace(-3.1, 3.1, 101)
    seen = model.apparent(angles, np.full(101, 1.6))
    assert (np.diff(seen) > 0).all()
    assert math.isclose(float(np.tan(model.apparent(np.array(0.4), np.array(1.6)))), 1.6 * math.tan(0.4))


def test_power_below_the_dead_band_does_nothing_and_the_rounded_corner_has_a_slope() -> None:
    band = np.full(3, 0.2)
    assert model.power(np.array([0.1, -0.1, 1.0]), band) == pytest.approx([0, 0, 1])
    slope = model.power(np.array(0.201), np.array(0.2), 0.03) - model.power(
        np.array(0.199), np.array(0.2), 0.03
    )
    assert slope > 0.0005
    assert INDEX["speed"] == 0
