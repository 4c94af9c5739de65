"""The filter's slopes by hand against differences of the model."""

import numpy as np
import pytest

from robot_agent.identification import model, motion
from robot_agent.identification.motion import CORNER, STATE, WITH_NOISE
from robot_agent.identification.parameters import DEVIATION, ESTIMATED, HIGH, LOW, MEAN

STEP = 1e-6


def states(k: int, rng: np.random.Generator) -> np.ndarray:
    x = np.zeros((k, WITH_NOISE))
    x[:, 0], x[:, 1] = np.log(rng.uniform(0.4, 2, k)), rng.uniform(-0.4, 0.4, k)
    drawn = MEAN + 0.7 * DEVIATION * rng.standard_normal((k, len(MEAN)))
    x[:, motion.OF_ROBOT] = np.clip(drawn, LOW + 0.01, HIGH - 0.01)[:, :ESTIMATED]
    x[:, STATE - 2 :] = rng.normal(0, [0.05, 0.03, 1, 1, 1], (k, 5))
    return x


def by_the_model(
    x: np.ndarray, told: tuple, seconds: float, slip: np.ndarray, jitter: np.ndarray
) -> np.ndarray:
    theta = np.concatenate([x[:, motion.OF_ROBOT], np.zeros((len(x), 2))], axis=1)
    theta[:, model.SPEED] += x[:, motion.SPEED_NOW]
    theta[:, model.RATIO] += x[:, motion.RATIO_NOW]
    left, right = (t * (1 + slip * x[:, i]) for t, i in zip(told, (STATE, STATE + 1), strict=True))
    ways = model.ways(theta, left, right, seconds + jitter * x[:, STATE + 2], CORNER)
    place = model.moved(theta, np.exp(x[:, 0] + 1j * x[:, 1]), *ways)
    edges = model.edge_angles(np.log(abs(place)), np.angle(place), x[:, motion.YAW], x[:, motion.LENS])
    return np.stack([np.log(abs(place)), np.angle(place), *edges])


@pytest.mark.parametrize("seed", range(4))
def test_slopes_are_those_of_the_model(seed: int) -> None:
    rng = np.random.default_rng(seed)
    k = 8
    x, slip, jitter = states(k, rng), rng.uniform(0.01, 0.1, k), rng.uniform(0.005, 0.04, k)
    told, seconds = (rng.uniform(-1, 1, k), rng.uniform(-1, 1, k)), 0.35
    after = motion.drive(x, told, seconds, slip, jitter)
    angles, slopes = motion.edges(after, x, (-1, 1))
    value = by_the_model(x, told, seconds, slip, jitter)
    assert np.allclose(np.stack([*after[:2], *angles.T]), value, atol=1e-9)
    for column in range(WITH_NOISE):
        nudged = x.copy()
        nudged[:, column] += STEP
        expected = (by_the_model(nudged, told, seconds, slip, jitter) - value) / STEP
        hand = np.stack([*after[2][:, :, column].T, *slopes[:, :, column].T])
        assert np.allclose(hand, expected, atol=2e-4, rtol=2e-4), column


def test_a_robot_that_touches_its_target_stands_there() -> None:
    x = states(1, np.random.default_rng(0))
    x[0, :2] = np.log(0.2), 0.0
    x[0, STATE - 2 :] = 0
    log_distance, bearing, _ = motion.drive(x, (np.ones(1), np.ones(1)), 0.2, np.zeros(1), np.zeros(1))
    axle = abs(np.exp(log_distance + 1j * bearing) + x[0, motion.AHEAD])
    assert axle == pytest.approx(motion.NEAREST)
